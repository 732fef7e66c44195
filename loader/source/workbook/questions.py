"""What a process is asked that reads a workbook for another one, and its first answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from loader.models.note import Note
    from loader.models.origin import Origin
    from loader.source.file_state import FileState
    from loader.source.reading import Reading
    from loader.source.table import Facts, Header


@dataclass(frozen=True, slots=True)
class Opening:
    """Asks the process to open its workbook as a table."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Rows:
    """Asks it for the first batch of the table; for how many rows, see `SourceTable.batches`."""

    per_batch: int | None


MORE: Final = "more"
"""Asks it for the next one."""


@dataclass(frozen=True, slots=True)
class OpenedThere:
    """What a table of a workbook has beside its rows; see `ExcelTable`."""

    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    origin: Origin | None
    size: tuple[int, int]
    state: FileState
