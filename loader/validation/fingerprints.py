"""
Numbers that tell rows apart, for whole columns at once.

The cells of a row are laid one behind the other, each with a sign at its end, and filled up with zero bytes to a multiple of eight. Each
eight bytes are mixed with the place at which they stand, by a function that gives other numbers for other bytes and lets each of their
bits change about half of the result's; the sum over a row is its number.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loader.source.arrow_texts import from_bytes, side_by_side
from loader.source.texts import Texts

_END: Final = "\x1f"
_ESCAPE: Final = "\x1e"
_WORD_BYTES: Final = 8
# By what stands before it in its word.
_LAST: Final = [_END + "\0" * fill for fill in reversed(range(_WORD_BYTES))]
_KINDS: Final = 256
_ROWS_AT_ONCE: Final = 2_048  # what is made of them on the way stays in the processor's cache
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio, odd


def fingerprints(
    columns: Sequence[Sequence[str]], seeds: Sequence[int], kinds: Sequence[bytes | None] = ()
) -> list[NDArray[np.uint64]]:
    """
    Numbers of 64 bits, one for each row and seed.

    Rows with the same cells have the same numbers, in whatever form of column, batch and process they come. Two other rows share a number
    with a probability of about 2**-64, and numbers of several seeds independently of each other. Who looks for such rows finds them: it is
    no digest.

    Args:
        columns: At least one; of each the cells of all rows.
        seeds: From 0; the numbers of one seed are compared with one another alone.
        kinds: For each column one byte (`Kind`) for each row, or None where all are text.
    """
    content, ends = _in_words(columns)
    words, salts = np.frombuffer(content, "<u8"), _mixed(np.array(seeds, np.uint64))
    found = [_of_kinds(kinds, len(ends)) for _ in seeds]
    first = 0
    for begin in range(0, len(ends), _ROWS_AT_ONCE):
        rows = slice(begin, begin + _ROWS_AT_ONCE)
        sizes = np.diff(ends[rows], prepend=first)
        starts, last = ends[rows] - sizes - first, ends[rows][-1]
        places = (np.arange(last - first) - np.repeat(starts, sizes)).astype(np.uint64) * _GOLDEN
        for of_seed, salt in zip(found, salts, strict=True):
            of_seed[rows] += np.add.reduceat(_mixed(words[first:last] ^ (places + salt)), starts)
        first = last
    return found


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """
    Each number as another, with its bits spread over all of them.

    The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, with the constants of
    Stafford's variant 13).
    """
    mixed = numbers + _GOLDEN
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _of_kinds(kinds: Sequence[bytes | None], count: int) -> NDArray[np.uint64]:
    """What the kinds of its cells add to the number of each row; cells of text add nothing."""
    found = np.zeros(count, np.uint64)
    for number, of_cells in enumerate(kinds, 1):
        if of_cells is not None:
            numbers = _mixed(np.arange(number * _KINDS, (number + 1) * _KINDS, dtype=np.uint64) * _GOLDEN)
            numbers[0] = 0
            found += numbers[np.frombuffer(of_cells, np.uint8)]
    return found


def _in_words(columns: Sequence[Sequence[str]]) -> tuple[bytes | memoryview, NDArray[np.int64]]:
    """The cells of all rows, filled up, and for each row the word at which it ends; other rows have other words."""
    content, ends = _laid_out(columns)
    signs = np.frombuffer(content, np.uint8)
    ends_of_cells = np.count_nonzero(signs == ord(_END))
    if ends_of_cells > len(columns) * len(ends) or (signs == ord(_ESCAPE)).any():
        content, ends = _laid_out([[_escaped(cell) for cell in cells] for cells in columns])
    return content, ends // _WORD_BYTES


def _escaped(cell: str) -> str:
    """A cell without the sign that ends it; other cells give other texts."""
    return cell.replace(_ESCAPE, _ESCAPE + "0").replace(_END, _ESCAPE + "1")


def _laid_out(columns: Sequence[Sequence[str]]) -> tuple[bytes | memoryview, NDArray[np.int64]]:
    """The bytes of all rows, and where each of them ends."""
    known = [cells for cells in columns if isinstance(cells, Texts) and cells.is_sound]
    if len(known) == len(columns):
        return _columns_laid_out(known)
    rows = list(map(_END.join, zip(*columns, strict=True)))
    if not "".join(rows).isascii():  # from here on a character is a byte
        rows = [row.encode(errors="surrogatepass").decode("latin-1") for row in rows]
    filled = [row + _LAST[len(row) % _WORD_BYTES] for row in rows]
    ends = np.cumsum(np.fromiter(map(len, filled), np.int64, len(filled)))
    return "".join(filled).encode("latin-1"), ends


def _columns_laid_out(columns: Sequence[Texts]) -> tuple[memoryview, NDArray[np.int64]]:
    """The same, by Arrow."""
    count = len(columns[0])
    sizes = sum((cells.lengths for cells in columns), np.full(count, len(columns)))
    fill = np.zeros(count + 1, np.int64)
    np.cumsum(-sizes % _WORD_BYTES, out=fill[1:])
    zeros = from_bytes(fill.tobytes(), bytes(fill[-1]))
    content = side_by_side([*(cells.arrow for cells in columns), zeros], _END)
    ends = np.cumsum(sizes) + fill[1:]
    return content[: ends[-1] if count else 0], ends
