"""
Cells of an .xlsb sheet that hold an error, which calamine gives as blank cells, and those formatted as percentages.

The sheet is a stream of records (MS-XLSB 2.1.4): kind and length in groups of seven bits, then the body.
"""

import struct
import zipfile
from collections.abc import Iterator

from loader.source.number_format import BUILT_IN
from loader.source.workbook.formats.xls_marks import ERRORS
from loader.source.workbook.formats.xlsb_structure import XlsbStructure
from loader.source.workbook.formats.xlsx_parts import part_of_relationship, part_of_styles
from loader.source.workbook.percents import Percents
from loader.source.workbook.protected import Content
from loader.source.workbook.sheet_marks import Faults, SheetMarks

_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156
FILLED = frozenset(range(2, 12))
"""Cells with content: numbers, errors, flags and texts, typed or calculated."""
_FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 44, 47, 617, 618
_STYLE_BITS = 0xFFFFFF
_ERROR_AT = 8
_RELATIONSHIPS = "xl/_rels/workbook.bin.rels"


def find_xlsb_marks(content: Content, sheet: str) -> SheetMarks:
    """What calamine leaves out of one sheet."""
    faults: Faults = {}
    percents = Percents()
    with zipfile.ZipFile(content) as archive:
        part = xlsb_part_of(archive, sheet)
        if part is None:
            return SheetMarks(faults, percents)
        styles = _percent_styles(archive, percents)
        row = 0
        structure = XlsbStructure()
        for kind, body in xlsb_records(archive.read(part)):
            structure.see(kind, body)
            if kind == _ROW:
                row = struct.unpack_from("<I", body)[0] + 1
            elif kind in FILLED:
                column, style = struct.unpack_from("<II", body)
                if kind in (_ERROR, _FORMULA_ERROR):
                    faults.setdefault(row, {})[column] = ERRORS.get(body[_ERROR_AT], "#ERROR")
                if mark := styles.get(style & _STYLE_BITS):
                    percents.add(column, (row,), mark)
    percents.finish()
    return SheetMarks(faults, percents, structure.found())


def _percent_styles(archive: zipfile.ZipFile, percents: Percents) -> dict[int, int]:
    """Position of the cell styles that show percentages (2.4.863, BrtXF) to their marks."""
    part = part_of_styles(archive, _RELATIONSHIPS)
    codes, formats, inside = dict(BUILT_IN), [], False
    for kind, body in xlsb_records(archive.read(part) if part else b""):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]], _ = _wide_text(body, 2)
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            inside = kind == _STYLES_BEGIN
        elif kind == _STYLE and inside:
            formats.append(struct.unpack_from("<H", body, 2)[0])
    marks = {number: percents.mark_of(code) for number, code in codes.items()}
    return {at: marks[number] for at, number in enumerate(formats) if marks.get(number)}


def xlsb_part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part that holds a sheet."""
    for kind, body in xlsb_records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            identity, offset = _wide_text(body, 8)
            name, _ = _wide_text(body, offset)
            if name == sheet:
                return part_of_relationship(archive, _RELATIONSHIPS, identity)
    return None


def _wide_text(body: bytes, offset: int) -> tuple[str, int]:
    """A text with its length before it, and the offset behind it."""
    end = offset + 4 + 2 * struct.unpack_from("<I", body, offset)[0]
    return body[offset + 4 : end].decode("utf-16-le"), end


def xlsb_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of the records of a part."""
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
