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
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/>
</Relationships>"""


def record(kind, body=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def row(number):
    return record(0, struct.pack("<II", number - 1, 0) + bytes(9))


def cell(kind, column, body):
    return record(kind, struct.pack("<II", column, 0) + body)


@pytest.fixture
def binary_workbook(tmp_path):
    """Headers in B2 and C2; row 3 has a number and a failed formula, row 5 an error and a text."""
    sheet = b"".join(
        [
            record(129),
            record(148, struct.pack("<IIII", 1, 4, 1, 2)),
            record(145),
            row(2) + cell(6, 1, wide("Loan")) + cell(6, 2, wide("Rate")),
            row(3) + cell(5, 1, struct.pack("<d", 5930)) + cell(11, 2, b"\x07" + bytes(10)),
            row(5) + cell(3, 1, b"\x2a") + cell(6, 2, wide("8.2")),
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
    path = tmp_path / "loans.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", RELATIONSHIPS)
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
