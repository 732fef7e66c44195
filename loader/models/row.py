"""Where a row stands in the user's file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowRef:
    """
    One row of the source, in the user's own numbering.

    Attributes:
        ordinal: Position among the rows read, from 0; the order of every report.
        sheet: Name of the sheet, "" for a file that has none.
        row: Row number as a spreadsheet program shows it; the first row of a file is 1.
    """

    ordinal: int
    sheet: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet} row {self.row}" if self.sheet else f"row {self.row}"
