"""The parts of an .xlsx or .xlsm package: which one holds a sheet, and its XML in pieces that are searched, not parsed."""

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from loader.source.damage import short_name

_CHUNK_BYTES = 1 << 20
_TAG = r"<(?:\w+:)?"
_SHEET = re.compile(rf"{_TAG}sheet\s[^>]*>")
_RELATIONSHIP = re.compile(rf"{_TAG}Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
WORKBOOK_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"


def part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part that holds a sheet: the workbook names a relationship, and that names the part."""
    return parts_of_sheets(archive).get(sheet)


def parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The same of all sheets that have such a part, by name."""
    found: dict[str, str] = {}
    for sheet in attributes(_SHEET, archive.read("xl/workbook.xml")):
        identity = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        if part := part_of_relationship(archive, WORKBOOK_RELATIONSHIPS, identity):
            found.setdefault(sheet.get("name", ""), part)
    return found


def part_of_relationship(archive: zipfile.ZipFile, relationships: str, identity: str) -> str | None:
    """Name of the part to which a relationship of the workbook points, None where there is no such part."""
    return _target(archive, relationships, "Id", identity)


def part_of_styles(archive: zipfile.ZipFile, relationships: str) -> str | None:
    """
    Name of the part that holds the workbook's styles, None where it has none.

    Raises:
        LookupError: The workbook says that it has one, and it is not there: its percentages would pass for fractions.
    """
    return _target(archive, relationships, "Type", "/styles", needed=True)


def part_of_texts(archive: zipfile.ZipFile, relationships: str) -> str | None:
    """Name of the part that holds the texts of all sheets, None where it has none."""
    return _target(archive, relationships, "Type", "/sharedStrings")


def _target(
    archive: zipfile.ZipFile, relationships: str, attribute: str, value: str, *, needed: bool = False
) -> str | None:
    """The part of the first relationship with an attribute that is *value*, or ends in it where it begins with a slash."""
    for found in attributes(_RELATIONSHIP, archive.read(relationships)):
        there = found.get(attribute, "")
        if there == value or (value.startswith("/") and there.endswith(value)):
            part = posixpath.normpath(posixpath.join("/xl", found.get("Target", ""))).removeprefix("/")
            # Names of parts are the same in any case (ECMA-376 part 2, 6.2.2.3), and some programs write them so.
            named = next((name for name in archive.namelist() if name.casefold() == part.casefold()), None)
            if needed and named is None:
                raise LookupError(f"its part {short_name(part)} is missing")
            return named
    return None


def tables_of_sheet(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Names of the parts that hold the tables of a sheet, which is named by its own part."""
    folder, name = PurePosixPath(part).parent, PurePosixPath(part).name
    relationships = str(folder / "_rels" / f"{name}.rels")
    there = set(archive.namelist())
    if relationships not in there:
        return []
    found = (
        posixpath.normpath(posixpath.join("/", folder, target["Target"])).removeprefix("/")
        for target in attributes(_RELATIONSHIP, archive.read(relationships))
        if target.get("Type", "").endswith("/table") and "Target" in target
    )
    return [table for table in found if table in there]


def attributes(tag: re.Pattern[str], content: bytes) -> list[dict[str, str]]:
    """The attributes of every such tag."""
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(found)}
        for found in tag.findall(content.decode("utf-8", errors="replace"))
    ]


def pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A sheet's XML, cut before cells or rows; all that stands behind the cells is in the last piece."""
    rest = b""
    with archive.open(part) as file:
        while read := file.read(_CHUNK_BYTES):
            piece = rest + read
            cut = _last_start(piece)
            if cut <= 0:  # no cell begins here
                rest = piece
                continue
            yield piece[:cut]
            rest = piece[cut:]
    yield rest


def _last_start(piece: bytes) -> int:
    """Where the last cell or row of a piece begins, -1 where none does."""
    # Almost every piece has the first of these marks near its end; to look for each costs more than to unpack it.
    for mark in (b"<c ", b"<row "):
        if (found := piece.rfind(mark)) >= 0:
            return found
    for mark in (b":c ", b":row ", b"<c>", b"<row>"):
        if (found := piece.rfind(mark)) >= 0:
            return piece.rfind(b"<", 0, found + 1)
    return -1
