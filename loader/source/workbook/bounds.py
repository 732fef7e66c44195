"""
How much a workbook may unpack to: what it costs to read is bounded before it is read.

The sizes that a ZIP archive declares can be relied upon: calamine refuses a part that unpacks to more than it declares.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from loader.errors import SourceError
from loader.source.damage import short_name
from loader.source.headers import column_index
from loader.source.table import column_letter
from loader.source.workbook.formats.xls_marks import records, workbook_stream
from loader.source.workbook.formats.xlsb_marks import FILLED, xlsb_part_of, xlsb_records
from loader.source.workbook.formats.xlsx_parts import part_of_sheet, pieces
from loader.source.workbook.formats.xlsx_structure import parse_area
from loader.source.workbook.protected import Content

_LARGEST_PART_BYTES: Final = 16 << 30
"""A full sheet of 1,048,576 rows and 100 columns is some 4 GiB of XML."""
_UNSUSPECTED_BYTES: Final = 64 << 20
_LARGEST_RATIO: Final = 250
"""
Times its packed size that a larger part may have unpacked. Deflate reaches 1,032 on bytes that are all alike
(https://www.zlib.net/zlib_tech.html); sheets of values reach 5 to 20, and one that says nothing but the same number reached 194.
"""
_READ: Final = (".xml", ".bin", ".rels")
_OF_DOCUMENT: Final = "content.xml"
_CELLS_AT_MOST: Final = 1 << 27
"""From `A1` to the last row and column with content, blank ones included: as many as 1,048,576 rows of 128 columns. calamine keeps 32 bytes for each."""
_ROWS_OF_SHEET: Final = 1_048_576
_COLUMNS_OF_SHEET: Final = 16_384
"""Microsoft's "Excel specifications and limits": total number of rows and columns on a worksheet."""
_SEARCHED_BYTES: Final = 2 << 20
"""A sheet of no more XML is searched for its last cell; of a larger one, what it says itself is believed."""
_HEAD_BYTES: Final = 1 << 16
_BOUND_SHEET, _DIMENSIONS, _FILE_PASS = 0x0085, 0x0200, 0x002F
_XLSB_ROW, _XLSB_DIMENSIONS = 0, 148
_WIDE_DIMENSIONS: Final = 14
_XLS_ROWS, _XLS_COLUMNS = 65_536, 256
_XLS_STREAM: Final = "ook".encode("utf-16-le")
"""The end of `Workbook` and of `Book`, the names of the stream that holds the records."""
_DIMENSION: Final = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*\bref=["']([^"']+)["']""")
_FILLED: Final = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]+)(\d+)["'][^>]*(?<!/)>""")


def require_bounded(content: Content, name: str) -> None:
    """
    Make sure that no part of a workbook unpacks to more than a workbook can mean, and that an OpenDocument spreadsheet comes to an end.

    calamine goes on for ever where an element of that is closed by another one's tag.

    Args:
        content: A workbook of any kind.
        name: How messages name it.

    Raises:
        SourceError: A part is too large, or far larger than its packed size; a sheet of an .xls file says that it has more cells than
            a sheet can have.
        ExpatError: An OpenDocument spreadsheet is not well-formed.
    """
    if not zipfile.is_zipfile(content):
        _require_xls_extent(_bytes_of(content), name)
        return
    with zipfile.ZipFile(content) as archive:
        for part in archive.infolist():
            size = part.file_size
            suspect = size > _UNSUSPECTED_BYTES and size > _LARGEST_RATIO * part.compress_size
            if part.filename.endswith(_READ) and (size > _LARGEST_PART_BYTES or suspect):
                raise SourceError(
                    f"{name} is not read: its part {short_name(part.filename)} unpacks from {part.compress_size:,} to {size:,} bytes",
                    hint="it may be made to exhaust the memory; if it comes from a source that you trust, save it anew "
                    "in the spreadsheet program, or save the sheet as CSV",
                )
        if _OF_DOCUMENT in archive.namelist():
            with archive.open(_OF_DOCUMENT) as document:
                expat.ParserCreate().ParseFile(document)


def _require_xls_extent(content: bytes, name: str) -> None:
    """
    The bounds that each sheet states (MS-XLS 2.4.90, Dimensions): calamine lays out as many cells, without looking first.

    A file without a stream of records is for others to refuse; behind a password nothing can be read of them yet.
    """
    stream = workbook_stream(content) if _XLS_STREAM in content else b""
    found = list(records(stream, 0))
    if any(kind == _FILE_PASS for kind, _ in found):
        return
    for begin in (struct.unpack_from("<I", body)[0] for kind, body in found if kind == _BOUND_SHEET):
        for kind, body in records(stream, begin):
            if kind == _DIMENSIONS:
                wide = len(body) >= _WIDE_DIMENSIONS
                first, last, left, right = struct.unpack_from("<IIHH" if wide else "<HHHH", body)
                if not (first <= last <= _XLS_ROWS and left <= right <= _XLS_COLUMNS):
                    raise SourceError(
                        f"{name} is damaged: one of its sheets states bounds that no sheet can have",
                        hint="open it in the spreadsheet program, let it be repaired, and save it again",
                    )
                break


def _bytes_of(content: Content) -> bytes:
    if isinstance(content, Path):
        return content.read_bytes()
    content.seek(0)
    return content.read()


def require_extent(content: Content, sheet: str, where: str) -> None:
    """
    Make sure that a sheet does not reach so far that its cells, blank ones included, exhaust the memory.

    Args:
        content: A workbook of any kind; an .xls sheet cannot reach so far, and calamine itself bounds
            what it lays out of an .ods sheet (100,000,000 cells).
        sheet: Name of the sheet.
        where: File and sheet, for the message.

    Raises:
        SourceError: It reaches too far.
    """
    if not zipfile.is_zipfile(content):
        return
    with zipfile.ZipFile(content) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" in names:
            row, column = _xlsx_extent(archive, sheet)
        elif "xl/workbook.bin" in names:
            row, column = _xlsb_extent(archive, sheet)
        else:
            return
    if row > _ROWS_OF_SHEET or column >= _COLUMNS_OF_SHEET:
        raise SourceError(
            f"{where} is damaged: it reaches to {column_letter(column)}{row}, and no sheet reaches beyond XFD1048576",
            hint="open it in the spreadsheet program, let it be repaired, and save it again",
        )
    if _cells(row, column) > _CELLS_AT_MOST:
        raise SourceError(
            f"{where} reaches to {column_letter(column)}{row}, which is {_cells(row, column):,} cells with the blank "
            f"ones; at most {_CELLS_AT_MOST:,} are read",
            hint="often one cell far from the table is the reason: go to the last cell (Ctrl+End), delete the rows and "
            "columns behind the table, and save the workbook",
        )


def _xlsx_extent(archive: zipfile.ZipFile, sheet: str) -> tuple[int, int]:
    """Row number and position of the column to which cells with content reach, or less where the sheet says that they do not reach far."""
    part = part_of_sheet(archive, sheet)
    if part is None:
        return 0, 0
    if archive.getinfo(part).file_size > _SEARCHED_BYTES:
        with archive.open(part) as file:
            said = _DIMENSION.search(file.read(_HEAD_BYTES))
        area = parse_area(said[1].decode()) if said else None
        if area is None or _cells(area.last_row, area.last_column) <= _CELLS_AT_MOST:
            return 0, 0
    return _last_cell(pieces(archive, part))


def _xlsb_extent(archive: zipfile.ZipFile, sheet: str) -> tuple[int, int]:
    """The same of a binary sheet (MS-XLSB 2.4.840, BrtWsDim); that counts cells which are only formatted."""
    part = xlsb_part_of(archive, sheet)
    row = last_row = last_column = 0
    content = archive.read(part) if part else b""
    for kind, body in xlsb_records(content):
        if kind == _XLSB_DIMENSIONS and len(content) > _SEARCHED_BYTES:
            _, last, _, right = struct.unpack_from("<IIII", body)
            if _cells(last + 1, right) <= _CELLS_AT_MOST:
                return 0, 0
        elif kind == _XLSB_ROW:
            row = struct.unpack_from("<I", body)[0] + 1
        elif kind in FILLED:
            last_row, last_column = row, max(last_column, struct.unpack_from("<I", body)[0])
    return last_row, last_column


def _cells(row: int, column: int) -> int:
    return row * (column + 1)


def _last_cell(found: Iterator[bytes]) -> tuple[int, int]:
    """Row number and position of the column to which cells with content reach."""
    rows, letters = set[bytes](), set[bytes]()
    for piece in found:
        cells = _FILLED.findall(piece)
        letters.update(letter for letter, _ in cells)
        rows.update(row for _, row in cells)  # any of them: a damaged reference may stand in any row
    last_row = max(map(int, rows), default=0)
    return last_row, max((column_index(letter.decode()) for letter in letters), default=0)
