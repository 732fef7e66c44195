"""Workbooks: the user's own rows and letters, and texts that say what the cells hold."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from loader.errors import SourceError
from loader.source.reading import Reading
from loader.source.table import BadRow, Header, Kind
from loader.source.workbook.excel_file import open_excel
from loader.source.workbook.sheets import sheets_of


def test_cells_become_text_by_their_kind(workbook, only_batch):
    """One column of each kind; a column of text alone has no kinds."""
    moment = dt.datetime.fromisoformat("2017-03-09T14:30")
    second_later = dt.datetime.fromisoformat("1999-01-01T00:00:01")
    first = [
        5930,
        8.2,
        dt.date(2017, 3, 9),
        moment,
        True,
        "#N/A",
        dt.time(13, 5),
        " 007 ",
    ]
    second = [
        1e-7,
        1e20,
        dt.datetime.fromisoformat("2017-03-09T00:00"),
        second_later,
        False,
        "#DIV/0!",
        None,
        "NA",
    ]
    batch = only_batch(open_excel(workbook(Loans=[list("ABCDEFGH"), first, second])))

    assert batch.columns == [
        ["5930", "0.0000001"],
        ["8.2", "100000000000000000000"],
        ["2017-03-09", "2017-03-09"],
        ["2017-03-09T14:30:00", "1999-01-01T00:00:01"],
        ["TRUE", "FALSE"],
        ["#N/A", "#DIV/0!"],
        ["13:05:00", ""],
        [" 007 ", "NA"],
    ]
    assert [
        bytes([Kind.NUMBER] * 2),
        bytes([Kind.NUMBER, Kind.LOSSY]),
        bytes([Kind.DATE] * 2),
        bytes([Kind.DATETIME] * 2),
        bytes([Kind.FLAG] * 2),
        bytes([Kind.ERROR] * 2),
        bytes([Kind.TIME, Kind.TEXT]),
        None,
    ] == batch.kinds


def test_formula_without_a_result_is_an_error_and_no_blank(workbook, only_batch):
    """A workbook written by a program and never calculated holds no results: nothing may be taken for blank."""
    batch = only_batch(open_excel(workbook(Loans=[["A", "B"], [2, "=A2*1.5"], [3, None], [4, '=A4&"<"']])))

    assert batch.columns[1] == ["=A2*1.5", "", '=A4&"<"']
    assert bytes([Kind.ERROR, Kind.TEXT, Kind.ERROR]) == batch.kinds[1]


def test_row_of_nothing_but_an_error_is_a_row(workbook, rows):
    path = workbook(Loans=[["A", "B"], [1, 2], [None, "#REF!"], [3, 4], ["#N/A"]])

    assert rows(open_excel(path)) == [(2, ("1", "2")), (3, ("", "#REF!")), (4, ("3", "4")), (5, ("#N/A", ""))]


def test_sheet_that_does_not_begin_at_a1_keeps_rows_and_letters(tmp_path, rows):
    """The used range begins at C4; the rows and letters are still those on the user's screen."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C4"], sheet["D4"], sheet["C6"], sheet["D7"] = "Loan", "Rate", 5930, 8.2
    book.save(tmp_path / "loans.xlsx")
    table = open_excel(tmp_path / "loans.xlsx", Reading(header_row=4))

    assert (
        Header(0, "A", ""),
        Header(1, "B", ""),
        Header(2, "C", "Loan"),
        Header(3, "D", "Rate"),
    ) == table.headers
    assert rows(table) == [(6, ("", "", "5930", "")), (7, ("", "", "", "8.2"))]


def test_blank_and_formatted_rows_are_none_but_count(tmp_path, only_batch):
    """Rows that are only coloured, and rows of blanks, are passed over; the numbering goes on."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Loan", "Rate"], [1, 2], [None, None], ["  ", None], [3, 4]):
        sheet.append(row)
    for row in range(6, 300):
        sheet.cell(row, 1).fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "loans.xlsx")
    batch = only_batch(open_excel(tmp_path / "loans.xlsx"))

    assert batch.rows == [2, 5]
    assert batch.columns == [["1", "3"], ["2", "4"]]
    assert [bytes([Kind.NUMBER] * 2)] * 2 == batch.kinds
    assert batch.blank_rows >= 2


def test_content_beyond_the_headers_makes_a_bad_row(workbook, only_batch):
    """It has no header, so that nothing can be known about it; the rows around it are untouched."""
    path = workbook(Loans=[["A", "B"], [1, 2], [3, 4, None, "note"], [None, None, "x"], [5, 6, "  "]])
    batch = only_batch(open_excel(path))

    assert batch.columns == [["1", "", "", "5"], ["2", "", "", "6"]]
    message = (
        "the row has {} cells where the headers end at column B (2 cells): there is content in column {}"
    )
    assert {
        1: BadRow(3, message.format(4, "D"), ("3", "4", "", "note")),
        2: BadRow(4, message.format(3, "C"), ("", "", "x")),
    } == batch.bad_rows


def test_column_named_by_its_letter_needs_no_header(workbook, rows):
    """The table reaches as far as the template does."""
    table = open_excel(workbook(Loans=[["A"], [1, 2, 3]]), Reading(letters_used=frozenset("C")))

    assert [header.name for header in table.headers] == ["A", "", ""]
    assert rows(table) == [(2, ("1", "2", "3"))]


def test_dates_of_the_1904_system(tmp_path, rows):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["Day"], [dt.date(2017, 3, 9)], [dt.date(1904, 2, 29)]):
        book.active.append(row)
    book.save(tmp_path / "loans.xlsx")

    assert rows(open_excel(tmp_path / "loans.xlsx")) == [(2, ("2017-03-09",)), (3, ("1904-02-29",))]


def test_dates_before_march_1900(workbook, rows):
    """Excel counts a 29 February 1900 that never was; the days before it are still those that Excel shows."""
    days = [dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1)]

    assert [day.isoformat() for day in days] == [
        text for _, (text,) in rows(open_excel(workbook(Loans=[["Day"], *([day] for day in days)])))
    ]


def test_durations_keep_their_hours(workbook, rows):
    assert rows(open_excel(workbook(Loans=[["A"], [dt.timedelta(hours=30, minutes=5)]]))) == [
        (2, ("30:05:00",))
    ]


def test_headers_are_folded_and_doubled_ones_kept(workbook):
    table = open_excel(workbook(Loans=[[" Loan\nNumber ", "Rate", "Rate", None, 2026], [1, 2, 3, 4, 5]]))

    assert [header.name for header in table.headers] == ["Loan Number", "Rate", "Rate", "", "2026"]


def test_first_visible_sheet_and_the_others(tmp_path):
    """A hidden sheet is not read unasked; all of them are told with their sizes, whichever is read."""
    book = openpyxl.Workbook()
    book.active.title = "Lists"
    book.active["A1"] = "hidden"
    book.active.sheet_state = "hidden"
    book.create_sheet("Loans").append(["Loan"])
    book.create_sheet("Empty")
    book.create_sheet("Notes").append(["note"])
    book.active = 1
    book.save(tmp_path / "loans.xlsx")
    path = tmp_path / "loans.xlsx"

    sheets = [
        ("Lists", "hidden", 1, 1),
        ("Loans", "visible", 1, 1),
        ("Empty", "visible", 0, 0),
        ("Notes", "visible", 1, 1),
    ]
    for said, read in ((None, "Loans"), ("Lists", "Lists")):
        table = open_excel(path, Reading(sheet=said))
        found = [(each.name, each.visibility, each.rows, each.columns) for each in sheets_of(table)]
        assert (table.sheet, found) == (read, sheets)
    assert open_excel(path, Reading(sheet=" loans")).sheet == "Loans"


def test_unknown_sheet_lists_those_there_are_nearest_first(workbook):
    path = workbook(Notes=[["x"]], Loans=[["x"]], Borrowers=[["x"]])

    with pytest.raises(SourceError, match=r'loans.xlsx has no sheet "Lones"') as caught:
        open_excel(path, Reading(sheet="Lones"))
    assert caught.value.hint.startswith('its sheets are "Loans", ')


def test_rejected_workbook_of_ours_is_recognised(workbook, rows):
    """Our columns and our sheet of issues are not the user's."""
    table = open_excel(
        workbook(Sheet1=[["Loan", "Row", "Problems", "Advice"], [7, 12, "bad", "mend"]], Issues=[["Sheet"]])
    )

    assert "mended.origin-lost" in [note.rule for note in table.notes]
    assert (Header(0, "A", "Loan"),) == table.headers
    assert rows(table) == [(2, ("7",))]


def test_batches_across_blocks_keep_every_row(workbook, rows):
    """More rows than one block, blank ones between, cut into batches of another size, twice."""
    content = [["N", "Text"], *([n, f"t{n}"] if n % 7 else [None, None] for n in range(5_000))]
    table = open_excel(workbook(Loans=content))
    expected = [(n + 2, (str(n), f"t{n}")) for n in range(5_000) if n % 7]

    assert expected == rows(table, 1_000)
    assert expected == rows(table)
    assert 5_000 - len(expected) == sum(batch.blank_rows for batch in table.batches(333))


def test_headers_alone_give_no_batches(workbook):
    assert list(open_excel(workbook(Loans=[["A", "B"]])).batches()) == []


@pytest.mark.parametrize(
    ("content", "header_row", "message"),
    [
        ([], 1, r'loans.xlsx, sheet "Loans" is empty'),
        ([["A"], [1]], 3, r'loans.xlsx, sheet "Loans" has 2 rows, so its headers cannot be in row 3'),
        (
            [["A"], [], [1]],
            2,
            r'loans.xlsx, sheet "Loans", row 2 holds no headers: all of its cells are empty',
        ),
    ],
)
def test_sheet_without_headers(workbook, content, header_row, message):
    with pytest.raises(SourceError, match=message):
        open_excel(workbook(Loans=content), Reading(header_row=header_row))


FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("name", ["kinds.xls", "kinds.ods", "kinds.xlsx"])
def test_each_format_gives_the_same_cells(name, only_batch):
    """The same sheet, saved by LibreOffice in each format: see files/README.md."""
    table = open_excel(FILES / name, Reading(header_row=3))
    batch = only_batch(table)

    assert [header.name for header in table.headers] == ["", "Loan", "Rate", "Day", "Moment", "Name"]
    assert batch.rows == [4, 6]
    assert batch.columns == [
        ["", ""],
        ["5930", "12345678901234"],
        ["8.2", "0.0825"],
        ["2017-03-09", "1999-12-31"],
        ["2017-03-09T14:30:00", "2017-03-09T23:59:59"],
        ["007", "Çelik & <Co>"],
    ]
    assert [
        None,
        bytes([Kind.NUMBER] * 2),
        bytes([Kind.NUMBER] * 2),
        bytes([Kind.DATE] * 2),
        bytes([Kind.DATETIME] * 2),
        None,
    ] == batch.kinds


@pytest.mark.parametrize("name", ["kinds.xls", "kinds.ods", "kinds.xlsx"])
def test_errors_are_no_blanks_in_any_format(name, only_batch):
    """A failed formula is an error; a formula whose result is an empty text is a blank cell."""
    batch = only_batch(open_excel(FILES / name, Reading(sheet="Errors")))

    assert batch.columns == [["1", "2", "3"], ["#DIV/0!", "4", ""], ["ok", "#N/A", ""]]
    assert bytes([Kind.ERROR, Kind.NUMBER, Kind.TEXT]) == batch.kinds[1]
    assert bytes([Kind.TEXT, Kind.ERROR, Kind.TEXT]) == batch.kinds[2]


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "count", "columns"), [("loans.xlsx", 782, 9), ("customers.xlsx", 300, 7)])
def test_real_workbooks(name, count, columns, rows):
    """Every row of two real workbooks, whose last rows are only formatted."""
    path = next(
        (p / "shared/data" / name for p in Path(__file__).parents if (p / "shared/data" / name).is_file()),
        None,
    )
    if path is None:
        pytest.skip("the real workbooks are not here")
    table = open_excel(path)
    found = rows(table)

    assert (count, columns) == (len(found), len(table.headers))
    assert [row for row, _ in found] == list(range(2, count + 2))
    assert all(all(cells) for _, cells in found)
