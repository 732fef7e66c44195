"""
Cells of an .xlsx sheet that hold an error, or a formula that was never calculated, and those formatted as percentages.

calamine gives the former as blank cells, and a blank cell would quietly leave a field out of a loan; the latter as plain
numbers. They are found in the sheet's XML (ECMA-376 part 1, 18.3.1.4: type `t` and style `s` of a cell), which is only
searched, not parsed, and but once: a sheet without any costs little more than its decompression.
"""

import html
import re
import zipfile
from collections.abc import Iterator

from loader.source.percent_signs import holds_signs
from loader.source.workbook.formats.xlsx_parts import (
    WORKBOOK_RELATIONSHIPS,
    part_of_sheet,
    part_of_texts,
    pieces,
    tables_of_sheet,
)
from loader.source.workbook.formats.xlsx_percents import CELL_START, StyleSearch, place_of
from loader.source.workbook.formats.xlsx_structure import FILTER, XlsxStructure
from loader.source.workbook.formats.xlsx_styles import percent_styles
from loader.source.workbook.percents import Percents
from loader.source.workbook.protected import Content
from loader.source.workbook.sheet_marks import Faults, SheetMarks

_ERRORS = (b't="e"', b"t='e'")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*(?<!/)>.*?</(?:\w+:)?c>""", re.DOTALL)
_IS_ERROR = re.compile(rb"""\bt=["']e["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</)"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?>([^<]*)</")
_TEXT_RESULT = re.compile(rb"""\bt=["']str["']""")


def find_xlsx_marks(content: Content, sheet: str, where: str) -> SheetMarks:
    """
    What calamine leaves out of one sheet of an .xlsx or .xlsm file.

    Raises:
        SourceError: Such a cell does not say where it stands, which the format permits and no common program does.
    """
    faults: Faults = {}
    percents = Percents()
    with zipfile.ZipFile(content) as archive:
        part = part_of_sheet(archive, sheet)
        if part is None:
            raise LookupError("the part that holds the sheet is missing")
        styles = StyleSearch(percent_styles(archive, percents), percents, where)
        structure = XlsxStructure(where)
        signs = _texts_hold_signs(archive)
        for piece in pieces(archive, part):
            signs = signs or b"%" in piece
            structure.see(piece)
            for row, column, text in _faults_in(piece, where):
                faults.setdefault(row, {})[column] = text
            styles.search(piece)
        filtered = any(FILTER.search(archive.read(table)) for table in tables_of_sheet(archive, part))
    percents.finish()
    return SheetMarks(faults, percents, structure.found(filtered=filtered), signs)


def _texts_hold_signs(archive: zipfile.ZipFile) -> bool:
    """Whether there is a percent sign among the texts that all sheets share."""
    part = part_of_texts(archive, WORKBOOK_RELATIONSHIPS)
    if part is None:
        return False
    with archive.open(part) as stream:
        return holds_signs(stream)


def _faults_in(piece: bytes, where: str) -> Iterator[tuple[int, int, str]]:
    """Row number, position of the column and text of each faulty cell of a piece."""
    # One byte is found at no cost, and the cells of most sheets have neither of these.
    if b"e" in piece and any(mark in piece for mark in _ERRORS):
        for error in _ERROR_CELL.finditer(piece):
            value = _VALUE.search(error[0])
            text = html.unescape(value[1].decode()) if value else "#ERROR"
            yield *place_of(error[0], where), text
    if b"f" not in piece or (b"<f" not in piece and b":f" not in piece):
        return
    for found in _NO_RESULT.finditer(piece):
        start = max(piece.rfind(b"<c ", 0, found.start()), piece.rfind(b":c ", 0, found.start()) - 2)
        cell = piece[max(start, 0) : found.end()]
        head = CELL_START.search(cell)
        if head and not _TEXT_RESULT.search(head[0]) and not _IS_ERROR.search(head[0]):
            formula = _FORMULA.search(cell)
            text = "=" + (html.unescape(formula[1].decode()) if formula else "")
            yield *place_of(head[0], where), text
