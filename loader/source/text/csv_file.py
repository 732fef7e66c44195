"""Text files with separators, read in blocks: flat in memory, every cell exactly as it stands in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from loader.models.note import Note
from loader.models.origin import Origin
from loader.source.batching import Block, rebatch
from loader.source.ending import ended
from loader.source.file_state import FileState
from loader.source.headers import read_headers
from loader.source.mended import origin_lost
from loader.source.packed import Content
from loader.source.percent_signs import holds_signs, with_signs
from loader.source.reading import Reading, StopAt
from loader.source.table import Batch, Facts, Header
from loader.source.text.csv_block import Layout, parse_block
from loader.source.text.csv_header import find_header
from loader.source.text.encodings import survey
from loader.source.text.sample import sample_words
from loader.source.text.spans import SpanReader, Spans, spans_of
from loader.source.text.text_file import Start, Text, TextFile
from loader.source.variety import Variety

_AS_IT_IS = Reading()
_BLOCKS_SAMPLED = 20


@dataclass(slots=True)
class CsvTable:
    """
    A text file as a table; see `SourceTable`.

    Attributes:
        path: The file.
        sheet: Of a ZIP archive the member that is read, since several may be read from one file; else "".
        header_row: Row number of the headers; blank lines above count.
        headers: The columns, without our own of a rejected file.
        digest: SHA-256 of the file's bytes, packed as they are.
        facts: Encoding and separator.
        notes: What was noticed while it was opened.
        origin: Always None: such a file does not say where its rows come from.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    origin: Origin | None
    _state: FileState
    _text: TextFile
    _width: int
    _start: Start
    _stop_at: StopAt | None

    def batches(self, rows_per_batch: int | None = None) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`."""
        self._state.require_unchanged(self.path)
        blocks = self._blocks(self._text.texts(self.facts.delimiter, self._start))
        wanted = ended(blocks, self.headers, self.header_row, self._stop_at)
        yield from rebatch(
            wanted, width=len(self.headers), header_row=self.header_row, rows_per_batch=rows_per_batch
        )
        self._state.require_unchanged(self.path)

    def to_its_end(self) -> Iterator[Batch | Block]:
        """The same rows, each as soon as it is read where nothing ends them before the file."""
        if self._stop_at is not None:
            return self.batches()
        return self._blocks(self._text.texts(self.facts.delimiter, self._start))

    def pieces(self) -> Spans | None:
        """The same rows for several processes; None where the rows end before the file, or its bytes are not read as they stand in it."""
        if self._stop_at is not None:
            return None
        reader = SpanReader(
            self.path,
            self.sheet,
            self.headers,
            self.digest,
            self.facts,
            self.origin,
            self._state,
            self._layout,
        )
        return spans_of(self._text, self._start, reader)

    def sample(self, hidden: frozenset[str]) -> str:
        """A few words with letters beyond ASCII, of columns that are not in *hidden*; "" where no such words come soon."""
        texts = self._text.texts(self.facts.delimiter, self._start)
        blocks = self._blocks(text for text in texts if not text.content.isascii())
        return sample_words(self.headers, islice(blocks, _BLOCKS_SAMPLED), hidden)

    def _blocks(self, texts: Iterator[Text]) -> Iterator[Block]:
        variety = Variety()
        return (
            parse_block(text.content, text.records, text.first_row, text.first_line, self._layout, variety)
            for text in texts
        )

    @property
    def _layout(self) -> Layout:
        return Layout(self._width, len(self.headers), self.facts.delimiter)


def open_csv(path: Path, reading: Reading = _AS_IT_IS, content: Content | None = None) -> CsvTable:
    """
    Open a text file: read all of it once for its digest and its encoding, then its headers.

    Where it holds percent signs and the template asks for percentages, its rows are read until those columns are known to have them.

    Args:
        path: The file.
        reading: What is known of it; the rows above the headers are passed over.
        content: What of the file is to be read as text; None for the file itself.

    Raises:
        UsageError: The user names a separator or an encoding that there is not.
        SourceError: The file cannot be read, is empty, is not in the encoding, or has no headers in that row.
    """
    content = content or Content(path)
    state = FileState.of(path)
    digest, encoding = survey(content, reading.encoding)
    text = TextFile(content, encoding)
    header = find_header(text, reading)
    where = f"{content.name}, row {reading.header_row}"
    found = read_headers(header.names, where=where, letters_used=reading.letters_used)
    state.require_unchanged(path)
    table = CsvTable(
        path=path,
        sheet=content.member,
        header_row=reading.header_row,
        headers=found.headers,
        digest=digest,
        facts=Facts(
            _format(content),
            encoding=encoding.name,
            delimiter=header.separator,
            header_rows=reading.header_rows,
        ),
        notes=header.notes,
        origin=None,
        _state=state,
        _text=text,
        _width=found.width,
        _start=header.start,
        _stop_at=reading.stop_at,
    )
    if found.ours:
        table.notes += (origin_lost(content.name, reading, has_columns=True),)
    if encoding.guessed:
        table.notes += (_guessed(table, text, reading),)
    if _may_hold_signs(content, reading):
        table.headers = with_signs(table.headers, table.to_its_end(), reading.percents)
    return table


def _may_hold_signs(content: Content, reading: Reading) -> bool:
    """Whether it matters what the text says of percentages, and it says anything."""
    if reading.percents is not None and not reading.percents:
        return False
    with content.open() as stream:
        return holds_signs(stream)


def _format(content: Content) -> str:
    return f"CSV, packed ({content.packing})" if content.packing else "CSV"


def _guessed(table: CsvTable, text: TextFile, reading: Reading) -> Note:
    """The choice of an encoding, with words in which a person sees whether it is right."""
    name = text.encoding.name
    message = (
        "the text is not UTF-8 and was read as Windows-1252, of which Latin-1 is a part; if words look "
        "wrong, name another with --encoding"
        if text.encoding.codec == "cp1252"
        else f"the text has no byte order mark and was read as {name}; if words look wrong, name another with --encoding"
    )
    return Note("csv.encoding-guessed", message, sample=table.sample(reading.sensitive))
