"""Writes the user's own cells back as they were: text, number, date, flag or error, with nothing lost."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any

from loader.report.cells import (
    CELL_CHARACTERS,
    AllDigits,
    cut_text,
    day_number,
    is_exact,
    put_text,
    writable_text,
)
from loader.report.styles import Styles
from loader.source.table import Kind

# Before 1 March 1900 spreadsheets count a 29 February 1900 that never was, and before 1900 they know no dates.
_FIRST_SOUND_DAY = datetime(1900, 3, 1, tzinfo=UTC)
_GENERAL_DIGITS = 11  # a cell without a number format shows longer numbers as 1.23E+11
_EXACT = Context(prec=400)  # of any binary number
_TEXT = {"align": "left", "indent": 1}  # off the number that may end the cell before it
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


class Mark(Enum):
    """What the colour of a cell says."""

    NONE = "none"
    WARNING = "warning"
    ERROR = "error"


class SourceCells:
    """
    Writes cells of the source into a workbook.

    Args:
        styles: Formats of the workbook.
    """

    def __init__(self, styles: Styles) -> None:
        fills: dict[Mark, dict[str, Any]] = {
            Mark.NONE: {},
            Mark.WARNING: {"bg_color": "#FFF4D6", "border": 1, "border_color": "#E69F00"},
            Mark.ERROR: {"bg_color": "#FAD7C3", "border": 1, "border_color": "#D55E00"},
        }
        numbers = {"text": "@", "general": "General", "long": "0", "long_part": "0.###############"}
        numbers |= {"flag": '"TRUE";"TRUE";"FALSE"'}  # Excel needs none, but LibreOffice would show 1
        numbers |= {"percent": "0%", "percent_part": "0.00############%"}
        numbers |= {"date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss", "fine": "yyyy-mm-dd hh:mm:ss.000"}
        self._formats = {
            (mark, name): styles.make(
                num_format=number, valign="top", **fill, **(_TEXT if name == "text" else {})
            )
            for mark, fill in fills.items()
            for name, number in numbers.items()
        }
        self._writers: dict[Kind, Callable[..., bool]] = {
            Kind.NUMBER: self._put_number,
            Kind.DATE: self._put_moment,
            Kind.DATETIME: self._put_moment,
            Kind.FLAG: self._put_flag,
            Kind.ERROR: self._put_error,
            Kind.PERCENT: self._put_percent,
            Kind.LOSSY: self._put_lossy,
        }

    def put(self, sheet: Any, row: int, column: int, text: str, kind: Kind, mark: Mark) -> bool:
        """
        Write one cell in its own type, or as text where a spreadsheet would lose something of it.

        Returns:
            Whether the whole cell was written: False for a text longer than a cell holds, which is cut.
        """
        if not text:
            self._put_blank(sheet, row, column, kind, mark)
            return True
        writer = self._writers.get(kind)
        if writer is not None and writer(sheet, row, column, text, mark):
            return True
        written = cut_text(writable_text(text))
        put_text(sheet, row, column, written, self._formats[mark, "text"])
        return len(text) <= CELL_CHARACTERS // 2 or written == writable_text(text)

    def _put_blank(self, sheet: Any, row: int, column: int, kind: Kind, mark: Mark) -> None:
        # What is typed into a cell of a text column must stay text: 007 stays 007.
        if kind is Kind.TEXT:
            sheet.write_blank(row, column, None, self._formats[mark, "text"])
        elif mark is not Mark.NONE:
            sheet.write_blank(row, column, None, self._formats[mark, "general"])

    def _put_number(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        try:
            number = Decimal(text)
        except ArithmeticError:
            return False
        if text == "-0" or format(number.normalize(_EXACT), "f") != text:
            return False
        if not is_exact(number):
            return self._put_binary(sheet, row, column, text, mark)
        long = len(text.strip("-").replace(".", "")) > _GENERAL_DIGITS
        shape = ("long_part" if "." in text else "long") if long else "general"
        sheet.write_number(row, column, float(number), self._formats[mark, shape])
        return True

    def _put_binary(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        """Write a number with the noise of binary arithmetic as the very number that it is."""
        number = AllDigits(text)
        if "." not in text or format(Decimal(repr(number)), "f") != text:
            return False
        sheet.write_number(row, column, number, self._formats[mark, "general"])
        return True

    def _put_percent(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        """Write a percentage as one: the fraction, with a format that shows it."""
        try:
            shown = Decimal(text.removesuffix("%"))
        except ArithmeticError:
            return False
        number = shown.scaleb(-2)
        if not is_exact(number) or f"{number.scaleb(2).normalize():f}%" != text:
            return False
        sheet.write_number(
            row, column, float(number), self._formats[mark, "percent_part" if "." in text else "percent"]
        )
        return True

    def _put_lossy(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        """Write a number that has lost digits as the number it is: as text it would come back as if it were whole."""
        sheet.write_number(row, column, AllDigits(text), self._formats[mark, "long"])
        return True

    def _put_moment(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return False
        if (
            moment.tzinfo is not None
            or moment.replace(tzinfo=UTC) < _FIRST_SOUND_DAY
            or moment.microsecond % 1000
        ):
            return False
        if moment.isoformat() == text:
            shape = "fine" if moment.microsecond else "moment"
        elif date.isoformat(moment) == text:
            shape = "date"
        else:
            return False
        sheet.write_number(row, column, day_number(moment), self._formats[mark, shape])
        return True

    def _put_flag(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        if text not in {"TRUE", "FALSE"}:
            return False
        sheet.write_boolean(row, column, text == "TRUE", self._formats[mark, "flag"])
        return True

    def _put_error(self, sheet: Any, row: int, column: int, text: str, mark: Mark) -> bool:
        """Write an error as an error, so that a cell nobody mended cannot come back as the text `#N/A`."""
        if text not in _ERRORS:
            return False
        sheet.write_formula(row, column, f"={text}", self._formats[mark, "general"], text)
        return True
