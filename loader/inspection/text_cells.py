"""Cells of a column that are text, by their shapes and by what is odd about them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loader.mapping.repairs import UNSEEN, WORDS_LIKE_NULL
from loader.mapping.texts import ERROR_WORDS
from loader.source.texts import Texts
from loader.source.texts_on_demand import first_of_each

_SAYS_NOTHING: Final = WORDS_LIKE_NULL.union(("n.a.", "N.A.", "-", "--", "?"))
_ODD_WORDS: Final = {"nothing": _SAYS_NOTHING, "errors": ERROR_WORDS}


@dataclass(slots=True)
class Found:
    """Cells of which something is true: how many, and the row number of the first."""

    cells: int
    first_row: int


class Cells(NamedTuple):
    """
    Cells of one kind.

    Attributes:
        texts: Their texts.
        counts: How many cells hold each, None for one.
        rows: The row number of the first of these; ascending where each text is one cell.
    """

    texts: Texts
    counts: NDArray[np.intp] | None
    rows: NDArray[np.int64]

    def only(self, which: NDArray[np.bool_]) -> "Cells":
        """Those that are marked."""
        if which.all():
            return self
        counts = None if self.counts is None else self.counts[which]
        return Cells(self.texts.only(which), counts, self.rows[which])

    def row_of(self, text: str) -> int:
        """The row number of the first cell with a text."""
        return int(self.rows[self.texts.index(text)])

    def at(self, positions: Sequence[int] | slice) -> Found:
        """Those at some positions, of which there is at least one."""
        rows = self.rows[positions]
        cells = len(rows) if self.counts is None else int(self.counts[positions].sum())
        return Found(cells, int(rows.min()))


class Alike(NamedTuple):
    """The texts of one shape: its position, how many cells they are, and the first row."""

    code: int
    cells: int
    first_row: int


def by_shape(cells: Cells) -> Iterable[Alike]:
    """The cells by their shapes, in the order of these."""
    shapes = cells.texts.shapes
    count = len(shapes.shapes)
    if count == 1:
        found = cells.at(slice(None))
        return [Alike(0, found.cells, found.first_row)]
    sums = np.bincount(shapes.codes, cells.counts, count).astype(np.int64)
    if cells.counts is None:  # in the order of the file
        firsts = cells.rows[first_of_each(shapes.codes, count)]
    else:
        firsts = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(firsts, shapes.codes, cells.rows)
    return map(Alike, range(count), sums.tolist(), firsts.tolist())


def odd_texts(cells: Cells) -> Iterator[tuple[str, list[int]]]:
    """Texts that are not what they seem, by their positions."""
    texts = cells.texts
    for name, odd in _words_by_shape().items():
        codes = [code for code, shape in enumerate(texts.shapes.shapes) if shape in odd]
        words = _ODD_WORDS[name]
        likely = np.flatnonzero(texts.shapes.are(codes)).tolist() if codes else ()
        if found := [at for at in likely if texts[at] in words]:
            yield name, found
    beyond = texts.beyond_ascii.tolist()
    edged = range(len(texts)) if texts.is_spaced else beyond
    if spaced := [at for at in edged if (text := texts[at]) != text.strip() and not text.isspace()]:
        yield "spaced", spaced
    if unseen := [at for at in beyond if UNSEEN.search(texts[at])]:
        yield "invisible", unseen


@cache
def _words_by_shape() -> dict[str, frozenset[bytes]]:
    """The shapes that odd words have."""
    return {name: frozenset(Texts.of(sorted(words)).shapes.shapes) for name, words in _ODD_WORDS.items()}
