"""How many processes check a file, and their start while the first one still loads its own libraries."""

from pathlib import Path
from typing import Final

from loader.processes import cores, get_ready

_WORTH_PROCESSES_BYTES: Final = 16_000_000
"""Smaller files are checked before other processes have begun: to start, they load libraries for about a second."""
_NEEDED: Final = ("loader.intake.checking", "pandas")
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
    try:
        return cores() if path.stat().st_size >= _WORTH_PROCESSES_BYTES else 1
    except OSError:
        return 1  # whoever opens it says what is wrong


def expect(path: Path, wanted: int | None) -> None:
    """Let other processes load what they need, if a file looks as if it were worth them; to be called before anything slow."""
    if path.suffix.lower() in _OF_TEXT and processes_for(path, wanted) > 1:
        get_ready(_NEEDED)
