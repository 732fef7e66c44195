"""A workbook that is read before it is opened is read as any other."""

import os
import threading

import pytest
import xlsxwriter

from loader.errors import SourceError
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.workbook import ahead


@pytest.fixture
def write(tmp_path):
    """Writes a workbook, with the same cells in each of its sheets."""

    def made(*sheets, rows=((1, "x"), (2, 0.0725)), name="loans.xlsx"):
        with xlsxwriter.Workbook(tmp_path / name) as book:
            for sheet_name in sheets:
                sheet = book.add_worksheet(sheet_name)
                sheet.write_row(0, 0, ["Loan", sheet_name])
                for at, (number, other) in enumerate(rows, 1):
                    sheet.write(at, 0, number)
                    sheet.write(at, 1, other, book.add_format({"num_format": "0.00%"}))
        return tmp_path / name

    return made


@pytest.fixture
def sheets_read(monkeypatch):
    """The names of the sheets that were read so far."""
    read = []

    def counted(workbook, sheet, file):
        read.append(sheet)
        return workbook.get_sheet_by_name(sheet)

    monkeypatch.setattr(ahead, "read_sheet", counted)
    return read


def read_ahead(path):
    """Have it read, to its end."""
    ahead.read_ahead(path)
    for thread in threading.enumerate():
        if thread.name.startswith("read-ahead"):
            thread.join()


def content(path, reading=Reading()):  # noqa: B008  it is frozen
    table = open_table(path, reading)
    return table.headers, table.facts, table.size, list(table.batches())


def test_what_was_read_ahead_is_not_read_again(write, sheets_read):
    """Once alone, for who opens it first."""
    path = write("Loans")
    read_ahead(path)
    first = content(path)

    assert ["Loans"] == sheets_read
    assert first == content(path)
    assert ["Loans"] * 2 == sheets_read


def test_of_several_sheets_none_is_read_before_one_is_chosen(write, sheets_read):
    """It could be the wrong one."""
    path = write("Loans", "Old")
    read_ahead(path)

    assert [] == sheets_read
    assert "Old" == content(path, Reading(sheet="Old"))[0][1].name


def test_file_that_was_changed_is_read_anew(write, sheets_read):
    """What counts is the file as it is opened."""
    path = write("Loans")
    read_ahead(path)
    write("Loans", rows=((7, "y"),))
    os.utime(path, ns=(1, 1))
    *_, (batch,) = content(path)

    assert [["7"], ["y"]] == [list(column) for column in batch.columns]
    assert ["Loans"] * 2 == sheets_read


@pytest.mark.parametrize("damage", [b"", b"PK\3\4", None], ids=["empty", "cut", "gone"])
def test_what_is_wrong_is_told_where_it_is_opened(write, damage):
    """The same as without reading ahead."""
    path = write("Loans")
    path.write_bytes(damage) if damage is not None else path.unlink()
    with pytest.raises(SourceError) as expected:
        open_table(path)
    read_ahead(path)

    with pytest.raises(SourceError) as found:
        open_table(path)
    assert (str(expected.value), expected.value.hint) == (str(found.value), found.value.hint)
