"""Hidden rows and columns: whoever hid them may not have meant them to be sent, and whoever looks does not see them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from loader.errors import SourceError
from loader.models.note import Note
from loader.source.batching import Block
from loader.source.reading import Hidden
from loader.source.structure import Spans, Structure
from loader.source.table import Header

_NAMED_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class HiddenParts:
    """
    What a table hides.

    Attributes:
        rows: How many rows with content.
        first_row: Row number of the first of them, 0 where there is none.
        filtered: Whether a filter has a condition.
        used: Columns that the template uses.
        unused: Columns with a header that it does not use.
    """

    rows: int
    first_row: int
    filtered: bool
    used: Sequence[Header]
    unused: Sequence[Header]

    @classmethod
    def of(
        cls,
        structure: Structure,
        headers: Sequence[Header],
        used: Sequence[Header],
        filled_rows: Iterator[int],
    ) -> "HiddenParts":
        """
        What a table hides.

        Args:
            structure: Of its sheet.
            headers: Of the table.
            used: Those that the template uses.
            filled_rows: Row numbers of the hidden rows with content, ascending.
        """
        hidden = [header for header in headers if header.index in structure.hidden_columns]
        first_row = next(filled_rows, 0)
        return cls(
            rows=bool(first_row) + sum(1 for _ in filled_rows),
            first_row=first_row,
            filtered=structure.filtered,
            used=[header for header in hidden if header in used],
            unused=[header for header in hidden if header not in used and header.name],
        )

    def require(self, where: str, hidden: Hidden) -> None:
        """
        Stop where nobody has said what is to become of what is hidden.

        Raises:
            SourceError: Rows are hidden and it is to be asked, or columns that the template uses are hidden and it has not been said
                that they be read.
        """
        rows = bool(self.rows) and hidden == "ask"
        columns = bool(self.used) and hidden != "include"
        if not rows and not columns:
            return
        found = [f"{_rows(self.rows)} (the first is row {self.first_row})"] if rows else []
        if columns:
            named = ", ".join(f'{header.letter} ("{header.name}")' for header in self.used[:_NAMED_AT_MOST])
            more = f" and {len(self.used) - _NAMED_AT_MOST} more" if len(self.used) > _NAMED_AT_MOST else ""
            count = "column" if len(self.used) == 1 else "columns"
            found.append(f"{count} {named}{more}, which the template uses")
        by_filter = "; a filter is active" if self.filtered and rows else ""
        skipping = ", `--hidden skip` leaves hidden rows out" if rows and not columns else ""
        raise SourceError(
            f"{where} hides {' and '.join(found)}{by_filter}",
            hint=f"`--hidden include` reads what is hidden{skipping}; or unhide everything, and save it again",
        )

    def notes(self, hidden: Hidden) -> Iterator[Note]:
        """What is told where the table is read."""
        if self.rows:
            became = "left out" if hidden == "skip" else "read as all others"
            by_filter = "; a filter is active" if self.filtered else ""
            message = f"hidden in the sheet, and {became}{by_filter}"
            yield Note(f"rows.hidden-{_PAST[hidden]}", message, self.rows, first_row=self.first_row)
        elif self.filtered:
            yield Note("rows.filter-hides-nothing", "a filter is active, but hides no row with content")
        for header in self.used:
            message = "the column is hidden in the sheet, and read as all others"
            yield Note("column.hidden-read", message, column=header.name, letter=header.letter)
        for header in self.unused:
            message = "the column is hidden in the sheet, and not used by the template"
            yield Note("column.hidden-unused", message, column=header.name, letter=header.letter)


_PAST: Mapping[Hidden, str] = {"ask": "read", "include": "read", "skip": "left-out"}


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def without_hidden(blocks: Iterator[Block], hidden: Spans) -> Iterator[Block]:
    """The blocks without hidden rows, which count neither as rows nor as blank ones."""
    for block in blocks:
        if not block.rows:
            yield block
            continue
        spans = hidden.within(block.rows[0], block.rows[-1])
        left_out = [
            position
            for span in spans
            for position in range(bisect_left(block.rows, span.start), bisect_left(block.rows, span.stop))
        ]
        if not left_out:
            yield block
            continue
        kept = block.without(left_out)
        rows = sorted([*block.left_out, *(block.rows[position] for position in left_out)])
        yield replace(kept, left_out=rows)
