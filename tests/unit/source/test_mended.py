"""Rows of a rejected workbook: where they come from, whatever program has saved it since."""

import csv
import shutil
import subprocess

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.errors import SourceError
from loader.models.issue import Issue
from loader.models.row import RowRef
from loader.report.rejected_book import write_rejected
from loader.source.headers import OUR_COLUMNS, OUR_SHEET
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.workbook.origin_sheet import origin_lines

LINES = "Loan,Amount\n" + "".join(f"{row:03},{row}\n" for row in range(2, 12))


@pytest.fixture
def rejected(csv_file, tmp_path):
    """The rejected workbook of a file of rows 2 to 11, of which 3, 5 and 9 are refused; and the file."""
    source = open_table(csv_file(LINES))
    issue = Issue("money", "not an amount", column="Amount", letter="B")
    path = tmp_path / "rejected.xlsx"
    write_rejected(
        source, [(RowRef(row - 2, "", row), issue) for row in (3, 5, 9)], path, run="r1", last_row=11
    )
    return path, source


def edited(path, edit):
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def originals(table, rows_per_batch=4_096):
    return [number for batch in table.batches(rows_per_batch) for number in batch.originals]


def notes(table):
    found = [*table.notes, *(note for batch in table.batches() for note in batch.notes)]
    return {note.rule: note for note in found if note.rule.startswith("mended.")}


def test_the_workbook_names_run_file_digest_and_rows(rejected):
    """Of a text file there is no sheet; the rows are those below its headers."""
    path, source = rejected
    table = open_table(path)
    origin = table.origin
    assert ("r1", "loans.csv", source.digest, "") == (
        origin.run,
        origin.source_name,
        origin.source_digest,
        origin.sheet,
    )
    assert [3, 5, 9] == originals(table) == originals(table, 2)
    assert [False, True, True, False] == [origin.holds(row) for row in (1, 2, 11, 12)]
    assert {} == notes(table)
    assert all(note.rule != "sheet.hidden" for note in table.notes)


@pytest.mark.skipif(shutil.which("libreoffice") is None, reason="LibreOffice is not there")
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_what_another_program_saves_says_it_still(rejected, tmp_path, suffix):
    """LibreOffice, in the formats that keep sheets."""
    path, source = rejected
    (tmp_path / "saved").mkdir()
    subprocess.run(
        [
            "libreoffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            suffix,
            "--outdir",
            str(tmp_path / "saved"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    table = open_table(tmp_path / "saved" / f"rejected.{suffix}")
    assert (source.digest, [3, 5, 9]) == (table.origin.source_digest, originals(table))
    assert {} == notes(table)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (5, 5),
        ("5", 5),
        (" 5 ", 5),
        (5.5, None),
        (None, None),
        ("new 5", None),
        (1, None),
        (12, None),
        ("five", None),
    ],
)
def test_the_column_row_gives_the_number_or_the_row_is_new(rejected, cell, number):
    """A number of the original, typed or as text; anything else is told."""
    path, _ = rejected
    edited(path, lambda book: setattr(book.worksheets[0]["C3"], "value", cell))
    table = open_table(path)
    assert [3, number, 9] == originals(table)
    told = notes(table)
    assert (set() if number else {"mended.no-number"}) == set(told)
    if number is None:
        note = told["mended.no-number"]
        assert (1, 3, "Row") == (note.count, note.first_row, note.column)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=12), gaps=st.data())
def test_the_number_goes_with_its_row(rejected, tmp_path, order, gaps):
    """Sorted, deleted, copied, with blank rows between, in batches of any size: cells and number stay together."""
    path, _ = rejected

    def rearrange(book):
        sheet = book.worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(rows))
        at = 2
        for index in order:
            at += gaps.draw(st.integers(0, 2))
            for column, value in enumerate(rows[index], start=1):
                sheet.cell(at, column).value = value
            at += 1

    copy = tmp_path / "copy.xlsx"
    shutil.copy(path, copy)
    table = open_table(edited(copy, rearrange))
    size = gaps.draw(st.integers(1, 5))
    found = [
        (batch.columns[0][position], number)
        for batch in table.batches(size)
        for position, number in enumerate(batch.originals)
    ]
    numbers = [(3, 5, 9)[index] for index in order]
    assert [(f"{number:03}", number) for number in numbers] == found
    again = len(order) - len(set(order))
    assert again == (notes(table)["mended.number-twice"].count if again else 0)


def test_without_our_columns_or_sheet_it_is_a_file_of_its_own(rejected, csv_file):
    """Told; and refused where the rows' places are their keys."""
    path, _ = rejected
    columns = path.with_name("columns.xlsx")
    shutil.copy(path, columns)
    edited(columns, lambda book: book.worksheets[0].delete_cols(5))
    sheet = path.with_name("sheet.xlsx")
    shutil.copy(path, sheet)
    edited(sheet, lambda book: book.remove(book[OUR_SHEET]))
    text = csv_file(",".join(("Loan", *OUR_COLUMNS)) + "\n003,3,bad,mend\n")
    for file, words in (
        (columns, "its last columns are not Row, Problems and Advice"),
        (sheet, "does not say (any more) of which file"),
        (text, "does not say (any more) of which file"),
    ):
        table = open_table(file)
        assert table.origin is None
        assert [None] == [batch.originals for batch in table.batches()]
        assert words in notes(table)["mended.origin-lost"].message
        with pytest.raises(SourceError, match="nobody can tell which rows these were"):
            open_table(file, Reading(keyed_by_row=True))


@pytest.mark.parametrize(("row", "value"), [(4, "abc"), (4, None), (6, "one"), (7, "0"), (1, "Notes")])
def test_a_damaged_sheet_names_nothing(rejected, row, value):
    """Whatever somebody wrote on it: no half of an identity is taken."""
    path, _ = rejected
    column = 1 if row == 1 else 2
    table = open_table(edited(path, lambda book: setattr(book[OUR_SHEET].cell(row, column), "value", value)))
    assert table.origin is None
    assert "mended.origin-lost" in notes(table)


def test_of_a_rejected_workbook_once_more_the_first_file_is_named(rejected, tmp_path):
    """A row that was added in between is new there as well."""
    path, source = rejected
    edited(path, lambda book: book.worksheets[0].append(["099", "x"]))
    table = open_table(path)
    issue = Issue("money", "not an amount", column="Amount", letter="B")
    target = tmp_path / "again.xlsx"
    write_rejected(
        table, [(RowRef(1, "", 3, original=5), issue), (RowRef(3, "", 5), issue)], target, run="r2"
    )
    second = open_table(target)
    assert (origin_lines(table.origin), source.digest) == (
        origin_lines(second.origin),
        second.origin.source_digest,
    )
    assert [5, None] == originals(second)
    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert [5, "new 5"] == [sheet.cell(row, 3).value for row in (2, 3)]


@pytest.fixture
def ragged(csv_file, tmp_path):
    """The rejected workbook of a file whose third row has a cell too few."""
    source = open_table(csv_file("Loan,Name,Amount,Memo\nA1,Ada,1,x\nA2,Bob,2,y\nA3,3,z\n"))
    (batch,) = source.batches()
    bad = batch.bad_rows[2]
    issues = [(RowRef(0, "", 2), Issue("money", "wrong")), (RowRef(2, "", 4), Issue(bad.rule, bad.message))]
    path = tmp_path / "rejected.xlsx"
    write_rejected(source, issues, path, run="r1", last_row=4)
    return path


def _as_csv(path):
    """The sheet as a spreadsheet program saves it."""
    target = path.with_suffix(".csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            ["" if cell is None else cell for cell in row]
            for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        )
    return target


@pytest.mark.parametrize("saved", [lambda path: path, _as_csv], ids=["xlsx", "csv"])
def test_a_row_that_did_not_fit_is_refused_until_somebody_says_that_it_does(ragged, saved):
    """Unmended, its cells stand under wrong headers and nothing else would tell: 3 under Name, z under Amount."""
    (batch,) = open_table(saved(ragged)).batches()

    assert [("row.not-mended", ("A3", "3", "z", ""))] == [(b.rule, b.cells) for b in batch.bad_rows.values()]
    assert [["A1", ""], ["Ada", ""], ["1", ""], ["x", ""]] == [list(column) for column in batch.columns]
    assert "empty the row's cell in the column Problems" in batch.bad_rows[1].advice

    def mend(book):
        sheet = book.worksheets[0]
        for column, value in enumerate(("A3", "Cy", "3", "z", 4, None), 1):
            sheet.cell(3, column, value).value = value

    (mended,) = open_table(saved(edited(ragged, mend))).batches()
    assert {} == mended.bad_rows
    assert ["A3", "Cy", "3", "z"] == [column[1] for column in mended.columns]
