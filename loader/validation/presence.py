"""Which values a row has: rows in which the same ones are there have one signature, and much is true of all of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from typing import Any, Final, Generic, TypeAlias, TypeVar

from loader.mapping.mapped import Absent
from loader.source.texts import all_filled

_T = TypeVar("_T")
_REMEMBERED: Final = 1_024
_FEW: Final = 256
_WORTH: Final = 8


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


def marks_of(values: Sequence[Any], kinds: Collection[type], *, deciding: bool) -> Any:
    """
    The marks of a column's values: one where all have the same, else a list with one for each.

    Args:
        values: At least one.
        kinds: The types of them all.
        deciding: Whether a model decides by these values.
    """
    has_empty = str in kinds and not all_filled(values) and "" in values
    if not deciding and not has_empty and Absent not in kinds and type(None) not in kinds:
        return Mark.THERE
    if has_empty or deciding:
        marks: list[Any] = [_mark(value) for value in values]
    else:
        marks = list(map(_MARK_OF_TYPE.__getitem__, map(type, values)))
    if deciding:
        marks = [value if mark is Mark.THERE else mark for mark, value in zip(marks, values, strict=True)]
    return marks[0] if marks.count(marks[0]) == len(marks) else marks


def alike(marks: Sequence[Any], count: int, apart: Collection[int]) -> Iterator[Alike]:
    """
    The rows of a batch by their signatures.

    Args:
        marks: For each path one mark for all rows, or a list with one for each.
        count: How many rows there are.
        apart: Rows to leave out.
    """
    varying = [index for index, mark in enumerate(marks) if type(mark) is list]
    rows = [at for at in range(count) if at not in apart] if apart else range(count)
    if not varying:
        if rows:
            yield Alike(tuple(marks), rows, are_all=not apart)
        return
    found: dict[Any, list[int]] = defaultdict(list)
    seen = list(zip(*(marks[index] for index in varying), strict=True))
    for at in rows:
        found[seen[at]].append(at)
    for combination, positions in found.items():
        signature = list(marks)
        for index, mark in zip(varying, combination, strict=True):
            signature[index] = mark
        yield Alike(tuple(signature), positions, are_all=False)


class _MarkOfType(dict[type, Mark]):
    def __missing__(self, kind: type) -> Mark:
        return Mark.THERE


_MARK_OF_TYPE = _MarkOfType({Absent: Mark.OMITTED, type(None): Mark.NULL})


def _mark(value: Any) -> Mark:
    return Mark.EMPTY if type(value) is str and not value else _MARK_OF_TYPE[type(value)]
