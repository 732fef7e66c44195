"""Cells of a workbook as text with their kind, column by column. Nothing is invented: no rounding, no exponent."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from loader.source.table import Kind

_MIDNIGHT = time(0, 0)


def column_of(cells: Sequence[Any]) -> tuple[list[str], bytes | None]:
    """
    The texts of a column's cells, and their kinds; None for the kinds where all are text.

    Args:
        cells: As python-calamine gives them: text ("" for a blank cell), float, int, bool, date, datetime, time or
            timedelta.
    """
    types = set(map(type, cells))
    if types == {str}:
        return list(cells), None
    if types == {float} and (texts := _plain_numbers(cells)):
        return texts, bytes((Kind.NUMBER,)) * len(cells)
    if types == {date}:
        return list(map(date.isoformat, cells)), bytes((Kind.DATE,)) * len(cells)
    pairs = [_OF_TYPE[type(cell)](cell) for cell in cells]
    return [text for text, _ in pairs], bytes(kind for _, kind in pairs)


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


def _plain_numbers(numbers: Sequence[float]) -> list[str] | None:
    """The texts of `number_text` for a whole column at once; None where some number needs a closer look."""
    joined = "|".join(map(repr, numbers)) + "|"
    if "e" in joined or "n" in joined or "-0.0|" in joined:  # an exponent, nan or inf, minus zero
        return None
    return joined.replace(".0|", "|")[:-1].split("|")


def _of_number(number: float) -> tuple[str, Kind]:
    return (number_text(number), Kind.NUMBER) if isfinite(number) else (repr(number), Kind.ERROR)


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
    int: lambda number: (str(number), Kind.NUMBER),
    bool: lambda flag: ("TRUE" if flag else "FALSE", Kind.FLAG),
    date: lambda day: (day.isoformat(), Kind.DATE),
    datetime: _of_datetime,
    time: lambda moment: (moment.isoformat(), Kind.TIME),
    timedelta: _of_duration,
}
