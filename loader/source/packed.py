"""Files that lie packed in another file: `.gz`, and one member of a `.zip`, unpacked as a stream and within bounds."""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from loader.errors import SourceError
from loader.source.file_state import unreadable

TEXT_SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".psv", ".dat"})
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"

_HEAD_BYTES: Final = 4_096
_UNBOUNDED_BYTES: Final = 64 << 20
_LARGEST_RATIO: Final = 250
"""
Times its packed size that a file may have unpacked, once it is larger than 64 MiB.

Deflate reaches 1,032 (https://www.zlib.net/zlib_tech.html) on bytes that are all alike; tables of loans reach 5 to 30.
"""
_LISTED_AT_MOST: Final = 10
_NO_TEXT: Final = (GZIP, ZIP, b"\xd0\xcf\x11\xe0", b"PAR1")
_HINT_AGAIN: Final = "copy it again from where it came from, or unpack it and name the file in it"


class Stream(Protocol):
    """Bytes, read from the beginning to the end; closed by a `with` statement."""

    def read(self, size: int, /) -> bytes:
        """The next *size* bytes, fewer only where the file ends."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """
    The bytes that are to be read as text, wherever they lie.

    Attributes:
        path: The file on disk.
        packing: `""` for the file itself, `gzip`, or `ZIP`.
        member: Of a ZIP archive, the member.
    """

    path: Path
    packing: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        """How messages name it."""
        return f"{self.path.name} ({self.member})" if self.member else self.path.name

    @property
    def suffix(self) -> str:
        """What the name of the text itself ends in, in small letters, with its dot."""
        if self.packing == "gzip":
            return self.path.with_suffix("").suffix.lower()
        return (PurePosixPath(self.member) if self.member else self.path).suffix.lower()

    def head(self) -> bytes:
        """
        The first bytes, unpacked.

        Raises:
            SourceError: As `open`.
        """
        with self.open() as stream:
            return stream.read(_HEAD_BYTES)

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """
        The bytes as a stream.

        Raises:
            SourceError: The file cannot be read; or, while it is read: it is damaged, or unpacks to far more than any table.
        """
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with file:
            if not self.packing:
                yield file
                return
            with _translated(self.name), _unpacked(file, self) as (stream, packed_bytes):
                yield _Bounded(stream, self.name, packed_bytes)


def content_of(path: Path, head: bytes, member: str | None) -> Content:
    """
    What of a file is to be read as text.

    Args:
        path: The file; no workbook.
        head: Its first bytes.
        member: The member of an archive that the user wants, None where none was named.

    Raises:
        SourceError: A member is named and the file is no archive; the archive is damaged or encrypted, holds no text file or
            several, or not the one that is named; what is packed is itself packed or a workbook.
    """
    if member is not None and not head.startswith(ZIP):
        raise SourceError(
            f'{path.name} is no ZIP archive and has no member "{member}"', hint="leave --member out"
        )
    if head.startswith(GZIP):
        content = Content(path, "gzip")
    elif head.startswith(ZIP):
        content = Content(path, "ZIP", _chosen(path, member))
    else:
        return Content(path)
    inner = content.head()
    if inner.startswith(_NO_TEXT):
        raise SourceError(
            f"{content.name}: what is packed is itself packed, or is a workbook or Parquet; only text is read from an archive",
            hint="unpack it, and name the file in it",
        )
    if not inner:
        raise SourceError(f"{content.name} is empty", hint="check that it was written completely")
    return content


def members_of(path: Path) -> list[str]:
    """
    Names of the members of an archive, without folders and what operating systems add.

    Raises:
        SourceError: It is damaged.
    """
    with _translated(path.name), zipfile.ZipFile(path) as archive:
        return [
            info.filename
            for info in archive.infolist()
            if not info.is_dir()
            and not info.filename.startswith("__MACOSX/")
            and not PurePosixPath(info.filename).name.startswith(".")
        ]


def _chosen(path: Path, wanted: str | None) -> str:
    """The member to read: the one that is named, else the only text file."""
    names = members_of(path)
    if wanted is not None:
        found = [name for name in names if name == wanted] or [
            name for name in names if PurePosixPath(name).name.casefold() == wanted.casefold()
        ]
    else:
        found = [name for name in names if PurePosixPath(name).suffix.lower() in TEXT_SUFFIXES]
    if len(found) == 1:
        return found[0]
    holds = f"it holds {_listed(names)}"
    if wanted is not None:
        what = f'has no member "{wanted}"' if not found else f'has several members named "{wanted}"'
        raise SourceError(f"{path.name} {what}", hint=holds)
    if found:
        raise SourceError(
            f"{path.name} holds {len(found)} text files: {_listed(found)}",
            hint=f"say which one is to be read, as in `--member {found[0]}`",
        )
    raise SourceError(
        f"{path.name} holds no text file ({', '.join(sorted(TEXT_SUFFIXES))})",
        hint=f"{holds}; a workbook is unpacked first, a text file with another ending is named with --member",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED_AT_MOST} more" if len(names) > _LISTED_AT_MOST else ""
    return ", ".join(names[:_LISTED_AT_MOST]) + more


@contextmanager
def _unpacked(file: IO[bytes], content: Content) -> Iterator[tuple[Stream, int]]:
    """The unpacked stream, and the size of what is packed."""
    if content.packing == "gzip":
        with gzip.GzipFile(fileobj=file, mode="rb") as stream:
            yield stream, content.path.stat().st_size
        return
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo(content.member)
        if info.flag_bits & 1:
            raise SourceError(
                f"{content.name} is encrypted", hint="unpack it with its password, and name the file in it"
            )
        with archive.open(info) as stream:
            yield stream, info.compress_size


class _Bounded:
    """A stream that refuses to give far more than any table would."""

    def __init__(self, stream: Stream, name: str, packed_bytes: int) -> None:
        self._stream, self._name = stream, name
        self._left = max(_UNBOUNDED_BYTES, packed_bytes * _LARGEST_RATIO)

    def read(self, size: int, /) -> bytes:
        """The next bytes, within the bound."""
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise SourceError(
                f"{self._name} unpacks to more than {_LARGEST_RATIO} times its size, which no table does",
                hint="check where it comes from; if it is right, unpack it and name the file in it",
            )
        return content

    def close(self) -> None:
        """Give the file back."""
        self._stream.close()


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Failures of unpacking as failures for the user."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError) as error:
        # A damaged directory of an archive leads zipfile to places that no file has, and to names in no encoding.
        raise SourceError(f"{name} is damaged: {error}", hint=_HINT_AGAIN) from error
    except NotImplementedError as error:  # zipfile: a method of compression that it does not know
        raise SourceError(
            f"{name} cannot be unpacked: {error}", hint="unpack it, and name the file in it"
        ) from error
