"""A file as it is, without a template: what kind it is, where its headers are, and what each of its columns holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from loader.errors import SourceError
from loader.inspection.column_facts import ColumnFacts
from loader.inspection.header_guess import SEARCHED_ROWS, Line, guessed_header_row
from loader.inspection.looks import Looks
from loader.inspection.profile import Profile
from loader.models.folding import folded
from loader.models.note import Note, tallied
from loader.source.open import open_table
from loader.source.parquet.file import ParquetTable
from loader.source.reading import Reading
from loader.source.table import Batch, SourceTable
from loader.source.workbook.merged import MergedHeadersError
from loader.source.workbook.sheets import SheetFacts, sheets_of

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What is in a file.

    Attributes:
        table: The file as it was opened.
        sheets: Of a workbook all of them, with their sizes; else none.
        header_guessed: Whether the header row is a guess.
        rows_read: Rows below the headers that are not blank.
        blank_rows: Rows that hold nothing.
        columns: In the order of the file.
        notes: What was noticed about the file and its rows; what was noticed about a column is there.
    """

    table: SourceTable
    sheets: tuple[SheetFacts, ...]
    header_guessed: bool
    rows_read: int
    blank_rows: int
    columns: tuple[ColumnFacts, ...]
    notes: tuple[Note, ...]

    @property
    def all_notes(self) -> tuple[Note, ...]:
        """What was noticed about the file, its rows and its columns."""
        return (*self.notes, *(note for column in self.columns for note in column.notes))


def inspect(path: Path, reading: Reading, heard: Callable[[int], None]) -> Inspection:
    """
    Read a file once, from its headers to its end.

    Args:
        path: The file.
        reading: What the user says of it. Hidden rows are read unless it says otherwise: nothing is sent by this.
        heard: Called now and then with the rows read so far.

    Raises:
        SourceError: The file cannot be read.
    """
    table, guess = _opened(path, replace(reading, hidden=reading.hidden or "include"))
    profile = Profile(table, nameless=guess.found_none)
    rows_read = blank_rows = 0
    notes = (*guess.notes, *table.notes, *(() if guess.found_none else _of_headers(table)))
    for batch in table.batches():
        rows_read += len(batch.rows)
        blank_rows += batch.blank_rows
        notes = tallied((*notes, *batch.notes, *_of_rows(batch)))
        profile.add(batch)
        heard(rows_read)
    return Inspection(
        table=table,
        sheets=sheets_of(table),
        header_guessed=guess.is_guess,
        rows_read=rows_read,
        blank_rows=blank_rows,
        columns=profile.columns(),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file with its first rows, under one assumption of how it is to be read."""

    table: SourceTable
    lines: Sequence[Line]
    header_row: int | None

    @property
    def regular(self) -> tuple[int, int]:
        """How many of the first rows have the usual count of cells, and that count; nothing where they have but one cell."""
        widths = [len(line.cells) for line in self.lines]
        width = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(width), width) if width > 1 else (0, 1)


@dataclass(frozen=True, slots=True)
class _Guess:
    """What was guessed to open a file."""

    is_guess: bool = True
    found_none: bool = False

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is told of it."""
        message = (
            "no row looks like headers, and row 1 was taken for them and is not shown: the file may have none"
        )
        return (Note("header.not-found", message),) if self.found_none else ()


def _opened(path: Path, reading: Reading) -> tuple[SourceTable, _Guess]:
    """
    The table under the row that looks like its headers.

    A text file whose first line is a title shows only below it what stands between its cells: each character is tried then.
    """
    looks = Looks()
    found = _beginning(path, reading, looks)
    table = found.table
    named_part = table.facts.declared_row not in {0, table.header_row}  # of a workbook: it has its place
    if isinstance(table, ParquetTable) or named_part:
        return table, _Guess(is_guess=False)
    in_doubt = found.header_row != table.header_row or len(table.headers) == 1
    if in_doubt and table.facts.delimiter and reading.delimiter is None:
        others = [sign for sign in _DELIMITERS if sign != table.facts.delimiter]
        tried = [found, *(_beginning(path, replace(reading, delimiter=sign), looks) for sign in others)]
        found = max(tried, key=lambda one: one.regular)
        reading = replace(reading, delimiter=found.table.facts.delimiter)
    if found.header_row == found.table.header_row:
        return found.table, _Guess()
    if found.header_row is None:
        return open_table(path, reading), _Guess(found_none=True)
    return _opened_at(path, reading, found.header_row), _Guess()


def _opened_at(path: Path, reading: Reading, row: int) -> SourceTable:
    """The table with its headers in a row, or in it and the next one where cells of both are merged."""
    try:
        return open_table(path, replace(reading, header_row=row))
    except MergedHeadersError:
        return open_table(path, replace(reading, header_row=row + 1, header_rows=2))


def _beginning(path: Path, reading: Reading, looks: Looks) -> _Opened:
    """The file with its first row as headers, whatever that holds."""
    try:
        table = _opened_at(path, reading, 1)
    except SourceError:
        table = open_table(path, replace(reading, letters_used=frozenset({"A"})))  # row 1 may be blank
    lines = [Line(table.header_row, [header.name for header in table.headers])]
    for batch in islice(table.batches(SEARCHED_ROWS), 1):
        for at, row in enumerate(batch.rows):
            bad = batch.bad_rows.get(at)
            lines.append(Line(row, bad.cells if bad else [column[at] for column in batch.columns]))
    return _Opened(table, lines, guessed_header_row(lines, looks))


def _of_rows(batch: Batch) -> Iterator[Note]:
    if batch.bad_rows:
        message = "rows that do not fit under the headers (too many or too few cells, or merged ones): each would be refused"
        yield Note("rows.misfit", message, len(batch.bad_rows), first_row=batch.rows[min(batch.bad_rows)])


def _of_headers(table: SourceTable) -> Iterator[Note]:
    """Headers that stand twice: a template that names one is refused."""
    seen: set[str] = set()
    for header in table.headers:
        name = folded(header.name)
        if name and name in seen:
            message = (
                "the header stands over another column too: a template names such columns by their letters"
            )
            yield Note("header.doubled", message, column=header.name, letter=header.letter)
        seen.add(name)
