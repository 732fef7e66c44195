"""What the sheet of a workbook has as a table, whichever process reads its rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from loader.models.note import Note
    from loader.models.origin import Origin
    from loader.source.file_state import FileState
    from loader.source.reading import Password
    from loader.source.table import Facts, Header


@dataclass
class SheetTable:
    """
    One sheet of a workbook as a table, but for its rows; see `SourceTable`.

    Attributes:
        path: The file.
        sheet: Name of the sheet.
        header_row: Row number of the headers.
        headers: The columns from `A` to the last one with a header, without our own of a rejected workbook.
        digest: SHA-256 of the file's bytes.
        facts: The kind of workbook.
        notes: What was noticed while it was opened.
        origin: The file in which the rows of a rejected workbook were read first, None for any other workbook.
        size: Row number of the sheet's last row with content, and the count of columns up to the last one with any.
        state: Of the file when it was opened.
        password: What opens the workbook, should it have a password.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    origin: Origin | None
    size: tuple[int, int]
    state: FileState
    password: Password | None

    def pieces(self) -> None:
        """See `SourceTable`: one process reads it."""
        return

    def without_rows(self) -> SheetTable:
        """The same without what reads its rows, which no other process can be given."""
        return SheetTable(**{field.name: getattr(self, field.name) for field in fields(SheetTable)})
