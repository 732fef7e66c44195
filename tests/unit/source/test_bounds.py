"""Workbooks that would exhaust time or memory are refused before they are read."""

import random
import zipfile
from pathlib import Path
from xml.parsers import expat

import pytest
import xlsxwriter

from loader.errors import SourceError
from loader.source.damage import short_name
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.workbook import bounds

FILES = Path(__file__).parent / "files"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


@pytest.fixture
def changed(tmp_path):
    """A workbook of one loan, one part of which was changed."""

    def make(part, change, replacement):
        with xlsxwriter.Workbook(tmp_path / "plain.xlsx") as book:
            sheet = book.add_worksheet("Loans")
            sheet.write_row(0, 0, ["Loan", "Name"])
            sheet.write_row(1, 0, [7, "Ann"])
        path = tmp_path / "loans.xlsx"
        with (
            zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for name in plain.namelist():
                content = plain.read(name)
                target.writestr(name, content.replace(change, replacement) if name == part else content)
        return path

    return make


def test_a_part_that_unpacks_far_beyond_its_size_is_refused(changed):
    """Before anything of it is unpacked."""
    path = changed(STRINGS, b"</sst>", b"<si><t>" + b"A" * (70 << 20) + b"</t></si></sst>")
    with pytest.raises(
        SourceError, match=r"its part xl/sharedStrings.xml unpacks from [\d,]+ to 73,4[\d,]+ bytes"
    ):
        open_table(path)


def test_a_part_that_lies_about_its_size_is_refused(changed):
    """What is declared bounds what is unpacked."""
    size = 5 << 20
    path = changed(STRINGS, b"</sst>", b"<si><t>" + b"A" * size + b"</t></si></sst>")
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo(STRINGS).file_size
    content = path.read_bytes()
    assert content.count(real.to_bytes(4, "little")) == 2
    path.write_bytes(content.replace(real.to_bytes(4, "little"), (500).to_bytes(4, "little")))
    with pytest.raises(SourceError, match="larger than its declared"):
        open_table(path)


def test_entities_are_not_expanded(changed):
    """An XML file of some lines could else mean gigabytes."""
    names = "abcdefghij"
    inner = "".join(
        f'<!ENTITY {name} "{f"&{names[at - 1]};" * 10 if at else "A" * 10}">' for at, name in enumerate(names)
    )
    path = changed(STRINGS, b"Ann", b"&j;")
    _insert(path, STRINGS, f"<!DOCTYPE sst [{inner}]>".encode())
    with pytest.raises(SourceError, match="cannot be read as a workbook"):
        open_table(path)


def _insert(path, part, declaration):
    """Put a declaration behind the head of a part."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    head, _, rest = content[part].partition(b"?>")
    content[part] = head + b"?>" + declaration + rest
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize("searched", [2 << 20, 0], ids=["searched", "as it says"])
def test_a_cell_far_from_the_table_is_refused(changed, monkeypatch, searched):
    """Seventeen thousand million blank cells would be laid out between the two; the process would end without a word."""
    monkeypatch.setattr(bounds, "_SEARCHED_BYTES", searched)
    path = changed(SHEET, b"</sheetData>", FAR)
    if not searched:
        path = _said(path)
    with pytest.raises(SourceError, match=r"reaches to XFD1048576, which is 17,179,869,184 cells") as caught:
        open_table(path)
    assert "Ctrl+End" in caught.value.hint


def _said(path):
    """The same, with a dimension as Excel would write it."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content[SHEET] = content[SHEET].replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def test_formats_without_content_reach_nowhere(changed, rows):
    """Excel says A1:XFD1048576 of a sheet that is only coloured so far."""
    phantom = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    path = _said(changed(SHEET, b"</sheetData>", phantom))

    assert rows(open_table(path)) == [(2, ("7", "Ann"))]


def test_an_xls_sheet_that_states_impossible_bounds_is_refused(tmp_path):
    """The program that reads it would ask for 800 GB and be ended by the system."""
    content = (FILES / "percents.xls").read_bytes()
    record = bytes.fromhex("00020e00") + bytes(4)
    assert record in content
    path = tmp_path / "loans.xls"
    path.write_bytes(content.replace(record, bytes.fromhex("00020e00") + b"\0\x4e\0\0"))
    with pytest.raises(SourceError, match=r"loans\.xls is damaged: one of its sheets states bounds"):
        open_table(path)


@pytest.mark.parametrize("name", ["structure.xlsx", "structure.ods", "structure.xls"])
def test_damage_is_said_in_plain_words(tmp_path, name):
    """Whatever bytes are wrong: a whole table, or a refusal that says so."""
    chance = random.Random(name)
    content = (FILES / name).read_bytes()
    refused = []
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = tmp_path / name
        path.write_bytes(damaged)
        try:
            for _ in open_table(path, Reading(header_row=2, hidden="include")).batches():
                pass
        except SourceError as error:
            refused.append(error)
    assert refused
    assert [] == [error for error in refused if not error.hint]


def test_a_cell_far_from_the_table_of_an_opendocument_sheet_is_refused(tmp_path):
    """Blank rows and cells are written once and counted; laid out they are as many."""
    far = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row><table:table-row>'
        '<table:table-cell table:number-columns-repeated="16383"/>'
        '<table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>'
    )
    path = tmp_path / "loans.ods"
    with zipfile.ZipFile(FILES / "structure.ods") as plain, zipfile.ZipFile(path, "w") as target:
        for name in plain.namelist():
            target.writestr(name, plain.read(name).replace(b"</table:table>", far.encode(), 1))
    with pytest.raises(SourceError, match="Cell limit exceeded"):
        open_table(path)


def test_an_opendocument_sheet_that_never_ends_is_refused_before_it_is_read(tmp_path):
    """A reader would look for the end of the table for ever."""
    path = tmp_path / "loans.ods"
    with zipfile.ZipFile(FILES / "structure.ods") as plain, zipfile.ZipFile(path, "w") as target:
        for name in plain.namelist():
            target.writestr(name, plain.read(name).replace(b"</table:table>", b"</table:table-cell>"))
    with pytest.raises(expat.ExpatError, match="mismatched tag"):
        bounds.require_bounded(path, path.name)
    with pytest.raises(SourceError, match=r"loans\.ods is damaged: mismatched tag"):
        open_table(path)


def test_an_xls_file_whose_sectors_run_in_a_circle_is_refused(tmp_path):
    """Following them would fill the memory: a sector that lists sectors names itself as the next such one."""
    content = bytearray((FILES / "percents.xls").read_bytes())
    content += bytes(-len(content) % 512)
    itself = len(content) // 512 - 1
    content[68:72] = itself.to_bytes(4, "little")
    path = tmp_path / "loans.xls"
    path.write_bytes(bytes(content) + b"\xff" * 508 + itself.to_bytes(4, "little"))
    with pytest.raises(SourceError, match=r"loans\.xls is damaged: its list of sectors runs in a circle"):
        open_table(path)


def test_a_far_cell_in_the_middle_of_a_sheet_is_seen(changed):
    """The last cell of the sheet is not the one that reaches farthest."""
    path = changed(SHEET, b'r="A2"', b'r="XFD1048576"')

    with pytest.raises(SourceError, match=r"reaches to XFD1048576, which is 17,179,869,184 cells"):
        open_table(path)


def test_a_cell_in_a_column_that_no_sheet_has_is_damage(changed):
    """Half a million columns would be laid out and looked through."""
    path = changed(SHEET, b'r="A2"', b'r="ZZZZ9"')

    with pytest.raises(
        SourceError, match=r"is damaged: it reaches to ZZZZ9, and no sheet reaches beyond XFD1048576"
    ):
        open_table(path)


def test_a_damaged_name_of_a_part_is_shown_in_short():
    assert short_name("xl/workbook.xml") == "xl/workbook.xml"
    assert len(short_name("xl/" + "x" * 10_000)) == 80
