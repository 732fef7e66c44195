"""What identifies a file while it is read: its digest, and a cheap sign that it has not changed since."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from loader.errors import SourceError


def digest_of(path: Path) -> str:
    """
    SHA-256 of the file's bytes in hexadecimal, read as a stream.

    Raises:
        SourceError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


@dataclass(frozen=True, slots=True)
class FileState:
    """
    Size and time of the last change of a file.

    Rows are read after the digest was taken, perhaps several times: a run whose rows are not those of its digest
    could never be resumed truthfully.

    Attributes:
        size_bytes: Length of the file.
        changed_ns: Time of the last change, in nanoseconds since 1970.
    """

    size_bytes: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """
        The state of the file now.

        Raises:
            SourceError: The file is gone or may not be read.
        """
        try:
            found = path.stat()
        except OSError as error:
            raise unreadable(path, error) from error
        return cls(found.st_size, found.st_mtime_ns)

    def require_unchanged(self, path: Path) -> None:
        """
        Make sure that the file still is what it was.

        Raises:
            SourceError: It was changed, or is gone.
        """
        if FileState.of(path) != self:
            raise SourceError(
                f"{path.name} was changed while it was being read",
                hint="wait until whatever writes it has finished, then run the command again",
            )


def unreadable(path: Path, error: OSError) -> SourceError:
    """The failure that the user sees for an error of the file system."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"there is no file {path}", hint="check the spelling and the current folder")
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path} is a folder", hint="name one file in it")
    if isinstance(error, PermissionError):
        return SourceError(
            f"{path} may not be read: permission denied",
            hint="close it in other programs, or ask its owner for the right to read it",
        )
    return SourceError(f"{path} cannot be read: {error.strerror or error}")
