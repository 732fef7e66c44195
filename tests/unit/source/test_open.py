"""Which reader takes a file, and what is said when none does."""

import hashlib
import random
import zipfile
from pathlib import Path

import pytest

from loader.errors import SourceError
from loader.source.open import digest_of, open_table
from loader.source.reading import Reading
from loader.source.text.csv_file import CsvTable
from loader.source.workbook.excel_file import ExcelTable


def test_content_decides_before_the_name_does(workbook, csv_file):
    """A workbook named .csv is a workbook; text under the name of a workbook of old is text."""
    assert isinstance(open_table(workbook(name="loans.xlsx", Loans=[["A"]])), ExcelTable)
    renamed = workbook(Loans=[["A"]]).rename(csv_file("", "real.csv"))
    assert isinstance(open_table(renamed), ExcelTable)
    assert isinstance(open_table(csv_file("A,B\n", "loans.CSV")), CsvTable)
    assert isinstance(open_table(csv_file("A\tB\n1\t2\n", "export.xls")), CsvTable)


def test_options_reach_the_reader(workbook, csv_file):
    book = workbook(Notes=[["x"]], Loans=[[None], ["A"]])

    assert (
        (table := open_table(book, Reading(sheet="Loans", header_row=2, letters_used=frozenset("C")))).sheet,
        table.header_row,
        len(table.headers),
    ) == ("Loans", 2, 3)
    assert [header.name for header in open_table(csv_file("x\nA\n"), Reading(header_row=2)).headers] == ["A"]


def test_headerless_table_is_allowed_where_letters_name_its_columns(csv_file, rows):
    table = open_table(csv_file(",\n1,2\n"), Reading(letters_used=frozenset("A")))

    assert rows(table) == [(2, ("1", "2"))]


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("loans.csv", b"", "loans.csv is empty", "completely"),
        ("loans.csv", b"\xef\xbb\xbf", "loans.csv is empty", "completely"),
        ("loans.csv", b" , \n1,2\n", "loans.csv, row 1 holds no headers", "header: 3"),
        (
            "loans.csv",
            "A,B\n".encode("utf-16") + b"\x31",
            r"row 2: the text is not UTF-16 LE \(byte 0x31 at offset 10",
            "--encoding",
        ),
        (
            "loans.csv",
            b"\xef\xbb\xbfCaf\xe9,B\n",
            r"loans.csv, row 1: the text is not UTF-8 \(byte 0xE9 at offset 6",
            "CSV UTF-8",
        ),
        (
            "loans.csv",
            b'"Loan,B\n' + b"x" * 100,
            "loans.csv, row 1: a quoted cell is not closed",
            "written twice",
        ),
        (
            "loans.xls",
            b"<html><table><tr><td>1</td></tr></table>",
            "loans.xls is a web page or XML",
            "save it as",
        ),
        ("loans.xlsx", b"A,B\n1,2\n", "loans.xlsx is not a workbook", "ends in .csv"),
        ("loans.xlsx", b"PK\x03\x04 cut off", "loans.xlsx is damaged", "again"),
        (
            "loans.pdf",
            b"%PDF-1.7\n",
            "loans.pdf is of a kind that cannot be read",
            "CSV and other separated text",
        ),
        ("loans.json", b'{"a": 1}', "loans.json is of a kind that cannot be read", "OpenDocument"),
        (
            "~$loans.xlsx",
            b"\x05Anna",
            r"~\$loans.xlsx is not a workbook but the mark",
            "name loans.xlsx itself",
        ),
        (
            "loans.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_048_560) + "EncryptedPackage".encode("utf-16-le"),
            "loans.xlsx is protected by a password",
            "without a password",
        ),
        (
            "loans.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "loans.xls cannot be read as a workbook",
            "save",
        ),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(csv_file, name, content, message, hint):
    path = csv_file(content, name)

    with pytest.raises(SourceError, match=message) as caught:
        list(open_table(path).batches())
    assert hint in caught.value.hint


def test_archive_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "loans.docx", "w") as archive:
        archive.writestr("word/document.xml", "<document/>")

    with pytest.raises(SourceError, match=r"loans.docx is of a kind that cannot be read"):
        open_table(tmp_path / "loans.docx")


def test_encrypted_opendocument(tmp_path):
    with zipfile.ZipFile(tmp_path / "loans.ods", "w") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        archive.writestr("content.xml", "?")

    with pytest.raises(SourceError, match=r"loans.ods is protected by a password"):
        open_table(tmp_path / "loans.ods")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_workbook_with_a_damaged_part(workbook, part):
    """Half a part is a message, never a traceback and never half of the rows."""
    path = workbook(Loans=[["A"], *([n] for n in range(50))])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = parts[part][: len(parts[part]) // 2]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    if part == "[Content_Types].xml":  # nothing that is read here
        assert sum(len(batch.rows) for batch in open_table(path).batches()) == 50
        return
    with pytest.raises(SourceError, match=r"loans.xlsx"):
        open_table(path)


def test_no_such_file_folder_and_wrong_row(tmp_path, csv_file):
    with pytest.raises(SourceError, match="there is no file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="is a folder"):
        open_table(tmp_path)
    path = csv_file("A,B\n1,2\n")
    with pytest.raises(SourceError, match=r"loans.csv has 2 rows, so its headers cannot be in row 3"):
        open_table(path, Reading(header_row=3))
    with pytest.raises(SourceError, match="cannot be in row 0"):
        open_table(path, Reading(header_row=0))
    with pytest.raises(SourceError, match='is a text file and has no sheet "Loans"'):
        open_table(path, Reading(sheet="Loans"))


def test_digest_is_that_of_the_bytes(csv_file):
    content = bytes(range(256)) * 10_000

    assert hashlib.sha256(content).hexdigest() == digest_of(csv_file(content))


def test_file_without_permission(csv_file, monkeypatch):
    """Tests may run as a user who may read everything, so that the system's refusal is played."""
    path = csv_file("A\n")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(SourceError, match="may not be read: permission denied"):
        open_table(path)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_old_workbook_is_a_message(tmp_path, seed):
    """Bytes changed anywhere give either the rows or a SourceError, never a traceback."""
    content = bytearray((Path(__file__).parent / "files/kinds.xls").read_bytes())
    chance = random.Random(seed)
    for _ in range(20):
        content[chance.randrange(8, len(content))] = chance.randrange(256)
    path = tmp_path / "loans.xls"
    path.write_bytes(content)

    try:
        batches = list(open_table(path, Reading(header_row=3)).batches())
    except SourceError:
        return

    assert all(len(batch.rows) == len(column) for batch in batches for column in batch.columns)
