"""The sheets of a workbook, seen and unseen, with their sizes."""

from dataclasses import dataclass
from typing import Final

import python_calamine as calamine

from loader.errors import SourceError
from loader.source.damage import told_as_damage
from loader.source.table import SourceTable
from loader.source.workbook.bounds import require_extent
from loader.source.workbook.sheet_table import SheetTable
from loader.source.workbook.workbook import Book, opened_book, read_sheet, size_of

_UNSEEN: Final = (
    (calamine.SheetVisibleEnum.Hidden, "hidden"),
    (calamine.SheetVisibleEnum.VeryHidden, "very hidden"),
)


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """
    One sheet of a workbook.

    Attributes:
        name: As the workbook spells it.
        visibility: `visible`, `hidden`, or `very hidden` for one that a macro hides from the menus too.
        rows: Row number of the last row with content, 0 for an empty sheet; None for one that cannot be read.
        columns: Position of the last column with content, from 1; likewise.
    """

    name: str
    visibility: str
    rows: int | None
    columns: int | None


def sheets_of(table: SourceTable) -> tuple[SheetFacts, ...]:
    """
    All worksheets of the workbook from which a table was opened, in their order; none of another file.

    Each of them is read, one after the other, for its size.

    Raises:
        SourceError: The workbook cannot be opened any more.
    """
    if not isinstance(table, SheetTable):
        return ()
    with opened_book(table.path, table.password) as book:
        return tuple(
            SheetFacts(sheet.name, _visibility(sheet), *_size(book, sheet.name, table))
            for sheet in book.workbook.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        )


def _visibility(sheet: calamine.SheetMetadata) -> str:
    return next((name for value, name in _UNSEEN if sheet.visible == value), "visible")


def _size(book: Book, name: str, table: SheetTable) -> tuple[int | None, int | None]:
    if name == table.sheet:
        return table.size
    where = f'{book.name}, sheet "{name}"'
    try:
        with told_as_damage(where):
            require_extent(book.content, name, where)
        return size_of(read_sheet(book.workbook, name, book.name))
    except SourceError:
        return None, None
