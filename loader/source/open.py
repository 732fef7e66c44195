"""Opens a file as a table: the reader is chosen by what is in the file, then by how its name ends."""

import zipfile
from enum import Enum
from pathlib import Path

from loader.errors import SourceError
from loader.source.csv_file import open_csv
from loader.source.excel_file import open_excel
from loader.source.file_state import digest_of, unreadable
from loader.source.reading import Reading
from loader.source.table import SourceTable

__all__ = ["digest_of", "open_table"]

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ".psv", ".dat"})
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
_KINDS = (
    "CSV and other separated text (.csv, .tsv, .txt), Excel (.xlsx, .xlsm, .xlsb, .xls), OpenDocument (.ods)"
)

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table")

_AS_IT_IS = Reading()


class _Content(Enum):
    TEXT = 1
    WORKBOOK = 2


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
    if reading.header_row < 1:
        raise SourceError(
            f"the headers cannot be in row {reading.header_row}", hint="the first row of a file is row 1"
        )
    if _content_of(path) is _Content.WORKBOOK:
        return open_excel(path, reading)
    if reading.sheet is not None:
        raise SourceError(
            f'{path.name} is a text file and has no sheet "{reading.sheet}"',
            hint="leave the name of the sheet out",
        )
    return open_csv(path, reading)


def _content_of(path: Path) -> _Content:
    """What the file is, from its first bytes and then from its suffix."""
    head = _head_of(path)
    suffix = path.suffix.lower()
    if path.name.startswith("~$"):
        raise SourceError(
            f"{path.name} is not a workbook but the mark that Excel leaves while one is open",
            hint=f"name {path.name.removeprefix('~$')} itself",
        )
    if not head:
        raise SourceError(f"{path.name} is empty", hint="check that it was written completely")
    if head.startswith(_ZIP):
        _require_spreadsheet(path)
        return _Content.WORKBOOK
    if head.startswith(_COMPOUND):
        return _Content.WORKBOOK
    if head.startswith(_UTF_16):
        raise SourceError(
            f"{path.name} is text in UTF-16, not UTF-8", hint='save it as "CSV UTF-8 (Comma delimited)"'
        )
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
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise SourceError(
            f"{path.name} is a web page or XML, whatever its name ends in",
            hint="open it in a spreadsheet program and save it as .xlsx or CSV UTF-8",
        )
    if suffix in _TEXT_SUFFIXES or (suffix == ".xls" and b"\0" not in head):
        return  # many programs export separated text under the name of a workbook of old
    if suffix in _WORKBOOK_SUFFIXES:
        raise SourceError(
            f"{path.name} is not a workbook, although its name ends in {suffix}",
            hint="if it is damaged, save it again; if it is text, give it a name that ends in .csv",
        )
    raise _unknown(path)


def _require_spreadsheet(path: Path) -> None:
    """Refuse archives that hold no spreadsheet, and those that are damaged or protected."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(
            f"{path.name} is damaged: {error}", hint="save it again, or copy it again from where it came from"
        ) from error
    if b"encryption-data" in manifest:
        raise _protected(path)
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise _unknown(path)


def _protected(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} is protected by a password, and OpenDocument spreadsheets are not decrypted here",
        hint="save it without a password, or as .xlsx with one",
    )


def _unknown(path: Path) -> SourceError:
    return SourceError(f"{path.name} is of a kind that cannot be read", hint=f"what can be read: {_KINDS}")
