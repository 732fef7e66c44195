"""The smallest and the largest of many numbers, each as it is written in the file."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Self, TypeAlias

RowOf: TypeAlias = Callable[[str], int]

_NO_DIGIT: Final = re.compile(r"[^0-9.,]")
_MARKS: Final = re.compile(r"[.,]")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number, how it is written, and in which row; of equal ones that of the first row is kept."""

    value: Decimal
    row: int
    text: str


class Extremes:
    """Collects numbers, and compares them exactly."""

    def __init__(self) -> None:
        self._low: _Number | None = None
        self._high: _Number | None = None

    @property
    def smallest(self) -> str:
        """As it is written, "" before any number came."""
        return self._low.text.strip() if self._low else ""

    @property
    def largest(self) -> str:
        """Likewise."""
        return self._high.text.strip() if self._high else ""

    def add(self, texts: Iterable[str], row_of: RowOf = lambda _: 0) -> None:
        """Numbers as a program writes them, and what tells in which row one stands first."""
        self._take(texts, row_of, _plain_value)

    def add_percents(self, texts: Iterable[str], row_of: RowOf = lambda _: 0) -> None:
        """The same, with a percent sign behind each."""
        self._take(texts, row_of, _percent_value)

    def add_written(self, texts: Iterable[str], row_of: RowOf = lambda _: 0) -> None:
        """Numbers as people write them, with currency, separators of thousands or brackets."""
        self._take(texts, row_of, _value)

    def merge(self, other: Self) -> None:
        """Take in what came of other rows."""
        for number in (other._low, other._high):
            if number is not None:
                self._weigh(number.text, number.value, {number.text: number.row}.__getitem__)

    def _take(self, texts: Iterable[str], row_of: RowOf, value: Callable[[str], Decimal]) -> None:
        for text in dict.fromkeys(texts):
            self._weigh(text, value(text), row_of)

    def _weigh(self, text: str, value: Decimal, row_of: RowOf) -> None:
        low, high = self._low, self._high
        if low is not None and high is not None and low.value < value < high.value:
            return
        number = _Number(value, row_of(text), text)
        if low is None or (value, number.row) < (low.value, low.row):
            self._low = number
        if high is None or (value, -number.row) > (high.value, -high.row):
            self._high = number


def _plain_value(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all that are counted
        return Decimal(float(text))


def _percent_value(text: str) -> Decimal:
    try:
        return Decimal(text.strip("% "))
    except InvalidOperation:  # a decimal comma
        return _value(text)


def _value(text: str) -> Decimal:
    """The number that a person means: of two signs the last is the decimal mark, a single one before three digits is none."""
    bare = _NO_DIGIT.sub("", text)
    comma, point = bare.rfind(","), bare.rfind(".")
    groups = comma >= 0 > point and len(bare) - comma == len(",000")
    mark = "." if point > comma and bare.count(".") == 1 else "," if comma > point and not groups else ""
    whole, _, decimals = bare.rpartition(mark) if mark else (bare, "", "")
    number = Decimal(f"{_MARKS.sub('', whole) or 0}.{decimals or 0}")
    negative = "(" in text or text.lstrip(" $€£").startswith("-") or text.rstrip().endswith("-")
    return -number if negative else number
