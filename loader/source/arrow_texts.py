"""Texts as Arrow keeps them: the bytes of all of them in a row, and where each ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from loader.source.arrow import arrow

if TYPE_CHECKING:
    import pyarrow as pa

_BYTES_OF_END: Final = 8


def in_arrow(cells: Sequence[str]) -> pa.LargeStringArray:
    """
    Texts as Arrow keeps them. From a list Arrow would make the same, but import pandas first, which small files need not pay.

    Raises:
        UnicodeEncodeError: A text holds half of a pair of surrogates.
        TypeError: A cell is no text.
    """
    pa = arrow()

    content = "".join(cells)
    sizes: Iterable[int] = map(len, cells)
    if not content.isascii():
        sizes = [len(cell.encode()) for cell in cells]
    ends = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(np.fromiter(sizes, np.int64, len(cells)), out=ends[1:])
    return pa.LargeStringArray.from_buffers(len(cells), pa.py_buffer(ends), pa.py_buffer(content.encode()))


def from_bytes(ends: bytes, content: bytes) -> pa.LargeStringArray:
    """Texts from where each ends in the bytes of all, as numbers of 64 bits, after a 0; and those bytes, in UTF-8."""
    pa = arrow()

    count = len(ends) // _BYTES_OF_END - 1
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(content))


def from_codes(texts: Sequence[str], codes: bytes) -> pa.LargeStringArray:
    """Texts that repeat themselves, from the different ones and the position of each in these, as numbers of 32 bits."""
    pa = arrow()

    count = len(codes) // 4
    return in_arrow(texts).take(pa.Array.from_buffers(pa.int32(), count, [None, pa.py_buffer(codes)]))


def side_by_side(columns: Sequence[pa.LargeStringArray], between: str) -> memoryview:
    """The bytes of all rows, one behind the other: of each row the cells of the columns, at least one, with a sign between them."""
    import pyarrow.compute as pc  # noqa: PLC0415  (where there are columns, most of it is loaded)

    (sign,) = in_arrow([between])
    content = pc.binary_join_element_wise(*columns, sign).buffers()[2]
    return memoryview(b"" if content is None else content)


def with_behind(column: pa.LargeStringArray, sign: str) -> pa.LargeStringArray:
    """Each text with a sign behind it."""
    import pyarrow.compute as pc  # noqa: PLC0415

    (behind,), (between,) = in_arrow([sign]), in_arrow([""])
    return pc.binary_join_element_wise(column, behind, between)


def in_numbers(column: pa.LargeStringArray, *, behind: str = "") -> NDArray[np.float64]:
    """
    The binary numbers nearest to what the texts say.

    Args:
        column: Numbers as programs write them: for `float`, white space may stand around one, and is an error here.
        behind: Signs that may stand behind them.
    """
    import pyarrow.compute as pc  # noqa: PLC0415

    bare = pc.utf8_rtrim(column, characters=behind) if behind else column
    # `to_numpy` would import pandas.
    numbers = bare.cast(arrow().float64())
    return np.frombuffer(numbers.buffers()[1], np.float64, len(numbers), 8 * numbers.offset)


def mask(which: NDArray[np.bool_]) -> pa.BooleanArray:
    """Marks as Arrow keeps them, made like `in_arrow`."""
    pa = arrow()

    bits = pa.py_buffer(np.packbits(which, bitorder="little"))
    return pa.BooleanArray.from_buffers(pa.bool_(), len(which), [None, bits])
