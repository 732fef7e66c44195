"""Which values a row has: rows in which the same ones are there have one signature, and much is true of all of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from loader.mapping.known_values import OneKind, Repeated, different_values
from loader.mapping.mapped import Absent
from loader.source.texts import all_filled
from loader.source.texts_on_demand import TextsOnDemand

_T = TypeVar("_T")
_REMEMBERED: Final = 1_024
_FEW: Final = 256
_WORTH: Final = 8
_MANY: Final = 1 << 31


class Mark(IntEnum):
    """What is known of a value; of one that a model decides by (`Payload.deciding`) the value itself is known instead."""

    THERE = 0
    OMITTED = 1
    NULL = 2
    EMPTY = 3
    """The empty text, which is no value where one is required."""


Signature: TypeAlias = tuple[Any, ...]
"""For each path of a step's shape the mark of its value, or the value itself."""


@dataclass(frozen=True, slots=True)
class Alike:
    """
    Rows of a batch with one signature.

    Attributes:
        signature: Theirs.
        rows: Their positions in the batch, ascending.
        are_all: Whether they are all the rows of the batch.
    """

    signature: Signature
    rows: Sequence[int]
    are_all: bool

    def of(self, column: Sequence[Any]) -> Sequence[Any]:
        """Their values from a column of the batch."""
        if self.are_all:
            return column
        if isinstance(column, TextsOnDemand):
            column = column.to_pick_from(len(self.rows))
        return itemgetter(*self.rows)(column) if len(self.rows) > 1 else (column[self.rows[0]],)


class Memory(Generic[_T]):
    """
    What was found out for signatures, within bounds.

    Args:
        found_out: Finds it out, which takes as long as looking at a few rows one by one.
    """

    def __init__(self, found_out: Callable[[Signature], _T]) -> None:
        self._found_out = found_out
        self._known: dict[Signature, _T] = {}

    def of(self, alike: Alike) -> _T | None:
        """What is so for some rows; None where the signatures are many, and these rows so few that it is not worth finding out."""
        signature = alike.signature
        if signature not in self._known:
            if len(self._known) >= _FEW and len(alike.rows) < _WORTH:
                return None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[signature] = self._found_out(signature)
        return self._known[signature]


class Varied(NamedTuple):
    """
    Marks of a column that are not all the same.

    Attributes:
        marks: The different ones.
        codes: For each row the position of its own.
    """

    marks: Sequence[Any]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, marks: Sequence[Any]) -> Self:
        """From one for each row."""
        code_of = {mark: code for code, mark in enumerate(dict.fromkeys(marks))}
        codes = np.fromiter(map(code_of.__getitem__, marks), np.intp, count=len(marks))
        return cls(list(code_of), codes)


def marks_of(values: Sequence[Any], kinds: Collection[type], *, deciding: bool) -> Any:
    """
    The marks of a column's values: one where all have the same, else `Varied`.

    Args:
        values: At least one.
        kinds: The types of them all.
        deciding: Whether a model decides by these values.
    """
    if isinstance(values, OneKind) and not deciding:
        return _marks_of_one_kind(values)
    different = different_values(values)
    has_empty = str in kinds and not all_filled(different) and "" in different
    if not deciding and not has_empty and Absent not in kinds and type(None) not in kinds:
        return Mark.THERE
    marks: list[Any] = _marks_of_each(different, kinds if has_empty or deciding else ())
    if deciding:
        marks = [value if mark is Mark.THERE else mark for mark, value in zip(marks, different, strict=True)]
    found = Varied.of(marks)
    if len(found.marks) == 1:
        return found.marks[0]
    return Varied(found.marks, found.codes[values.codes]) if isinstance(values, Repeated) else found


def _marks_of_one_kind(values: OneKind) -> Any:
    """The marks of values that are there, but for others."""
    if not len(values.others):
        return Mark.THERE
    marks = np.full(len(values), Mark.THERE, np.intp)
    marks[values.others] = _marks_of_each([values[at] for at in values.others], values.types_of_others)
    different, codes = np.unique(marks, return_inverse=True)
    found = [Mark(mark) for mark in different.tolist()]
    return Varied(found, codes) if len(found) > 1 else found[0]


def alike(marks: Sequence[Any], count: int, apart: Collection[int]) -> Iterator[Alike]:
    """
    The rows of a batch by their signatures.

    Args:
        marks: For each path one mark for all rows, or `Varied`.
        count: How many rows there are.
        apart: Rows to leave out.
    """
    rows = [at for at in range(count) if at not in apart] if apart else range(count)
    varying = [(index, mark) for index, mark in enumerate(marks) if type(mark) is Varied]
    if not varying or not rows:
        if rows:
            yield Alike(tuple(marks), rows, are_all=not apart)
        return
    numbers = np.array(rows) if apart else np.arange(count)
    for positions in _alike_by([varied for _, varied in varying], numbers):
        signature = list(marks)
        for index, varied in varying:
            signature[index] = varied.marks[varied.codes[positions[0]]]
        yield Alike(tuple(signature), positions, are_all=len(positions) == count)


def row_by_row(parts: Iterable[tuple[Alike, Iterable[_T]]], count: int, nothing: _T) -> Sequence[_T]:
    """
    What was found for rows by their signatures, in the order of the rows.

    Args:
        parts: Some rows, and something for each of them.
        count: How many rows the batch has.
        nothing: What there is for rows that are in no part.
    """
    found = [nothing] * count
    for rows, values in parts:
        if rows.are_all:
            return list(values)
        for at, value in zip(rows.rows, values, strict=True):
            found[at] = value
    return found


def _alike_by(varying: Iterable[Varied], rows: NDArray[np.intp]) -> list[list[int]]:
    """Rows that have the same marks in some columns, each group ascending, in the order of their first rows."""
    combined = np.zeros(len(rows), np.intp)
    for varied in varying:
        combined = combined * len(varied.marks) + varied.codes[rows]
        if combined.max() >= _MANY:  # lest they overflow
            _, combined = np.unique(combined, return_inverse=True)
    order = np.argsort(combined, kind="stable")
    ends = np.flatnonzero(np.diff(combined[order])) + 1
    return sorted((group.tolist() for group in np.split(rows[order], ends)), key=itemgetter(0))


class _MarkOfType(dict[type, Mark]):
    def __missing__(self, kind: type) -> Mark:
        return Mark.THERE


_MARK_OF_TYPE = _MarkOfType({Absent: Mark.OMITTED, type(None): Mark.NULL})


def _marks_of_each(values: Sequence[Any], kinds: Collection[type]) -> list[Mark]:
    """The mark of each value; where no text is among their *kinds*, or none that may be empty, their types alone tell."""
    if str in kinds:
        return [_mark(value) for value in values]
    return list(map(_MARK_OF_TYPE.__getitem__, map(type, values)))


def _mark(value: Any) -> Mark:
    return Mark.EMPTY if type(value) is str and not value else _MARK_OF_TYPE[type(value)]
