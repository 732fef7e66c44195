"""What a sheet says beside its cells: what it hides, what it filters, and which cells are merged."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from loader.source.table import column_letter


class Area(NamedTuple):
    """
    A rectangle of cells.

    Attributes:
        first_row: Row number of the user.
        first_column: Position from 0.
        last_row: Included.
        last_column: Included.
    """

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        first, last = column_letter(self.first_column), column_letter(self.last_column)
        return f"{first}{self.first_row}:{last}{self.last_row}"


@dataclass(frozen=True, slots=True)
class Spans:
    """
    Numbers, as ascending spans that do not touch: a million hidden rows are one.

    Attributes:
        pairs: First and last number of each, both included.
    """

    pairs: Sequence[tuple[int, int]] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> "Spans":
        """From spans in any order, which may touch and overlap."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(pairs):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(merged)

    def within(self, first: int, last: int) -> Iterator[range]:
        """What of them lies from *first* to *last*, both included, span by span."""
        start = bisect_left(self.pairs, first, key=lambda pair: pair[1])
        for begin, end in self.pairs[start:]:
            if begin > last:
                return
            yield range(max(begin, first), min(end, last) + 1)

    def __contains__(self, number: int) -> bool:
        return any(self.within(number, number))

    def __bool__(self) -> bool:
        return bool(self.pairs)


@dataclass(frozen=True, slots=True)
class Structure:
    """
    What a sheet says beside its cells.

    Attributes:
        hidden_rows: Row numbers, whoever hid them: the user or a filter.
        hidden_columns: Positions from 0.
        filtered: Whether a filter has a condition.
        merged: Areas of merged cells, only the first cell of which holds a value, by first row.
    """

    hidden_rows: Spans = Spans()
    hidden_columns: Spans = Spans()
    filtered: bool = False
    merged: Sequence[Area] = ()


@dataclass(slots=True)
class Gathering:
    """
    The structure of one sheet while it is read, part by part.

    Attributes:
        rows: First and last number of hidden rows, in any order.
        columns: First and last position of hidden columns.
        merged: Areas of merged cells.
        filtered: Whether a filter has a condition.
    """

    rows: list[tuple[int, int]] = field(default_factory=list)
    columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    filtered: bool = False

    def found(self) -> Structure:
        """What all the parts said."""
        return Structure(Spans.of(self.rows), Spans.of(self.columns), self.filtered, sorted(self.merged))
