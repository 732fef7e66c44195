"""Damaged files, said in plain words: the libraries that unpack and parse fail in many ways, all of which mean the same."""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from xml.parsers import expat

from loader.errors import SourceError

COPY_AGAIN: Final = "save it again, or copy it again from where it came from"
_SHOWN_LETTERS: Final = 80

_FAILURES: Final = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    expat.ExpatError,
    struct.error,
    LookupError,
    OSError,  # a place to seek to that no file has
    OverflowError,
    StopIteration,
    ValueError,  # UnicodeDecodeError among others: names and texts that are none, numbers that are none
    RuntimeError,  # zipfile: an encrypted member, or a method of compression that it does not know
)


@contextmanager
def told_as_damage(where: str, hint: str = COPY_AGAIN) -> Iterator[None]:
    """
    Failures of unpacking and of parsing what was unpacked, as failures for the user.

    Args:
        where: The file, or file and sheet, for the message.
        hint: What to do.

    Raises:
        SourceError: One of the libraries cannot make anything of the bytes.
    """
    try:
        yield
    except _FAILURES as error:
        raise SourceError(f"{where} is damaged: {error}", hint=hint) from error


def short_name(part: str) -> str:
    """The name of a part of a file as a message shows it; a damaged one may be of any length."""
    return part if len(part) <= _SHOWN_LETTERS else f"{part[: _SHOWN_LETTERS - 1]}…"
