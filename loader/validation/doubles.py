"""
Natural keys that occur more than once in the file.

Of each step of a row a mark of 16 bytes is kept, whatever the length of its texts: 10 bytes of a digest of its key and 6 of what it
would send. Two different keys share theirs with a probability below 1e-12 in a file of a million rows.
"""

from array import array
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_KEY_BYTES = 10
CONTENT_BYTES = 6
"""Of what a step would send so much of a digest is kept."""
_WORDS = 2
_CONTENT_BITS = np.uint64(8 * CONTENT_BYTES)
_CONTENT = np.uint64((1 << 8 * CONTENT_BYTES) - 1)


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
        contents: What each row would send, as a digest of at least 6 bytes; b"" where it cannot be sent, which is identical to nothing.
    """
    positions = None
    if not all(keys):
        positions = array("L", [at for at, key in enumerate(keys) if key])
        rows, contents = [rows[at] for at in positions], [contents[at] for at in positions]
        keys = [key for key in keys if key]
    if not all(contents):
        contents = [content or _like_nothing(step, row) for row, content in zip(rows, contents, strict=True)]
    parts = [
        content[:CONTENT_BYTES] + blake2b(key.encode(), digest_size=_KEY_BYTES).digest()
        for key, content in zip(keys, contents, strict=True)
    ]
    return Marks(step, positions, b"".join(parts))


def _like_nothing(step: int, row: int) -> bytes:
    return blake2b(b"%d %d" % (row, step), digest_size=CONTENT_BYTES, key=b"no content").digest()


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


class Doubles:
    """The keys of one operation, gathered while the file is read."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, Sequence[int] | None]] = []
        self._starts = array("L")
        self._marks = bytearray()
        self._exact: Mapping[tuple[int, int], bytes] = {}
        self._alike: NDArray[np.intp] | None = None

    def add(self, first_ordinal: int, marks: Marks) -> None:
        """Remember one step of rows that follow one another, the first of which has this position in the file."""
        self._starts.append(len(self._marks) // 16)
        self._spans.append((first_ordinal, marks.step, marks.positions))
        self._marks += marks.marks
        self._alike = None

    def unclear(self) -> set[int]:
        """Positions of the rows that share a key and differ by their marks; where marks are of cells, they may still send the same."""
        return {ordinal for group in self.groups() if not group.identical for ordinal, _ in group.members}

    def make_clear(self, contents: Mapping[tuple[int, int], bytes]) -> None:
        """Say exactly, for position of a row and number of a step, what unclear rows would send; b"" is identical to nothing."""
        self._exact = contents

    def groups(self) -> Iterator[Group]:
        """All keys that occur at least twice, in the order of their first rows."""
        words = np.frombuffer(self._marks, dtype="<u8").reshape(-1, _WORDS)
        if len(words) < 2:  # noqa: PLR2004  two rows make a double
            return
        if self._alike is None:
            self._alike = _that_occur_again(words[:, 1])
        alike = self._alike
        rest, contents = words[alike, 0] >> _CONTENT_BITS, words[alike, 0] & _CONTENT
        order = np.lexsort((rest, words[alike, 1]))
        keys = np.column_stack((words[alike, 1], rest))[order]
        if not len(keys):
            return
        starts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1))))
        ends = np.append(starts[1:], len(order))
        groups = []
        for start, end in zip(starts, ends, strict=True):
            if end - start > 1:
                of_group = order[start:end]
                members = sorted(self._member(int(alike[at])) for at in of_group)
                identical = bool((contents[of_group] == contents[of_group[0]]).all())
                groups.append(Group(tuple(members), identical or self._send_the_same(members)))
        yield from sorted(groups, key=lambda group: group.members[0])

    def _send_the_same(self, members: Sequence[tuple[int, int]]) -> bool:
        """Whether that is known to be so, although their marks differ."""
        contents = {self._exact.get(member, b"") for member in members}
        return len(contents) == 1 and b"" not in contents

    def _member(self, at: int) -> tuple[int, int]:
        """Position of the row and number of the step whose mark is there."""
        span = bisect(self._starts, at) - 1
        first_ordinal, step, positions = self._spans[span]
        place = at - self._starts[span]
        return first_ordinal + (place if positions is None else positions[place]), step


def _that_occur_again(values: NDArray[np.uint64]) -> NDArray[np.intp]:
    """
    Positions of all values that occur more than once, ascending.

    Nearly all keys of a file are unique, and what is sorted for them is half a mark: a million rows cost 25 MB and no more.
    """
    order = np.argsort(values, kind="stable")
    in_order = values[order]
    again = in_order[1:] == in_order[:-1]
    return np.sort(order[np.append(again, False) | np.insert(again, 0, False)])
