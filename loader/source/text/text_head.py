"""The first rows of a text file, as one separator or another has them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from loader.errors import SourceError
from loader.source.packed import Stream
from loader.source.text.records import LONGEST_RECORD_BYTES, quote_fault
from loader.source.text.text_file import TextFile, place
from loader.source.text.transcoding import Undecodable

_SEPARATOR_LINE: Final = re.compile(rb'"?sep=([^\r\n])"?(?:\r\n|\r|\n)', re.IGNORECASE)
_FIRST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row as one separator has it.

    Attributes:
        line: Its bytes as Latin-1, which keeps their count.
        end: Offset behind it.
        place: Row and line for messages.
        next_line: Number of the line behind it.
    """

    line: str
    end: int
    place: str
    next_line: int

    @property
    def content(self) -> bytes:
        """The row as it stands in the text."""
        return self.line.encode("latin-1")


class Head:
    """
    The beginning of a text, as much of it as is asked for.

    Attributes:
        told: The separator that the first line names, None where it names none.
        first_line: Number of the physical line on which row 1 begins.
    """

    def __init__(self, text: TextFile, stream: Stream) -> None:
        self._text, self._stream = text, stream
        self._content = b""
        self._whole = False
        self._fault: Undecodable | None = None
        self._grow()
        told = _SEPARATOR_LINE.match(self._content)
        self.told = told[1].decode("latin-1") if told and told[1] not in b'"\0' else None
        self._begin = told.end() if told and self.told else 0
        self.first_line = 2 if self.told else 1

    def rows(self, count: int, separator: str) -> list[Row]:
        """
        The first rows.

        Raises:
            SourceError: There are fewer, or one of them does not end.
        """
        found = self.rows_there(count, separator)
        cut_off = len(found) < count or (
            found[-1].end == len(self._content) and not found[-1].line.endswith(("\r", "\n"))
        )
        if self._fault is not None and cut_off:
            raise self._text.undecodable(self._fault, found[-1].place if found else "row 1")
        if len(found) < count:
            raise self._none_such(len(found), count)
        return found

    def rows_there(self, count: int, separator: str) -> list[Row]:
        """
        As many of the first rows as there are.

        Raises:
            SourceError: One of them does not end.
        """
        while True:
            found = self._rows(count, separator)
            ended = len(found) == count and found[-1].end < len(self._content)
            if self._whole or ended:
                return found
            self._grow()

    def _rows(self, count: int, separator: str) -> list[Row]:
        """The same in what has been read so far; the last one may go on."""
        csv.field_size_limit(max(csv.field_size_limit(), len(self._content)))
        text = io.StringIO(self._content[self._begin :].decode("latin-1"), newline="")
        found: list[Row] = []
        end, line = self._begin, self.first_line
        while len(found) < count:
            read: list[str] = []
            where = place(len(found) + 1, line)
            for _ in csv.reader(self._lines(text, read, where), delimiter=separator):
                break
            if not read:
                break
            end += sum(map(len, read))
            line += len(read)
            found.append(Row("".join(read), end, where, line))
        return found

    def _lines(self, text: io.StringIO, read: list[str], where: str) -> Iterator[str]:
        """Lines of one row, kept in *read*; a row that does not end has an unclosed quote."""
        length = 0
        while line := text.readline():
            read.append(line)
            length += len(line)
            if length > LONGEST_RECORD_BYTES:
                raise self._text.open_quote(
                    where, f"the row does not end within {LONGEST_RECORD_BYTES:,} bytes"
                )
            yield line

    def _none_such(self, rows: int, number: int) -> SourceError:
        name = self._text.name
        if not rows:
            return SourceError(f"{name} is empty", hint="check that it was written completely")
        return SourceError(
            f"{name} has {rows} row{'' if rows == 1 else 's'}, so its headers cannot be in row {number}",
            hint="say in the template which row holds them, as in `rows: {header: 1}`",
        )

    def _grow(self) -> None:
        """Read as much again as there is, and more."""
        try:
            read = self._stream.read(max(_FIRST_BYTES, 3 * len(self._content)))
        except Undecodable as fault:  # told where a row needs what stands behind it
            self._fault, read = fault, b""
        self._content += read
        self._whole = not read


def strict_cells(text: TextFile, row: Row, separator: str) -> list[str]:
    """
    The cells of a row of headers.

    Raises:
        SourceError: It is no text, or a quote in it is not closed.
    """
    text.check(row.content, row.end - len(row.content), lambda _: row.place)
    try:
        line = io.StringIO(row.content.decode("utf-8"), newline="")
        return next(csv.reader(line, delimiter=separator, strict=True))
    except csv.Error as error:
        raise text.open_quote(row.place, quote_fault(error)) from error


def loose_cells(row: Row, separator: str) -> list[str]:
    """The cells of a row that may be no row of headers, whatever its bytes and quotes are."""
    line = io.StringIO(row.content.decode("utf-8", "replace"), newline="")
    return next(csv.reader(line, delimiter=separator), [])
