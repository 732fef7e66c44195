"""
Cells of an OpenDocument sheet that hold an error, which calamine gives as blank cells.

LibreOffice marks them with its own attribute `calcext:value-type="error"`; the text of the cell is the error. A
document without the mark is only searched, not parsed.
"""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

_CHUNK_BYTES = 1 << 20
_MARK = b'calcext:value-type="error"'
_CELLS = {"table:table-cell", "table:covered-table-cell"}


def find_ods_faults(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """Row number to position of the column to the error, for the faulty cells of one sheet."""
    with zipfile.ZipFile(path) as archive:
        if not _has_mark(archive):
            return {}
        search = _Search(sheet)
        parser = expat.ParserCreate()
        parser.StartElementHandler = search.start
        parser.EndElementHandler = search.end
        parser.CharacterDataHandler = search.text
        with archive.open("content.xml") as file:
            parser.ParseFile(file)
    return search.faults


def _has_mark(archive: zipfile.ZipFile) -> bool:
    tail = b""
    with archive.open("content.xml") as file:
        while read := file.read(_CHUNK_BYTES):
            if _MARK in tail + read:
                return True
            tail = read[-len(_MARK) :]
    return False


@dataclass(slots=True)
class _Search:
    """Follows the rows and cells of one sheet; what is repeated is written once and counts as often as it says."""

    sheet: str
    faults: dict[int, dict[int, str]] = field(default_factory=dict)
    inside: bool = False
    row: int = 1
    column: int = 0
    rows_repeated: int = 1
    cells_repeated: int = 1
    error: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.inside = attributes.get("table:name") == self.sheet
        elif self.inside and name == "table:table-row":
            self.column = 0
            self.rows_repeated = int(attributes.get("table:number-rows-repeated", 1))
        elif self.inside and name in _CELLS:
            self.cells_repeated = int(attributes.get("table:number-columns-repeated", 1))
            self.error = [] if attributes.get("calcext:value-type") == "error" else None

    def text(self, text: str) -> None:
        if self.error is not None:
            self.error.append(text)

    def end(self, name: str) -> None:
        if name == "table:table":
            self.inside = False
        elif self.inside and name == "table:table-row":
            self.row += self.rows_repeated
        elif self.inside and name in _CELLS:
            if self.error is not None:
                self._keep("".join(self.error) or "#ERROR")
            self.column += self.cells_repeated
            self.error = None

    def _keep(self, text: str) -> None:
        for row in range(self.row, self.row + self.rows_repeated):
            found = self.faults.setdefault(row, {})
            found.update(dict.fromkeys(range(self.column, self.column + self.cells_repeated), text))
