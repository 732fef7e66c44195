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

    def merge(self, other: Self) -> None:
        """Take in what came of other numbers."""
        if other.smallest:
            self._take([other.smallest, other.largest], [other._low, other._high])

    def _take(self, texts: Sequence[str], numbers: list[float]) -> None:
        """Of equal numbers that are written in several ways the shortest text counts, so that their order does not matter."""
        low, high = min(numbers), max(numbers)
        if low <= self._low:
            self.smallest = _shortest(low, texts, numbers, [self.smallest] if low == self._low else [])
            self._low = low
        if high >= self._high:
            self.largest = _shortest(high, texts, numbers, [self.largest] if high == self._high else [])
            self._high = high


def _shortest(number: float, texts: Sequence[str], numbers: Sequence[float], before: list[str]) -> str:
    of_it = [text.strip() for text, each in zip(texts, numbers, strict=True) if each == number]
    return min([*of_it, *before], key=lambda text: (len(text), text))


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
