"""
Colours and formats of the workbooks.

The hues are those of Okabe and Ito, which people with any colour blindness tell apart
(https://jfly.uni-koeln.de/color/); cells get a light tint of them with dark text, so that a grey print stays
readable. The word in the cell always says the same as its colour.
"""

from typing import Any, Final

from loader.models.issue import Severity
from loader.models.outcome import Outcome

INK: Final = "#1F2933"
QUIET: Final = "#52606D"
HEAD: Final = "#1F3A5F"
GROUP: Final = "#DCE5F0"
LINE: Final = "#BCCCDC"

# Outcome: tint of the cell, text on it, full colour in the chart.
OUTCOME_COLOURS: Final[dict[Outcome, tuple[str, str, str]]] = {
    Outcome.ACCEPTED: ("#D9F0E6", "#00543C", "#009E73"),
    Outcome.INVALID: ("#FFEBC2", "#6B4700", "#E69F00"),
    Outcome.REJECTED: ("#FAD7C3", "#7A2E00", "#D55E00"),
    Outcome.HELD: ("#F4DDEA", "#6E2450", "#CC79A7"),
    Outcome.UNKNOWN: ("#3A3A3A", "#FFFFFF", "#3A3A3A"),
    Outcome.SKIPPED: ("#EEEEEE", "#555555", "#A6A6A6"),
    Outcome.NOT_SENT: ("#DCEEFA", "#124E78", "#56B4E9"),
}
SEVERITY_COLOURS: Final[dict[Severity, tuple[str, str]]] = {
    Severity.ERROR: ("#FAD7C3", "#7A2E00"),
    Severity.WARNING: ("#FFF4D6", "#6B4700"),
}

FONT: Final = {
    "font_name": "Arial",
    "font_size": 10,
}  # on every machine, or replaced there by one of equal width
LINE_POINTS: Final = 13.5  # height of one line of it

MOMENT: Final = "yyyy-mm-dd hh:mm:ss"
DURATION: Final = "[h]:mm:ss"
WHOLE: Final = "#,##0"
PLAIN: Final = "0"  # row numbers and ids: no separators
AMOUNT: Final = "#,##0.00########"
SHARE: Final = "0.0%"
PACE: Final = "0.0"


class Styles:
    """
    The formats of one workbook, each made once.

    Args:
        book: Workbook of XlsxWriter.
    """

    def __init__(self, book: Any) -> None:
        self._book = book
        top = {"valign": "top"}
        self.text = self.make(align="left", indent=1, **top)
        self.wrapped = self.make(align="left", indent=1, text_wrap=True, **top)
        self.plain = self.make(num_format=PLAIN, align="right", **top)
        self.whole = self.make(num_format=WHOLE, align="right", **top)
        self.amount = self.make(num_format=AMOUNT, align="right", **top)
        self.share = self.make(num_format=SHARE, align="right", **top)
        self.pace = self.make(num_format=PACE, align="right", **top)
        self.moment = self.make(num_format=MOMENT, align="left", indent=1, **top)
        self.duration = self.make(num_format=DURATION, align="left", indent=1, **top)
        self.left = self.make(num_format=PLAIN, align="left", indent=1, **top)
        self.left_whole = self.make(num_format=WHOLE, align="left", indent=1, **top)
        self.left_pace = self.make(num_format=PACE, align="left", indent=1, **top)
        self.title = self.make(bold=True, font_size=16, font_color=HEAD)
        self.subtitle = self.make(font_color=QUIET)
        self.section = self.make(bold=True, font_size=12, font_color=HEAD)
        self.name = self.make(font_color=QUIET, align="left", indent=1, **top)
        self.sum = self.make(num_format=WHOLE, align="right", bold=True, top=1, **top)
        self.sum_name = self.make(bold=True, align="left", indent=1, top=1, **top)
        self.sum_share = self.make(num_format=SHARE, align="right", bold=True, top=1, **top)
        self.alert = self.make(
            bold=True,
            bg_color="#FFEBC2",
            font_color="#6B4700",
            text_wrap=True,
            align="left",
            indent=1,
            valign="vcenter",
        )
        head = {
            "bold": True,
            "bg_color": HEAD,
            "font_color": "#FFFFFF",
            "text_wrap": True,
            "valign": "vcenter",
        }
        self.head = self.make(align="left", indent=1, **head)
        self.head_percent = self.make(num_format=SHARE, align="left", indent=1, **head)
        self.head_right = self.make(align="right", **head)
        self.group = self.make(
            bold=True,
            bg_color=GROUP,
            font_color=HEAD,
            align="left",
            indent=1,
            left=1,
            left_color=HEAD,
            valign="vcenter",
        )
        self.outcomes = {outcome: self._tinted(*colours[:2]) for outcome, colours in OUTCOME_COLOURS.items()}
        self.severities = {severity: self._tinted(*colours) for severity, colours in SEVERITY_COLOURS.items()}
        self.entry = self.make(bg_color="#FFFDF0", border=1, border_color=LINE, text_wrap=True, **top)

    def make(self, **properties: Any) -> Any:
        """A format of the workbook with these properties of XlsxWriter."""
        return self._book.add_format(properties)

    def _tinted(self, fill: str, ink: str) -> Any:
        return self.make(bg_color=fill, font_color=ink, bold=True, align="left", indent=1, valign="top")
