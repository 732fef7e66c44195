"""How many processes check a file, and what begins while the first one still loads its own libraries."""

from pathlib import Path
from typing import Final

from loader.processes.hand import get_ready
from loader.processes.hands import cores
from loader.source.workbook.ahead import read_ahead

_WORTH_PROCESSES_BYTES: Final = 16_000_000
"""Smaller text files are checked before other processes have begun: to start, they load libraries for half a second."""
_PACKED_WORTH_PROCESSES_BYTES: Final = 6_000_000
"""The same of files in which rows are packed, as in a workbook; rows of loans take up a fifth to a tenth of their text."""
_KEPT_BUSY: Final = 2
"""Processes that check what one reads; more of them would wait for it."""
_NEEDED: Final = ("loader.intake.piece_check", "pyarrow.compute")
_NEEDED_FOR_TEXT: Final = (*_NEEDED, "pandas")
_WORTH_READING_AHEAD_BYTES: Final = 2_000_000
"""Smaller workbooks are read in two tenths of a second, which is what a process takes to begin."""
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_PACKED: Final = (".gz", ".zip", ".parquet")
_OF_TEXT: Final = (".csv", ".txt", ".tsv")


def processes_beside(path: Path, wanted: int | None, *, read_here: bool, by_another: bool = False) -> int:
    """
    How many other processes are worth their start to check a file; 0 where this one does it alone.

    Args:
        path: The file.
        wanted: How many processes the user says in all, None for nothing.
        read_here: Whether only one process can read it.
        by_another: Whether that is one which reads already; else it is this one.
    """
    if by_another:  # to check takes about as long as to read
        return max((wanted or 0) - 2, 0)
    if wanted is None:
        wanted = cores() if _is_large(path) else 1
        if read_here:
            wanted = min(wanted, 1 + _KEPT_BUSY)
    if wanted == 1:
        return 0
    return wanted - 1 if read_here else wanted


def expect(path: Path, wanted: int | None) -> None:
    """
    To be called before anything slow: while this process loads what it needs, let others do the same, or read a workbook.

    Neither is done where the file does not look worth it.

    Args:
        path: The file, which is to be checked.
        wanted: How many processes the user says, None for nothing.
    """
    expect_workbook(path, wanted)
    suffix = path.suffix.lower()
    of_text = suffix in _OF_TEXT
    if (of_text or suffix in _PACKED) and processes_beside(path, wanted, read_here=not of_text):
        get_ready(_NEEDED_FOR_TEXT if of_text else _NEEDED)


def expect_workbook(path: Path, wanted: int | None) -> None:
    """The same of a file that is only to be looked at: of workbooks alone."""
    if (
        path.suffix.lower() in _WORKBOOKS
        and (wanted or cores()) > 1
        and _size(path) >= _WORTH_READING_AHEAD_BYTES
    ):
        read_ahead(path)


def _is_large(path: Path) -> bool:
    suffix = path.suffix.lower()
    packed = suffix in _PACKED or suffix in _WORKBOOKS
    return _size(path) >= (_PACKED_WORTH_PROCESSES_BYTES if packed else _WORTH_PROCESSES_BYTES)


def _size(path: Path) -> int:
    """In bytes; 0 where there is no such file, and whoever opens it says what is wrong."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
