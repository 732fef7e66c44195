"""What a process is asked that reads a workbook for another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from loader.source.reading import Reading


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
