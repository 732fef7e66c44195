"""
Natural keys that occur more than once in the file.

Of each step of a row a mark of 16 bytes is kept, whatever the length of its texts: 10 bytes of its key and 6 of what it would send. Two
different keys share theirs with a probability below 1e-12 in a file of a million rows, two steps that would send different things
under one key theirs with one of 2**-48.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from loader.source.texts import all_filled
from loader.validation.fingerprints import fingerprints

_DIGEST_BYTES = 16
_CONTENT_BYTES = 6
_WORDS = 2
_KEY_SEEDS = (0, 1)
_CONTENT_SEED = 2  # of the first step
_CONTENT_BITS = np.uint64(8 * _CONTENT_BYTES)
_CONTENT = np.uint64((1 << 8 * _CONTENT_BYTES) - 1)


@dataclass(frozen=True, slots=True)
class Marks:
    """
    What is remembered of one step in rows that follow one another.

    Attributes:
        step: Number of the step, from 0.
        positions: Of the rows that have a key, ascending; None where all have one.
        marks: 16 bytes for each of these.
    """

    step: int
    positions: Sequence[int] | None
    marks: bytes


def marks_of(step: int, rows: Sequence[int], keys: Sequence[str], contents: Sequence[bytes]) -> Marks:
    """
    The marks of one step.

    Args:
        step: Number of the step, from 0.
        rows: Row numbers of the user.
        keys: The natural key of each row, "" where it has none.
        contents: What each row would send, as a digest of 16 bytes; b"" where it cannot be sent, which is identical to nothing.
    """
    if not all(contents):
        contents = [content or _like_nothing(step, row) for row, content in zip(rows, contents, strict=True)]
    return _marks(step, keys, np.frombuffer(b"".join(contents), "<u8")[::_WORDS])


def marks_of_cells(
    step: int, keys: Sequence[str], columns: Sequence[Sequence[str]], kinds: Sequence[bytes | None]
) -> Marks:
    """
    The marks of one step, told by the cells that it is made from. That costs less, and such as differ may still send the same.

    Args:
        step: Number of the step, from 0.
        keys: The natural key of each row, "" where it has none.
        columns: Of each column that it is made from the cells.
        kinds: Of each of these columns the kinds of its cells (`source.table.Kind`), None where all are text.
    """
    if not columns:
        return _marks(step, keys, np.full(len(keys), step, np.uint64))
    return _marks(step, keys, fingerprints(columns, [_CONTENT_SEED + step], kinds)[0])


def _marks(step: int, keys: Sequence[str], contents: NDArray[np.uint64]) -> Marks:
    positions = None
    if not all_filled(keys):
        there = [at for at, key in enumerate(keys) if key]
        positions, keys, contents = array("L", there), [keys[at] for at in there], contents[there]
    key, more_of_key = fingerprints([keys], _KEY_SEEDS)
    marks = np.empty((len(keys), _WORDS), "<u8")
    marks[:, 0] = more_of_key << _CONTENT_BITS | contents & _CONTENT
    marks[:, 1] = key
    return Marks(step, positions, marks.tobytes())


def _like_nothing(step: int, row: int) -> bytes:
    return blake2b(b"%d %d" % (row, step), digest_size=_DIGEST_BYTES, key=b"no content").digest()


@dataclass(frozen=True, slots=True)
class Group:
    """
    Steps of rows of the file that share a natural key.

    Attributes:
        members: Position of the row and number of the step, ascending; at least two.
        identical: True where all of them would send the same.
    """

    members: tuple[tuple[int, int], ...]
    identical: bool


@dataclass(frozen=True, slots=True)
class _Shared:
    """
    All steps whose keys are shared, group after group, the groups in the order of their first rows.

    Attributes:
        ordinals: Position of each step's row; within a group ascending.
        steps: Number of each step.
        starts: Where each group begins; ends where the next one begins.
        identical: Of each group whether its marks are the same.
    """

    ordinals: NDArray[np.int64]
    steps: NDArray[np.int64]
    starts: NDArray[np.intp]
    identical: NDArray[np.bool_]

    def members(self, group: int) -> tuple[tuple[int, int], ...]:
        """Position of the row and number of the step of each in a group."""
        end = self.starts[group + 1] if group + 1 < len(self.starts) else len(self.ordinals)
        of_group = slice(self.starts[group], end)
        return tuple(zip(self.ordinals[of_group].tolist(), self.steps[of_group].tolist(), strict=True))


class Doubles:
    """The keys of one operation, gathered while the file is read."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, Sequence[int] | None]] = []
        self._starts = array("L")
        self._marks = bytearray()
        self._exact: Mapping[tuple[int, int], bytes] = {}
        self._known: _Shared | None = None

    def add(self, first_ordinal: int, marks: Marks) -> None:
        """Remember one step of rows that follow one another, the first of which has this position in the file."""
        self._starts.append(len(self._marks) // 16)
        self._spans.append((first_ordinal, marks.step, marks.positions))
        self._marks += marks.marks
        self._known = None

    def unclear(self) -> set[int]:
        """Positions of the rows that share a key and differ by their marks; where marks are of cells, they may still send the same."""
        return {ordinal for group in self._groups(~self._shared.identical) for ordinal, _ in group.members}

    def make_clear(self, contents: Mapping[tuple[int, int], bytes]) -> None:
        """Say exactly, for position of a row and number of a step, what unclear rows would send; b"" is identical to nothing."""
        self._exact = contents

    def conflicts(self) -> Iterator[Group]:
        """Keys that occur at least twice and would not all send the same, in the order of their first rows."""
        return (group for group in self._groups(~self._shared.identical) if not group.identical)

    def repetitions(
        self, apart: NDArray[np.int64] | None
    ) -> tuple[dict[int, NDArray[np.int64]], Iterator[Group]]:
        """
        What would be sent more than once.

        Args:
            apart: Positions of rows about which there is something else to know, ascending; None for all rows.

        Returns:
            Of groups without such rows all steps but the first: number of the step to positions of rows, ascending. And the other
            groups of identical steps.
        """
        shared = self._shared
        touched = np.ones(len(shared.starts), dtype=bool)
        if apart is not None and len(touched):
            touched = np.logical_or.reduceat(np.isin(shared.ordinals, apart), shared.starts)
        groups = (group for group in self._groups(touched | ~shared.identical) if group.identical)
        again = np.repeat(
            shared.identical & ~touched, np.diff(np.append(shared.starts, len(shared.ordinals)))
        )
        again[shared.starts] = False
        numbers = np.unique(shared.steps[again]).tolist()
        return {
            number: np.sort(shared.ordinals[again & (shared.steps == number)]) for number in numbers
        }, groups

    def _groups(self, chosen: NDArray[np.bool_]) -> Iterator[Group]:
        shared = self._shared
        for group in np.flatnonzero(chosen).tolist():
            members = shared.members(group)
            yield Group(members, bool(shared.identical[group]) or self._send_the_same(members))

    @property
    def _shared(self) -> _Shared:
        if self._known is None:
            self._known = self._found()
        return self._known

    def _found(self) -> _Shared:
        """Sort the marks by their keys, as far as these occur again."""
        words = np.frombuffer(self._marks, dtype="<u8").reshape(-1, _WORDS)
        alike = _that_occur_again(words[:, 1])
        ordinals, steps = self._places(alike)
        halves, rest = words[alike, 1], words[alike, 0] >> _CONTENT_BITS
        order = np.lexsort((steps, ordinals, rest, halves))
        halves, rest, contents = halves[order], rest[order], (words[alike, 0] & _CONTENT)[order]
        begins = np.ones(len(order), dtype=bool)
        begins[1:] = (halves[1:] != halves[:-1]) | (rest[1:] != rest[:-1])
        starts = np.flatnonzero(begins)
        sizes = np.diff(np.append(starts, len(order)))
        several = sizes > 1
        if not several.any():
            none = np.empty(0, dtype=np.int64)
            return _Shared(none, none, np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
        identical = np.maximum.reduceat(contents, starts) == np.minimum.reduceat(contents, starts)
        starts, sizes, identical = starts[several], sizes[several], identical[several]
        by_first = np.lexsort((steps[order][starts], ordinals[order][starts]))
        starts, sizes, identical = starts[by_first], sizes[by_first], identical[by_first]
        new_starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        places = order[np.repeat(starts - new_starts, sizes) + np.arange(sizes.sum())]
        return _Shared(ordinals[places], steps[places], new_starts, identical)

    def _places(self, marks: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of the rows and numbers of the steps of some marks, given in ascending order."""
        ordinals, steps = np.empty(len(marks), dtype=np.int64), np.empty(len(marks), dtype=np.int64)
        starts = np.array(self._starts, dtype=np.int64)
        bounds = np.searchsorted(marks, np.append(starts, len(self._marks) // 16))
        for (first, step, positions), start, begin, end in zip(
            self._spans, starts, bounds[:-1], bounds[1:], strict=True
        ):
            places = marks[begin:end] - start
            ordinals[begin:end] = first + (places if positions is None else np.asarray(positions)[places])
            steps[begin:end] = step
        return ordinals, steps

    def _send_the_same(self, members: Sequence[tuple[int, int]]) -> bool:
        """Whether that is known to be so, although their marks differ."""
        contents = {self._exact.get(member, b"") for member in members}
        return len(contents) == 1 and b"" not in contents


def _that_occur_again(values: NDArray[np.uint64]) -> NDArray[np.intp]:
    """
    Positions of all values that occur more than once, ascending.

    Nearly all keys of a file are unique, and what is sorted for them is half a mark: a million rows cost 25 MB and no more. Where all are,
    as is common, it is a quarter of the time to sort the marks without their positions.
    """
    in_order = np.sort(values)
    again = in_order[1:] == in_order[:-1]
    if not again.any():
        return np.empty(0, dtype=np.intp)
    order = np.argsort(values)
    return np.sort(order[np.append(again, False) | np.insert(again, 0, False)])
