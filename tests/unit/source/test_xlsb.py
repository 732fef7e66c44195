"""The binary workbook: a file written here record by record, since no library at hand writes the format."""

import struct
import zipfile

import pytest

from loader.errors import SourceError
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.table import Kind

CONTENT_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>"""
RELATIONSHIPS = """<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/><Relationship Id="rId8"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.bin"/>
</Relationships>"""


def record(kind, body=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def row(number):
    return record(0, struct.pack("<II", number - 1, 0) + bytes(9))


def cell(kind, column, body, style=0):
    return record(kind, struct.pack("<II", column, style) + body)


def styles(*formats, codes):
    """A part with styles in these formats, behind styles of another kind that cells do not name."""
    of_code = [record(44, struct.pack("<H", number) + wide(code)) for number, code in codes.items()]
    style = [record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in formats]
    decoy = [record(47, struct.pack("<HH", 0, 10) + bytes(12))]
    parts = [(615, of_code), (626, decoy), (617, style)]
    listed = [record(n, struct.pack("<I", len(of))) + b"".join(of) + record(n + 1) for n, of in parts]
    return record(278) + b"".join(listed) + record(279)


@pytest.fixture
def binary_workbook(tmp_path):
    return written(tmp_path / "loans.xlsb")


def written(path, *extra):
    """Headers in B2 and C2; row 3 has a number and a failed formula, row 5 an error and a text; then *extra* rows."""
    sheet = b"".join(
        [
            record(129),
            record(148, struct.pack("<IIII", 1, 4 + len(extra), 1, 2)),
            record(145),
            row(2) + cell(6, 1, wide("Loan")) + cell(6, 2, wide("Rate")),
            row(3) + cell(5, 1, struct.pack("<d", 5930)) + cell(11, 2, b"\x07" + bytes(10)),
            row(5) + cell(3, 1, b"\x2a") + cell(6, 2, wide("8.2"), 1),
            *extra,
            record(146),
            record(130),
        ]
    )
    book = b"".join(
        [
            record(131),
            record(143),
            record(156, struct.pack("<II", 0, 1) + wide("rId7") + wide("Loans")),
            record(144),
            record(132),
        ]
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", RELATIONSHIPS)
        archive.writestr("xl/styles.bin", styles(0, 10, 164, codes={164: '0.00"%"', 165: "0.0"}))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def test_cells_and_errors_of_a_binary_workbook(binary_workbook, only_batch):
    """Rows, letters and errors are those that Excel shows."""
    table = open_table(binary_workbook, Reading(header_row=2))
    batch = only_batch(table)

    assert (table.sheet, [header.name for header in table.headers]) == ("Loans", ["", "Loan", "Rate"])
    assert batch.rows == [3, 5]
    assert batch.columns == [["", ""], ["5930", "#N/A"], ["#DIV/0!", "8.2"]]
    assert [None, bytes([Kind.NUMBER, Kind.ERROR]), bytes([Kind.ERROR, Kind.TEXT])] == batch.kinds


def test_cut_off_binary_workbook_is_refused(binary_workbook):
    content = binary_workbook.read_bytes()
    binary_workbook.write_bytes(content[: len(content) // 2])

    with pytest.raises(SourceError, match=r"loans.xlsb is damaged"):
        open_table(binary_workbook)


def test_percentages_of_a_binary_workbook(tmp_path, only_batch):
    """A built-in format and a sign that is mere text; the number is whole or, as mostly, in a compact form (RkNumber)."""
    compact = struct.pack("<I", 12 << 2 | 0b11)  # the whole number 12, a hundredth of it
    extra = [
        row(6) + cell(5, 1, struct.pack("<d", 1)) + cell(5, 2, struct.pack("<d", 0.1202), 1),
        row(7) + cell(2, 1, compact) + cell(2, 2, compact, 1 | 1 << 24),
        row(8) + cell(2, 1, compact) + cell(9, 2, struct.pack("<d", 12.02) + bytes(10), 2),
    ]
    batch = only_batch(open_table(written(tmp_path / "loans.xlsb", *extra), Reading(header_row=2)))

    assert batch.columns[1] == ["5930", "#N/A", "1", "0.12", "0.12"]
    assert batch.columns[2] == ["#DIV/0!", "8.2", "12.02%", "12%", "12.02%"]
    assert bytes([Kind.ERROR, Kind.TEXT, *[Kind.PERCENT] * 3]) == batch.kinds[2]


def test_what_a_binary_workbook_hides_filters_and_merges(tmp_path, rows):
    """Records of MS-XLSB 2.4: BrtRowHdr and BrtColInfo with their flags, BrtMergeCell, BrtBeginFilters."""
    hidden_row = record(0, struct.pack("<II", 5, 0) + bytes(3) + b"\x10" + bytes(5))
    path = written(
        tmp_path / "loans.xlsb",
        hidden_row + cell(5, 1, struct.pack("<d", 7)) + cell(6, 2, wide("9")),
        row(7) + cell(5, 1, struct.pack("<d", 8)) + cell(6, 2, wide("1")),
        record(60, struct.pack("<IIIIH", 2, 2, 2048, 0, 1)),
        record(176, struct.pack("<IIII", 6, 7, 1, 1)),
        record(165, bytes(6)),
    )
    wanted = frozenset({"Loan"})
    with pytest.raises(SourceError, match=r"hides 1 row \(the first is row 6\); a filter is active"):
        open_table(path, Reading(header_row=2, headers_wanted=wanted))
    with pytest.raises(SourceError, match=r'column C \("Rate"\), which the template uses'):
        open_table(path, Reading(header_row=2, hidden="skip", headers_wanted=frozenset({"Rate"})))
    table = open_table(path, Reading(header_row=2, hidden="skip", headers_wanted=wanted))

    assert [number for number, _ in rows(table)] == [3, 5, 7]
    assert table._merged.areas == [(7, 1, 8, 1)]


def test_a_cell_far_from_the_table_of_a_binary_sheet_is_refused(tmp_path, monkeypatch):
    """What the sheet says of itself counts formats too, so that its cells are looked at."""
    path = written(tmp_path / "loans.xlsb", row(900) + cell(5, 800, struct.pack("<d", 7)))
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.bin"
    content[part] = content[part].replace(
        struct.pack("<IIII", 1, 5, 1, 2), struct.pack("<IIII", 1, 899, 1, 800)
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    assert open_table(path, Reading(header_row=2)).header_row == 2
    monkeypatch.setattr("loader.source.workbook.bounds._CELLS_AT_MOST", 700_000)

    with pytest.raises(SourceError, match="reaches to ADU900, which is 720,900 cells"):
        open_table(path, Reading(header_row=2))


def test_a_damaged_row_number_is_refused_whatever_area_the_sheet_states(tmp_path):
    """Before as many cells are laid out as it counts; no process survives that."""
    path = tmp_path / "loans.xlsb"
    written(path, row(2**31) + cell(5, 1, struct.pack("<d", 7)))
    with pytest.raises(SourceError, match=r"reaches to C2147483648"):
        open_table(path, Reading(header_row=2))
