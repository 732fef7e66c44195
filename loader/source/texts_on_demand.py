"""
Texts of Python that are made of Arrow's only where they are asked for, which is seldom.

To make the texts of a block takes more time than to read it, and they take many times its memory.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

_FEW: Final = 16
"""So many cells are made one by one; where more of a column are asked for, all of them are made."""


class Coded(NamedTuple):
    """
    A column in which texts repeat themselves.

    Attributes:
        texts: The different texts, in the order in which they first come; of a part of a column also those of the rest.
        codes: For each cell the position of its text.
    """

    texts: list[str]
    codes: NDArray[np.int32]

    def spread(self, values: Iterable[Any]) -> list[Any]:
        """For each cell the value of its text."""
        return spread(values, len(self.texts), self.codes)

    def positions(self, codes: Sequence[int]) -> list[int]:
        """The positions of the cells with some texts, ascending."""
        return positions_of(self.codes, codes)

    def tally(self) -> tuple[list[str], NDArray[np.intp], NDArray[np.intp]]:
        """The different texts that there are, how many cells hold each, and the position of the first."""
        cells = np.bincount(self.codes, minlength=len(self.texts))
        firsts = first_of_each(self.codes, len(self.texts))
        if cells.all():
            return self.texts, cells, firsts
        order = np.argsort(firsts[there := np.flatnonzero(cells)], kind="stable")
        there = there[order]
        return [self.texts[at] for at in there.tolist()], cells[there], firsts[there]


def spread(values: Iterable[Any], count: int, codes: NDArray[np.int32]) -> list[Any]:
    """For each code the value at its position, of so many values."""
    if count == 1:
        return [*values] * len(codes)
    found: list[Any] = np.fromiter(values, dtype=object, count=count)[codes].tolist()
    return found


def positions_of(codes: NDArray[np.int32], some: Sequence[int]) -> list[int]:
    """Where some of the codes stand, ascending."""
    found: list[int] = np.flatnonzero(np.isin(codes, some)).tolist()
    return found


def first_of_each(codes: NDArray[np.int32], count: int) -> NDArray[np.intp]:
    """For each of so many codes the position at which it first stands, the number of positions where it does not."""
    firsts = np.full(count, len(codes), dtype=np.intp)
    firsts[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the first is written last
    return firsts


class TextsOnDemand(Sequence[str]):
    """
    Cells of a column, which stay as they are.

    Args:
        cells: One text for each row; None to have them made of Arrow's.
        arrow: The same.
        coded: The same, where texts repeat themselves and it is known which.
    """

    def __init__(
        self, cells: Iterable[str] | None, arrow: pa.LargeStringArray, coded: Coded | None = None
    ) -> None:
        self.arrow = arrow
        self.coded = coded
        self._made = None if cells is None else list(cells)
        self._asked_for = 0

    @property
    def is_made(self) -> bool:
        """Whether there are texts of Python for all cells."""
        return self._made is not None

    def _all(self) -> list[str]:
        if self._made is None:
            coded = self.coded
            self._made = self.arrow.to_pylist() if coded is None else coded.spread(coded.texts)
        return self._made

    def to_pick_from(self, count: int) -> Sequence[str]:
        """The same cells, for who asks for so many of them by their positions; they stay as they are."""
        return self if count <= _FEW else self._all()

    def __len__(self) -> int:
        return len(self.arrow)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> str | list[str]:
        self._asked_for += 1
        if self._made is not None or isinstance(index, slice) or self._asked_for > _FEW:
            return self._all()[index]
        cell: str = self.arrow[operator.index(index)].as_py()
        return cell

    def __contains__(self, text: object) -> bool:
        return text in self._all()

    def __eq__(self, other: object) -> bool:
        return self is other or (
            self._all() == list(other) if isinstance(other, list | TextsOnDemand) else NotImplemented
        )

    __hash__ = None  # type: ignore[assignment]
