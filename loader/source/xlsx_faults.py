"""
Cells of an .xlsx sheet that hold an error, or a formula that was never calculated.

calamine gives both as blank cells, and a blank cell would quietly leave a field out of a loan. They are found in the
sheet's XML (ECMA-376 part 1, 18.3.1.4: the type `e` of a cell), which is only searched, not parsed: a sheet without any
costs no more than its decompression.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from loader.errors import SourceError
from loader.source.headers import column_index

_CHUNK_BYTES = 1 << 20
_TAG = r"<(?:\w+:)?"
_SHEET = re.compile(rf"{_TAG}sheet\s[^>]*>")
_RELATIONSHIP = re.compile(rf"{_TAG}Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ERROR_MARK = re.compile(rb"""\bt=["']e["']""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*(?<!/)>.*?</(?:\w+:)?c>""", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</)"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?>([^<]*)</")
_CELL_START = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_TEXT_RESULT = re.compile(rb"""\bt=["']str["']""")


def find_xlsx_faults(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """
    The faulty cells of one sheet of an .xlsx or .xlsm file; none for one in the binary format.

    Returns:
        Row number to position of the column to what the cell shows: `#N/A`, or `=B2*2` for a formula without a result.

    Raises:
        SourceError: A cell is faulty and does not say where it stands, which the format permits and no common
            program does.
    """
    faults: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return faults
        for piece in _pieces(archive, part):
            for row, column, text in _faults_in(piece, f'{path.name}, sheet "{sheet}"'):
                faults.setdefault(row, {})[column] = text
    return faults


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part that holds a sheet: the workbook names a relationship, and that names the part."""
    sheets = _attributes(_SHEET, archive.read("xl/workbook.xml"))
    for found in sheets:
        if found.get("name") == sheet:
            identity = next((value for name, value in found.items() if name.endswith(":id")), "")
            return part_of_relationship(archive, "xl/_rels/workbook.xml.rels", identity)
    return None


def part_of_relationship(archive: zipfile.ZipFile, relationships: str, identity: str) -> str | None:
    """Name of the part to which a relationship of the workbook points, None where there is no such part."""
    for found in _attributes(_RELATIONSHIP, archive.read(relationships)):
        if found.get("Id") == identity:
            part = str(PurePosixPath("/xl") / found.get("Target", "")).removeprefix("/")
            return part if part in archive.namelist() else None
    return None


def _attributes(tag: re.Pattern[str], content: bytes) -> list[dict[str, str]]:
    """The attributes of every such tag."""
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(found)}
        for found in tag.findall(content.decode("utf-8", errors="replace"))
    ]


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet's XML, cut behind cells."""
    rest = b""
    with archive.open(part) as file:
        while read := file.read(_CHUNK_BYTES):
            piece = rest + read
            cut = max(piece.rfind(b"</c>") + len(b"</c>"), piece.rfind(b":c>") + len(b":c>"))
            if cut < len(b"</c>"):  # no cell ends here
                rest = piece
                continue
            yield piece[:cut]
            rest = piece[cut:]
    yield rest


def _faults_in(piece: bytes, where: str) -> Iterator[tuple[int, int, str]]:
    """Row number, position of the column and text of each faulty cell of a piece."""
    if _ERROR_MARK.search(piece):
        for error in _ERROR_CELL.finditer(piece):
            value = _VALUE.search(error[0])
            yield *_place(error[0], where), html.unescape(value[1].decode()) if value else "#ERROR"
    if b"<f" not in piece and b":f" not in piece:
        return
    for found in _NO_RESULT.finditer(piece):
        start = max(piece.rfind(b"<c ", 0, found.start()), piece.rfind(b":c ", 0, found.start()) - 2)
        cell = piece[max(start, 0) : found.end()]
        head = _CELL_START.search(cell)
        if head and not _TEXT_RESULT.search(head[0]) and not _ERROR_MARK.search(head[0]):
            formula = _FORMULA.search(cell)
            yield *_place(head[0], where), "=" + (html.unescape(formula[1].decode()) if formula else "")


def _place(cell: bytes, where: str) -> tuple[int, int]:
    """Row number and position of the column, from a cell's own reference."""
    place = _PLACE.search(cell)
    if place is None:
        raise SourceError(
            f"{where} holds errors or formulas without a result in cells that do not say where they stand",
            hint="open the workbook in a spreadsheet program and save it again",
        )
    return int(place[2]), column_index(place[1].decode())
