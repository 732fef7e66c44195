"""A table that comes through a pipe, kept in a private file while it is needed: it is read more than once."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from loader.errors import SourceError, UsageError
from loader.scratch import ScratchFolder
from loader.source.packed import GZIP, ZIP
from loader.source.parquet.file import MAGIC as PARQUET

STANDARD_INPUT: Final = Path("-")
"""What a user writes for standard input in the place of a file."""

_SUFFIXES: Final = {GZIP: ".csv.gz", ZIP: ".zip", PARQUET: ".parquet", b"\xd0\xcf\x11\xe0": ".xls"}
_LONGEST_MARK: Final = 4
_PRIVATE: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)  # Windows alone has it


@contextmanager
def path_at_hand(path: Path) -> Iterator[Path]:
    """
    A file that can be read more than once: where it is standard input, that is kept while the block lasts.

    Raises:
        UsageError: Standard input is a terminal.
        SourceError: It cannot be kept.
    """
    if path != STANDARD_INPUT:
        yield path
        return
    if sys.stdin.isatty():
        raise UsageError(
            "- stands for standard input, and nothing is piped into it",
            hint="name a file, or pipe one in, as in `zcat loans.csv.gz | loader check - -t portfolio`",
        )
    with spooled(sys.stdin.buffer) as kept_path:
        yield kept_path


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[Path]:
    """
    All bytes of a stream in a file that only its owner can read, removed at the end of the block.

    Raises:
        SourceError: They cannot be kept.
    """
    with ScratchFolder("input") as folder:
        try:
            head = stream.read(_LONGEST_MARK)
            suffix = next((suffix for mark, suffix in _SUFFIXES.items() if head.startswith(mark)), ".csv")
            path = Path(folder) / f"standard-input{suffix}"
            with _private(path) as file:
                file.write(head)
                shutil.copyfileobj(stream, file, 1 << 20)
        except OSError as error:
            raise SourceError(
                f"standard input cannot be kept in {tempfile.gettempdir()}: {error.strerror or error}",
                hint="make room there or name another folder in TMPDIR, or save the table as a file",
            ) from error
        yield path


def keep_copy(source: Path, target: Path) -> None:
    """
    Copy a file to where only its owner can read it; it is on disk when this returns.

    Raises:
        OSError: It cannot be written, or is there already.
    """
    with source.open("rb") as read, _private(target) as file:
        shutil.copyfileobj(read, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, _PRIVATE, 0o600), "wb")
