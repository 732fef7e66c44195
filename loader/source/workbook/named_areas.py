"""Tables and named ranges of a workbook: .xlsx and .xlsm have both, OpenDocument has database ranges and named ranges."""

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from loader.source.headers import column_index
from loader.source.structure import Area
from loader.source.workbook.formats.xlsx_parts import attributes, parts_of_sheets, tables_of_sheet
from loader.source.workbook.formats.xlsx_structure import parse_area
from loader.source.workbook.protected import Content

_TABLE: Final = re.compile(r"<(?:\w+:)?table\s[^>]*>")
_DEFINED: Final = re.compile(rb"<(?:\w+:)?definedName\s([^>]*)>([^<]*)</")
_ATTRIBUTE: Final = re.compile(rb"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_OF_OPENDOCUMENT: Final = re.compile(rb"<table:(?:named|database)-range\s[^>]*>")
_LAST_ROW: Final = 1_048_576
_PLACE: Final = re.compile(
    r"""\$?(?:'(?P<quoted>(?:[^']|'')+)'|(?P<bare>[^'!.$]+))[!.]
    (?:\$?(?P<first>[A-Z]{1,3})\$?(?P<top>\d+)(?::(?:\$?(?:'(?:[^']|'')+'|[^'!.$:]*)\.)?\$?(?P<last>[A-Z]{1,3})\$?(?P<bottom>\d+))?
    |\$?(?P<from>[A-Z]{1,3}):\$?(?P<to>[A-Z]{1,3}))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class NamedArea:
    """
    A part of a sheet that has a name.

    Attributes:
        kind: `table` or `range`.
        name: As the workbook spells it.
        sheet: Name of the sheet, "" where the name stands for something else than cells of one sheet.
        area: The cells, without the row of totals; None likewise.
        has_headers: Whether its first row holds headers; a table may have them switched off.
        totals: Whether a row of totals was left out.
    """

    kind: str
    name: str
    sheet: str
    area: Area | None
    has_headers: bool = True
    totals: bool = False


def named_areas(content: Content) -> list[NamedArea]:
    """
    All of a workbook, in its order; none for .xls and .xlsb, whose names are not read.

    Args:
        content: A workbook of any kind.
    """
    if not zipfile.is_zipfile(content):
        return []
    with zipfile.ZipFile(content) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" in names:
            return [*_tables(archive), *_defined(archive)]
        if "content.xml" in names:
            return list(_of_opendocument(archive))
    return []


def _tables(archive: zipfile.ZipFile) -> Iterator[NamedArea]:
    """Tables (ECMA-376 part 1, 18.5.1.2)."""
    for sheet, part in parts_of_sheets(archive).items():
        for table in tables_of_sheet(archive, part):
            for found in attributes(_TABLE, archive.read(table))[:1]:
                area = parse_area(found.get("ref", ""))
                totals = int(found.get("totalsRowCount", 0))
                yield NamedArea(
                    "table",
                    found.get("displayName") or found.get("name", ""),
                    sheet,
                    area and area._replace(last_row=area.last_row - totals),
                    has_headers=found.get("headerRowCount", "1") != "0",
                    totals=totals > 0,
                )


def _defined(archive: zipfile.ZipFile) -> Iterator[NamedArea]:
    """Names of a workbook (18.2.5), without those that spreadsheet programs use themselves."""
    for said, formula in _DEFINED.findall(archive.read("xl/workbook.xml")):
        found = _attributes(said)
        if found.get("hidden") in {"1", "true"} or found.get("name", "").startswith("_xlnm."):
            continue
        sheet, area = _place(html.unescape(formula.decode()))
        yield NamedArea("range", found.get("name", ""), sheet, area)


def _of_opendocument(archive: zipfile.ZipFile) -> Iterator[NamedArea]:
    """Database ranges and named ranges (OpenDocument 1.3 part 3, 9.4.15 and 9.4.12); filters leave ranges without a name."""
    for said in _OF_OPENDOCUMENT.findall(archive.read("content.xml")):
        found = _attributes(said)
        name = found.get("table:name", "")
        address = found.get("table:target-range-address") or found.get("table:cell-range-address", "")
        if not name.startswith("__Anonymous"):
            sheet, area = _place(address)
            kind = "table" if "table:target-range-address" in found else "range"
            yield NamedArea(
                kind, name, sheet, area, has_headers=found.get("table:contains-header") != "false"
            )


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode(): html.unescape((double or single).decode())
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def _place(reference: str) -> tuple[str, Area | None]:
    """Sheet and area of a reference such as `'My loans'!$A$4:$F$20` or `$Loans.$A$4:.$F$20`; "" and None for anything else."""
    found = _PLACE.fullmatch(reference)
    if found is None:
        return "", None
    sheet = (found["quoted"] or "").replace("''", "'") or found["bare"]
    if found["from"]:
        first, last = sorted(map(column_index, (found["from"], found["to"])))
        return sheet, Area(1, first, _LAST_ROW, last)
    columns = sorted(map(column_index, (found["first"], found["last"] or found["first"])))
    rows = sorted(map(int, (found["top"], found["bottom"] or found["top"])))
    return sheet, Area(rows[0], columns[0], rows[1], columns[1])
