"""Rows of a sheet with content where no header is."""

from collections.abc import Sequence

from loader.source.table import BadRow, column_letter


def rows_beyond(rows: Sequence[int], columns: Sequence[Sequence[str]], width: int) -> dict[int, BadRow]:
    """
    The rows that reach beyond the last header, by position, with what is wrong with each.

    Args:
        rows: Row numbers.
        columns: All columns of the sheet, from `A` on.
        width: How many of them have a header.
    """
    return {
        position: _beyond(rows[position], [column[position] for column in columns], width)
        for position in _filled(columns[width:])
    }


def _filled(columns: Sequence[Sequence[str]]) -> list[int]:
    """Positions with text in any of these columns."""
    found = {
        position
        for column in columns
        if any(column)
        for position, text in enumerate(column)
        if text and not text.isspace()
    }
    return sorted(found)


def _beyond(row: int, cells: list[str], width: int) -> BadRow:
    """What is wrong with a row that has content where no header is."""
    while not cells[-1].strip():
        cells.pop()
    first = next(index for index in range(width, len(cells)) if cells[index].strip())
    message = (
        f"the row has {len(cells)} cells where the headers end at column {column_letter(width - 1)} "
        f"({width} cells): there is content in column {column_letter(first)}"
    )
    return BadRow(row, message, tuple(cells))
