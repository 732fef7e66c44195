"""The smallest and the largest of many numbers, each as it is written in the file."""

import re
from collections.abc import Sequence
from math import inf
from typing import Self

_NO_DIGIT = re.compile(r"[^0-9.,]")
_MARKS = re.compile(r"[.,]")


class Extremes:
    """
    Collects numbers.

    They are compared in binary, which is near enough to tell the smallest, and shown as they are written.

    Attributes:
        smallest: "" before any number came.
        largest: Likewise.
    """

    def __init__(self) -> None:
        self.smallest = self.largest = ""
        self._low, self._high = inf, -inf

    def add(self, texts: Sequence[str]) -> None:
        """Numbers as a program writes them; there is at least one."""
        self._take(texts, list(map(float, texts)))

    def add_percents(self, texts: Sequence[str]) -> None:
        """The same, with a percent sign behind each."""
        try:
            numbers = [float(text.strip("% ")) for text in texts]
        except ValueError:  # a decimal comma
            numbers = list(map(_value, texts))
        self._take(texts, numbers)

    def add_written(self, texts: Sequence[str]) -> None:
        """Numbers as people write them, with currency, separators of thousands or brackets."""
        self._take(texts, list(map(_value, texts)))

    def merge(self, later: Self) -> None:
        """Take in what came of the numbers that follow; of equal ones the first stays."""
        if later._low < self._low:
            self._low, self.smallest = later._low, later.smallest
        if later._high > self._high:
            self._high, self.largest = later._high, later.largest

    def _take(self, texts: Sequence[str], numbers: list[float]) -> None:
        low, high = min(numbers), max(numbers)
        if low < self._low:
            self._low, self.smallest = low, texts[numbers.index(low)].strip()
        if high > self._high:
            self._high, self.largest = high, texts[numbers.index(high)].strip()


def _value(text: str) -> float:
    """The number that a person means: of two signs the last is the decimal mark, a single one before three digits is none."""
    bare = _NO_DIGIT.sub("", text)
    comma, point = bare.rfind(","), bare.rfind(".")
    groups = comma >= 0 > point and len(bare) - comma == len(",000")
    mark = "." if point > comma and bare.count(".") == 1 else "," if comma > point and not groups else ""
    whole, _, decimals = bare.rpartition(mark) if mark else (bare, "", "")
    number = float(f"{_MARKS.sub('', whole) or 0}.{decimals or 0}")
    negative = "(" in text or text.lstrip(" $€£").startswith("-") or text.rstrip().endswith("-")
    return -number if negative else number
