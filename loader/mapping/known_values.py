"""Columns of values with what their conversion knows of them, so that nobody looks at each value to find it out again."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loader.source.texts_on_demand import positions_of, spread


class Repeated(list[Any]):
    """
    A column whose values repeat themselves. Its items stay as they are.

    Args:
        different: Every value that is in a cell, and perhaps others.
        codes: For each cell the position of its value.

    Attributes:
        different: The values that are in a cell, some perhaps more than once.
        codes: For each cell the position of its value.
    """

    def __init__(self, different: Sequence[Any], codes: NDArray[np.int32]) -> None:
        there = np.bincount(codes, minlength=len(different)) > 0
        if not there.all():
            different, codes = list(compress(different, there)), (np.cumsum(there) - 1)[codes]
        super().__init__(spread(different, len(different), codes))
        self.different = different
        self.codes = codes

    def positions(self, of: Sequence[int]) -> list[int]:
        """The positions of the cells that hold some of the different values, which are given by theirs; ascending."""
        return positions_of(self.codes, of)


class OneKind(list[Any]):
    """
    A column whose values are of one type, but for some at known positions.

    Attributes:
        kind: The type, neither that of null nor `Absent`; no text among them is empty.
        others: The positions of the values of which nothing is known, ascending; they may be set anew.
        room: Of decimals: how many digits stand before the point, and how many behind it, at most; none has an exponent or a minus.
        days: Of dates: the ordinal of each (`date.toordinal`); of others any number.
    """

    def __init__(
        self,
        kind: type,
        values: Iterable[Any],
        others: Sequence[int] = (),
        *,
        days: NDArray[np.int64] | None = None,
    ) -> None:
        super().__init__(values)
        self.kind = kind
        self.others = others
        self.room: tuple[int, int] | None = None
        self.days = days

    @property
    def types_of_others(self) -> set[type]:
        """The types of the values of which nothing is known."""
        return set(map(type, map(self.__getitem__, self.others)))


def types_of(values: Sequence[Any]) -> set[type]:
    """The types of all values."""
    if isinstance(values, OneKind):
        kinds = values.types_of_others
        return kinds | {values.kind} if len(values.others) < len(values) else kinds
    return set(map(type, different_values(values)))


def ordinals(dates: Sequence[date]) -> NDArray[np.int64]:
    """The ordinals of dates (`date.toordinal`)."""
    if isinstance(dates, OneKind) and dates.days is not None and not len(dates.others):
        return dates.days
    if isinstance(dates, Repeated):
        found: NDArray[np.int64] = ordinals(dates.different)[dates.codes]
        return found
    return np.fromiter(map(date.toordinal, dates), np.int64, len(dates))


def different_values(values: Sequence[Any]) -> Sequence[Any]:
    """All values that are in a cell; some may come more than once."""
    return values.different if isinstance(values, Repeated) else values
