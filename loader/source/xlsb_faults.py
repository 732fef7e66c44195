"""
Cells of an .xlsb sheet that hold an error, which calamine gives as blank cells.

The sheet is a stream of records (MS-XLSB 2.1.4): kind and length in groups of seven bits, then the body.
"""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from loader.source.xls_faults import ERRORS
from loader.source.xlsx_faults import part_of_relationship

_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156
_ERROR_AT = 8


def find_xlsb_faults(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Row number to position of the column to the error, for the faulty cells of one sheet."""
    faults: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return faults
        row = 0
        for kind, body in _records(archive.read(part)):
            if kind == _ROW:
                row = struct.unpack_from("<I", body)[0] + 1
            elif kind in (_ERROR, _FORMULA_ERROR):
                column = struct.unpack_from("<I", body)[0]
                faults.setdefault(row, {})[column] = ERRORS.get(body[_ERROR_AT], "#ERROR")
    return faults


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part that holds a sheet."""
    for kind, body in _records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            identity, offset = _wide_text(body, 8)
            name, _ = _wide_text(body, offset)
            if name == sheet:
                return part_of_relationship(archive, "xl/_rels/workbook.bin.rels", identity)
    return None


def _wide_text(body: bytes, offset: int) -> tuple[str, int]:
    """A text with its length before it, and the offset behind it."""
    end = offset + 4 + 2 * struct.unpack_from("<I", body, offset)[0]
    return body[offset + 4 : end].decode("utf-16-le"), end


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset < len(stream):
        kind = stream[offset]
        offset += 1
        if kind & 0x80:
            kind = kind & 0x7F | (stream[offset] & 0x7F) << 7
            offset += 1
        length = shift = 0
        more = True
        while more:
            more = bool(stream[offset] & 0x80)
            length |= (stream[offset] & 0x7F) << shift
            shift += 7
            offset += 1
        yield kind, stream[offset : offset + length]
        offset += length
