"""The shape in which every kind of file reaches the mapping: columns of text, with the row numbers of the user."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, Protocol

from loader.models.note import Note
from loader.models.origin import Origin

ROWS_PER_BATCH: Final = 16_384
"""No batch of a text file has more rows, unless more are asked for."""
SHEET_DIGITS: Final = 15
"""Significant digits of a number in a spreadsheet (Microsoft's "Excel specifications and limits": number precision)."""

_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}


class Kind(IntEnum):
    """
    What a cell was in the file, for the conversions that may trust it.

    `TEXT` is also every cell of a file that knows only text. `DATE` and `DATETIME` cells carry ISO text
    (`2017-03-09`, `2017-03-09T14:30:00`); `NUMBER` the shortest decimal text of the number (`8.2`, `5930`),
    never with an exponent; `FLAG` is `TRUE` or `FALSE`; `ERROR` the spreadsheet's error, such as `#N/A`; `TIME` is a
    time of day or a duration. `PERCENT` is a number that the spreadsheet shows as a percentage, with all of its digits:
    `12.02%`, whether the cell holds 0.1202 or, with a percent sign that is mere text, 12.02. `LOSSY` is a number of a
    spreadsheet with more than 15 digits before its decimal point, of which the last ones may have been lost.
    """

    TEXT = 0
    NUMBER = 1
    DATE = 2
    DATETIME = 3
    FLAG = 4
    ERROR = 5
    TIME = 6
    PERCENT = 7
    LOSSY = 8


@dataclass(frozen=True, slots=True)
class Header:
    """
    One column of the source.

    Attributes:
        index: Position from 0.
        letter: The letter that a spreadsheet program shows, from `A`.
        name: The header's text as it stands in the file, trimmed; "" where there is none.
        has_percents: Whether any of its cells, the header's own among them, is formatted as a percentage in the workbook, or any of
            the rows' is text with a percent sign.
    """

    index: int
    letter: str
    name: str
    has_percents: bool = False


@dataclass(frozen=True, slots=True)
class BadRow:
    """
    A row of the file that cannot be laid under the headers, such as one with too many cells, or one of merged cells.

    Attributes:
        row: Row number of the user.
        message: What is wrong with it, with the expected and the actual count of cells.
        cells: What was read, as it was read, for the rejected workbook.
        rule: Stable name of what is wrong.
        advice: What to do about it.
    """

    row: int
    message: str
    cells: tuple[str, ...]
    rule: str = "row.ragged"
    advice: str = "mend the row so that each cell stands under its header"


@dataclass(frozen=True, slots=True)
class Batch:
    """
    Some thousand rows of the source, column by column, in the order of the file.

    Rows without any text are not in it: they are counted in `blank_rows` and are no rows. A row that cannot be laid under
    the headers is in it with all cells blank, and in `bad_rows` by its position in the batch.

    Attributes:
        first_ordinal: Position of the batch's first row among the rows read, from 0.
        rows: Row numbers of the user, ascending.
        columns: For each header, one text for each row, exactly as in the file; "" for a blank cell.
        kinds: For each header, one byte (`Kind`) for each row, or None where all are text.
        bad_rows: Position in the batch to what is wrong with that row.
        blank_rows: How many rows without any text were passed over since the batch before.
        notes: What was noticed in the batch.
        lines: For each row the number of the physical line on which it begins, where that differs from its row number
            somewhere in the batch; None where it does not, and in workbooks.
        originals: For each row its number in the table's `origin`, None for a row that is new; None where the table has no origin.
    """

    first_ordinal: int
    rows: Sequence[int]
    columns: Sequence[Sequence[str]]
    kinds: Sequence[bytes | None]
    bad_rows: dict[int, BadRow]
    blank_rows: int
    notes: tuple[Note, ...] = ()
    lines: Sequence[int] | None = None
    originals: Sequence[int | None] | None = None

    @property
    def other_lines(self) -> Sequence[int | None] | None:
        """The lines, None in the place of one that is the row number; None where all are."""
        if self.lines is None:
            return None
        return [None if line == row else line for row, line in zip(self.rows, self.lines, strict=True)]


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What kind of file it turned out to be.

    Attributes:
        format: As people name it, such as `CSV`, `Excel workbook (.xlsx)` or `OpenDocument spreadsheet (.ods)`.
        encoding: Of a text file, as it was read, such as `UTF-8`; "" for others.
        delimiter: The character between the cells of a text file; "" for others.
        header_rows: How many rows the headers take up, as the template has it; the last of them is the table's header row.
        declared_row: Row number of the headers as the template has it, where that may be another: the headers of a table in a sheet
            stand where the table begins, those of a Parquet file in no row. 0 where nothing else was declared.
        names_apart: Whether the columns' names stand apart from the rows, so that no row can be taken for them.
    """

    format: str
    encoding: str = ""
    delimiter: str = ""
    header_rows: int = 1
    declared_row: int = 0
    names_apart: bool = False

    @property
    def named(self) -> str:
        """All that tells how it is read, in a line: `CSV, UTF-8, comma between cells`."""
        between = _SIGNS.get(self.delimiter, f'"{self.delimiter}"')
        delimiter = f"{between} between cells" if self.delimiter else ""
        return ", ".join(part for part in (self.format, self.encoding, delimiter) if part)


class Described(Protocol):
    """
    What is known of a table beside its rows.

    Attributes:
        sheet: Name of the sheet, or of the member of a ZIP archive; "" for a file that has none.
        headers: The columns, in the order of the file.
        digest: SHA-256 of the file's bytes, in hexadecimal, taken when the table was opened.
        facts: What kind of file it is.
        origin: The file in which its rows were read first, where it is a rejected workbook that says so.
    """

    @property
    def sheet(self) -> str: ...  # noqa: D102
    @property
    def headers(self) -> tuple[Header, ...]: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102
    @property
    def facts(self) -> Facts: ...  # noqa: D102
    @property
    def origin(self) -> Origin | None: ...  # noqa: D102


class PieceReader(Described, Protocol):
    """Reads pieces of a table; can be handed to another process."""

    def batch(self, piece: Any) -> Batch:
        """
        The rows of a piece, counted from its beginning: the ordinal of the first is 0.

        Raises:
            SourceError: The file cannot be read any more.
        """
        ...

    def closing_notes(self, batch: Batch) -> tuple[Note, ...]:
        """What is to be noted of the last rows of a piece, where these are the last of the table."""
        ...


class Pieces(Protocol):
    """A table in pieces that several processes can read, each by itself; all of them together are its batches."""

    @property
    def reader(self) -> PieceReader: ...  # noqa: D102

    def __iter__(self) -> Iterator[Any]:
        """
        The pieces, in the order of the file.

        Raises:
            SourceError: The file cannot be read any further; the message says where.
        """
        ...


class SourceTable(Protocol):
    """
    One table of a source file, readable any number of times.

    Attributes:
        path: The file.
        sheet: Name of the sheet, or of the member of a ZIP archive; "" for a file that has none.
        header_row: Row number of the headers.
        headers: The columns, in the order of the file.
        digest: SHA-256 of the file's bytes, in hexadecimal, taken when the table was opened.
        facts: What kind of file it is.
        notes: What was noticed while it was opened; what is noticed in its rows comes with the batches.
        origin: The file in which its rows were read first, where it is a rejected workbook that says so.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    origin: Origin | None

    def batches(self, rows_per_batch: int | None = None) -> Iterator[Batch]:
        """
        Read the table from its first row below the headers.

        Args:
            rows_per_batch: How many rows each batch has but the last one; None for as many as are read at once.

        Raises:
            SourceError: The file cannot be read any further; the message says where.
        """
        ...

    def pieces(self) -> Pieces | None:
        """The same rows for several processes; None where only one can read the table."""
        ...


def column_letter(index: int) -> str:
    """The letter of a column from its position: 0 is `A`, 25 is `Z`, 26 is `AA`."""
    letter = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letter = chr(ord("A") + rest) + letter
    return letter
