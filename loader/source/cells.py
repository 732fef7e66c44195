"""Cells of a workbook as text with their kind, column by column. Nothing is invented: no exponent, no display rounding."""

from array import array
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import compress
from math import isfinite
from typing import Any, Final

import numpy as np

from loader.source.arrow import arrow
from loader.source.arrow_texts import with_behind
from loader.source.number_format import PercentFormat
from loader.source.table import SHEET_DIGITS, Kind
from loader.source.texts import Texts

_LOSSY: Final = 10.0**SHEET_DIGITS
_REMEMBERED: Final = 65_536
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MIDNIGHT: Final = time(0, 0)
_IN_SHEET: Final = Context(prec=SHEET_DIGITS, rounding=ROUND_HALF_EVEN)
_PERCENT: Final = 2  # places
_PARTS_OF_ONE: Final = 1e12
_PARTS_OF_PERCENT: Final = 1e10
"""Binary numbers hold powers of ten exactly up to 10**22."""


def column_of(cells: Sequence[Any]) -> tuple[Sequence[str], bytes | None]:
    """
    The texts of a column's cells, in Arrow's form where that is how they are made, and their kinds; None for the kinds where all are text.

    Args:
        cells: As python-calamine gives them: text ("" for a blank cell), float, int, bool, date, datetime, time or
            timedelta.
    """
    types = set(map(type, cells))
    if types == {str}:
        return list(cells), None
    if len(types) > 1:
        return _by_type(cells, types)
    if types == {float} and (numbers := _as_numbers(cells)):
        return _number_texts(numbers), bytes((Kind.NUMBER,)) * len(cells)
    if types == {date}:
        return _day_texts(cells), bytes((Kind.DATE,)) * len(cells)
    pairs = [_OF_TYPE[type(cell)](cell) for cell in cells]
    return [text for text, _ in pairs], bytes(kind for _, kind in pairs)


def _by_type(cells: Sequence[Any], types: set[type]) -> tuple[Sequence[str], bytes]:
    """The same of cells of several types: those of each type together, and then each in its place."""
    numbers = {one: number for number, one in enumerate(types)}
    codes = bytes(map(numbers.__getitem__, map(type, cells)))
    kinds, places = np.zeros(len(cells), np.uint8), np.empty(len(cells), np.int64)
    parts, begin = list[Texts](), 0
    for number in numbers.values():
        which = np.frombuffer(codes, np.uint8) == number
        of_texts, of_kinds = column_of(list(compress(cells, which.tolist())))
        end = begin + len(of_texts)
        places[which] = np.arange(begin, end)
        if of_kinds is not None:
            kinds[which] = np.frombuffer(of_kinds, np.uint8)
        parts.append(Texts.of(of_texts))
        begin = end
    return Texts.stacked(parts).in_order(places), kinds.tobytes()


def _day_texts(days: Sequence[date]) -> Texts:
    """`date.isoformat` of all days at once."""
    pa = arrow()
    numbers = np.fromiter(map(date.toordinal, days), np.int32, len(days)) - _EPOCH
    column = pa.Array.from_buffers(pa.date32(), len(days), [None, pa.py_buffer(numbers)])
    return Texts(None, column.cast(pa.large_string()))


def number_text(number: float) -> str:
    """
    The shortest decimal text that stands for the same number: `5930`, `8.2`, never `5930.0` or `1e-07`.

    A workbook keeps numbers in binary with 53 bits: of an identifier of more than 15 digits the last ones may have
    been lost before the file was saved. The text shows what is there.
    """
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


class PercentTexts(dict[float, str]):
    """
    The numbers of cells that are formatted as percentages, as the percentages that the sheet shows.

    All digits that a spreadsheet knows are there, not only those that the format shows: 0.120225 is `12.0225%`, whatever the
    format. The decimal point is moved in decimal arithmetic, after the noise of binary arithmetic beyond 15 digits is
    rounded away. Rates repeat themselves, so each is remembered.

    Args:
        places: By how many places the decimal point moves to the right.

    Attributes:
        rounded: The numbers that rounding has changed.
    """

    def __init__(self, places: int) -> None:
        super().__init__()
        self._places = places
        self.rounded: set[float] = set()

    def __missing__(self, number: float) -> str:
        exact = Decimal(repr(number))
        short = _IN_SHEET.plus(exact)
        if len(self) >= _REMEMBERED:
            self.clear()
            self.rounded.clear()
        if short != exact:
            self.rounded.add(number)
        text = format(short.scaleb(self._places), "f")
        text = (text.rstrip("0").rstrip(".") if "." in text else text) + "%"
        self[number] = text = "0%" if text == "-0%" else text
        return text


class PercentColumns:
    """
    Columns in which some cells are formatted as percentages.

    Args:
        formats: The formats of the workbook that show percentages.
    """

    def __init__(self, formats: Sequence[PercentFormat]) -> None:
        self._formats = formats
        self._by_places: dict[int, PercentTexts] = {}

    def column_of(self, cells: Sequence[Any], marks: bytes) -> tuple[Sequence[str], bytes, list[int]]:
        """
        The texts of a column's cells, their kinds, and the positions of percentages that lost binary noise.

        Args:
            cells: As for `column_of`.
            marks: For each cell the position of its format, from 1; 0 for another format.
        """
        if (
            marks.count(marks[:1]) == len(marks)
            and self._formats[marks[0] - 1].always
            and set(map(type, cells)) == {float}
            and (numbers := _as_numbers(cells))
        ):
            texts, rounded = self._percent_texts(numbers)
            return texts, bytes((Kind.PERCENT,)) * len(cells), rounded
        plain, kinds = column_of(cells)
        texts = list(plain)
        of_cell = bytearray(kinds or bytes(len(cells)))
        rounded = list[int]()
        for position, mark in enumerate(marks):
            if not mark or of_cell[position] != Kind.NUMBER:
                continue
            number = cells[position]
            places = self._formats[mark - 1].places(number)
            if places is None:
                continue
            known = self._texts(places)
            texts[position] = known[number]
            of_cell[position] = Kind.PERCENT
            if number in known.rounded:
                rounded.append(position)
        return texts, bytes(of_cell), rounded

    def _percent_texts(self, numbers: "array[float]") -> tuple[Sequence[str], list[int]]:
        """
        The texts of `PercentTexts` for a whole column, and the positions of those that rounding has changed.

        Most rates are a count of billionths of a percent, of no more digits than a spreadsheet knows, and no other such number is
        as near to them. Dividing is exact to the last bit, so that it tells which these are, and gives what is nearest to their
        percentage, of which the shortest text is wanted.
        """
        fractions = np.frombuffer(numbers)
        counts = np.rint(fractions * _PARTS_OF_ONE)
        exact = (np.abs(counts) < _LOSSY) & (counts / _PARTS_OF_ONE == fractions)
        percents = counts / _PARTS_OF_PERCENT + 0.0  # no minus zero
        texts = Texts(None, with_behind(_number_texts(array("d", percents.tobytes())).arrow, "%"))
        if exact.all():
            return texts, []
        found = list(texts)
        rounded = []
        known = self._texts(_PERCENT)
        for at in np.flatnonzero(~exact).tolist():
            found[at] = known[numbers[at]]
            if numbers[at] in known.rounded:
                rounded.append(at)
        return found, rounded

    def _texts(self, places: int) -> PercentTexts:
        return self._by_places.setdefault(places, PercentTexts(places))


def _as_numbers(cells: Sequence[Any]) -> "array[float] | None":
    """A column of floats with no more digits before their points than a spreadsheet knows; None for any other column."""
    numbers = array("d", cells)
    sizes = np.abs(np.frombuffer(numbers))
    return numbers if sizes.max() < _LOSSY else None  # not a number is not less either


def _number_texts(numbers: "array[float]") -> Texts:
    """
    The texts of `number_text` for a whole column at once.

    Arrow writes the shortest text as Python does, in half the time; where it writes an exponent, Python does it.
    """
    pa = arrow()
    # From a list of Python's numbers Arrow would make an array as well, but import pandas first.
    column = pa.Array.from_buffers(pa.float64(), len(numbers), [None, pa.py_buffer(numbers)])
    texts = Texts(None, column.cast(pa.large_string()))
    if "e" not in texts.together and "-0" not in texts.together:  # perhaps minus zero
        return texts
    return Texts.of(
        [
            number_text(numbers[at]) if "e" in text or text[:2] == "-0" else text
            for at, text in enumerate(texts)
        ]
    )


def _of_number(number: float) -> tuple[str, Kind]:
    if not isfinite(number):
        return repr(number), Kind.ERROR
    return number_text(number), Kind.NUMBER if -_LOSSY < number < _LOSSY else Kind.LOSSY


def _of_datetime(moment: datetime) -> tuple[str, Kind]:
    if moment.time() == _MIDNIGHT:
        return moment.date().isoformat(), Kind.DATE
    return moment.isoformat(), Kind.DATETIME


def _of_duration(duration: timedelta) -> tuple[str, Kind]:
    """A duration as hours, minutes and seconds, the hours beyond 24 where there are more."""
    sign = "-" if duration < timedelta() else ""
    minutes, seconds = divmod(int(abs(duration).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}", Kind.TIME


_OF_TYPE: dict[type, Callable[[Any], tuple[str, Kind]]] = {
    str: lambda text: (text, Kind.TEXT),
    float: _of_number,
    int: lambda number: (str(number), Kind.NUMBER if -_LOSSY < number < _LOSSY else Kind.LOSSY),
    bool: lambda flag: ("TRUE" if flag else "FALSE", Kind.FLAG),
    date: lambda day: (day.isoformat(), Kind.DATE),
    datetime: _of_datetime,
    time: lambda moment: (moment.isoformat(), Kind.TIME),
    timedelta: _of_duration,
}
