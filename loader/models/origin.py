"""Where mended rows come from: the file in which they were read first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """
    The file in which the rows of a rejected workbook were read first.

    File, sheet and row number are a row's identity, however often it is mended: a workbook of rows that were refused once more names
    the same file.

    Attributes:
        run: Name of the run, or of the check, that read the file.
        source_name: The file's name without its folder.
        source_digest: SHA-256 of its bytes, hexadecimal.
        sheet: Its sheet, "" for none.
        first_row: Number of the first row below its headers.
        last_row: Number of its last row.
    """

    run: str
    source_name: str
    source_digest: str
    sheet: str
    first_row: int
    last_row: int

    def holds(self, row: int) -> bool:
        """Whether the file has a row of this number."""
        return self.first_row <= row <= self.last_row

    def __str__(self) -> str:
        where = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.source_name}{where} (run {self.run})"
