"""One column of a file, batch by batch: kinds of cells, what texts look like, how many are different, from where to where they go."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from loader.inspection.figures import Cells, Figures
from loader.inspection.looks import Look, Looks
from loader.source.table import Header, Kind
from loader.source.texts import Coded, Texts

DISTINCT_AT_MOST: Final = 10_000
"""Beyond so many different texts of a column nothing is counted but that there are more."""
EXAMPLES: Final = 3

_KNOWN_AT_MOST: Final = 1_000
_BLANK_SIGNS: Final = " \t\n\r\v\f\0\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_ONLY: Final = {kind: bytes(kind == other for other in range(256)) for kind in Kind}
"""For each kind, what turns the kinds of cells into ones where they are of that kind."""


class ColumnReader:
    """
    Collects what is in one column.

    Args:
        header: The column.
        looks: Shared by the columns of a file.
        typed: Whether the file knows numbers and dates; else texts are told by what they look like.

    Attributes:
        header: The column.
    """

    def __init__(self, header: Header, looks: Looks, *, typed: bool) -> None:
        self.header = header
        self._figures = Figures(typed)
        self._looks = looks
        self._different: set[str] | None = set()  # None: too many
        self._examples: dict[str, int] = {}
        self._known: dict[str, int] = {}  # texts that may come again and again, with their first rows
        self._again: Counter[str] = Counter()  # cells of these that are not in the figures yet

    @property
    def figures(self) -> Figures:
        """What all cells come to."""
        if self._again:
            self._figures.add_texts(self._of_known(self._again), self._looks)
            self._again = Counter()
        return self._figures

    @property
    def distinct(self) -> int:
        """How many different texts there are, blank ones aside, at most one more than `DISTINCT_AT_MOST`."""
        figures = self.figures
        if self._different is None:
            return DISTINCT_AT_MOST + 1
        if Look.BLANK not in figures.looks:
            return len(self._different)
        return sum(bool(text.strip(_BLANK_SIGNS)) for text in self._different)

    @property
    def examples(self) -> list[str]:
        """The first different texts, without the white space around them."""
        return sorted(self._examples, key=self._examples.__getitem__)[:EXAMPLES]

    def add(
        self,
        rows: Sequence[int],
        texts: Sequence[str],
        kinds: bytes | None,
        numbers: NDArray[np.int64] | None = None,
    ) -> None:
        """
        Cells of the column.

        Args:
            rows: Row numbers of the user, ascending, and above those that came before.
            texts: One for each row.
            kinds: One byte (`Kind`) for each row, None where all are text.
            numbers: The row numbers once more, for all columns at once; None to have them made.
        """
        if kinds is None and isinstance(texts, Texts) and texts.coded and self._all_known(texts.coded):
            return
        if len(self._examples) < EXAMPLES:
            self._take_examples(texts, rows)
        for kind in sorted(set(kinds)) if kinds else (Kind.TEXT,):
            of_rows, of_kind = rows, texts
            if kinds and kinds.count(kind) < len(kinds):
                mask = kinds.translate(_ONLY[Kind(kind)])
                of_rows, of_kind = list(compress(rows, mask)), list(compress(texts, mask))
            if kind != Kind.TEXT:
                self._figures.add_typed(Kind(kind), of_kind, of_rows)
                self._count_different(of_kind)
            else:
                if numbers is None or of_rows is not rows:
                    numbers = np.array(of_rows, np.int64)
                cells = _counted(Texts.of(of_kind), numbers)
                self._figures.add_texts(cells, self._looks)
                self._count_different(cells.texts)
                if cells.counts is not None and len(self._known) + len(cells.rows) <= _KNOWN_AT_MOST:
                    self._known = dict(zip(cells.texts, cells.rows.tolist(), strict=True)) | self._known

    def merge(self, other: Self) -> None:
        """Take in what came of other rows, which another reader of the same column has read."""
        self._figures.merge(other.figures)
        for text, row in other._examples.items():
            self._examples[text] = min(row, self._examples.get(text, row))
        if other._different is None:
            self._different = None
        else:
            self._count_different(other._different)

    def _all_known(self, coded: Coded) -> bool:
        """Whether all texts came before, so that there is nothing to do but to count them; they are counted then."""
        if not all(map(self._known.__contains__, coded.texts)):
            return False
        counts = np.bincount(coded.codes, minlength=len(coded.texts)).tolist()
        for text, cells in zip(coded.texts, counts, strict=True):
            self._again[text] += cells
        return True

    def _of_known(self, counts: Counter[str]) -> Cells:
        texts = [text for text, cells in counts.items() if cells]
        rows = np.array([self._known[text] for text in texts], np.int64)
        return Cells(Texts.of(texts), np.array([counts[text] for text in texts], np.intp), rows)

    def _count_different(self, texts: Iterable[str]) -> None:
        """Remember different texts, as far as they are counted."""
        if self._different is None:
            return
        self._different.update(texts)
        if len(self._different) > DISTINCT_AT_MOST and self.distinct > DISTINCT_AT_MOST:
            self._different = None

    def _take_examples(self, texts: Sequence[str], rows: Sequence[int]) -> None:
        coded = texts.coded if isinstance(texts, Texts) else None
        for text in coded.tally()[0] if coded else dict.fromkeys(texts):
            bare = text.strip()
            if bare and bare not in self._examples:
                self._examples[bare] = rows[texts.index(text)]
                if len(self._examples) == EXAMPLES:
                    return


def _counted(texts: Texts, rows: NDArray[np.int64]) -> Cells:
    """The cells of a batch, those with the same text together where that is known."""
    if texts.coded is None:
        return Cells(texts, None, rows)
    different, cells, firsts = texts.coded.tally()
    return Cells(Texts.of(different), cells, rows[firsts])
