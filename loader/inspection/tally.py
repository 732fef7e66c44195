"""Different texts, each with how many cells hold it and in which row it stands first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Self

_FEW: Final = 8


class Tally:
    """
    Counts texts.

    Attributes:
        cells: How many cells hold each.
        rows: The row number of the first of them.
    """

    __slots__ = ("cells", "rows")

    def __init__(self) -> None:
        self.cells: Counter[str] = Counter()
        self.rows: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.cells)

    def add(self, texts: Iterable[str], cells: Iterable[int], rows: Iterable[int]) -> None:
        """Texts with how many cells hold each, and the row of the first of these."""
        counted, first = self.cells, self.rows
        for text, of_text, row in zip(texts, cells, rows, strict=True):
            if text not in first:
                counted[text], first[text] = of_text, row
                continue
            counted[text] += of_text
            first[text] = min(first[text], row)

    def add_new(self, texts: Sequence[str], cells: Sequence[int], rows: Sequence[int]) -> None:
        """The same for different texts, none of which came before."""
        self.cells.update(dict(zip(texts, cells, strict=True)))
        self.rows.update(zip(texts, rows, strict=True))

    def add_cells(self, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Cells one by one, with their rows, which are ascending and follow those that came before."""
        before = len(self.cells)
        self.cells.update(texts)
        new = len(self.cells) - before
        if not new:
            return
        found = list(islice(reversed(self.cells), new))
        if new < _FEW:
            self.rows.update((text, rows[texts.index(text)]) for text in found)
        else:
            first = dict(zip(reversed(texts), reversed(rows), strict=True))
            self.rows.update(zip(found, map(first.__getitem__, found), strict=True))

    def merge(self, other: Self) -> None:
        """Take in what was counted in other rows."""
        self.add(other.cells, other.cells.values(), map(other.rows.__getitem__, other.cells))

    def by_row(self) -> Iterator[tuple[str, int]]:
        """The texts and their rows, in the order of the file."""
        return iter(sorted(self.rows.items(), key=lambda item: item[1]))

    def keep_first(self, count: int) -> None:
        """Forget all but the texts that come first."""
        self.rows = dict(islice(self.by_row(), count))
        self.cells = Counter({text: self.cells[text] for text in self.rows})
