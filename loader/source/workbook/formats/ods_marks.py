"""
Cells of an OpenDocument sheet that hold an error, which calamine gives as blank cells, percentages, and texts that it shortens.

LibreOffice marks errors with its own attribute `calcext:value-type="error"`; the text of the cell is the error. Percentages
have a type of their own, `office:value-type="percentage"` (OpenDocument 1.3 part 3, 19.387). A document without
any of these is only searched, not parsed.
"""

import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from loader.source.workbook.formats.ods_structure import content_holds, find_ods_structure
from loader.source.workbook.formats.ods_text import TEXT_MARKS, CellText
from loader.source.workbook.percents import Percents
from loader.source.workbook.protected import Content
from loader.source.workbook.sheet_marks import Faults, SheetMarks

_MARK = re.compile(
    b"|".join(map(re.escape, (b'calcext:value-type="error"', b'office:value-type="percentage"', *TEXT_MARKS)))
)
_FORMAT = "0%"
_CELLS = {"table:table-cell", "table:covered-table-cell"}


def find_ods_marks(content: Content, sheet: str) -> SheetMarks:
    """What calamine leaves out of one sheet."""
    with zipfile.ZipFile(content) as archive:
        search = _Search(sheet, SheetMarks({}, Percents(), find_ods_structure(archive, sheet)))
        if not content_holds(archive, _MARK):
            return search.found
        parser = expat.ParserCreate()
        parser.StartElementHandler = search.start
        parser.EndElementHandler = search.end
        parser.CharacterDataHandler = search.text
        with archive.open("content.xml") as file:
            parser.ParseFile(file)
    search.found.percents.finish()
    return search.found


@dataclass(slots=True)
class _Search:
    """Follows the rows and cells of one sheet; what is repeated is written once and counts as often as it says."""

    sheet: str
    found: SheetMarks
    inside: bool = False
    row: int = 1
    column: int = 0
    rows_repeated: int = 1
    cells_repeated: int = 1
    error: list[str] | None = None
    content: CellText | None = None
    percent: int = 0
    percents: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.percent = self.found.percents.mark_of(_FORMAT)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.inside = attributes.get("table:name") == self.sheet
        elif self.inside and name == "table:table-row":
            self.column = 0
            self.percents.clear()
            self.rows_repeated = int(attributes.get("table:number-rows-repeated", 1))
        elif self.inside and name in _CELLS:
            self.cells_repeated = int(attributes.get("table:number-columns-repeated", 1))
            self.error = [] if attributes.get("calcext:value-type") == "error" else None
            is_text = (
                attributes.get("office:value-type") == "string" and "office:string-value" not in attributes
            )
            self.content = CellText() if is_text else None
            if attributes.get("office:value-type") == "percentage":
                self.percents.extend(range(self.column, self.column + self.cells_repeated))
        elif self.content is not None:
            self.content.start(name, attributes)

    def text(self, text: str) -> None:
        if self.error is not None:
            self.error.append(text)
        if self.content is not None:
            self.content.text(text)

    def end(self, name: str) -> None:
        if name == "table:table":
            self.inside = False
        elif self.inside and name == "table:table-row":
            for column in self.percents:
                rows = range(self.row, self.row + self.rows_repeated)
                self.found.percents.add(column, rows, self.percent)
            self.row += self.rows_repeated
        elif self.inside and name in _CELLS:
            if self.error is not None:
                self._keep(self.found.faults, "".join(self.error) or "#ERROR")
            elif self.content is not None and self.content.differs:
                self._keep(self.found.texts, self.content.whole)
            self.column += self.cells_repeated
            self.error = self.content = None
        elif self.content is not None:
            self.content.end(name)

    def _keep(self, kept: Faults, text: str) -> None:
        for row in range(self.row, self.row + self.rows_repeated):
            found = kept.setdefault(row, {})
            found.update(dict.fromkeys(range(self.column, self.column + self.cells_repeated), text))
