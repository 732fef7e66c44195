"""
Puts a finished file under its final name, whole or not at all.

A report is written aside, in a private folder beside its target, and moved over the target in one step when it
is complete and on the disk. Whoever opens the target sees the former report or the new one, never half of one.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loader.errors import ReportError
from loader.report.aside import folder_aside, sweep

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PRIVATE = 0o600
_USUAL = 0o666  # the process' umask takes its share, as for any file


@contextmanager
def published(target: Path, *, run: str = "", private: bool = False) -> Iterator[Path]:
    """
    A path to write to, which becomes *target* when the block ends without an exception.

    The path exists already, empty and with its final mode, in a folder that nobody else can enter and that
    is removed in any case; further temporary files may be put beside it. A target that is a symbolic link is followed.
    What killed processes left beside the target is removed first.

    Args:
        target: Where the file is to be; its folder must exist.
        run: Name of the run that can rebuild the file, for the hint; "" for a file that no run can rebuild.
        private: True gives the file mode 0600 from its creation on.

    Raises:
        ReportError: The target cannot be written. What stood there before still stands there.
    """
    final = checked_target(target, run=run)
    sweep(final.parent)
    try:
        with folder_aside(final.parent) as aside:
            path = aside / final.name
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE if private else _USUAL))
            yield path
            _to_disk(path)
            path.replace(final)
            _folder_to_disk(final.parent)
    except OSError as error:
        raise _cannot_write(target, error, run) from error


def checked_target(target: Path, *, run: str = "") -> Path:
    """
    The real path that a report for *target* will be moved to.

    Commands call it before a long run as well, so that a wrong path is known before anything is sent.

    Raises:
        ReportError: The target is a folder, or lies in none that exists.
    """
    try:
        final = Path(os.path.realpath(target))
        if final.is_dir():
            example = target / "results.xlsx"
            raise ReportError(
                f"{target} is a folder, not a file", hint=f"name a file in it, such as {example}"
            )
        if not final.parent.is_dir():
            what = "is not a folder" if final.parent.exists() else "does not exist"
            raise ReportError(
                f"{target} cannot be written: {target.parent} {what}",
                hint=f"create the folder or name another one; {_safety(run)}",
            )
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise _cannot_write(target, error, run) from error
    return final


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Make the new name durable; Windows does that by itself and cannot open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(target: Path, error: OSError | ValueError, run: str) -> ReportError:
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    if isinstance(error, PermissionError):
        remedy = (
            "close it where it is open (Excel locks an open workbook), or name a file in a folder of yours"
        )
    elif getattr(error, "errno", None) in _NO_SPACE:
        remedy = "make room on the disk, or name a file on another one"
    else:
        remedy = "name another file"
    return ReportError(f"{target} cannot be written: {reason}", hint=f"{remedy}; {_safety(run)}")


def _safety(run: str) -> str:
    if run:
        return f"the run is safe in the journal, and `loader report {run}` writes the file again"
    return "then run the command again"
