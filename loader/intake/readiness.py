"""How many processes check a file, and what begins while the first one still loads its own libraries."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loader.processes import cores, get_ready

_WORTH_PROCESSES_BYTES: Final = 16_000_000
"""Smaller files are checked before other processes have begun: to start, they load libraries for about a second."""
_NEEDED: Final = ("loader.intake.checking", "pandas")
_WORTH_READING_AHEAD_BYTES: Final = 1_000_000
"""Smaller workbooks are read in a few hundredths of a second."""
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_OF_TEXT: Final = (".csv", ".txt", ".tsv")


def processes_for(path: Path, wanted: int | None) -> int:
    """
    How many processes are worth their start for a text file.

    Args:
        path: The file.
        wanted: What the user says, None for nothing.
    """
    if wanted is not None:
        return wanted
    return cores() if _size(path) >= _WORTH_PROCESSES_BYTES else 1


def expect(path: Path, wanted: int | None, needed: Sequence[str]) -> None:
    """
    To be called before anything slow: let other processes load what they need, or read a workbook while this one does.

    Neither is done where the file does not look worth it.

    Args:
        path: The file.
        wanted: How many processes the user says, None for nothing.
        needed: Names of the modules that are imported next.
    """
    if path.suffix.lower() in _OF_TEXT and processes_for(path, wanted) > 1:
        get_ready(_NEEDED)
    if path.suffix.lower() in _WORKBOOKS and _size(path) >= _WORTH_READING_AHEAD_BYTES:
        from loader.source.workbook.ahead import read_ahead  # noqa: PLC0415  text files need none of it

        read_ahead(path, needed)


def _size(path: Path) -> int:
    """In bytes; 0 where there is no such file, and whoever opens it says what is wrong."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
