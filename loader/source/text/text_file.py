"""A text file as whole records of UTF-8, checked, with the row and the line on which each block begins; flat in memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from loader.errors import SourceError
from loader.source.packed import Content, Stream
from loader.source.text.encodings import Encoding
from loader.source.text.records import LONGEST_RECORD_BYTES, OpenQuote, Records, count_lines, find_records
from loader.source.text.transcoding import Undecodable, as_utf_8

_BLOCK_BYTES: Final = LONGEST_RECORD_BYTES
"""So much is read, and cut into records, at once."""
_LARGE_FROM_BYTES: Final = 1 << 24
"""From here on it is clear which columns have too many different texts to remember them: there is room for larger blocks."""
_LARGE_BLOCK_BYTES: Final = 3 << 19
"""The size of those. Each costs the same for its columns, so that a row costs less."""
_FIRST_BYTES: Final = 1 << 16
"""Of the first block: who looks at the first rows alone waits for no more, nor loads what reads large blocks quickly."""


@dataclass(frozen=True, slots=True)
class Start:
    """
    Where the rows of a table begin.

    Attributes:
        offset: Bytes of the text in UTF-8 that stand before, without a byte order mark.
        row: Number of the first row.
        line: Number of the physical line on which it begins.
    """

    offset: int
    row: int
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """Whole records of the file: their bytes, checked, where they end, and row and line of the first."""

    content: bytes
    records: Records
    first_row: int
    first_line: int

    def place_of(self, position: int) -> str:
        """Row and line of the byte at this position."""
        row = self.first_row + int(np.searchsorted(self.records.ends, position, side="right"))
        return place(row, self.first_line + count_lines(self.content[:position]))


@dataclass(frozen=True, slots=True)
class TextFile:
    """
    A text file, packed or not, in whatever encoding.

    Attributes:
        content: Its bytes.
        encoding: What they are in.
    """

    content: Content
    encoding: Encoding

    @property
    def name(self) -> str:
        """How messages name it."""
        return self.content.name

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """
        The text as a stream of UTF-8, without a byte order mark.

        Raises:
            SourceError: It cannot be opened; later: it cannot be unpacked.
        """
        with self.content.open() as stream:
            yield as_utf_8(stream, self.encoding)

    def texts(self, separator: str, start: Start) -> Iterator[Text]:
        """
        The file from there on, cut at ends of records.

        Raises:
            SourceError: It cannot be read any further; the message names the row.
        """
        with self.open() as stream:
            stream.read(start.offset)
            offset, row, line = start.offset, start.row, start.line
            rest = b""
            last = False
            size = min(_FIRST_BYTES, _BLOCK_BYTES)
            while not last:
                try:
                    read = stream.read(max(size - len(rest), 1))
                except Undecodable as fault:
                    where = place(_row_of_rest(rest, row, separator), line + count_lines(rest))
                    raise self.undecodable(fault, where) from fault
                last = not read
                rest += read
                size = _BLOCK_BYTES if offset < _LARGE_FROM_BYTES else _LARGE_BLOCK_BYTES
                done = 0
                for text in self._cut(rest, separator, row, line, last=last) if rest else ():
                    self.check(text.content, offset, text.place_of)
                    yield text
                    done += len(text.content)
                    offset += len(text.content)
                    row += len(text.records.ends)
                    line += len(text.records.ends) + len(text.records.inner)
                rest = rest[done:]

    def _cut(self, content: bytes, separator: str, row: int, line: int, *, last: bool) -> Iterator[Text]:
        """The records that are complete in *content*, in parts that can be parsed in one piece each."""
        try:
            records = find_records(content, separator, last=last)
        except OpenQuote as error:
            where = place(row + error.records, line + count_lines(content[: error.offset]))
            raise self.open_quote(where, error.reason) from error
        begin = 0
        for part in records.parts():
            yield Text(content[begin : begin + part.length], part, row, line)
            begin += part.length
            row += len(part.ends)
            line += len(part.ends) + len(part.inner)

    def check(self, content: bytes, offset: int, place_of: Callable[[int], str]) -> None:
        """
        Make sure that bytes of the text, *offset* behind its beginning, are text in UTF-8.

        Raises:
            SourceError: They are not, or hold a NUL.
        """
        nul = content.find(b"\0")
        if nul >= 0:
            raise SourceError(
                f"{self.name}, {place_of(nul)}: there is a NUL byte{self._place(offset + nul)}",
                hint='the file is damaged or is not plain text: save it again as "CSV UTF-8"; if it is text in UTF-16, say so with '
                "`--encoding utf-16-le`",
            )
        if content.isascii():
            return
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            fault = Undecodable(offset + error.start + self.encoding.mark_bytes, content[error.start])
            raise self.undecodable(fault, place_of(error.start)) from error

    def undecodable(self, fault: Undecodable, where: str) -> SourceError:
        """The failure for a byte that is not in the encoding."""
        of = "file" if not self.content.packing else "unpacked text"
        return SourceError(
            f"{self.name}, {where}: the text is not {self.encoding.name} (byte 0x{fault.byte:02X} at offset "
            f"{fault.offset:,} in the {of})",
            hint='if it is the only such place, correct it; else save the file as "CSV UTF-8 (Comma delimited)", or name the '
            "encoding that it is in, as in `--encoding cp1252`",
        )

    def open_quote(self, where: str, reason: str) -> SourceError:
        """The failure for a quote that swallows what follows it."""
        return SourceError(
            f"{self.name}, {where}: {reason}",
            hint='look for a single " there: a quote within a quoted cell is written twice, as in "12"" wide"',
        )

    def _place(self, offset: int) -> str:
        """An offset of the text as one of the file, where that is the same thing."""
        if self.content.packing or self.encoding.codec != "utf-8":
            return ""
        return f" (offset {offset + self.encoding.mark_bytes:,} in the file)"


def place(row: int, line: int) -> str:
    """A row for a message, with its line where that is another number."""
    return f"row {row}" if line == row else f"row {row} (line {line})"


def _row_of_rest(rest: bytes, row: int, separator: str) -> int:
    """Number of the row that goes on behind *rest*, the first of whose rows has this number."""
    try:
        return row + len(find_records(rest, separator, last=False).ends) if rest else row
    except OpenQuote as error:
        return row + error.records
