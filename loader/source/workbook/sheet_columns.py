"""The cells of a sheet as columns of text with their kinds: what calamine gives, and what it does not tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, Final

from loader.models.note import NOISE, NOISE_TOLD, Note, tallied
from loader.source.cells import PercentColumns, column_of
from loader.source.structure import Area
from loader.source.table import Header, Kind
from loader.source.texts import Texts
from loader.source.variety import Variety
from loader.source.workbook.sheet_marks import SheetMarks

_ROWS_PER_BLOCK: Final = 4_096
_ROWS_AT_ONCE: Final = 512
"""Rows that become columns of text at once: with more of them, their cells leave the processor's memory before they are used."""
MIXED = "percent.mixed-column"


@dataclass(frozen=True, slots=True)
class SheetRows:
    """
    Some rows of a sheet.

    Attributes:
        rows: Their numbers.
        columns: For each column, from `A` on, one text for each row.
        kinds: For each column one byte (`Kind`) for each row, or None where all are text.
        notes: What was noticed.
    """

    rows: range
    columns: list[Texts]
    kinds: list[bytes | None]
    notes: tuple[Note, ...]


class SheetColumns:
    """
    Converts the columns of one sheet.

    Args:
        marks: Errors and percentages of the sheet.
        headers: The columns that have a header.
        header_row: Row number of the headers.
        width: How many columns the headers take up, from `A` on; there are as many in the rows, or more.
        area: What of the sheet is read, None for all of it: columns left of it are blank, and there are none right of it.
    """

    def __init__(
        self, marks: SheetMarks, headers: Sequence[Header], header_row: int, width: int, area: Area | None
    ) -> None:
        self._marks = marks
        self._headers = headers
        self._width, self._area = width, area
        self._percents = PercentColumns(marks.percents.formats)
        self._variety = Variety()
        self._mixed = [_mixed(marks, header, header_row) for header in headers if header.has_percents]

    def read(self, lines: Iterator[list[Any]], first_row: int, first_column: int) -> Iterator[SheetRows]:
        """
        The rows of the sheet, some thousand at a time, the last ones fewer.

        Args:
            lines: As calamine gives them; all are of one length.
            first_row: Row number of the first.
            first_column: Position of the column in which they begin.
        """
        parts: list[SheetRows] = []
        while chunk := list(islice(lines, _ROWS_AT_ONCE)):
            rows = range(first_row, first_row + len(chunk))
            first_row = rows.stop
            parts.append(self._part(rows, self._laid_out(chunk, first_column)))
            if rows.stop - parts[0].rows.start >= _ROWS_PER_BLOCK:
                yield self._joined(parts)
                parts = []
        if parts:
            yield self._joined(parts)

    def _laid_out(self, lines: Sequence[list[Any]], first_column: int) -> list[Sequence[Any]]:
        """The cells of some rows by column, from `A` to the last one that is read."""
        blank = ("",) * len(lines)
        columns: list[Sequence[Any]] = [blank] * first_column
        columns += zip(*lines, strict=True)
        columns += [blank] * (self._width - len(columns))
        if self._area:
            columns[: self._area.first_column] = [blank] * self._area.first_column
            del columns[self._width :]
        return columns

    def _part(self, rows: range, cells: Sequence[Sequence[Any]]) -> SheetRows:
        """Some rows, by column, from `A` on."""
        columns: list[Sequence[str]] = []
        kinds: list[bytes | None] = []
        notes: list[Note] = []
        for index, column in enumerate(cells):
            marks = self._marks.percents.marks(index, rows)
            texts: Sequence[str]
            if marks is None:
                texts, of_cells = _column_of(column)
            else:
                texts, of_cells, rounded = self._percents.column_of(column, marks)
                if rounded and index < len(self._headers):
                    notes.append(_noise(self._headers[index], len(rounded), rows[rounded[0]]))
            columns.append(texts)
            kinds.append(of_cells)
        self._lay_faults(rows, columns, kinds)
        self._lay_texts(rows, columns)
        for note, index in self._mixed:
            of_column = kinds[index] or b""
            if count := of_column.count(Kind.NUMBER):
                notes.append(replace(note, count=count, first_row=rows[of_column.index(Kind.NUMBER)]))
        return SheetRows(rows, list(map(_without_python, columns)), kinds, tuple(notes))

    def _joined(self, parts: Sequence[SheetRows]) -> SheetRows:
        """Parts that follow one another, with what is known of their columns as a whole."""
        columns = []
        for index, of_column in enumerate(zip(*(part.columns for part in parts), strict=True)):
            texts = Texts.stacked(of_column)
            columns.append(self._variety.texts(index, texts.arrow) if texts.is_sound else texts)
        kinds = [
            b"".join(kind or bytes(len(part.rows)) for kind, part in zip(of_column, parts, strict=True))
            if any(of_column)
            else None
            for of_column in zip(*(part.kinds for part in parts), strict=True)
        ]
        rows = range(parts[0].rows.start, parts[-1].rows.stop)
        return SheetRows(rows, columns, kinds, tallied(chain.from_iterable(part.notes for part in parts)))

    def _lay_faults(self, rows: range, columns: list[Sequence[str]], kinds: list[bytes | None]) -> None:
        """Put what calamine shows as blank although it is an error into the columns that there are."""
        faults = self._marks.faults
        if not faults:
            return
        for position, row in enumerate(rows):
            for index, text in faults.get(row, {}).items():
                if index < len(columns) and not columns[index][position]:
                    _lay(columns, index, position, text)
                    kind = bytearray(kinds[index] or bytes(len(rows)))
                    kind[position] = Kind.ERROR
                    kinds[index] = bytes(kind)

    def _lay_texts(self, rows: range, columns: list[Sequence[str]]) -> None:
        """Put the whole text where calamine gives another one."""
        if not self._marks.texts:
            return
        for position, row in enumerate(rows):
            for index, text in self._marks.texts.get(row, {}).items():
                if index < len(columns):
                    _lay(columns, index, position, text)


def _column_of(cells: Sequence[Any]) -> tuple[Sequence[str], bytes | None]:
    """The same as `column_of`; that a column holds text alone, as most do, is seen soonest by joining it."""
    try:
        return Texts.of(cells), None
    except TypeError:
        return column_of(cells)


def _without_python(column: Sequence[str]) -> Texts:
    """A column as Arrow holds it: so the memory of its cells, which the processor has at hand, can be used for the next ones."""
    texts = Texts.of(column)
    return Texts(None, texts.arrow) if texts.is_sound else texts


def _lay(columns: list[Sequence[str]], index: int, position: int, text: str) -> None:
    """Put a text in the place of a cell."""
    column = columns[index]
    columns[index] = cells = column if type(column) is list else list(column)
    cells[position] = text


def _noise(header: Header, count: int, first_row: int) -> Note:
    return Note(
        NOISE,
        NOISE_TOLD,
        count,
        header.name,
        header.letter,
        first_row,
    )


def _mixed(marks: SheetMarks, header: Header, header_row: int) -> tuple[Note, int]:
    """What is told of plain numbers in a column of percentages, and the column's position."""
    count, first_row = marks.percents.rows_of(header.index, header_row + 1)
    others = f"{count:,} are, first in row {first_row}" if count else "its header is"
    message = f"plain numbers in a column in which other cells are formatted as percentages ({others})"
    return Note(MIXED, message, 0, header.name, header.letter), header.index
