"""Workbooks (Excel's four formats and OpenDocument) through python-calamine, in the user's rows and letters."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import python_calamine as calamine

from loader.models.note import Note
from loader.source.batching import Block, block_of, rebatch, without_cells
from loader.source.ending import ended
from loader.source.file_state import FileState, digest_of
from loader.source.headers import used_columns
from loader.source.mended import Mended, not_confirmed, origin_lost
from loader.source.percent_signs import with_signs
from loader.source.reading import Reading
from loader.source.structure import Area, Spans, Structure
from loader.source.table import Batch, Facts, Header
from loader.source.workbook.beyond import rows_beyond
from loader.source.workbook.hidden import HiddenParts, without_hidden
from loader.source.workbook.meant_sheet import require_meant_sheet
from loader.source.workbook.merged import Merged
from loader.source.workbook.open_book import BookAhead, opened
from loader.source.workbook.origin_sheet import has_origin, read_origin
from loader.source.workbook.parts import choose_part
from loader.source.workbook.sheet_columns import SheetColumns, SheetRows
from loader.source.workbook.sheet_headers import sheet_headers
from loader.source.workbook.sheet_marks import SheetMarks
from loader.source.workbook.sheet_table import SheetTable
from loader.source.workbook.workbook import first_column, size_of

_AS_IT_IS = Reading()
_FORMATS = {
    ".xlsx": "Excel workbook (.xlsx)",
    ".xlsm": "Excel workbook with macros (.xlsm)",
    ".xlsb": "Excel binary workbook (.xlsb)",
    ".xls": "Excel 97-2003 workbook (.xls)",
    ".ods": "OpenDocument spreadsheet (.ods)",
}


@dataclass
class ExcelTable(SheetTable):
    """
    One sheet of a workbook as a table that this process reads.

    The sheet's cells stay in memory, in calamine's compact form, so that reading them again costs no parsing.
    """

    _cells: calamine.CalamineSheet
    _columns: SheetColumns
    _width: int
    _reading: Reading
    _merged: Merged
    _left_out: Spans
    _area: Area | None
    _mended: Mended | None

    def batches(self, rows_per_batch: int | None = None) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`."""
        self.state.require_unchanged(self.path)
        blocks = ended(self._blocks(), self.headers, self.header_row, self._reading.stop_at)
        blocks = without_hidden(self._merged.laid(blocks, self.headers), self._left_out)
        if self._mended:
            blocks = self._mended.told(blocks)
        width = len(self.headers)
        yield from rebatch(blocks, width=width, header_row=self.header_row, rows_per_batch=rows_per_batch)

    def _blocks(self) -> Iterator[Block]:
        last_row = self._area.last_row if self._area else None
        lines = islice(self._cells.iter_rows(), self.header_row, last_row)
        read = self._columns.read(lines, self.header_row + 1, first_column(self._cells))
        return map(self._block, read)

    def _block(self, found: SheetRows) -> Block:
        """Rows of the sheet laid under the headers."""
        rows, kinds = found.rows, found.kinds
        columns: Sequence[Sequence[str]] = found.columns
        bad_rows = rows_beyond(rows, columns, self._width)
        kept = len(self.headers)
        bad_rows |= not_confirmed(rows, columns[: self._width], kept, bad_rows)
        if bad_rows:
            columns = [*(without_cells(column, bad_rows) for column in columns[:kept]), *columns[kept:]]
        originals = self._mended.numbers(columns[kept]) if self._mended else None
        block = block_of(rows, columns[:kept], kinds[:kept], bad_rows, originals=originals)
        return replace(block, notes=found.notes)


def open_excel(path: Path, reading: Reading = _AS_IT_IS, ahead: BookAhead | None = None) -> ExcelTable:
    """
    Open a sheet of a workbook: read its cells, its headers and the file's digest.

    Args:
        path: The file.
        reading: What is known of it; the rows above the headers are passed over, and the table reaches at least to the last
            letter used.
        ahead: The workbook, if it was opened ahead.

    Raises:
        SourceError: The file cannot be read, is protected or damaged, has no such sheet, or no headers in that row.
    """
    state = FileState.of(path)
    digest = digest_of(path)
    with opened(path, state, reading.password, ahead) as workbook:
        book = workbook.book
        chosen = choose_part(book, reading.sheet)
        cells, marks = workbook.sheet(chosen.sheet)
        if chosen.area is None:
            require_meant_sheet(book, chosen.sheet, cells, reading.headers_wanted)
        origin, names_origin = read_origin(book), has_origin(book)
    state.require_unchanged(path)
    where = f'{path.name}, sheet "{chosen.sheet}"'
    area = chosen.area
    facts = _facts(path, reading)
    if area is not None:
        reading = replace(reading, header_row=area.first_row + reading.header_rows - 1)
    found = sheet_headers(cells, reading, marks.structure.merged, where, area)
    headers = _with_formats(found.headers, marks, reading.header_row)
    notes, merged, left_out = _beside(cells, marks.structure, headers, reading, area, where)
    if found.ours != names_origin or (found.ours and origin is None):
        notes = (*notes, origin_lost(path.name, reading, has_columns=found.ours))
    mended = Mended(origin) if origin and found.ours else None
    table = ExcelTable(
        path=path,
        sheet=chosen.sheet,
        header_row=reading.header_row,
        headers=headers,
        digest=digest,
        facts=facts,
        notes=(*chosen.notes, *notes),
        origin=mended.origin if mended else None,
        size=size_of(cells),
        state=state,
        password=reading.password,
        _cells=cells,
        _columns=SheetColumns(marks, headers, reading.header_row, found.width, area),
        _width=found.width,
        _reading=reading,
        _merged=merged,
        _left_out=left_out,
        _area=area,
        _mended=mended,
    )
    if marks.may_hold_signs:
        table.headers = with_signs(headers, table.batches(), reading.percents)
    return table


def _facts(path: Path, reading: Reading) -> Facts:
    """The kind of workbook, and where the template has its headers."""
    return Facts(
        _FORMATS.get(path.suffix.lower(), "workbook"),
        header_rows=reading.header_rows,
        declared_row=reading.header_row,
    )


def _with_formats(headers: Sequence[Header], marks: SheetMarks, header_row: int) -> tuple[Header, ...]:
    """The headers, with those marked whose columns have cells formatted as percentages."""
    return tuple(
        replace(header, has_percents=marks.percents.rows_of(header.index, header_row)[0] > 0)
        for header in headers
    )


def _beside(
    cells: calamine.CalamineSheet,
    structure: Structure,
    headers: Sequence[Header],
    reading: Reading,
    area: Area | None,
    where: str,
) -> tuple[tuple[Note, ...], Merged, Spans]:
    """
    What becomes of what the sheet says beside its cells: what is told, the merged cells that matter, and the rows left out.

    Raises:
        SourceError: Something is hidden and nobody has said what is to become of it, or headers are merged with rows.
    """
    first_row, last_row = reading.header_row + 1, area.last_row if area else sys.maxsize
    by_template = bool(reading.headers_wanted or reading.letters_used)
    used = used_columns(headers, reading.headers_wanted, reading.letters_used) if by_template else headers
    filled = _filled_rows(cells, structure.hidden_rows, first_row, last_row, area)
    hidden = HiddenParts.of(structure, headers, used, filled)
    asked = reading.hidden or "ask"
    hidden.require(where, asked)
    begin = area.first_column if area else 0
    columns = [h.index for h in used if h.index >= begin]
    fill = reading.merged == "fill"
    merged = Merged.of(structure.merged, reading.header_row, columns, where, fill=fill)
    return tuple(hidden.notes(asked)), merged, structure.hidden_rows if asked == "skip" else Spans()


def _filled_rows(
    cells: calamine.CalamineSheet, rows: Spans, first: int, last: int, area: Area | None
) -> Iterator[int]:
    """Row numbers of those rows from *first* to *last* that hold anything; every row of the sheet is passed for it."""
    spans = list(rows.within(first, last))
    if not spans:
        return
    offset = first_column(cells)
    begin, end = (area.first_column - offset, area.last_column + 1 - offset) if area else (0, None)
    wanted = chain.from_iterable(spans)
    row = next(wanted)
    for number, line in enumerate(cells.iter_rows(), 1):
        if number != row:
            continue
        if any(
            cell != "" and not (isinstance(cell, str) and cell.isspace())
            for cell in line[max(begin, 0) : end]
        ):
            yield row
        if (row := next(wanted, 0)) == 0:
            return
