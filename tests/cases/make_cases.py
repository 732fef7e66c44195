"""
Makes the file of a case from its recipe, `case.yaml`.

A recipe has one of `text` (its characters), `zip` (members to their text), `workbook` (sheets, made with XlsxWriter) and `parquet`
(columns); then what is done to it: `encoding`, `line_end`, `pack: gz`, `password`, `edit` (texts replaced in a part of a workbook),
`keep` (only so much of its bytes). A case that only an office program can make says `saved_as: xls`, and its file is kept in its
folder: `python tests/cases/make_cases.py`, which needs LibreOffice, makes those anew.
"""

import gzip
import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import yaml
from msoffcrypto.format.ooxml import OOXMLFile

HERE = Path(__file__).parent


def recipes():
    """The folders of the cases, by name."""
    return {path.parent.name: path.parent for path in sorted(HERE.glob("*/case.yaml"))}


def recipe_of(folder):
    """What a case says of its file."""
    return yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))


def file_of(folder, target):
    """The file of a case: the one in its folder, or else one made in the folder *target*."""
    recipe = recipe_of(folder)
    kept = folder / recipe["file"]
    if kept.exists():
        return kept
    path = target / recipe["file"]
    path.write_bytes(content_of(recipe))
    return path


def content_of(recipe):
    """The bytes that a recipe describes."""
    content = _raw(recipe)
    for part, changes in recipe.get("edit", {}).items():
        content = _edited(content, part, changes)
    if recipe.get("pack") == "gz":
        content = gzip.compress(content, mtime=0)
    if "password" in recipe:
        encrypted = io.BytesIO()
        OOXMLFile(io.BytesIO(content)).encrypt(recipe["password"], encrypted)
        content = encrypted.getvalue()
    return content[: int(len(content) * recipe.get("keep", 1))]


def _raw(recipe):
    if "zip" in recipe:
        return _archive({name: text.encode() for name, text in recipe["zip"].items()})
    if "parquet" in recipe:
        return _parquet(recipe["parquet"])
    if "workbook" in recipe:
        return _workbook(**recipe["workbook"])
    text = recipe["text"].replace("\n", recipe.get("line_end", "\n"))
    return text.encode(recipe.get("encoding", "utf-8"))


def _archive(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _edited(content, part, changes):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        assert old.encode() in members[part], f"{part} has no {old}"
        members[part] = members[part].replace(old.encode(), new.encode())
    return _archive(members)


def _parquet(columns):
    arrays = {name: pa.array(values, _TYPES[kind]) for name, (kind, values) in columns.items()}
    written = io.BytesIO()
    pq.write_table(pa.table(arrays), written)
    return written.getvalue()


_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
}


def _workbook(sheets, names=None, *, date_1904=False):
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "date_1904": date_1904}) as book:
        for name, sheet in sheets.items():
            _sheet(book, book.add_worksheet(name), **sheet)
        for name, place in (names or {}).items():
            book.define_name(name, place)
    return written.getvalue()


def _sheet(book, sheet, rows, *, hidden_rows=(), hidden_columns=(), merged=(), **more):
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            _cell(book, sheet, (number, column), cell)
    for row in hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    for letter in hidden_columns:
        sheet.set_column(f"{letter}:{letter}", None, None, {"hidden": True})
    for area in merged:
        sheet.merge_range(area, rows[_row(area)][_column(area)])
    if "filtered" in more:
        sheet.autofilter(more["filtered"])
        sheet.filter_column(0, "x != hidden")
    if "table" in more:
        sheet.add_table(more["table"].pop("range"), {"header_row": True} | more["table"])
    {"hidden": sheet.hide, "very_hidden": sheet.very_hidden, None: sheet.activate}[more.get("state")]()
    if more.get("protected"):
        sheet.protect("secret")


def _row(area):
    return int("".join(filter(str.isdigit, area.partition(":")[0]))) - 1


def _column(area):
    return ord(area[0]) - ord("A")


def _cell(book, sheet, place, cell):
    """A cell: a plain value, or `{value:, format:}`, or `{formula:, value:}`."""
    said = cell if isinstance(cell, dict) else {"value": cell}
    value, style = said.get("value"), said.get("format")
    if style is None and isinstance(value, date):
        style = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
    style = style and book.add_format({"num_format": style})
    match value:
        case _ if "formula" in said:
            sheet.write_formula(*place, said["formula"], style, value)
        case None:
            sheet.write_blank(*place, None, style)
        case str():
            sheet.write_string(*place, value, style)
        case bool():
            sheet.write_boolean(*place, value, style)
        case date():
            sheet.write_datetime(*place, value, style)
        case _:
            sheet.write_number(*place, value, style)


def saved_by_libreoffice(workbook, kind, target):
    """A workbook's bytes, saved by LibreOffice as a file of another *kind* at *target*."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.xlsx")
        source.write_bytes(workbook)
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        options = ["--headless", "--convert-to", kind, "--outdir", str(Path(folder, "out"))]
        subprocess.run(
            [_libreoffice(), profile, *options, str(source)], check=True, capture_output=True, timeout=120
        )
        shutil.copyfile(Path(folder, "out", f"book.{kind}"), target)


def _libreoffice():
    found = shutil.which("soffice") or shutil.which("libreoffice")
    assert found, "LibreOffice is not here"
    return found


def main():
    """Make the files that are kept."""
    for name, folder in recipes().items():
        recipe = recipe_of(folder)
        if "saved_as" in recipe and (not sys.argv[1:] or name in sys.argv[1:]):
            saved_by_libreoffice(content_of(recipe), recipe["saved_as"], folder / recipe["file"])


if __name__ == "__main__":
    main()
