"""
The sheet by which a rejected workbook says where its rows come from.

It is hidden so well that no user meets it, and it is a sheet, since sheets are what every spreadsheet program keeps in every format;
documents' properties are lost on the way through some. A CSV file has no room for it.
"""

import re
from typing import Final

import python_calamine as calamine

from loader.models.origin import Origin
from loader.source.cells import column_of
from loader.source.damage import told_as_damage
from loader.source.headers import OUR_SHEET
from loader.source.workbook.bounds import require_extent
from loader.source.workbook.workbook import Book, read_sheet

_TITLE: Final = "Where the rows of this workbook come from"
_RUN, _FILE, _DIGEST, _SHEET, _FIRST, _LAST = "Run", "File", "SHA-256", "Sheet", "First row", "Last row"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ROW: Final = re.compile(r"[1-9][0-9]{0,9}")


def origin_lines(origin: Origin) -> list[tuple[str, str]]:
    """What stands on the sheet, two texts to a line."""
    return [
        (_TITLE, ""),
        (_RUN, origin.run),
        (_FILE, origin.source_name),
        (_DIGEST, origin.source_digest),
        (_SHEET, origin.sheet),
        (_FIRST, str(origin.first_row)),
        (_LAST, str(origin.last_row)),
    ]


def has_origin(book: Book) -> bool:
    """Whether a workbook has the sheet, whatever is on it."""
    return OUR_SHEET in book.workbook.sheet_names


def read_origin(book: Book) -> Origin | None:
    """
    The reverse of `origin_lines`, None where the workbook has no such sheet or it is not as it was written.

    Raises:
        SourceError: The part of the file that holds the sheet is damaged.
    """
    if not has_origin(book):
        return None
    where = f'{book.name}, sheet "{OUR_SHEET}"'
    with told_as_damage(where):
        require_extent(book.content, OUR_SHEET, where)
    found = _pairs(read_sheet(book.workbook, OUR_SHEET, book.name))
    digest, first, last = (found.get(name, "") for name in (_DIGEST, _FIRST, _LAST))
    if (
        _TITLE not in found
        or not _SHA256.fullmatch(digest)
        or not _ROW.fullmatch(first)
        or not _ROW.fullmatch(last)
    ):
        return None
    return Origin(
        run=found.get(_RUN, ""),
        source_name=found.get(_FILE, ""),
        source_digest=digest,
        sheet=found.get(_SHEET, ""),
        first_row=int(first),
        last_row=int(last),
    )


def _pairs(cells: calamine.CalamineSheet) -> dict[str, str]:
    """The first two cells of each row."""
    return {texts[0]: texts[1] for row in cells.iter_rows() if (texts := [*column_of(row)[0], "", ""])}
