"""Where a row stands in the user's file."""

from loader.models.record import Record


class RowRef(Record, frozen=True):
    """
    One row of the source, in the user's own numbering.

    Attributes:
        ordinal: Position among the rows read, from 0; the order of every report.
        sheet: Name of the sheet, "" for a file that has none.
        row: Row number as a spreadsheet program shows it; the first row of a file is 1.
        line: Number of the physical line on which the row begins, as a text editor shows it; None where it is the row number,
            and in workbooks.
        original: Of a mended row its number in the file in which it was read first (`models.origin`); None for any other row.
    """

    ordinal: int
    sheet: str
    row: int
    line: int | None = None
    original: int | None = None

    @property
    def number(self) -> str:
        """The row number for a person, with the line where that is another: `7 (line 12)`."""
        return f"{self.row}" if self.line is None else f"{self.row} (line {self.line})"

    def __str__(self) -> str:
        return f"{self.sheet} row {self.number}" if self.sheet else f"row {self.number}"
