"""What texts are made of, whatever their letters and digits are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loader.source.arrow import arrow

ZERO: Final = b"\x01"
"""Stands in a shape for a zero that begins the text."""


_ASCII: Final = 128
SHAPE_OF: Final = bytes(
    ord("9") if byte < _ASCII and chr(byte).isdigit() else
    ord("e") if chr(byte) in "eE" else
    ord("a") if byte >= _ASCII or chr(byte).isalpha() else
    ord("?") if byte in (0, ZERO[0]) else byte
    for byte in range(256)
)  # fmt: skip
"""For each byte of a text the one that stands for it in a shape."""
_CURRENCIES: Final = ((b"USD", b"$"), (b"EUR", b"$"), ("€".encode(), b"$"), ("£".encode(), b"$"))
_SPACES: Final = tuple(sign.encode() for sign in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
OF_SEVERAL_BYTES: Final = (*dict(_CURRENCIES), *_SPACES)
"""What stands in a shape for one byte where it is several in the text."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """
    What the texts of a column are made of: each digit is 9, an e is e, any other letter a, and a zero that begins a text `ZERO`.

    Currencies are `$`, and no-break spaces spaces.

    Attributes:
        shapes: The different ones.
        codes: For each cell the position of its shape.
        exact: How many of the shapes, from the first on, have a sign for each byte of their texts. One behind them may be the same as one
            of these.
    """

    shapes: list[bytes]
    codes: NDArray[np.int32]
    exact: int

    def are(self, codes: Sequence[int]) -> NDArray[np.bool_]:
        """Which cells have one of some shapes, given by their positions."""
        wanted = np.zeros(len(self.shapes), np.bool_)
        wanted[codes] = True
        found: NDArray[np.bool_] = wanted[self.codes]
        return found

    def with_written_out(self, cells: NDArray[np.intp], texts: Sequence[str]) -> "Shapes":
        """The same where the texts of some cells hold signs of several bytes."""
        known, codes = len(self.shapes), self.codes.copy()
        others = [_written_out(text) for text in texts]
        code_of = {shape: code for code, shape in enumerate(dict.fromkeys(others), known)}
        codes[cells] = [code_of[shape] for shape in others]
        exact = np.flatnonzero(np.bincount(codes, minlength=known)[:known])  # those that are still there
        new_codes = np.zeros(known + len(code_of), np.int32)
        new_codes[exact] = np.arange(len(exact))
        new_codes[known:] = np.arange(len(exact), len(exact) + len(code_of))
        return Shapes(
            [*(self.shapes[code] for code in exact.tolist()), *code_of], new_codes[codes], len(exact)
        )


def shapes_but_for_zeros(shape: bytes, zeros: NDArray[np.bool_]) -> Shapes:
    """
    The shapes of texts that are all of one shape, but that some begin with a zero.

    Args:
        shape: Theirs, with a 9 for such a zero.
        zeros: For each text whether it begins with one; there is at least one text.
    """
    first, other = ZERO + shape[1:], shape
    if not zeros[0]:
        first, other = other, first
    codes = (zeros != zeros[0]).astype(np.int32)
    shapes = [first, other] if codes.any() else [first]
    return Shapes(shapes, codes, len(shapes))


def shapes_of_any(shaped: bytes, zeros: NDArray[np.int64], ends: NDArray[np.int64]) -> Shapes:
    """
    The shapes of any texts.

    Args:
        shaped: The shapes of all of them, one behind the other.
        zeros: Where in these the zeros are with which texts begin.
        ends: Where the first text begins and where each ends.
    """
    pa = arrow()
    signs = np.frombuffer(bytearray(shaped), np.uint8)
    signs[zeros] = ZERO[0]
    buffers = [None, pa.py_buffer(np.ascontiguousarray(ends)), pa.py_buffer(signs)]
    found = pa.Array.from_buffers(pa.large_binary(), len(ends) - 1, buffers, 0).dictionary_encode()
    shapes = found.dictionary.to_pylist()
    if not shapes:
        return Shapes(shapes, np.zeros(0, np.int32), 0)
    return Shapes(shapes, np.frombuffer(found.indices.buffers()[1], np.int32, len(ends) - 1), len(shapes))


def _written_out(text: str) -> bytes:
    """The shape of a text of which several bytes become one."""
    content = text.encode("utf-8", "replace")
    for space in _SPACES:
        content = content.replace(space, b" ")
    for written, sign in _CURRENCIES:
        content = content.replace(written, sign)
    shape = content.translate(SHAPE_OF)
    return ZERO + shape[1:] if content.startswith(b"0") else shape
