"""Workbooks (Excel's four formats and OpenDocument) through python-calamine, in the user's rows and letters."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from loader.errors import SourceError
from loader.models.note import Note
from loader.source.batching import Block, block_of, rebatch
from loader.source.cells import column_of
from loader.source.ending import ended
from loader.source.file_state import FileState, digest_of
from loader.source.headers import HeaderRow, column_index, read_headers
from loader.source.marks import find_marks
from loader.source.reading import Reading, StopAt
from loader.source.sheet_columns import SheetColumns
from loader.source.table import ROWS_PER_BATCH, BadRow, Batch, Facts, Header, column_letter
from loader.source.workbook import choose_sheet, first_column, open_workbook, read_sheet, sheets_with_content

_ROWS_PER_BLOCK = 2_048
_AS_IT_IS = Reading()
_FORMATS = {
    ".xlsx": "Excel workbook (.xlsx)",
    ".xlsm": "Excel workbook with macros (.xlsm)",
    ".xlsb": "Excel binary workbook (.xlsb)",
    ".xls": "Excel 97-2003 workbook (.xls)",
    ".ods": "OpenDocument spreadsheet (.ods)",
}


@dataclass
class ExcelTable:
    """
    One sheet of a workbook as a table; see `SourceTable`.

    The sheet's cells stay in memory, in calamine's compact form, so that reading them again costs no parsing.

    Attributes:
        path: The file.
        sheet: Name of the sheet.
        header_row: Row number of the headers.
        headers: The columns from `A` to the last one with a header, without our own of a rejected workbook.
        digest: SHA-256 of the file's bytes.
        facts: The kind of workbook.
        notes: What was noticed while it was opened.
        is_rejected_file: True where the last three columns were written by this program.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    is_rejected_file: bool
    _state: FileState
    _cells: calamine.CalamineSheet
    _columns: SheetColumns
    _width: int
    _chosen_by_name: bool
    _stop_at: StopAt | None

    @cached_property
    def other_sheets(self) -> tuple[str, ...]:
        """
        Names of the other visible sheets with content, where no sheet was asked for; read when first asked for.

        Empty for a rejected workbook, whose further sheets are this program's own.
        """
        if self._chosen_by_name or self.is_rejected_file:
            return ()
        with open_workbook(self.path) as workbook:
            return tuple(name for name in sheets_with_content(workbook, self.path.name) if name != self.sheet)

    def batches(self, rows_per_batch: int = ROWS_PER_BATCH) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`."""
        self._state.require_unchanged(self.path)
        blocks = ended(self._blocks(), self.headers, self.header_row, self._stop_at)
        width = len(self.headers)
        yield from rebatch(blocks, width=width, header_row=self.header_row, rows_per_batch=rows_per_batch)

    def _blocks(self) -> Iterator[Block]:
        cells = islice(self._cells.iter_rows(), self.header_row, None)
        offset = first_column(self._cells)
        row = self.header_row + 1
        while chunk := list(islice(cells, _ROWS_PER_BLOCK)):
            rows = range(row, row + len(chunk))
            row += len(chunk)
            yield self._block(rows, [*([("",) * len(chunk)] * offset), *zip(*chunk, strict=True)])

    def _block(self, rows: range, cells: list[Sequence[Any]]) -> Block:
        """Columns of cells, from `A` on, laid under the headers."""
        cells += [("",) * len(rows)] * (self._width - len(cells))
        columns, kinds, notes = self._columns.convert(rows, cells)
        bad_rows = {
            position: _beyond(rows[position], [column[position] for column in columns], self._width)
            for position in _filled(columns[self._width :])
        }
        kept = len(self.headers)
        for position in bad_rows:
            for column in columns[:kept]:
                column[position] = ""
        return replace(block_of(rows, columns[:kept], kinds[:kept], bad_rows), notes=notes)


def open_excel(path: Path, reading: Reading = _AS_IT_IS) -> ExcelTable:
    """
    Open a sheet of a workbook: read its cells, its headers and the file's digest.

    Args:
        path: The file.
        reading: What is known of it; the rows above the headers are passed over, and the table reaches at least to the last
            letter used.

    Raises:
        SourceError: The file cannot be read, is protected or damaged, has no such sheet, or no headers in that row.
    """
    state = FileState.of(path)
    digest = digest_of(path)
    with open_workbook(path) as workbook:
        name = choose_sheet(workbook, reading.sheet, path.name)
        with ThreadPoolExecutor(1) as pool:  # both leave the interpreter's lock to others while they unpack
            searching = pool.submit(find_marks, path, name, workbook.sheet_names.index(name))
            cells = read_sheet(workbook, name, path.name)
            marks = searching.result()
    state.require_unchanged(path)
    found = _headers(cells, f'{path.name}, sheet "{name}"', reading.header_row, reading.letters_used)
    headers = tuple(
        replace(header, has_percents=marks.percents.rows_of(header.index, reading.header_row)[0] > 0)
        for header in found.headers
    )
    return ExcelTable(
        path,
        name,
        reading.header_row,
        headers,
        digest,
        Facts(_FORMATS.get(path.suffix.lower(), "workbook")),
        (),
        found.ours,
        state,
        cells,
        SheetColumns(marks, headers, reading.header_row),
        found.width,
        reading.sheet is not None,
        reading.stop_at,
    )


def _headers(
    cells: calamine.CalamineSheet, where: str, header_row: int, letters_used: Collection[str]
) -> HeaderRow:
    """The headers, from column `A` to the last one with a text or the last one that the template names."""
    if cells.end is None:
        raise SourceError(f"{where} is empty", hint="name the sheet that holds the rows")
    rows = cells.end[0] + 1
    if header_row > rows:
        raise SourceError(
            f"{where} has {rows} row{'' if rows == 1 else 's'}, so its headers cannot be in row {header_row}",
            hint="say in the template which row holds them, as in `rows: {header: 1}`",
        )
    row = next(islice(cells.iter_rows(), header_row - 1, None))
    names, _ = column_of([*([""] * first_column(cells)), *row])
    width = max((index + 1 for index, name in enumerate(names) if name.strip()), default=0)
    width = max([width, *(column_index(letter) + 1 for letter in letters_used)])
    names = [*names, *([""] * (width - len(names)))][:width]
    return read_headers(names, where=f"{where}, row {header_row}", letters_used=letters_used)


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
