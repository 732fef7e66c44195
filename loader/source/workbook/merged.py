"""Merged cells below the headers: the first alone holds a value, and nobody can tell whether it is meant for all of them."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from loader.errors import SourceError
from loader.models.note import Note
from loader.source.batching import Block
from loader.source.structure import Area
from loader.source.table import BadRow, Header, Kind

_NAMED_AT_MOST = 5
_Covered = list[tuple[Area, range]]
"""Merged areas that reach into a block, each with the positions of its rows there."""


class MergedHeadersError(SourceError):
    """Headers are merged with cells below, so that they may take up more rows than is known."""


@dataclass(frozen=True, slots=True)
class Merged:
    """
    The merged cells of a table that matter.

    Attributes:
        areas: Below the headers, by first row.
        columns: Positions of the columns whose cells matter: those that the template uses.
        fill: Whether each cell has the value of the first; otherwise the rows of the other cells are refused.
    """

    areas: Sequence[Area]
    columns: Collection[int]
    fill: bool

    @classmethod
    def of(
        cls, areas: Sequence[Area], header_row: int, columns: Collection[int], where: str, *, fill: bool
    ) -> "Merged":
        """
        Of all the merged cells of a sheet those that matter.

        Args:
            areas: Of the sheet, by first row.
            header_row: Row number of the headers.
            columns: As in the class.
            where: File and sheet, for the message.
            fill: As in the class.

        Raises:
            SourceError: A header is merged with cells below the headers.
        """
        found = [
            area
            for area in areas
            if area.last_row > header_row
            and any(area.first_column <= column <= area.last_column for column in columns)
        ]
        across = [area for area in found if area.first_row <= header_row]
        if across:
            named = ", ".join(map(str, across[:_NAMED_AT_MOST])) + (
                ", ..." if len(across) > _NAMED_AT_MOST else ""
            )
            raise MergedHeadersError(
                f"{where}, row {header_row}: headers are merged with cells below ({named})",
                hint="if the headers take up several rows, say which in the template, as in `rows: {header: [1, 2]}`; "
                "else unmerge the cells",
            )
        return cls(found, columns, fill)

    def laid(self, blocks: Iterator[Block], headers: Sequence[Header]) -> Iterator[Block]:
        """
        The blocks, with the cells filled or their rows refused.

        Args:
            blocks: In the order of the file.
            headers: Of the table.
        """
        reaching = _Reaching(deque(self.areas))
        values: dict[Area, tuple[str, int]] = {}
        for block in blocks:
            covered = reaching.into(block)
            for area, positions in covered:
                first = positions.start
                if block.rows[first] == area.first_row and area.first_column < len(headers):
                    values[area] = _value_of(block, first, area.first_column)
            valued = [(area, rows) for area, rows in covered if values.get(area, ("",))[0].strip()]
            if not valued:
                yield block
            elif self.fill:
                yield _filled(block, valued, values, headers)
            else:
                yield self._refused(block, valued)

    def _refused(self, block: Block, covered: _Covered) -> Block:
        """The block without the rows in which a cell that matters has no value of its own."""
        found: dict[int, BadRow] = {}
        for area, positions in covered:
            among = [c for c in self.columns if area.first_column <= c <= area.last_column]
            for position in positions:
                row = block.rows[position]
                if any((row, column) != (area.first_row, area.first_column) for column in among):
                    cells = tuple(column[position] for column in block.columns)
                    found.setdefault(position, BadRow(row, _reason(area), cells, "row.merged", _ADVICE))
        found |= block.bad_rows
        columns = [
            ["" if position in found else text for position, text in enumerate(column)]
            for column in block.columns
        ]
        return replace(block, columns=columns, bad_rows=dict(sorted(found.items())))


def _value_of(block: Block, position: int, column: int) -> tuple[str, int]:
    """Text and kind of a cell; of a row that does not fit under the headers too, whose cells stand aside."""
    bad, kinds = block.bad_rows.get(position), block.kinds[column]
    text = bad.cells[column] if bad else block.columns[column][position]
    return text, kinds[position] if kinds else Kind.TEXT


def _reason(area: Area) -> str:
    return f"the cells {area} are merged and hold one value together"


_ADVICE = "unmerge them and give each its own, or say `rows: {merged: fill}` in the template if the value is meant for all of them"


def _filled(
    block: Block, covered: _Covered, values: dict[Area, tuple[str, int]], headers: Sequence[Header]
) -> Block:
    """The block with the values of first cells in all cells that are merged with them."""
    columns = list(block.columns)
    kinds = list(block.kinds)
    notes = []
    for area, positions in covered:
        text, kind = values[area]
        for index in range(area.first_column, min(area.last_column + 1, len(headers))):
            own = index == area.first_column and block.rows[positions.start] == area.first_row
            filled = positions[1:] if own else positions
            if not filled:
                continue
            column, of_column = list(columns[index]), bytearray(kinds[index] or bytes(len(block.rows)))
            column[filled.start : filled.stop] = [text] * len(filled)
            of_column[filled.start : filled.stop] = bytes((kind,)) * len(filled)
            columns[index], kinds[index] = column, bytes(of_column) if any(of_column) else None
            notes.append(
                Note(
                    "cell.merged-filled",
                    "merged with another cell, whose value was taken",
                    len(filled),
                    headers[index].name,
                    headers[index].letter,
                    block.rows[filled.start],
                )
            )
    return replace(block, columns=columns, kinds=kinds, notes=(*block.notes, *notes))


@dataclass(slots=True)
class _Reaching:
    """Which areas reach into which block, for blocks in their order."""

    ahead: deque[Area]
    begun: list[Area] = field(default_factory=list)

    def into(self, block: Block) -> _Covered:
        if not block.rows:
            return []
        while self.ahead and self.ahead[0].first_row <= block.rows[-1]:
            self.begun.append(self.ahead.popleft())
        self.begun = [area for area in self.begun if area.last_row >= block.rows[0]]
        positions = (
            range(bisect_left(block.rows, area.first_row), bisect_right(block.rows, area.last_row))
            for area in self.begun
        )
        return [(area, rows) for area, rows in zip(self.begun, positions, strict=True) if rows]
