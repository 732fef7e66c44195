"""The cells of a sheet as columns of text with their kinds: what calamine gives, and what it does not tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final

from loader.models.note import NOISE, NOISE_TOLD, Note
from loader.source.cells import PercentColumns, column_of
from loader.source.table import Header, Kind
from loader.source.text.csv_block import Variety
from loader.source.texts import Texts
from loader.source.workbook.sheet_marks import SheetMarks

_ROWS_AT_ONCE: Final = 512
"""Rows that are turned into columns at once: with more of them, their cells leave the processor's memory before they are used."""
_SHARED_AT_MOST: Final = 16_384
_OF_TEXT: Final = {str}
MIXED = "percent.mixed-column"


class SheetColumns:
    """
    Converts the columns of one sheet.

    Args:
        marks: Errors and percentages of the sheet.
        headers: The columns that have a header.
        header_row: Row number of the headers.
    """

    def __init__(self, marks: SheetMarks, headers: Sequence[Header], header_row: int) -> None:
        self._marks = marks
        self._headers = headers
        self._percents = PercentColumns(marks.percents.formats)
        self._variety = Variety()
        self._shared: dict[int, dict[str, str]] = {}  # texts of columns that repeat themselves
        self._mixed = [_mixed(marks, header, header_row) for header in headers if header.has_percents]

    def laid_out(self, rows: Iterator[list[Any]], first: int) -> list[Sequence[Any]]:
        """
        The cells of some rows by column, from `A` on; none where there are no rows.

        Args:
            rows: As calamine gives them.
            first: Position of the column in which they begin.
        """
        parts = []
        while chunk := list(islice(rows, _ROWS_AT_ONCE)):
            columns: list[Sequence[Any]] = [("",) * len(chunk)] * first
            columns += zip(*chunk, strict=True)
            for index, known in self._shared.items():
                column = columns[index] if index < len(columns) else ()
                if set(map(type, column)) == _OF_TEXT:  # cells of other types may be equal and not the same
                    columns[index] = tuple(map(known.setdefault, column, column))
            parts.append(columns)
        return [list(chain.from_iterable(of_column)) for of_column in zip(*parts, strict=True)]

    def convert(
        self, rows: range, cells: Sequence[Sequence[Any]]
    ) -> tuple[list[Texts], list[bytes | None], tuple[Note, ...]]:
        """
        Some rows of the sheet.

        Args:
            rows: Their numbers.
            cells: Their cells as calamine gives them, by column, from `A` on.

        Returns:
            For each column one text for each row; for each column one byte (`Kind`) for each row, or None where all are
            text; and what was noticed.
        """
        columns: list[list[str]] = []
        kinds: list[bytes | None] = []
        notes: list[Note] = []
        for index, column in enumerate(cells):
            marks = self._marks.percents.marks(index, rows)
            if marks is None:
                texts, of_cells = column_of(column)
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
        return [self._known(*column) for column in enumerate(columns)], kinds, tuple(notes)

    def _known(self, index: int, column: list[str]) -> Texts:
        """A column with what is known of it as a whole."""
        texts = Texts.of(column)
        texts.coded = self._variety.coded(index, texts.arrow) if texts.is_sound else None
        if texts.coded is None:
            self._shared.pop(index, None)
        elif len(self._shared.setdefault(index, {})) > _SHARED_AT_MOST:
            self._shared[index].clear()
        return texts

    def _lay_faults(self, rows: range, columns: list[list[str]], kinds: list[bytes | None]) -> None:
        """Put what calamine shows as blank although it is an error into the columns that there are."""
        faults = self._marks.faults
        if not faults:
            return
        for position, row in enumerate(rows):
            for index, text in faults.get(row, {}).items():
                if index < len(columns) and not columns[index][position]:
                    columns[index][position] = text
                    kind = bytearray(kinds[index] or bytes(len(rows)))
                    kind[position] = Kind.ERROR
                    kinds[index] = bytes(kind)

    def _lay_texts(self, rows: range, columns: list[list[str]]) -> None:
        """Put the whole text where calamine gives another one."""
        if not self._marks.texts:
            return
        for position, row in enumerate(rows):
            for index, text in self._marks.texts.get(row, {}).items():
                if index < len(columns):
                    columns[index][position] = text


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
