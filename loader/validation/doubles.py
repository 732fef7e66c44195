"""
Natural keys that occur more than once in the file.

A key is kept as a 16-byte digest, and so is what the row would send: 41 bytes a row and step, whatever the length of the
texts. Two different keys share a 128-bit digest with a probability below 1e-26 in a file of a million rows.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_DIGEST_BYTES = 16


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
        self._ordinals = array("L")
        self._steps = array("B")
        self._digests = bytearray()

    def add(self, ordinal: int, step: int, key: str, content: bytes) -> None:
        """
        Remember one step of a row.

        Args:
            ordinal: The row's position; ascending from call to call.
            step: Number of the step, below 256.
            key: Its natural key, not empty.
            content: Digest of what it would send, 16 bytes; b"" where it cannot be sent, which is identical to
                nothing.
        """
        self._ordinals.append(ordinal)
        self._steps.append(step)
        self._digests += blake2b(key.encode(), digest_size=_DIGEST_BYTES).digest()
        self._digests += (
            content
            or blake2b(b"%d" % len(self._ordinals), digest_size=_DIGEST_BYTES, key=b"no content").digest()
        )

    def groups(self) -> Iterator[Group]:
        """All keys that occur at least twice, in the order of their first rows."""
        pairs = np.frombuffer(self._digests, dtype=np.uint64).reshape(-1, 4)
        if len(pairs) < 2:  # noqa: PLR2004  two rows make a double
            return
        alike = _that_begin_alike(pairs[:, 0])
        order = alike[np.lexsort((alike, pairs[alike, 1], pairs[alike, 0]))]
        if not len(order):
            return
        keys = pairs[order, :2]
        starts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1))))
        ends = np.append(starts[1:], len(order))
        several = ends - starts > 1
        found = sorted(
            (order[start:end] for start, end in zip(starts[several], ends[several], strict=True)),
            key=lambda members: int(members[0]),
        )
        for members in found:
            contents = pairs[members, 2:]
            yield Group(
                members=tuple((self._ordinals[int(at)], self._steps[int(at)]) for at in members),
                identical=bool((contents == contents[0]).all()),
            )


def _that_begin_alike(halves: NDArray[np.uint64]) -> NDArray[np.intp]:
    """
    Positions of all keys whose first half occurs again, ascending.

    Nearly all keys of a file are unique, and what is sorted for them is half a key: a million rows cost 25 MB and no more.
    """
    order = np.argsort(halves, kind="stable")
    in_order = halves[order]
    again = in_order[1:] == in_order[:-1]
    return np.sort(order[np.append(again, False) | np.insert(again, 0, False)])
