"""The headers of a sheet: which rows and columns they take up, and that they are the ones the template means."""

from collections.abc import Sequence
from itertools import islice

import python_calamine as calamine

from loader.errors import SourceError
from loader.source.cells import column_of
from loader.source.header_rows import SEARCHED_ROWS, DeclaredHeaders, joined, spread_merged
from loader.source.headers import HeaderRow, column_index, read_headers
from loader.source.reading import Reading
from loader.source.structure import Area
from loader.source.workbook.workbook import first_column


def sheet_headers(
    cells: calamine.CalamineSheet, reading: Reading, merged: Sequence[Area], where: str, area: Area | None
) -> HeaderRow:
    """
    The headers, from column `A` to the last one with a text or the last one that the template names.

    Args:
        cells: Of the sheet.
        reading: Which rows hold the headers, and which of them the template looks for.
        merged: Merged cells of the sheet.
        where: File and sheet, for the message.
        area: The table or range that is to be read, None for the whole sheet. Columns left of it have no header and no cells; it has no
            columns beyond.

    Raises:
        SourceError: The sheet is empty or ends above the headers, there are none, or other rows are meant.
    """
    if cells.end is None:
        raise SourceError(f"{where} is empty", hint="name the sheet that holds the rows")
    rows = cells.end[0] + 1
    if reading.header_row > rows:
        raise SourceError(
            f"{where} has {rows} row{'' if rows == 1 else 's'}, so its headers cannot be in row {reading.header_row}",
            hint="say in the template which row holds them, as in `rows: {header: 1}`",
        )
    first = reading.header_row - reading.header_rows + 1
    lines = [_within(line, area) for line in _texts(cells, first - 1, reading.header_row)]
    spread_merged(lines, first, merged)
    names = joined(lines, reading.headers_wanted)
    if area is None:
        above = (line for line in first_texts(cells, SEARCHED_ROWS))
        DeclaredHeaders(names, reading.header_row, reading.headers_wanted).require(above, where)
    width = max((index + 1 for index, name in enumerate(names) if name.strip()), default=0)
    width = max([width, *(column_index(letter) + 1 for letter in reading.letters_used)])
    if area is not None:
        width = area.last_column + 1
    names = [*names, *([""] * (width - len(names)))][:width]
    return read_headers(names, where=f"{where}, row {reading.header_row}", letters_used=reading.letters_used)


def first_texts(cells: calamine.CalamineSheet, count: int) -> list[list[str]]:
    """The texts of the first rows of a sheet, from row 1 and column `A` on; none of an empty one."""
    return _texts(cells, 0, count) if cells.end is not None else []


def _texts(cells: calamine.CalamineSheet, first: int, last: int) -> list[list[str]]:
    """The texts of some rows, from column `A` on; positions of rows from 0, the last one not included."""
    offset = [""] * first_column(cells)
    return [[*offset, *column_of(row)[0]] for row in islice(cells.iter_rows(), first, last)]


def _within(line: list[str], area: Area | None) -> list[str]:
    """The texts of a row as far as they lie in an area."""
    if area is None:
        return line
    return [text if index >= area.first_column else "" for index, text in enumerate(line)][
        : area.last_column + 1
    ]
