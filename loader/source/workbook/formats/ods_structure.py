"""
What an OpenDocument sheet says beside its cells (OpenDocument 1.3 part 3, 19.753 `table:visibility` and 19.678 spans).

A document that says nothing of the kind is only searched, not parsed.
"""

import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from loader.source.structure import Area, Gathering, Structure

_CHUNK_BYTES = 1 << 20
_MARK = re.compile(rb'table:visibility="(?:collapse|filter)"|table:number-(?:rows|columns)-spanned="')
_OVERLAP = 64
_HIDDEN = {"collapse", "filter"}
_CELLS = {"table:table-cell", "table:covered-table-cell"}


def find_ods_structure(archive: zipfile.ZipFile, sheet: str) -> Structure:
    """The structure of one sheet; nothing of it for a document that hides, filters and merges nothing."""
    if not content_holds(archive, _MARK):
        return Structure()
    search = _Search(sheet=sheet)
    parser = expat.ParserCreate()
    parser.StartElementHandler = search.start
    parser.EndElementHandler = search.end
    with archive.open("content.xml") as content:
        parser.ParseFile(content)
    return search.found()


def content_holds(archive: zipfile.ZipFile, mark: re.Pattern[bytes]) -> bool:
    """Whether the document's content holds a mark, of at most 64 bytes; stops at the first."""
    tail = b""
    with archive.open("content.xml") as file:
        while read := file.read(_CHUNK_BYTES):
            if mark.search(tail + read):
                return True
            tail = read[-_OVERLAP:]
    return False


@dataclass(slots=True, kw_only=True)
class _Search(Gathering):
    """Follows columns, rows and cells of one sheet; what is repeated is written once and counts as often as it says."""

    sheet: str
    inside: bool = False
    row: int = 1
    column: int = 0
    cell: int = 0
    rows_repeated: int = 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.inside = attributes.get("table:name") == self.sheet
        elif not self.inside:
            return
        elif name == "table:table-column":
            repeated = int(attributes.get("table:number-columns-repeated", 1))
            if attributes.get("table:visibility") in _HIDDEN:
                self.columns.append((self.column, self.column + repeated - 1))
            self.column += repeated
        elif name == "table:table-row":
            self.cell = 0
            self.rows_repeated = int(attributes.get("table:number-rows-repeated", 1))
            visibility = attributes.get("table:visibility")
            if visibility in _HIDDEN:
                self.rows.append((self.row, self.row + self.rows_repeated - 1))
            self.filtered = self.filtered or visibility == "filter"
        elif name in _CELLS:
            rows = int(attributes.get("table:number-rows-spanned", 1))
            columns = int(attributes.get("table:number-columns-spanned", 1))
            if rows > 1 or columns > 1:
                self.merged.append(Area(self.row, self.cell, self.row + rows - 1, self.cell + columns - 1))
            self.cell += int(attributes.get("table:number-columns-repeated", 1))

    def end(self, name: str) -> None:
        if name == "table:table":
            self.inside = False
        elif self.inside and name == "table:table-row":
            self.row += self.rows_repeated
