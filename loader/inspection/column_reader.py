"""One column of a file, batch by batch: kinds of cells, what texts look like, how many are different, from where to where they go."""

from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from loader.inspection.different_texts import DifferentTexts
from loader.inspection.figures import Figures
from loader.inspection.looks import Look, Looks
from loader.inspection.text_cells import Cells
from loader.source.table import Header, Kind
from loader.source.texts import Texts
from loader.source.texts_on_demand import Coded

DISTINCT_AT_MOST: Final = 10_000
"""Beyond so many different texts of a column nothing is counted but that there are more."""
EXAMPLES: Final = 3

_KNOWN_AT_MOST: Final = 1_000
_UNKNOWN: Final = -1
_FEWEST_AGAIN: Final = 4
"""Cells that hold a text on average, where cells with the same text are looked at together."""
_BLANK_SIGNS: Final = " \t\n\r\v\f\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


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
        self._different = DifferentTexts()  # but for days, which the figures keep
        self._examples: dict[str, int] = {}
        # Texts that may come again and again, each with its place in the next two.
        self._known: dict[str, int] = {}
        self._known_rows: list[int] = []  # in which they came first
        self._again = np.zeros(_KNOWN_AT_MOST, np.int64)  # cells of them that are not in the figures yet

    @property
    def figures(self) -> Figures:
        """What all cells come to."""
        self._add_known()
        return self._figures

    def __getstate__(self) -> dict[str, Any]:
        """All that there is, every cell counted: what that takes is loaded here, and nothing else may need it in another process."""
        self._add_known()
        return vars(self)

    @property
    def distinct(self) -> int:
        """How many different texts there are, blank ones aside, at most one more than `DISTINCT_AT_MOST`."""
        figures = self.figures
        days = figures.dates.days
        different = self._different.texts
        if different is None or len(days) > DISTINCT_AT_MOST:
            return DISTINCT_AT_MOST + 1
        if len(days):
            different = different.union(days.texts())
        if Look.BLANK in figures.looks:
            different = {text for text in different if text.strip(_BLANK_SIGNS)}
        return min(len(different), DISTINCT_AT_MOST + 1)

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
        column = Texts.of(texts)
        if numbers is None:
            numbers = np.array(rows, np.int64)
        for kind in sorted(set(kinds)) if kinds else (Kind.TEXT,):
            of_kind, of_rows = column, numbers
            if kinds and kinds.count(kind) < len(kinds):
                which = np.frombuffer(kinds, np.uint8) == kind
                of_kind, of_rows = column.only(which), numbers[which]
            cells = _counted(of_kind, of_rows)
            if kind != Kind.TEXT:
                self._figures.add_typed(Kind(kind), cells)
                self._different.add(cells.texts)
                continue
            days = self._figures.add_texts(cells, self._looks)
            if days is None or not days.all():
                self._different.add(cells.texts if days is None else cells.only(~days).texts)
            if cells.counts is not None:
                self._know(cells)
        self._bound()

    def merge(self, other: Self) -> None:
        """Take in what came of other rows, which another reader of the same column has read."""
        self._figures.merge(other.figures)
        for text, row in other._examples.items():
            self._examples[text] = min(row, self._examples.get(text, row))
        self._different.merge(other._different)
        self._bound()

    def _all_known(self, coded: Coded) -> bool:
        """Whether all texts came before, so that there is nothing to do but to count them; they are counted then."""
        if len(coded.texts) > _KNOWN_AT_MOST:
            return False
        places = list(map(self._known.get, coded.texts, repeat(_UNKNOWN)))
        if _UNKNOWN in places:
            return False
        self._again[places] += np.bincount(coded.codes, minlength=len(places))
        return True

    def _know(self, cells: Cells) -> None:
        """Know the texts from now on, unless they are too many."""
        if len(cells.rows) > _KNOWN_AT_MOST:
            return
        new = [at for at, text in enumerate(cells.texts) if text not in self._known]
        if len(self._known) + len(new) <= _KNOWN_AT_MOST:
            self._known |= {cells.texts[at]: place for place, at in enumerate(new, len(self._known))}
            self._known_rows += cells.rows[new].tolist()

    def _add_known(self) -> None:
        """Count the cells with known texts, if there are more of them."""
        there = np.flatnonzero(self._again)
        if not len(there):
            return
        texts = list(self._known)
        rows = np.array(self._known_rows, np.int64)[there]
        cells = Cells(Texts.of([texts[place] for place in there.tolist()]), self._again[there], rows)
        self._figures.add_texts(cells, self._looks)
        self._again[:] = 0

    def _bound(self) -> None:
        """Forget different texts that are more than are counted."""
        different = self._different.texts
        if different is not None and len(different) > DISTINCT_AT_MOST and self.distinct > DISTINCT_AT_MOST:
            self._different.forget()

    def _take_examples(self, texts: Sequence[str], rows: Sequence[int]) -> None:
        coded = texts.coded if isinstance(texts, Texts) else None
        for text in coded.tally()[0] if coded else dict.fromkeys(texts):
            bare = text.strip()
            if bare and bare not in self._examples:
                self._examples[bare] = rows[texts.index(text)]
                if len(self._examples) == EXAMPLES:
                    return


def _counted(texts: Texts, rows: NDArray[np.int64]) -> Cells:
    """The cells of a batch, those with the same text together where it is known which, and worth the while."""
    if texts.coded is None or _FEWEST_AGAIN * len(texts.coded.texts) > len(texts):
        return Cells(texts, None, rows)
    different, cells, firsts = texts.coded.tally()
    return Cells(Texts.of(different), cells, rows[firsts])
