"""Whether a workbook's sheet is the one that a template is for: the headers that it names decide."""

from collections.abc import Collection

import python_calamine as calamine

from loader.errors import SourceError
from loader.source.damage import told_as_damage
from loader.source.header_rows import SEARCHED_ROWS, best_rows, far_better, held_in
from loader.source.workbook.bounds import require_extent
from loader.source.workbook.sheet_headers import first_texts
from loader.source.workbook.workbook import Book, read_sheet, visible_sheets


def require_meant_sheet(
    book: Book, sheet: str, cells: calamine.CalamineSheet, wanted: Collection[str]
) -> None:
    """
    Make sure that no other sheet holds the template's headers where this one does not, as behind one with remarks.

    Other sheets are read only where this one has at most one of the headers in its first rows.

    Args:
        book: Open.
        sheet: Name of the sheet that is read.
        cells: Its cells.
        wanted: Headers that the template names; none where there is no template.

    Raises:
        SourceError: A visible sheet has at least two of them, and this one none or but one.
    """
    rows = first_texts(cells, SEARCHED_ROWS)
    if not wanted or any(held_in(row, wanted) > 1 for row in rows):
        return
    here, _, _ = best_rows(rows, wanted)
    if here > 1 or here == len(wanted):
        return
    found = [(_held(book, name, wanted), name) for name in visible_sheets(book.workbook) if name != sheet]
    (count, row), name = max(found, default=((0, 0), ""), key=lambda each: each[0][0])
    if far_better(count, here, len(wanted)):
        raise SourceError(
            f'{book.name}, sheet "{sheet}" holds {here or "none"} of the {len(wanted)} headers that the template names; '
            f'sheet "{name}" holds {count} in row {row}',
            hint=f'name the sheet that is meant: `--sheet "{name}"`',
        )


def _held(book: Book, sheet: str, wanted: Collection[str]) -> tuple[int, int]:
    """How many of the headers another sheet has, and in which row; none where it cannot be read, since it was not asked for."""
    where = f'{book.name}, sheet "{sheet}"'
    try:
        with told_as_damage(where):
            require_extent(book.content, sheet, where)
        cells = read_sheet(book.workbook, sheet, book.name)
    except SourceError:
        return 0, 0
    count, row, _ = best_rows(first_texts(cells, SEARCHED_ROWS), wanted)
    return count, row
