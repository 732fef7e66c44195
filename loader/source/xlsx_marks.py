"""
Cells of an .xlsx sheet that hold an error, or a formula that was never calculated, and those formatted as percentages.

calamine gives the former as blank cells, and a blank cell would quietly leave a field out of a loan; the latter as plain
numbers. They are found in the sheet's XML (ECMA-376 part 1, 18.3.1.4: type `t` and style `s` of a cell), which is only
searched, not parsed, and but once: a sheet without any costs little more than its decompression.
"""

import html
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator

from loader.errors import SourceError
from loader.source.headers import column_index
from loader.source.percents import Percents
from loader.source.protected import Content
from loader.source.sheet_marks import Faults, SheetMarks
from loader.source.xlsx_parts import part_of_sheet, pieces, tables_of_sheet
from loader.source.xlsx_structure import FILTER, XlsxStructure
from loader.source.xlsx_styles import percent_styles

_ERRORS = (b't="e"', b"t='e'")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*(?<!/)>.*?</(?:\w+:)?c>""", re.DOTALL)
_IS_ERROR = re.compile(rb"""\bt=["']e["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*"
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</)"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?>([^<]*)</")
_CELL_START = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_UNUSUAL = (b"s='", b"\ns=", b"\ts=")
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
            return SheetMarks(faults, percents)
        styles = _StyleSearch(percent_styles(archive, percents), percents, where)
        structure = XlsxStructure(where)
        for piece in pieces(archive, part):
            structure.see(piece)
            for row, column, text in _faults_in(piece, where):
                faults.setdefault(row, {})[column] = text
            styles.search(piece)
        filtered = any(FILTER.search(archive.read(table)) for table in tables_of_sheet(archive, part))
    percents.finish()
    return SheetMarks(faults, percents, structure.found(filtered=filtered))


class _StyleSearch:
    """
    Looks for cells with content in styles that show percentages.

    As good as every program writes a cell as `<c r="B2" s="3">` or `<c r="B2" s="3" t="n">`, which is quick to find; where a
    piece has cells in such a style that are written in another way, all of its cells are looked at.

    Args:
        styles: Number of the style, as cells name it, to its mark in *percents*.
        percents: Where the cells are added.
        where: File and sheet, for the message.
    """

    def __init__(self, styles: dict[bytes, int], percents: Percents, where: str) -> None:
        self._styles, self._percents, self._where = styles, percents, where
        any_style = b"|".join(sorted(styles))
        self._common = re.compile(rb'<c r="([A-Z]+)(\d+)" s="(%b)"(?: t="\w+")?>' % any_style)
        self._any = re.compile(rb' s="(?:%b)"(?:[^/>]|/(?!>))*>' % any_style)

    def search(self, piece: bytes) -> None:
        """Add the cells of one piece of the sheet."""
        if not self._styles:
            return
        rows = defaultdict(list)
        found = self._common.findall(piece)
        unusual = b"0" in self._styles or any(mark in piece for mark in _UNUSUAL)
        if unusual or len(found) != len(self._any.findall(piece)):
            found = self._one_by_one(piece)
        for letters, row, style in found:
            rows[letters, style].append(row)
        for (letters, style), numbers in rows.items():
            self._percents.add(column_index(letters.decode()), map(int, numbers), self._styles[style])

    def _one_by_one(self, piece: bytes) -> list[tuple[bytes, bytes, bytes]]:
        """Letters, row number and style of such cells, however they are written; a cell without a style has style 0."""
        found = []
        for cell in _CELL_START.findall(piece):
            style = _STYLE.search(cell)
            number = style[1] if style else b"0"
            if number in self._styles and not cell.endswith(b"/>"):
                found.append((*_place(cell, self._where), number))
        return found


def _faults_in(piece: bytes, where: str) -> Iterator[tuple[int, int, str]]:
    """Row number, position of the column and text of each faulty cell of a piece."""
    if any(mark in piece for mark in _ERRORS):
        for error in _ERROR_CELL.finditer(piece):
            value = _VALUE.search(error[0])
            text = html.unescape(value[1].decode()) if value else "#ERROR"
            yield *_row_and_column(error[0], where), text
    if b"<f" not in piece and b":f" not in piece:
        return
    for found in _NO_RESULT.finditer(piece):
        start = max(piece.rfind(b"<c ", 0, found.start()), piece.rfind(b":c ", 0, found.start()) - 2)
        cell = piece[max(start, 0) : found.end()]
        head = _CELL_START.search(cell)
        if head and not _TEXT_RESULT.search(head[0]) and not _IS_ERROR.search(head[0]):
            formula = _FORMULA.search(cell)
            text = "=" + (html.unescape(formula[1].decode()) if formula else "")
            yield *_row_and_column(head[0], where), text


def _row_and_column(cell: bytes, where: str) -> tuple[int, int]:
    letters, row = _place(cell, where)
    return int(row), column_index(letters.decode())


def _place(cell: bytes, where: str) -> tuple[bytes, bytes]:
    """Letters and row number, from a cell's own reference."""
    place = _PLACE.search(cell)
    if place is None:
        raise SourceError(
            f"{where} holds errors, formulas without a result, or percentages in cells that do not say where they stand",
            hint="open the workbook in a spreadsheet program and save it again",
        )
    return place[1], place[2]
