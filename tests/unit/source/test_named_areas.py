"""A table or a named range is read by its name: its headers, its rows, and nothing around it."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName

from loader.errors import SourceError
from loader.models.issue import Issue
from loader.models.row import RowRef
from loader.report.rejected_book import write_rejected
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.workbook.named_areas import named_areas

FILES = Path(__file__).parent / "files"
WANTED = frozenset({"Loan", "Rate"})


@pytest.fixture
def book(tmp_path):
    """A sheet with a title, a table C4:E7 with a row of totals, other cells around it, and named ranges."""
    path = tmp_path / "loans.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("My Loans")
        sheet.write(0, 0, "Portfolio")
        sheet.add_table(
            "C4:E7",
            {
                "name": "Open",
                "total_row": True,
                "columns": [
                    {"header": "Loan", "total_string": "Total"},
                    {"header": "Rate", "total_function": "sum"},
                    {"header": "Memo"},
                ],
                "data": [["L1", 8.1, "a"], ["L2", 8.2, "b"]],
            },
        )
        sheet.write(4, 0, "left")
        sheet.write(4, 6, "right")
        sheet.write(9, 2, "below")
        made.add_worksheet("Closed").write_row(0, 0, ["Loan", "Rate"])
        made.define_name("Rates", "='My Loans'!$C$4:$D$5")
        made.define_name("Closed", "=Closed!$A:$B")
        made.define_name("Moving", "=OFFSET('My Loans'!$A$1,0,0,2,2)")
    return path


def read(path, sheet, **more):
    return open_table(path, Reading(sheet=sheet, headers_wanted=WANTED, **more))


def test_a_table_is_read_within_its_bounds(book, rows):
    """Rows and letters stay those of the sheet; the row of totals is left out, and told."""
    table = read(book, "open")

    assert (table.sheet, table.header_row) == ("My Loans", 4)
    assert [(h.letter, h.name) for h in table.headers] == [
        ("A", ""), ("B", ""), ("C", "Loan"), ("D", "Rate"), ("E", "Memo"),
    ]  # fmt: skip
    assert rows(table) == [(5, ("", "", "L1", "8.1", "a")), (6, ("", "", "L2", "8.2", "b"))]
    assert [(n.rule, n.message) for n in table.notes] == [
        ("sheet.part-read", 'of the sheet the table "Open" is read, C4:E6, without its row of totals')
    ]
    assert [note for batch in table.batches() for note in batch.notes] == []


def test_a_named_range_is_read_within_its_bounds(book, rows):
    assert rows(read(book, "range:RATES")) == [(5, ("", "", "L1", "8.1"))]


def test_a_name_that_several_have_wants_its_kind(book):
    with pytest.raises(SourceError, match='has a sheet and a named range of the name "closed"') as caught:
        read(book, "closed")
    assert caught.value.hint == 'say which, with `--sheet "sheet:closed"` or `--sheet "range:closed"`'
    assert read(book, "sheet:closed").sheet == read(book, "range:Closed").sheet == "Closed"


def test_a_name_that_is_no_area_is_refused(book):
    with pytest.raises(
        SourceError, match=r'the named range "Moving" of loans\.xlsx is not an area of cells in one sheet'
    ):
        read(book, "Moving")


def test_an_unknown_name_lists_what_there_is(book):
    with pytest.raises(
        SourceError, match=r'loans\.xlsx has no sheet, table or named range "Opened"'
    ) as caught:
        read(book, "Opened")
    assert caught.value.hint.startswith("its sheets are ")
    assert 'its tables are "Open"; its named ranges are ' in caught.value.hint


def test_a_table_without_headers_is_refused(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "loans.xlsx") as made:
        made.add_worksheet("Loans").add_table("A1:B3", {"name": "Bare", "header_row": False})
    with pytest.raises(SourceError, match=r'the table "Bare" of loans\.xlsx has no row of headers'):
        read(tmp_path / "loans.xlsx", "Bare")


def test_names_that_excel_uses_itself_are_none(tmp_path):
    """Print areas and filters are names too."""
    book = openpyxl.Workbook()
    book.active.append(["Loan", "Rate"])
    book.active.print_area = "A1:B2"
    book.active.auto_filter.ref = "A1:B2"
    book.defined_names["Kept"] = DefinedName("Kept", attr_text="Sheet!$A$1:$B$2", hidden=True)
    book.save(tmp_path / "loans.xlsx")

    assert named_areas(tmp_path / "loans.xlsx") == []


def test_a_named_range_of_opendocument(rows):
    """Made by LibreOffice: see files/README.md."""
    path = FILES / "names.ods"

    assert [(a.kind, a.name, a.sheet, str(a.area)) for a in named_areas(path)] == [
        ("range", "Rates", "My Loans", "C4:D5")
    ]
    assert rows(read(path, "rates")) == [(5, ("", "", "L1", "8.1"))]


def test_a_rejected_workbook_of_a_table_fits_the_template(book, tmp_path, rows):
    """The template says row 1, whatever row the table begins in."""
    table = read(book, "Open")
    write_rejected(table, [(RowRef(1, table.sheet, 6), Issue("x", "wrong"))], tmp_path / "rejected.xlsx")

    assert [cells[2:4] for _, cells in rows(read(tmp_path / "rejected.xlsx", None))] == [("L2", "8.2")]
