"""
Cells of an .xls sheet that hold an error, which calamine gives as blank cells, and those formatted as percentages.

The workbook is one stream of records within a compound file (MS-CFB, MS-XLS). Only a few kinds of records matter here;
all others are passed over by their length.
"""

import struct
from collections.abc import Iterator

from loader.source.number_format import BUILT_IN
from loader.source.workbook.formats.xls_structure import XlsStructure
from loader.source.workbook.percents import Percents
from loader.source.workbook.sheet_marks import Faults, SheetMarks

_FORMULA, _END, _BOUND_SHEET, _BOOL_OR_ERROR = 0x0006, 0x000A, 0x0085, 0x0205
_BEGIN, _STYLE, _FORMAT = 0x0809, 0x00E0, 0x041E
_SEVERAL_NUMBERS = 0x00BD
_FILLED = frozenset(
    {_FORMULA, _BOOL_OR_ERROR, 0x0203, 0x027E, 0x0204, 0x00FD}
)  # also NUMBER, RK, LABEL, LABELSST
_BIFF8 = 0x0600
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""MS-XLS 2.5.10, BErr."""
_END_OF_CHAIN = 0xFFFFFFFA
_STREAMS = {"workbook", "book"}
_DIRECTORY_ENTRY_BYTES = 128


def find_xls_marks(content: bytes, sheet_index: int) -> SheetMarks:
    """
    What calamine leaves out of one sheet.

    Args:
        content: A compound file that calamine has read as a workbook.
        sheet_index: Position of the sheet among all sheets of the workbook, from 0.
    """
    stream = workbook_stream(content)
    begins = [struct.unpack_from("<I", body)[0] for kind, body in records(stream, 0) if kind == _BOUND_SHEET]
    faults: Faults = {}
    percents = Percents()
    styles = _percent_styles(stream, percents)
    structure = XlsStructure()
    for kind, body in records(stream, begins[sheet_index]):
        structure.see(kind, body)
        code = _error_code(kind, body)
        if code is not None:
            row, column = struct.unpack_from("<HH", body)
            faults.setdefault(row + 1, {})[column] = ERRORS.get(code, "#ERROR")
        if styles:
            for row, column, style in _styles_of(kind, body):
                if mark := styles.get(style):
                    percents.add(column, (row + 1,), mark)
    percents.finish()
    return SheetMarks(faults, percents, structure.found())


def _percent_styles(stream: bytes, percents: Percents) -> dict[int, int]:
    """Position of the cell styles that show percentages (2.4.353, XF) to their marks."""
    codes, formats, wide = dict(BUILT_IN), [], True
    for kind, body in records(stream, 0):
        if kind == _BEGIN:
            wide = struct.unpack_from("<H", body)[0] == _BIFF8
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body[2:], wide=wide)
        elif kind == _STYLE:
            formats.append(struct.unpack_from("<H", body, 2)[0])
    marks = {number: percents.mark_of(code) for number, code in codes.items()}
    return {at: marks[number] for at, number in enumerate(formats) if marks.get(number)}


def _text(body: bytes, *, wide: bool) -> str:
    """A format's code (2.4.126, Format): its length before it, in older files in one byte."""
    if not wide:
        return body[1 : 1 + body[0]].decode("latin-1")
    count, flags = struct.unpack_from("<HB", body)
    return body[3 : 3 + 2 * count].decode("utf-16-le") if flags & 1 else body[3 : 3 + count].decode("latin-1")


def _styles_of(kind: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """Row and column, from 0, and style of the cells with content in a record."""
    if kind in _FILLED:
        yield struct.unpack_from("<HHH", body)
    elif kind == _SEVERAL_NUMBERS:
        row, first = struct.unpack_from("<HH", body)
        for number in range((len(body) - 6) // 6):
            yield row, first + number, struct.unpack_from("<H", body, 4 + 6 * number)[0]


def records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Kind and body of the records up to the end of their part of the stream."""
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        if kind == _END:
            return
        yield kind, stream[offset + 4 : offset + 4 + length]
        offset += 4 + length


_CIRCLE = "its list of sectors runs in a circle"


def _error_code(kind: int, body: bytes) -> int | None:
    """The error in a cell's record, None where it holds something else."""
    if kind == _BOOL_OR_ERROR and body[7]:
        return body[6]
    if kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff":  # noqa: PLR2004  (2.5.133, FormulaValue)
        return body[8]
    return None


def workbook_stream(content: bytes) -> bytes:
    """The stream of records, put together from its sectors."""
    sector_bytes = 1 << struct.unpack_from("<H", content, 30)[0]
    allocation = _allocation_table(content, sector_bytes)
    directory = _chain(content, allocation, struct.unpack_from("<I", content, 48)[0], sector_bytes)
    entries = {}
    for offset in range(0, len(directory), _DIRECTORY_ENTRY_BYTES):
        entry = directory[offset : offset + _DIRECTORY_ENTRY_BYTES]
        name_bytes = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(name_bytes - 2, 0)].decode("utf-16-le").casefold()
        entries[name] = struct.unpack_from("<IQ", entry, 116)
    root, small_limit = entries["root entry"], struct.unpack_from("<I", content, 56)[0]
    first, size = next(entries[name] for name in entries if name in _STREAMS)
    size &= 0xFFFFFFFF  # older writers leave the upper half undefined
    if size >= small_limit:
        return _chain(content, allocation, first, sector_bytes)[:size]
    small = _chain(content, allocation, root[0], sector_bytes)
    small_table = _chain(content, allocation, struct.unpack_from("<I", content, 60)[0], sector_bytes)
    small_bytes = 1 << struct.unpack_from("<H", content, 32)[0]
    links = struct.unpack(f"<{len(small_table) // 4}I", small_table)
    return b"".join(small[at * small_bytes : (at + 1) * small_bytes] for at in _links(links, first))[:size]


def _allocation_table(content: bytes, sector_bytes: int) -> tuple[int, ...]:
    """Which sector follows which: its own sectors are listed in the header, and further on in a chain."""
    sectors = list(struct.unpack_from("<109I", content, 76))
    further, seen = struct.unpack_from("<I", content, 68)[0], set[int]()
    while further < _END_OF_CHAIN:
        if further in seen:
            raise ValueError(_CIRCLE)
        seen.add(further)
        *listed, further = struct.unpack_from(f"<{sector_bytes // 4}I", content, (further + 1) * sector_bytes)
        sectors.extend(listed)
    table = b"".join(_sector(content, sector, sector_bytes) for sector in sectors if sector < _END_OF_CHAIN)
    return struct.unpack(f"<{len(table) // 4}I", table)


def _chain(content: bytes, allocation: tuple[int, ...], first: int, sector_bytes: int) -> bytes:
    return b"".join(_sector(content, sector, sector_bytes) for sector in _links(allocation, first))


def _links(allocation: tuple[int, ...], first: int) -> Iterator[int]:
    """The sectors of a chain, which a damaged file may lead round in a circle."""
    seen = bytearray(len(allocation))
    while first < len(allocation):
        if seen[first]:
            raise ValueError(_CIRCLE)
        seen[first] = True
        yield first
        first = allocation[first]


def _sector(content: bytes, sector: int, sector_bytes: int) -> bytes:
    return content[(sector + 1) * sector_bytes : (sector + 2) * sector_bytes]
