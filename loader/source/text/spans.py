"""
A plain text file in pieces that several processes can read, each by itself.

Where rows end, only a reading from the beginning knows: one process finds the pieces, and others do with their bytes what costs time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loader.models.note import Note
from loader.models.origin import Origin
from loader.source.batching import Block
from loader.source.ending import totals_among
from loader.source.file_state import FileState, unreadable
from loader.source.table import Batch, Facts, Header
from loader.source.text.csv_block import Layout, parse_block
from loader.source.text.records import EvenRecords, Records, find_records
from loader.source.text.text_file import Start, TextFile
from loader.source.variety import Variety

_FIRST_ORDINAL: Final = 0


@dataclass(frozen=True, slots=True)
class Span:
    """
    Rows that follow one another.

    Attributes:
        offset: Where they begin in the file, in bytes.
        length: Bytes of all of them, with their line breaks.
        first_row: Row number of the first.
        first_line: Number of the physical line on which it begins.
        even: How many records they are, where that is all that is to be known of them (`Records.are_even`); else None.
    """

    offset: int
    length: int
    first_row: int
    first_line: int
    even: int | None


@dataclass(frozen=True, slots=True)
class SpanReader:
    """
    What a process must know of a text file to read pieces of it; see `SourceTable` for what it shares with the table.

    Attributes:
        path: The file: UTF-8, checked, and neither packed nor transcoded.
        state: Of the file, as it was opened.
        layout: Of every row.
    """

    path: Path
    sheet: str
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    origin: Origin | None
    state: FileState
    layout: Layout
    _variety: Variety = field(default_factory=Variety, compare=False)

    def batch(self, span: Span) -> Batch:
        """
        The rows of a piece, counted from its beginning.

        Raises:
            SourceError: The file cannot be read any more, or is another one.
        """
        block = self._block(span)
        blank_rows = block.last_row - span.first_row + 1 - len(block.rows)
        return Batch(
            _FIRST_ORDINAL,
            block.rows,
            block.columns,
            block.kinds,
            block.bad_rows,
            blank_rows,
            block.notes,
            block.lines,
        )

    def closing_notes(self, batch: Batch) -> tuple[Note, ...]:
        """What is to be noted of the last rows of a piece, where these are the last of the table."""
        return tuple(totals_among(batch, self.headers))

    def _block(self, span: Span) -> Block:
        try:
            with self.path.open("rb") as file:
                file.seek(span.offset)
                content = file.read(span.length)
        except OSError as error:
            raise unreadable(self.path, error) from error
        self.state.require_unchanged(self.path)  # else records would be counted that are others
        records: Records | EvenRecords
        if span.even is None:
            records = find_records(content, self.layout.separator, last=True)
        else:
            records = EvenRecords(span.even)
        return parse_block(content, records, span.first_row, span.first_line, self.layout, self._variety)


@dataclass(frozen=True, slots=True)
class Spans:
    """
    The pieces of a file, and who can read them.

    Attributes:
        reader: Reads a piece; can be handed to another process.
    """

    reader: SpanReader
    _text: TextFile
    _start: Start

    def __iter__(self) -> Iterator[Span]:
        """
        The pieces, in the order of the file.

        Raises:
            SourceError: The file cannot be read any further, or was changed.
        """
        reader = self.reader
        reader.state.require_unchanged(reader.path)
        offset = self._start.offset + self._text.encoding.mark_bytes
        for text in self._text.texts(reader.layout.separator, self._start):
            length, records = len(text.content), text.records
            even = records.count if records.are_even else None
            yield Span(offset, length, text.first_row, text.first_line, even)
            offset += length
        reader.state.require_unchanged(reader.path)


def spans_of(text: TextFile, start: Start, reader: SpanReader) -> Spans | None:
    """The pieces of a text; None where its bytes do not stand in the file as they are read."""
    if text.content.packing or text.encoding.codec != "utf-8":
        return None
    return Spans(reader, text, start)
