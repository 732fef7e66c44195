"""Workbooks with a password, and those that are only protected against changes."""

from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from loader.errors import SourceError
from loader.source.open import digest_of, open_table
from loader.source.reading import Password, Reading
from loader.source.workbook.sheets import sheets_of

FILES = Path(__file__).parent / "files"


def encrypted(path, password):
    """The workbook, encrypted in its place."""
    plain = path.with_suffix(".plain")
    path.rename(plain)
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt(password, target)
    plain.unlink()
    return path


def answering(*answers):
    """A password that is asked for, and how often."""
    asked = []

    def ask():
        asked.append(1)
        return answers[len(asked) - 1]

    return Reading(password=Password(ask)), asked


@pytest.fixture
def secret(workbook):
    return encrypted(workbook(Loans=[["Loan"], [7]], Notes=[["n"]]), "Geheim 1")


def test_a_workbook_with_a_password_is_read(secret, rows):
    """The digest is that of the file as it is; the password is asked for once, however often the file is read."""
    reading, asked = answering("Geheim 1")
    table = open_table(secret, reading)

    assert rows(table) == rows(open_table(secret, reading)) == [(2, ("7",))]
    assert table.digest == digest_of(secret)
    assert [each.name for each in sheets_of(table)] == ["Loans", "Notes"]
    assert len(asked) == 1


def test_a_wrong_password_is_said(secret):
    reading, _ = answering("geheim 1")
    with pytest.raises(SourceError, match=r"the password does not open loans\.xlsx"):
        open_table(secret, reading)


def test_nobody_to_ask(secret):
    with pytest.raises(SourceError, match=r"loans\.xlsx is protected by a password") as caught:
        open_table(secret)
    assert "--password-file" in caught.value.hint


def test_the_password_that_excel_gives_by_itself_is_not_asked_for(workbook, rows):
    """Excel encrypts some protected workbooks with a password that it knows and nobody has chosen."""
    path = encrypted(workbook(Loans=[["Loan"], [7]]), "VelvetSweatshop")

    assert rows(open_table(path)) == [(2, ("7",))]


def test_a_damaged_container_is_refused(secret):
    content = secret.read_bytes()
    secret.write_bytes(content[: len(content) // 2])
    reading, _ = answering("Geheim 1")
    with pytest.raises(SourceError, match=r"loans\.xlsx"):
        open_table(secret, reading)


def test_protected_sheets_are_read(tmp_path, rows):
    """Protection against changes encrypts nothing."""
    book = openpyxl.Workbook()
    book.active.append(["Loan"])
    book.active.append([7])
    book.active.protection.set_password("x")
    book.security.workbookPassword = "x"
    book.security.lockStructure = True
    book.save(tmp_path / "loans.xlsx")

    assert rows(open_table(tmp_path / "loans.xlsx")) == [(2, ("7",))]


def test_the_password_is_kept_nowhere():
    reading, _ = answering("Geheim 1")
    reading.password()

    assert "Geheim" not in repr(reading) + repr(reading.as_settings()) + repr(reading.as_record())
    assert Reading.of_record(reading.as_record()) == reading


def test_an_xls_workbook_with_a_password_is_read(rows):
    """Made by LibreOffice, with RC4: see files/README.md."""
    reading, _ = answering("Geheim 1")
    wrong, _ = answering("geheim 1")

    assert rows(open_table(FILES / "secret.xls", reading)) == [(2, ("L1", "8.25")), (3, ("L2", "7"))]
    with pytest.raises(SourceError, match=r"the password does not open secret\.xls"):
        open_table(FILES / "secret.xls", wrong)


def test_an_opendocument_spreadsheet_with_a_password_is_refused():
    reading, asked = answering("Geheim 1")
    with pytest.raises(SourceError, match=r"secret\.ods is protected by a password") as caught:
        open_table(FILES / "secret.ods", reading)
    assert caught.value.hint == "save it without a password, or as .xlsx with one"
    assert not asked
