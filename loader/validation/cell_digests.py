"""Digests of the cells that rows were read from, which prove that a file still says what it said."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from loader.models.content import digests_of
from loader.source.arrow_texts import side_by_side
from loader.source.texts import Texts

_CELL_END: Final = "\x1f"


def hash_of_cells(secret: bytes, cells: Iterable[str]) -> bytes:
    """Digest of texts, 16 bytes."""
    return next(digests_of(b"", [_encoded(cells)], secret))


def hashes_of_rows(secret: bytes, columns: Sequence[Sequence[str]]) -> list[bytes]:
    """
    The same of the cells of each row.

    Args:
        secret: Key of the digests, b"" for none.
        columns: At least one; of each the cells of all rows.
    """
    known = [cells for cells in columns if isinstance(cells, Texts) and cells.is_sound]
    rows = (
        _encoded_by_arrow(known) if len(known) == len(columns) else map(_encoded, zip(*columns, strict=True))
    )
    return list(digests_of(b"", rows, secret))


def _encoded(cells: Iterable[str]) -> bytes:
    return _CELL_END.join(cells).encode(errors="surrogatepass")


def _encoded_by_arrow(columns: Sequence[Texts]) -> Iterator[bytes]:
    """The same of each row, without texts of Python, which hardly anybody else asks for."""
    sizes = sum((cells.lengths for cells in columns), np.full(len(columns[0]), len(columns) - 1))
    content = bytes(side_by_side([cells.arrow for cells in columns], _CELL_END))
    return (content[begin:end] for begin, end in pairwise([0, *np.cumsum(sizes).tolist()]))
