"""
A column of texts as Arrow holds it; texts of Python are made where they are asked for.

What is true of a whole column, such as what its texts look like or which of them are different, is told from Arrow's bytes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from loader.source.arrow import arrow
from loader.source.arrow_texts import from_bytes, from_codes, in_arrow, mask
from loader.source.once import Once
from loader.source.shapes import OF_SEVERAL_BYTES, SHAPE_OF, Shapes, shapes_but_for_zeros, shapes_of_any
from loader.source.texts_on_demand import Coded, TextsOnDemand

if TYPE_CHECKING:
    import pyarrow as pa

HEAD_BYTES: Final = 8

_ASCII: Final = 128
_ZERO_DIGIT: Final = ord("0")
_DIGITS_AT_MOST: Final = 4
_IS_INK: Final = np.array([byte < _ASCII and not chr(byte).isspace() for byte in range(256)])
_SPACE_BYTES: Final = frozenset(byte for byte in range(_ASCII) if chr(byte).isspace())
_IS_SPACE: Final = np.array([byte < _ASCII and chr(byte).isspace() for byte in range(256)])


class Texts(TextsOnDemand):
    """
    A column as Arrow holds it, with what is told of its cells from that; texts of Python are made where they are asked for.

    Args:
        cells: One text for each row; None to have them made of Arrow's where they are asked for.
        arrow: The same.
        coded: The same, where texts repeat themselves and it is known which.

    Attributes:
        is_sound: False where a cell holds half of a pair of surrogates, which Arrow cannot hold and has as a question mark.
    """

    def __init__(
        self, cells: Iterable[str] | None, arrow: pa.LargeStringArray, coded: Coded | None = None
    ) -> None:
        super().__init__(cells, arrow, coded)
        self.is_sound = True
        self._numbers: dict[tuple[int, int], NDArray[np.int64]] = {}

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        """Any column as such a one."""
        if isinstance(cells, cls):
            return cells
        try:
            return cls(cells, in_arrow(cells))
        except UnicodeEncodeError:
            found = cls(cells, in_arrow([cell.encode("utf-8", "replace").decode() for cell in cells]))
            found.is_sound = False
            return found

    @classmethod
    def stacked(cls, parts: Sequence[Self]) -> Self:
        """Several columns as one, the first of them on top; there is at least one."""
        if len(parts) == 1:
            return parts[0]
        if all(part.is_sound for part in parts):
            return cls(None, arrow().concat_arrays([part.arrow for part in parts]))
        return cls.of(list(chain.from_iterable(parts)))

    def __reduce__(self) -> tuple[Callable[..., Texts], tuple[Any, ...]]:
        """For another process: what Arrow holds, without the texts of Python, which would cost many times as much."""
        if not self.is_sound:
            return Texts.of, (list(self),)
        if self.coded is not None:
            return _of_codes, (self.coded.texts, self.coded.codes.tobytes())
        return _of_bytes, ((self._ends - self._ends[0]).tobytes(), self._content.tobytes())

    @Once
    def together(self) -> str:
        """All cells, one behind the other."""
        return self._bytes.decode() if self.is_sound else "".join(self)

    def joined(self, between: str) -> str:
        """All cells as one text, with another one between them."""
        if self.is_made or not len(self):
            return between.join(self)
        import pyarrow.compute as pc  # noqa: PLC0415

        pa = arrow()
        ends = pa.py_buffer(np.array([0, len(self)]))
        one = pa.Array.from_buffers(pa.large_list(pa.large_string()), 1, [None, ends], children=[self.arrow])
        (sign,) = in_arrow([between])
        (text,) = pc.binary_join(one, sign).to_pylist()
        found: str = text
        return found

    @Once
    def is_ascii(self) -> bool:
        """Whether all of their characters are ASCII."""
        return self._bytes.isascii() if self.is_sound else self.together.isascii()

    @Once
    def lengths(self) -> NDArray[np.int64]:
        """How many bytes each cell has in UTF-8."""
        return np.diff(self._ends)

    @Once
    def unfilled(self) -> NDArray[np.intp]:
        """The positions of the cells that are not seen at once to hold more than white space, ascending."""
        begins, _ = self._edges
        found = self.lengths == 0
        found[~found] = ~_IS_INK[self._content[begins]]
        return np.flatnonzero(found)

    @Once
    def is_spaced(self) -> bool:
        """Whether a cell begins or ends with white space of ASCII, or is nothing but that; may say yes where none does."""
        if "shapes" in vars(self):  # where they are known, they show it
            return any(
                shape[0] in _SPACE_BYTES or shape[-1] in _SPACE_BYTES for shape in self.shapes.shapes if shape
            )
        begins, ends = self._edges
        return bool(_IS_SPACE[self._content[begins]].any() or _IS_SPACE[self._content[ends - 1]].any())

    @Once
    def shapes(self) -> Shapes:
        """What the texts are made of."""
        shaped = self._bytes.translate(SHAPE_OF)
        width = int(self.lengths[0]) if len(self) else 0
        if width and not (self.lengths != width).any() and shaped[width:] == shaped[:-width]:
            found = shapes_but_for_zeros(shaped[:width], self._content[::width] == _ZERO_DIGIT)
        else:
            begins, _ = self._edges
            zeros = begins[self._content[begins] == _ZERO_DIGIT]
            found = shapes_of_any(shaped, zeros, self._ends - self._ends[0])
        written = self.holding(OF_SEVERAL_BYTES)
        if not len(written):
            return found
        return found.with_written_out(written, [self[at] for at in written.tolist()])

    def holding(self, signs: Iterable[bytes]) -> NDArray[np.intp]:
        """The positions of the cells that hold one of some sequences of bytes, ascending."""
        found = set[int]()
        for sign in signs:
            if any(byte not in self._bytes for byte in sign):  # one byte is found sooner
                continue
            at = self._bytes.find(sign)
            while at >= 0:
                cell = int(np.searchsorted(self._last, at, side="right"))
                if at + len(sign) <= self._last[cell]:
                    found.add(cell)
                    at = int(self._last[cell]) - 1
                at = self._bytes.find(sign, at + 1)
        return np.array(sorted(found), np.intp)

    @Once
    def beyond_ascii(self) -> NDArray[np.intp]:
        """The positions of the cells that hold other signs than ASCII has, ascending."""
        if not self.is_sound:
            return np.flatnonzero([not cell.isascii() for cell in self])
        if self.is_ascii:
            return np.empty(0, np.intp)
        cells = np.searchsorted(self._last, np.flatnonzero(self._content >= _ASCII), side="right")
        found: NDArray[np.intp] = np.unique(cells)
        return found

    @Once
    def _last(self) -> NDArray[np.int64]:
        """Where each cell ends in the bytes of all."""
        last: NDArray[np.int64] = self._ends[1:] - self._ends[0]
        return last

    @Once
    def signs(self) -> str:
        """A text in which every sign stands that is in a cell, and every sequence of signs; it may hold others too."""
        return self.together if self.coded is None else "".join(self.coded.texts)

    @property
    def different(self) -> Iterable[str]:
        """All texts that are in a cell, and perhaps others; some may come more than once."""
        return self if self.coded is None else self.coded.texts

    def number(self, at: int, count: int) -> NDArray[np.int64]:
        """
        Of each cell the number that its digits from a place on make; all cells have one length and digits there.

        Raises:
            ValueError: They are none, or more than four, whose numbers 16 bits would not hold.
        """
        if not 1 <= count <= _DIGITS_AT_MOST:
            raise ValueError(f"{count} digits")
        if (at, count) not in self._numbers:
            signs = self._content.reshape(len(self), -1)
            found = signs[:, at].astype(np.uint16)
            for place in range(at + 1, at + count):
                found *= np.uint16(10)
                found += signs[:, place]
            found -= np.uint16(_ZERO_DIGIT * int("1" * count))
            self._numbers[at, count] = found.astype(np.int64)
        return self._numbers[at, count]

    def picked(self, places: Sequence[int]) -> Texts:
        """Of each cell the signs at some places, ascending; all cells have one length, and signs of one byte."""
        width = len(self._content) // max(len(self), 1)
        if len(places) == width:
            return self
        signs = self._content.reshape(len(self), width)[:, places]
        ends = len(places) * np.arange(len(self) + 1, dtype=np.int64)
        return Texts(None, from_bytes(ends.tobytes(), signs.tobytes()))

    def at(self, positions: Sequence[int]) -> Iterable[str]:
        """The cells at some positions, ascending."""
        which = np.zeros(len(self), np.bool_)
        which[positions] = True
        return self.only(which)

    def only(self, which: NDArray[np.bool_]) -> Texts:
        """The cells at the positions that are marked."""
        coded = self.coded and self.coded._replace(codes=self.coded.codes[which])
        found = Texts(
            None if self.is_sound else compress(self, which.tolist()),
            self.arrow.filter(mask(which)),
            coded,
        )
        found.is_sound = self.is_sound
        return found

    def in_order(self, positions: NDArray[np.int64]) -> Texts:
        """The cells in another order, from the position of each."""
        if not self.is_sound:
            return Texts.of([self[at] for at in positions.tolist()])
        pa = arrow()
        places = pa.Array.from_buffers(pa.int64(), len(positions), [None, pa.py_buffer(positions)])
        return Texts(None, self.arrow.take(places))

    def span(self) -> list[str]:
        """The first and the last text in alphabetical order; there is at least one."""
        import pyarrow.compute as pc  # noqa: PLC0415

        found = pc.min_max(self.arrow)
        return [found["min"].as_py(), found["max"].as_py()]

    @Once
    def heads(self) -> NDArray[np.uint64]:
        """For each cell the eight bytes from its beginning on, those behind it too, as a number: the order of texts of one length."""
        content = self._bytes + bytes(HEAD_BYTES)
        words = np.ndarray((len(self._bytes) + 1,), ">u8", content, strides=(1,))
        found: NDArray[np.uint64] = words[self._last - self.lengths].astype(np.uint64)
        return found

    @Once
    def _ends(self) -> NDArray[np.int64]:
        """Where in Arrow's bytes the first cell begins, and where each cell ends."""
        ends = np.frombuffer(self.arrow.buffers()[1], np.int64, offset=8 * self.arrow.offset)
        return ends[: len(self) + 1] if len(self) else np.zeros(1, np.int64)

    @Once
    def _content(self) -> NDArray[np.uint8]:
        """The bytes of all cells."""
        buffer = self.arrow.buffers()[2]
        if buffer is None or not len(self):
            return np.empty(0, np.uint8)
        return np.frombuffer(buffer, np.uint8)[self._ends[0] : self._ends[-1]]

    @Once
    def _bytes(self) -> bytes:
        return self._content.tobytes()

    @Once
    def _edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the cells that are not blank begin in the bytes of all, and where they end."""
        begins, ends = self._ends[:-1] - self._ends[0], self._ends[1:] - self._ends[0]
        there = ends > begins
        return begins[there], ends[there]


def all_filled(cells: Sequence[Any]) -> bool:
    """Whether no cell of a column is the empty text; of other values, whether none is like nothing."""
    return bool(cells.lengths.all()) if isinstance(cells, Texts) else all(cells)


def joined(cells: Sequence[str], between: str) -> str:
    """All cells as one text, with another one between them."""
    return cells.joined(between) if isinstance(cells, Texts) else between.join(cells)


def _of_bytes(ends: bytes, content: bytes) -> Texts:
    return Texts(None, from_bytes(ends, content))


def _of_codes(texts: list[str], codes: bytes) -> Texts:
    return Texts(None, from_codes(texts, codes), Coded(texts, np.frombuffer(codes, np.int32)))


def signs_of(cells: Sequence[str]) -> str:
    """A text in which every sign stands that is in a cell, and every sequence of signs; it may hold others too."""
    return cells.signs if isinstance(cells, Texts) else "".join(cells)


def different_texts(cells: Sequence[str]) -> Iterable[str]:
    """All texts that are in a cell, and perhaps others; some may come more than once."""
    return cells.different if isinstance(cells, Texts) else cells
