"""Text files with separators, read in blocks: flat in memory, every cell exactly as it stands in the file."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from loader.errors import SourceError
from loader.source.batching import rebatch
from loader.source.csv_block import Layout, parse_block
from loader.source.file_state import FileState, digest_of, unreadable
from loader.source.headers import HeaderRow, choose_separator, read_headers
from loader.source.records import LONGEST_RECORD_BYTES, OpenQuote, Records, find_records
from loader.source.table import ROWS_PER_BATCH, Batch, Header

_BLOCK_BYTES = 2 * LONGEST_RECORD_BYTES
"""Smaller blocks pay more for the calls into pandas, larger ones more for memory that is no longer in the cache."""
_BOM = b"\xef\xbb\xbf"
_ANY_SEPARATOR = b",;\t|"
_TAB_SUFFIXES = {".tsv", ".tab"}


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
        other_sheets: Always empty.
        separator: The character between cells.
        is_rejected_file: True where the last three columns were written by this program.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    other_sheets: tuple[str, ...]
    separator: str
    is_rejected_file: bool
    _state: FileState
    _width: int
    _offset: int

    def batches(self, rows_per_batch: int = ROWS_PER_BATCH) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`."""
        self._state.require_unchanged(self.path)
        with _opened(self.path) as file:
            file.seek(self._offset)
            texts = _texts(file, self.path.name, self.separator.encode(), self._offset, self.header_row + 1)
            kept = len(self.headers)
            layout = Layout(self._width, kept, self.separator)
            blocks = (parse_block(text.content, text.records, text.first_row, layout) for text in texts)
            yield from rebatch(blocks, width=kept, header_row=self.header_row, rows_per_batch=rows_per_batch)
        self._state.require_unchanged(self.path)


def open_csv(path: Path, *, header_row: int = 1, letters_used: Collection[str] = ()) -> CsvTable:
    """
    Open a text file: read its headers and its digest.

    Args:
        path: The file, UTF-8 with or without a byte order mark.
        header_row: Row number of the headers; the rows above are passed over.
        letters_used: Letters by which the template names columns.

    Raises:
        SourceError: The file cannot be read, is empty, is not UTF-8, or has no headers in that row.
    """
    state = FileState.of(path)
    digest = digest_of(path)
    line, offset = _header_line(path, header_row)
    separator = choose_separator(line, preferred="\t" if path.suffix.lower() in _TAB_SUFFIXES else ",")
    cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), [])
    found: HeaderRow = read_headers(cells, where=f"{path.name}, row {header_row}", letters_used=letters_used)
    state.require_unchanged(path)
    return CsvTable(
        path, "", header_row, found.headers, digest, (), separator, found.ours, state, found.width, offset
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """Whole records of the file: their bytes, checked, and where they stand in the file."""

    content: bytes
    records: Records
    offset: int
    first_row: int


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error


def _header_line(path: Path, header_row: int) -> tuple[str, int]:
    """The text of the header row, and the offset in bytes behind it."""
    rows = 0
    with _opened(path) as file:
        start = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
        file.seek(start)
        for text in _texts(file, path.name, _ANY_SEPARATOR, start, 1):
            rows = text.first_row + len(text.records.ends) - 1
            if rows >= header_row:
                index = header_row - text.first_row
                begin = int(text.records.ends[index - 1]) if index else 0
                end = int(text.records.ends[index])
                return text.content[begin:end].decode("utf-8"), text.offset + end
    if not rows:
        raise SourceError(f"{path.name} is empty", hint="check that it was written completely")
    raise SourceError(
        f"{path.name} has {rows} row{'' if rows == 1 else 's'}, so its headers cannot be in row {header_row}",
        hint="say in the template which row holds them, as in `rows: {header: 1}`",
    )


def _texts(file: BinaryIO, name: str, separators: bytes, offset: int, row: int) -> Iterator[_Text]:
    """The file from here on, cut at ends of records; *row* is the number of the next one."""
    rest = b""
    last = False
    while not last:
        wanted = _BLOCK_BYTES - len(rest)
        read = file.read(wanted)
        last = len(read) < wanted
        content = rest + read
        if not content:
            return
        try:
            records = find_records(content, separators, last=last)
        except OpenQuote as error:
            raise _open_quote(name, row + error.records, error.reason) from error
        end = int(records.ends[-1])
        text = _Text(content[:end], records, offset, row)
        _check_text(text, name)
        yield text
        rest = content[end:]
        offset += end
        row += len(records.ends)


def _open_quote(name: str, row: int, reason: str) -> SourceError:
    return SourceError(
        f"{name}, row {row}: {reason}",
        hint='look for a single " in that row: a quote within a quoted cell is written twice, as in "12"" wide"',
    )


def _check_text(text: _Text, name: str) -> None:
    """Make sure that the bytes are text in UTF-8."""
    nul = text.content.find(b"\0")
    if nul >= 0:
        raise SourceError(
            f"{name}, row {_row_at(text, nul)}: there is a NUL byte (byte {text.offset + nul:,} of the file)",
            hint='the file is damaged or is not plain text: save it again as "CSV UTF-8"',
        )
    if text.content.isascii():
        return
    try:
        text.content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = text.content[error.start]
        raise SourceError(
            f"{name}, row {_row_at(text, error.start)}: the text is not UTF-8 "
            f"(byte {text.offset + error.start:,} of the file is 0x{byte:02X})",
            hint='save the file as "CSV UTF-8 (Comma delimited)" and run the command again',
        ) from error


def _row_at(text: _Text, position: int) -> int:
    return text.first_row + int(np.searchsorted(text.records.ends, position, side="right"))
