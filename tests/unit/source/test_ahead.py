"""A workbook that another process reads ahead is read as any other."""

import gc
import multiprocessing
import os
import signal

import openpyxl
import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from loader.errors import SourceError
from loader.processes.hand import Hand
from loader.source.open import open_table
from loader.source.reading import Password, Reading
from loader.source.workbook import open_book
from loader.source.workbook.ahead import TableAhead, read_ahead
from loader.source.workbook.questions import MORE, Opening, Rows
from loader.source.workbook.sheet_reader import SheetReader


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


@pytest.fixture(autouse=True)
def before():
    """The processes that there are already; all others are to end."""
    found = set(multiprocessing.active_children())
    yield found
    gc.collect()  # failures hold what they came from, in circles
    for process in set(multiprocessing.active_children()) - found:
        process.join(20)
        assert not process.is_alive()


@pytest.fixture
def many(write, before):
    """A workbook of 10,000 rows, read ahead."""
    path = write("Loans", rows=[(number, f"é{number}") for number in range(10_000)])
    read_ahead(path)
    return path


@pytest.fixture
def process(many, before):
    """The one that reads it."""
    (process,) = set(multiprocessing.active_children()) - before
    return process


@pytest.fixture
def sheets_read(monkeypatch):
    """The names of the sheets that were read so far in this process."""
    read = []

    def counted(workbook, sheet, file):
        read.append(sheet)
        return workbook.get_sheet_by_name(sheet)

    monkeypatch.setattr(open_book, "read_sheet", counted)
    return read


def content(table, rows_per_batch=None):
    """What a table gives: what is known of it, and its rows."""
    known = table.sheet, table.header_row, table.headers, table.digest, table.facts, table.notes, table.size
    batches = [(batch, [list(column) for column in batch.columns]) for batch in table.batches(rows_per_batch)]
    return known, batches


def test_a_sheet_is_read_once_before_anybody_says_how(write, sheets_read):
    """It is the only one, and what is said then changes nothing but what its rows are laid under."""
    reader = SheetReader(write("Loans"))
    assert ["Loans"] == sheets_read

    assert ["Loan", "Loans"] == [header.name for header in reader.do(Opening(Reading())).headers]
    assert (2, 3) == tuple(reader.do(Rows(None)).rows)
    assert reader.do(MORE) is None
    assert ["Loans"] == sheets_read


def test_of_several_sheets_none_is_read_before_one_is_chosen(write, sheets_read):
    """It could be the wrong one."""
    reader = SheetReader(write("Loans", "Old"))
    assert [] == sheets_read

    assert "Old" == reader.do(Opening(Reading(sheet="Old"))).headers[1].name


def test_a_file_that_was_changed_is_read_anew(write, sheets_read):
    """What counts is the file as it is opened."""
    reader = SheetReader(write("Loans"))
    os.utime(write("Loans", rows=((7, "y"),)), ns=(1, 1))
    reader.do(Opening(Reading()))

    assert [["7"], ["y"]] == [list(column) for column in reader.do(Rows(None)).columns]
    assert ["Loans"] * 2 == sheets_read


@pytest.mark.parametrize("rows_per_batch", [None, 700])
def test_all_is_as_if_it_were_read_here(many, rows_per_batch):
    """Whether it is read once or twice, and whatever was not read to its end before."""
    table, here = open_table(many), open_table(many)
    assert isinstance(table, TableAhead)
    assert not isinstance(here, TableAhead)

    expected = content(here, rows_per_batch)
    assert expected == content(table, rows_per_batch)
    next(table.batches(rows_per_batch))
    assert expected == content(table, rows_per_batch)
    next(table.batches(5))
    assert expected == content(table, rows_per_batch)


def test_two_cannot_read_it_at_a_time(many):
    """The first does not end as if there were no more rows."""
    table = open_table(many)
    first = table.batches(100)
    next(first)
    next(table.batches(100))

    with pytest.raises(RuntimeError, match="twice at a time"):
        next(first)


@pytest.mark.parametrize("rows_per_batch", [None, 100])
@pytest.mark.parametrize("already_read", [False, True])
def test_a_file_that_changes_after_it_was_opened_is_refused(many, rows_per_batch, already_read):
    """Though its first rows were read in the other process by then: they are not those of the file that a run would be recorded for."""
    table = open_table(many)
    if already_read:
        list(table.batches(rows_per_batch))
    assert table._reader._hand._connection.poll(20)
    os.utime(many, ns=(1, 1))

    with pytest.raises(SourceError, match="was changed while it was being read"):
        next(table.batches(rows_per_batch))


@pytest.mark.parametrize("call", range(4))
@pytest.mark.parametrize("before", [None, 100])
def test_after_an_interruption_rows_are_whole(many, monkeypatch, call, before):
    """Whatever was still on its way is not taken for what is asked for then."""
    table, expected = open_table(many), content(open_table(many))
    if before:
        next(table.batches(before))
    hear, calls = Hand.heard, []

    def interrupted(hand):
        calls.append(None)
        if len(calls) - 1 == call:
            raise KeyboardInterrupt
        return hear(hand)

    with monkeypatch.context() as patched:
        patched.setattr(Hand, "heard", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(table.batches(50))

    assert expected == content(table)


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


def test_a_reading_that_does_not_fit_is_told_as_without(many):
    """The failure comes from the other process, with its hint."""
    with pytest.raises(SourceError, match="no sheet") as found:
        open_table(many, Reading(sheet="Old"))

    assert "Loans" in found.value.hint


@pytest.mark.parametrize("after", ["opening", "some rows"])
def test_a_process_that_is_killed_is_told_of(many, process, after):
    """Rows that are missing are never taken for the end of the table."""
    if after == "opening":
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(SourceError, match=r"loans.xlsx was not read to its end.*signal 9") as found:
            open_table(many)
    else:
        batches = open_table(many).batches(100)
        next(batches)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(SourceError, match=r"loans.xlsx was not read to its end.*signal 9") as found:
            list(batches)

    assert "--processes 1" in found.value.hint


@pytest.mark.parametrize("answer", ["Geheim", "wrong"])
def test_a_password_is_asked_for_here_and_once(tmp_path, write, answer):
    """The other process has no terminal, and never hears of it."""
    plain, path = write("Loans"), tmp_path / "secret.xlsx"
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt("Geheim", target)
    asked = []
    reading = Reading(password=Password(lambda: asked.append(None) or answer))
    read_ahead(path)

    if answer == "wrong":
        with pytest.raises(SourceError, match="the password does not open"):
            open_table(path, reading)
    else:
        assert content(open_table(plain))[1] == content(open_table(path, reading))[1]
    assert 1 == len(asked)


def test_the_process_ends_with_the_table(many, process):
    """It holds the whole sheet."""
    table = open_table(many)
    next(table.batches())
    del table

    process.join(20)
    assert 0 == process.exitcode


def test_cells_of_every_kind_come_whole(tmp_path):
    """With what was noticed of them, and the rows that do not fit."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Loan", "Rate", "Day", "Note"])
    for number in range(9_000):
        sheet.append([f"L{number}", number / 7 if number % 3 else None, "2017-03-09", "#N/A"])
    sheet["G77"] = "beyond"
    sheet["D5"].value, sheet["D5"].data_type = "#N/A", "e"
    path = tmp_path / "kinds.xlsx"
    book.save(path)
    read_ahead(path)
    there, here = open_table(path), open_table(path)

    assert content(here) == content(there)
    assert any(batch.bad_rows for batch in there.batches())
    assert any(batch.kinds[3] for batch in there.batches())
