"""Opens a file as a table: the reader is chosen by what is in the file, then by how its name ends."""

import zipfile
from enum import Enum
from pathlib import Path

from loader.errors import SourceError
from loader.source.damage import told_as_damage
from loader.source.file_state import digest_of, unreadable
from loader.source.packed import GZIP, TEXT_SUFFIXES, ZIP, content_of, members_of
from loader.source.parquet.file import MAGIC as PARQUET
from loader.source.parquet.file import open_parquet
from loader.source.reading import Reading
from loader.source.table import SourceTable
from loader.source.text.csv_file import open_csv
from loader.source.workbook.ahead import opened_ahead, taken
from loader.source.workbook.excel_file import open_excel

__all__ = ["digest_of", "open_table"]

_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
_KINDS = (
    "CSV and other separated text (.csv, .tsv, .txt), as it is or in a .gz or .zip, Excel (.xlsx, .xlsm, .xlsb, .xls), "
    "OpenDocument (.ods), Parquet (.parquet)"
)

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table")
_PARTS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
"""The one of these that a spreadsheet's archive holds."""


_AS_IT_IS = Reading()


class _Content(Enum):
    TEXT = "text file"
    WORKBOOK = "workbook"
    PARQUET = "Parquet file"


def open_table(path: Path, reading: Reading = _AS_IT_IS) -> SourceTable:
    """
    Open a file as a table; nothing but its headers is read of a text file.

    A file with headers alone opens, and has no batches.

    Args:
        path: CSV or other separated text in UTF-8, a workbook of Excel, or an OpenDocument spreadsheet.
        reading: What is known of it.

    Raises:
        SourceError: The file cannot be read as a table; message and hint say why and what to do.
    """
    reader = taken(path)
    if reading.header_row < 1:
        raise SourceError(
            f"the headers cannot be in row {reading.header_row}", hint="the first row of a file is row 1"
        )
    head = _head_of(path)
    content = _content_of(path, head)
    if content is not _Content.TEXT:
        _require_no_option_of_text(path, content, reading)
    if content is _Content.WORKBOOK:
        return opened_ahead(reading, reader) or open_excel(path, reading)
    if reading.sheet is not None:
        raise SourceError(
            f'{path.name} is a {content.value} and has no sheet "{reading.sheet}"',
            hint="leave the name of the sheet out",
        )
    if content is _Content.PARQUET:
        return open_parquet(path, reading)
    text = content_of(path, head, reading.member)
    if text.packing:
        _require_no_markup(text.name, text.head())
    return open_csv(path, reading, text)


def _require_no_option_of_text(path: Path, content: _Content, reading: Reading) -> None:
    """Refuse options that say nothing of such a file, since whoever gives them takes it for another."""
    for name in ("delimiter", "encoding", "member"):
        if getattr(reading, name) is not None:
            raise SourceError(
                f"{path.name} is a {content.value}, of which --{name} says nothing",
                hint=f"leave --{name} out",
            )


def _content_of(path: Path, head: bytes) -> _Content:
    """What the file is, from its first bytes and then from its suffix."""
    suffix = path.suffix.lower()
    if path.name.startswith("~$"):
        raise SourceError(
            f"{path.name} is not a workbook but the mark that Excel leaves while one is open",
            hint=f"name {path.name.removeprefix('~$')} itself",
        )
    if not head:
        raise SourceError(f"{path.name} is empty", hint="check that it was written completely")
    if head.startswith(ZIP):
        if _holds_text(path):
            return _Content.TEXT
        _require_spreadsheet(path)
        return _Content.WORKBOOK
    if head.startswith(_COMPOUND):
        return _Content.WORKBOOK
    if head.startswith(PARQUET):
        return _Content.PARQUET
    if not head.startswith(GZIP):
        _require_text(path, head, suffix)
    return _Content.TEXT


def _head_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4_096)
    except OSError as error:
        raise unreadable(path, error) from error


def _require_text(path: Path, head: bytes, suffix: str) -> None:
    """Refuse what is neither a workbook nor separated text."""
    _require_no_markup(path.name, head)
    is_text = b"\0" not in head or head.startswith(_UTF_16)
    if suffix in TEXT_SUFFIXES or (suffix == ".xls" and is_text):
        return  # many programs export separated text under the name of a workbook of old
    if suffix in _WORKBOOK_SUFFIXES:
        raise SourceError(
            f"{path.name} is not a workbook, although its name ends in {suffix}",
            hint="if it is damaged, save it again; if it is text, give it a name that ends in .csv",
        )
    raise _unknown(path)


def _require_no_markup(name: str, head: bytes) -> None:
    """Refuse web pages and XML, which spreadsheet programs export under any name."""
    letters = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").replace(b"\0", b"")
    if letters.lower().startswith(_MARKUP):
        raise SourceError(
            f"{name} is a web page or XML, whatever its name ends in",
            hint="open it in a spreadsheet program and save it as .xlsx or CSV UTF-8",
        )


def _holds_text(path: Path) -> bool:
    """Whether an archive is no spreadsheet itself, and is said to hold text files or holds any."""
    with told_as_damage(path.name):
        names = members_of(path)
    if _PARTS.intersection(names):
        return False
    return path.suffix.lower() == ".zip" or any(Path(name).suffix.lower() in TEXT_SUFFIXES for name in names)


def _require_spreadsheet(path: Path) -> None:
    """Refuse archives that hold no spreadsheet, and those that are damaged or protected."""
    with told_as_damage(path.name), zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise _protected(path)
    if not names & _PARTS:
        raise _unknown(path)


def _protected(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} is protected by a password, and OpenDocument spreadsheets are not decrypted here",
        hint="save it without a password, or as .xlsx with one",
    )


def _unknown(path: Path) -> SourceError:
    return SourceError(f"{path.name} is of a kind that cannot be read", hint=f"what can be read: {_KINDS}")
