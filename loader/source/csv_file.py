"""Text files with separators, read in blocks: flat in memory, every cell exactly as it stands in the file."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from loader.errors import SourceError
from loader.models.note import Note
from loader.source.batching import rebatch
from loader.source.csv_block import Layout, parse_block
from loader.source.ending import ended
from loader.source.file_state import FileState, digest_of, unreadable
from loader.source.headers import SEPARATORS, choose_separator, read_headers
from loader.source.reading import Reading, StopAt
from loader.source.records import LONGEST_RECORD_BYTES, OpenQuote, Records, find_records, quote_fault
from loader.source.table import ROWS_PER_BATCH, Batch, Facts, Header

_BLOCK_BYTES = 2 * LONGEST_RECORD_BYTES
"""Smaller blocks pay more for the calls into pandas, larger ones more for memory that is no longer in the cache."""
_BOM = b"\xef\xbb\xbf"
_TAB_SUFFIXES = {".tsv", ".tab"}
_AS_IT_IS = Reading()


@dataclass(slots=True)
class CsvTable:
    """
    A text file as a table; see `SourceTable`.

    Attributes:
        path: The file.
        sheet: Always "".
        header_row: Row number of the headers; blank lines above count.
        headers: The columns, without our own of a rejected file.
        digest: SHA-256 of the file's bytes.
        facts: Encoding and separator.
        notes: What was noticed while it was opened.
        other_sheets: Always empty.
        is_rejected_file: True where the last three columns were written by this program.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    other_sheets: tuple[str, ...]
    is_rejected_file: bool
    _state: FileState
    _width: int
    _offset: int
    _line: int
    _stop_at: StopAt | None

    def batches(self, rows_per_batch: int = ROWS_PER_BATCH) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`."""
        self._state.require_unchanged(self.path)
        with _opened(self.path) as file:
            file.seek(self._offset)
            separator = self.facts.delimiter
            texts = _texts(file, self.path.name, separator, self._offset, self.header_row + 1, self._line)
            kept = len(self.headers)
            layout = Layout(self._width, kept, separator)
            blocks = (
                parse_block(text.content, text.records, text.first_row, text.first_line, layout)
                for text in texts
            )
            wanted = ended(blocks, self.headers, self.header_row, self._stop_at)
            yield from rebatch(wanted, width=kept, header_row=self.header_row, rows_per_batch=rows_per_batch)
        self._state.require_unchanged(self.path)


def open_csv(path: Path, reading: Reading = _AS_IT_IS) -> CsvTable:
    """
    Open a text file: read its headers and its digest.

    Args:
        path: The file, UTF-8 with or without a byte order mark.
        reading: What is known of it; the rows above the headers are passed over.

    Raises:
        SourceError: The file cannot be read, is empty, is not UTF-8, or has no headers in that row.
    """
    header_row = reading.header_row
    if reading.header_rows > 1:
        raise SourceError(
            f"{path.name} is a text file, and headers of several rows are read from workbooks alone",
            hint="give each column one header, in one row",
        )
    state = FileState.of(path)
    digest = digest_of(path)
    cells, separator, offset, line = _find_headers(path, header_row)
    found = read_headers(cells, where=f"{path.name}, row {header_row}", letters_used=reading.letters_used)
    state.require_unchanged(path)
    facts = Facts("CSV", encoding="UTF-8", delimiter=separator)
    return CsvTable(
        path,
        "",
        header_row,
        found.headers,
        digest,
        facts,
        (),
        (),
        found.ours,
        state,
        found.width,
        offset,
        line,
        reading.stop_at,
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """Whole records of the file: their bytes, checked, where they end, and row and line of the first."""

    content: bytes
    records: Records
    first_row: int
    first_line: int

    def row_at(self, position: int) -> int:
        """Number of the row that holds the byte at this position."""
        return self.first_row + int(np.searchsorted(self.records.ends, position, side="right"))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error


def _find_headers(path: Path, header_row: int) -> tuple[list[str], str, int, int]:
    """
    The cells of the header row, the separator, and offset in bytes and number of the line behind the row.

    Where a quoted cell begins depends on the separator, and the separator is found in the header row: each is tried
    until the row that it leads to asks for it.
    """
    preferred = "\t" if path.suffix.lower() in _TAB_SUFFIXES else ","
    for separator in dict.fromkeys((preferred, *SEPARATORS)):
        line, offset, behind = _header_line(path, header_row, separator)
        if separator in line and choose_separator(line, preferred=preferred) == separator:
            break
    else:
        separator = preferred
        line, offset, behind = _header_line(path, header_row, separator)
    content = line.encode("latin-1")
    _check_text(content, offset - len(content), path.name, lambda _: header_row)
    text = io.StringIO(content.decode("utf-8"), newline="")
    try:
        return next(csv.reader(text, delimiter=separator, strict=True)), separator, offset, behind
    except csv.Error as error:
        raise _open_quote(path.name, header_row, quote_fault(error)) from error


def _header_line(path: Path, header_row: int, separator: str) -> tuple[str, int, int]:
    """The header row's bytes as Latin-1, which keeps their count, and offset and number of the line behind it."""
    with _opened(path) as file:
        begin = end = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
        file.seek(begin)
        text = io.TextIOWrapper(file, encoding="latin-1", newline="")
        row: list[str] = []
        lines = 0
        for count in range(header_row):
            begin, row = end, []
            for _ in csv.reader(_lines(text, row, path.name, count + 1), delimiter=separator):
                break
            if not row:
                raise _no_such_row(path.name, count, header_row)
            end += sum(map(len, row))
            lines += len(row)
        return "".join(row), end, lines + 1


def _lines(text: io.TextIOWrapper, read: list[str], name: str, row: int) -> Iterator[str]:
    """Lines of one row, kept in *read*; a row that does not end has an unclosed quote."""
    length = 0
    while line := text.readline(LONGEST_RECORD_BYTES):
        read.append(line)
        length += len(line)
        if length > LONGEST_RECORD_BYTES:
            raise _open_quote(name, row, f"the row does not end within {LONGEST_RECORD_BYTES:,} bytes")
        yield line


def _no_such_row(name: str, rows: int, header_row: int) -> SourceError:
    if not rows:
        return SourceError(f"{name} is empty", hint="check that it was written completely")
    return SourceError(
        f"{name} has {rows} row{'' if rows == 1 else 's'}, so its headers cannot be in row {header_row}",
        hint="say in the template which row holds them, as in `rows: {header: 1}`",
    )


def _texts(file: BinaryIO, name: str, separator: str, offset: int, row: int, line: int) -> Iterator[_Text]:
    """The file from here on, cut at ends of records; *row* and *line* are the numbers of the next one."""
    rest = b""
    last = False
    while rest or not last:
        wanted = max(_BLOCK_BYTES - len(rest), 1)
        read = file.read(wanted)
        last = len(read) < wanted
        content = rest + read
        if not content:
            return
        try:
            records = find_records(content, separator, last=last)
        except OpenQuote as error:
            raise _open_quote(name, row + error.records, error.reason) from error
        records = records.for_arrow()
        end = records.length
        text = _Text(content[:end], records, row, line)
        _check_text(text.content, offset, name, text.row_at)
        if end:
            yield text
        rest = content[end:]
        offset += end
        row += len(records.ends)
        line += len(records.ends) + len(records.inner)


def _open_quote(name: str, row: int, reason: str) -> SourceError:
    return SourceError(
        f"{name}, row {row}: {reason}",
        hint='look for a single " in that row: a quote within a quoted cell is written twice, as in "12"" wide"',
    )


def _check_text(content: bytes, offset: int, name: str, row_at: Callable[[int], int]) -> None:
    """Make sure that bytes of the file, *offset* behind its beginning, are text in UTF-8."""
    nul = content.find(b"\0")
    if nul >= 0:
        raise SourceError(
            f"{name}, row {row_at(nul)}: there is a NUL byte (offset {offset + nul:,} in the file)",
            hint='the file is damaged or is not plain text: save it again as "CSV UTF-8"',
        )
    if content.isascii():
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name}, row {row_at(error.start)}: the text is not UTF-8 "
            f"(byte 0x{content[error.start]:02X} at offset {offset + error.start:,} in the file)",
            hint='save the file as "CSV UTF-8 (Comma delimited)" and run the command again',
        ) from error
