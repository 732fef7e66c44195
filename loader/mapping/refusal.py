"""What a conversion gives back instead of a value, and how a cell is quoted in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeAlias

from loader.source.table import Kind

PLACEHOLDERS: Final = frozenset(
    {
        *("n/a", "na", "none", "null", "nil", "nan", "#n/a", "tbd", "unknown"),
        *("-", "--", "\u2013", "\u2014", "?", "."),
    }
)
"""What people and programs write where there is nothing, in small letters."""

_QUOTED_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    A cell that cannot become a payload value.

    Attributes:
        rule: Stable name, such as `money.not-a-number`.
        message: The rest of a sentence that begins with the cell: "is not an amount". It never holds any part of the
            cell, so that whether the value may be shown is decided in one place.
        advice: What to do about it, as an order; likewise without any part of the cell.
        nearest: The allowed value that the cell may have meant, "" if none; to be shown only where the cell may be.
    """

    rule: str
    message: str
    advice: str = ""
    nearest: str = ""

    def of_placeholder(self) -> Self:
        """The same, where the cell holds one of `PLACEHOLDERS`: it says how such words are declared."""
        how = "if it means nothing, declare it in the template: `null: [...]`"
        return replace(self, advice=f"{self.advice}; {how}" if self.advice else how)

    def sentence(self, text: str, *, sensitive: bool) -> str:
        """The whole message; a sensitive value is spoken of, not quoted."""
        found = "the cell" if self.rule == BLANK.rule else "the value" if sensitive else quoted(text)
        return f"{found} {self.message}"

    def order(self, *, sensitive: bool) -> str:
        """The whole advice."""
        if not self.nearest or sensitive:
            return self.advice
        meant = f"did you mean {quoted(self.nearest)}?"
        return f"{self.advice}; {meant}" if self.advice else meant


BLANK = Refusal("cell.blank", "is blank; every row needs a value here", "fill the cell")
"""The refusal of a blank cell under `blank: error`, and of a blank key."""

BEYOND_15_DIGITS = Refusal(
    "cell.beyond-15-digits",
    "is a number cell of more than 15 digits; a spreadsheet keeps no more, so that its last digits are uncertain",
    "type it as text in the file that it came from, since it cannot be recovered from this one",
)
"""The refusal of a number that a spreadsheet cannot hold (Microsoft's "Excel specifications and limits": number precision)."""

_ERROR = "cell.error"
_NEVER_CALCULATED = Refusal(
    "cell.never-calculated",
    "is a formula without a value: the workbook was saved before it was calculated",
    "open the workbook in a spreadsheet program and save it, or type the value",
)
_TOO_NARROW = Refusal(
    "cell.too-narrow",
    "is what a spreadsheet exports of a number or date for which its column is too narrow",
    "widen the column in the spreadsheet and save it again",
)


def explained(refusal: Refusal, text: str) -> Refusal:
    """The refusal of a spreadsheet's error, or what is behind it where the cell shows its formula in the place of a value."""
    if refusal.rule != _ERROR:
        return refusal
    if text.startswith("="):
        return _NEVER_CALCULATED
    return refusal if text.strip().strip("#") else _TOO_NARROW


Conversion: TypeAlias = Callable[[str, Kind], Any]
"""One cell's text, not blank, and what kind of cell it was, to a payload value or a `Refusal`; never raises."""


def quoted(text: str) -> str:
    """A cell's text in quotes: cut at 60 characters, with what cannot be seen made visible."""
    shown = text if len(text) <= _QUOTED_AT_MOST else text[: _QUOTED_AT_MOST - 1] + "…"
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown) + '"'


def refused_cell(kind: Kind, wanted: str) -> Refusal | None:
    """
    The refusal of a cell whose kind alone tells that it cannot be read as a number or as an identifier; a percentage is
    read as its text is.

    Args:
        kind: What the cell is in the file.
        wanted: What the field takes, with its article: "an amount".
    """
    match kind:
        case Kind.TEXT | Kind.NUMBER | Kind.PERCENT:
            return None
        case Kind.LOSSY:
            return BEYOND_15_DIGITS
        case Kind.ERROR:
            return Refusal(_ERROR, "is an error of the spreadsheet", "mend the formula, or clear the cell")
        case Kind.DATE | Kind.DATETIME:
            return Refusal(
                "cell.date",
                f"is a date in the spreadsheet, not {wanted}",
                "type it again in a cell formatted as text",
            )
        case Kind.TIME:
            return Refusal(
                "cell.time", f"is a time of day in the spreadsheet, not {wanted}", "correct the cell"
            )
        case Kind.FLAG:
            return Refusal(
                "cell.flag", f"is true or false in the spreadsheet, not {wanted}", "correct the cell"
            )
