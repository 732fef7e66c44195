"""
Writes one value into one cell, as itself: text stays text, numbers lose nothing, times are real.

XlsxWriter would turn `=1+1` into a formula, `http://` into a link and a long text into a silently shortened one, if
it were asked to guess; nothing here lets it guess.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

BLANK: Final = object()
"""In the place of a value: a cell that is empty, but has its format, such as one to fill in."""

GAP: Final = object()
"""In the place of a value: one that differs in rows that are otherwise alike, and is given with each row."""

# Excel specifications and limits: 32,767 characters in a cell (UTF-16 units), 15 significant digits in a number.
CELL_CHARACTERS = 32_767
SIGNIFICANT_DIGITS = 15

_CUT_MARK = " … [cut here: the cell has {count:,} characters]"
_LETTERS_PER_WIDTH = (
    1.1  # widths count digits; letters of running text are narrower, but lines break at words
)
_DAY = timedelta(days=1)
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of spreadsheets, right from 1 March 1900 on
_EXACT_INT: int = 10**SIGNIFICANT_DIGITS
_FURTHEST_EXPONENT = 100  # far within what a double holds with 15 digits

# What XML 1.0 (section 2.2) does not allow at all, even escaped.
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
# Control characters have pictures of their own at U+2400; marks of text direction can make a message lie.
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: "\u2421"}
_PICTURES |= {code: f"<U+{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class AllDigits(float):
    """A number that XlsxWriter writes in full: it would write 16 digits, and a binary number may need 17."""

    def __format__(self, form: str) -> str:
        """The shortest text of this very number, whatever is asked for."""
        return repr(self)


def visible_text(text: str) -> str:
    """
    Text as it may be shown: control characters as their pictures, line ends as line feeds.

    What no XML file can hold (lone surrogates, U+FFFE, U+FFFF) becomes the replacement character.
    """
    if text.isprintable():
        return text
    return writable_text(text.replace("\r\n", "\n").translate(_PICTURES))


def writable_text(text: str) -> str:
    """Text that a workbook can hold, otherwise untouched: control characters survive, escaped as Excel does."""
    return text if text.isprintable() else _UNWRITABLE.sub("\ufffd", text)


def cut_text(text: str, limit: int = CELL_CHARACTERS) -> str:
    """Text cut to what a cell holds, counted as Excel counts, with a mark at the end that says so."""
    if len(text) <= limit // 2 or (count := _utf16_length(text)) <= limit:
        return text
    mark = _CUT_MARK.format(count=count)
    kept = text.encode("utf-16-le", "replace")[: 2 * (limit - len(mark))]
    return kept.decode("utf-16-le", "ignore") + mark


def is_exact(number: Decimal | int) -> bool:
    """Whether a spreadsheet's number holds this one without loss: finite, and of 15 significant digits at most."""
    if isinstance(number, int):
        return -_EXACT_INT < number < _EXACT_INT
    if not number.is_finite():
        return False
    digits = number.normalize().as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    return len(digits.digits) <= SIGNIFICANT_DIGITS and abs(exponent) <= _FURTHEST_EXPONENT


def day_number(moment: datetime) -> float:
    """A moment as spreadsheets count: days since 30 December 1899, in UTC; a naive moment is taken as it stands."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (aware - _EPOCH) / _DAY


def put_text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write text as text: never a formula, number or link."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a text for markup of its own and would write it unescaped; in two pieces it does not.
        sheet.write_rich_string(row, column, text[:1], style, text[1:], style)
    else:
        sheet.write_string(row, column, text, style)


def put(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """
    Write one value; None and "" leave the cell empty.

    A number that a spreadsheet would round is written as text instead.

    Args:
        sheet: Worksheet of XlsxWriter in constant memory; rows must come in ascending order.
        row: Row from 0.
        column: Column from 0.
        value: Text, whole number, float, Decimal, moment or nothing.
        style: Format of XlsxWriter, with a number format that suits the value.
    """
    if value is None or value == "":
        return
    if isinstance(value, str):
        put_text(sheet, row, column, cut_text(visible_text(value)), style)
    elif isinstance(value, datetime):
        sheet.write_number(row, column, day_number(value), style)
    elif isinstance(value, float) or is_exact(value):
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def lines_needed(text: str, width: float) -> int:
    """About how many lines a wrapped text takes in a column of this width in characters."""
    if len(text) < width and "\n" not in text:
        return 1
    room = max(1, int(width * _LETTERS_PER_WIDTH))
    return sum(max(1, -(-len(line) // room)) for line in text.split("\n"))


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2
