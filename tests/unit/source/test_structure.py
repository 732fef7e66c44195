"""What sheets hide, filter and merge, and headers of several rows: the same rules for all kinds of workbooks."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.filters import FilterColumn, Filters

from loader.errors import SourceError
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.structure import Spans

FILES = Path(__file__).parent / "files"
WANTED = frozenset({"Loan", "Rate"})


def notes_of(table):
    return [(n.rule, n.count, n.first_row, n.letter) for n in table.notes]


def reading(**more):
    return Reading(**{"headers_wanted": WANTED, **more})


@pytest.fixture
def hiding(tmp_path):
    """A sheet that hides rows 3, 4 and 6, of which row 4 is blank, and columns C and D, under an active filter."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Loan", "Rate", "Memo", None],
        [1, 8.2, "a"],
        [2, 8.3, "b"],
        [],
        [4, 8.4, "c"],
        [5, 8.5, "d"],
    ):
        sheet.append(row)
    for row in (3, 4, 6):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A1:C6"
    sheet.auto_filter.filterColumn.append(FilterColumn(0, filters=Filters(filter=["1", "4"])))
    book.save(tmp_path / "loans.xlsx")
    return tmp_path / "loans.xlsx"


def test_hidden_rows_stop_until_it_is_said_what_becomes_of_them(hiding):
    """Counted are those with content; the message says where, and the hint what to do."""
    with pytest.raises(SourceError) as caught:
        open_table(hiding, reading())

    assert caught.value.message == (
        'loans.xlsx, sheet "Sheet" hides 2 rows (the first is row 3); a filter is active'
    )
    assert caught.value.hint == (
        "`--hidden include` reads what is hidden, `--hidden skip` leaves hidden rows out; or unhide everything, and save it again"
    )


def test_hidden_rows_are_read_where_that_was_said(hiding, rows):
    table = open_table(hiding, reading(hidden="include"))

    assert [row for row, _ in rows(table)] == [2, 3, 5, 6]
    assert notes_of(table) == [("rows.hidden-read", 2, 3, ""), ("column.hidden-unused", 0, 0, "C")]


def test_hidden_rows_are_left_out_where_that_was_said(hiding, rows):
    """They are no blank rows; the numbers of the others stay."""
    table = open_table(hiding, reading(hidden="skip"))

    assert [row for row, _ in rows(table)] == [2, 5]
    assert notes_of(table)[0] == ("rows.hidden-left-out", 2, 3, "")
    assert sum(batch.blank_rows for batch in table.batches()) == 1


@pytest.mark.parametrize("hidden", ["ask", "skip"])
def test_a_hidden_column_that_the_template_uses_stops(hiding, hidden):
    with pytest.raises(SourceError, match=r'column C \("Memo"\), which the template uses') as caught:
        open_table(hiding, reading(hidden=hidden, headers_wanted=frozenset({"memo"})))
    assert "skip" not in caught.value.hint
    table = open_table(hiding, reading(hidden="include", letters_used=frozenset("C")))
    assert ("column.hidden-read", 0, 0, "C") in notes_of(table)


def test_a_filter_that_hides_nothing_is_told(tmp_path, rows):
    book = openpyxl.Workbook()
    for row in (["Loan", "Rate"], [1, 2]):
        book.active.append(row)
    book.active.auto_filter.ref = "A1:B2"
    book.active.auto_filter.filterColumn.append(FilterColumn(0, filters=Filters(filter=["1"])))
    book.save(tmp_path / "loans.xlsx")
    table = open_table(tmp_path / "loans.xlsx", reading())

    assert notes_of(table) == [("rows.filter-hides-nothing", 0, 0, "")]
    assert rows(table) == [(2, ("1", "2"))]


def test_hidden_sheets_are_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Loan", "Rate"])
    for name, state in (("Old", "hidden"), ("Codes", "veryHidden")):
        book.create_sheet(name).append(["Loan", "Rate"])
        book[name].sheet_state = state
    book.save(tmp_path / "loans.xlsx")

    assert notes_of(open_table(tmp_path / "loans.xlsx", reading())) == [("sheet.hidden", 2, 0, "")]
    read = open_table(tmp_path / "loans.xlsx", reading(sheet="codes"))
    assert (read.sheet, notes_of(read)) == ("Codes", [("sheet.hidden-read", 0, 0, "")])


@pytest.fixture
def merging(tmp_path):
    """Two rows of headers, the upper one merged; merged cells among the rows: A3:A5 down, B6:C6 across."""
    book = openpyxl.Workbook()
    sheet = book.active
    content = [
        ["Loan", "Borrower", None, "Rate"],
        [None, "First", "Last", None],
        [1, "Ann", "Lee", 8.1],
        [None, "Bo", "Ray", 8.2],
        [None, "Cy", "Dee", 8.3],
        [2, "Dan", None, 8.4],
        [3, "Eve", "Fox", 8.5],
    ]
    for row in content:
        sheet.append(row)
    for area in ("A1:A2", "B1:C1", "D1:D2", "A3:A5", "B6:C6"):
        sheet.merge_cells(area)
    book.save(tmp_path / "loans.xlsx")
    return tmp_path / "loans.xlsx"


HEADERS = frozenset({"Loan", "Borrower First", "Borrower Last", "Rate"})


def two_rows(**more):
    return Reading(**{"header_row": 2, "header_rows": 2, "headers_wanted": HEADERS, **more})


def test_headers_of_two_rows_are_joined_and_merged_ones_spread(merging):
    table = open_table(merging, two_rows())

    assert [header.name for header in table.headers] == ["Loan", "Borrower First", "Borrower Last", "Rate"]
    assert table.header_row == 2


def test_rows_of_merged_cells_are_refused_one_by_one(merging, only_batch):
    """Only the first cell holds the value; whether it is meant for the others nobody knows."""
    batch = only_batch(open_table(merging, two_rows()))

    assert list(batch.rows) == [3, 4, 5, 6, 7]
    assert {bad.row: bad.message.split(" are merged")[0] for bad in batch.bad_rows.values()} == {
        4: "the cells A3:A5",
        5: "the cells A3:A5",
        6: "the cells B6:C6",
    }
    assert batch.columns[0] == ["1", "", "", "", "3"]


@pytest.mark.parametrize("merged", ["refuse", "fill"])
def test_a_merged_value_counts_where_its_own_row_does_not_fit_under_the_headers(tmp_path, only_batch, merged):
    """The other rows would else be read as if they had none."""
    path = tmp_path / "loans.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((["Loan", "Rate"], ["L1", 5, "stray"], ["L2"])):
            sheet.write_row(row, 0, cells)
        sheet.merge_range("B2:B3", 5)
    batch = only_batch(open_table(path, Reading(merged=merged)))

    assert [batch.bad_rows[at].row for at in batch.bad_rows] == ([2, 3] if merged == "refuse" else [2])
    assert batch.columns[1] == (["", ""] if merged == "refuse" else ["", "5"])


def test_merged_cells_of_columns_that_nobody_uses_do_not_matter(merging, only_batch):
    batch = only_batch(open_table(merging, two_rows(headers_wanted=frozenset({"Rate"}))))

    assert not batch.bad_rows


def test_merged_cells_are_filled_where_that_was_said(merging, only_batch):
    """With their kind, and told."""
    batch = only_batch(open_table(merging, two_rows(merged="fill")))

    assert not batch.bad_rows
    assert batch.columns[:3] == [
        ["1", "1", "1", "2", "3"],
        ["Ann", "Bo", "Cy", "Dan", "Eve"],
        ["Lee", "Ray", "Dee", "Dan", "Fox"],
    ]
    assert len(set(batch.kinds[0])) == 1
    assert [(n.rule, n.count, n.letter, n.first_row) for n in batch.notes] == [
        ("cell.merged-filled", 2, "A", 4),
        ("cell.merged-filled", 1, "C", 6),
    ]


def test_filling_crosses_batches_and_blocks(tmp_path, rows):
    """The first cell may have been read long before."""
    book = openpyxl.Workbook()
    book.active.append(["Loan", "Rate"])
    for number in range(5_000):
        book.active.append([7 if number == 100 else None, number])
    book.active.merge_cells("A102:A4000")
    book.save(tmp_path / "loans.xlsx")
    table = open_table(tmp_path / "loans.xlsx", reading(merged="fill"))

    assert [row for row, (loan, _) in rows(table, 999) if loan == "7"] == list(range(102, 4001))


def test_headers_merged_with_cells_below_them_are_refused(merging):
    """That is what a sheet with two rows of headers looks like to a template that knows of one."""
    with pytest.raises(
        SourceError, match=r"row 1: headers are merged with cells below \(A1:A2, D1:D2\)"
    ) as caught:
        open_table(merging, reading())
    assert "`rows: {header: [1, 2]}`" in caught.value.hint


@pytest.mark.parametrize("format_", ["xls", "ods", "xlsx"])
def test_every_format_says_the_same(format_, only_batch):
    """Made by LibreOffice: see files/README.md. Hidden rows 5 and 7, hidden column E, merged cells, a filter."""
    path = FILES / f"structure.{format_}"
    with pytest.raises(SourceError, match=r"hides 2 rows \(the first is row 5\); a filter is active"):
        open_table(path, two_rows())
    table = open_table(path, two_rows(hidden="include", merged="fill"))
    batch = only_batch(table)

    assert [header.name for header in table.headers] == [
        "Loan",
        "Borrower First",
        "Borrower Last",
        "Rate",
        "Memo",
    ]
    assert notes_of(table) == [("rows.hidden-read", 2, 5, ""), ("column.hidden-unused", 0, 0, "E")]
    assert list(batch.rows) == [3, 4, 5, 6, 7]
    assert batch.columns[:3] == [
        ["1", "1", "2", "3", "4"],
        ["Ann", "Bo", "Cy", "Dan", "Eve"],
        ["Lee", "Ray", "Dee", "Dan", "Fox"],
    ]


def test_phantom_rows_cost_nothing_and_are_none(tmp_path, rows):
    """Formats down to the last row of the sheet, as a click on a column's head leaves them."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["Loan", "Rate"], [1, 2]):
        sheet.append(row)
    book.save(tmp_path / "loans.xlsx")
    part = "xl/worksheets/sheet1.xml"
    phantoms = "".join(f'<row r="{row}" hidden="1"><c r="A{row}" s="0"/></row>' for row in range(3, 200_000))
    _rewrite(
        tmp_path / "loans.xlsx", part, lambda xml: xml.replace("</sheetData>", f"{phantoms}</sheetData>")
    )
    table = open_table(tmp_path / "loans.xlsx", reading())

    assert rows(table) == [(2, ("1", "2"))]
    assert table.notes == ()


def _rewrite(path, part, change):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content[part] = change(content[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=12),
    st.integers(1, 60),
    st.integers(0, 40),
)
def test_spans_are_the_numbers_that_they_were_made_of(pairs, first, more):
    spans = Spans.of((begin, begin + length) for begin, length in pairs)
    numbers = {n for begin, length in pairs for n in range(begin, begin + length + 1)}
    within = [n for span in spans.within(first, first + more) for n in span]

    assert sorted(n for n in numbers if first <= n <= first + more) == within
    assert {n for n in range(80) if n in spans} == numbers


@pytest.mark.parametrize(
    ("content", "declared", "hint"),
    [
        ([["Portfolio"], [], ["as of May"], ["Loan", "Rate"], [1, 2]], (1, 1), "`rows: {header: 4}`"),
        ([["Loan", "Rate"], [1, 2], [3, 4]], (2, 1), "`rows: {header: 1}`"),
        ([["Loan", "x"], ["Loan", "Rate"], [3, 4]], (3, 1), "`rows: {header: 2}`"),
    ],
)
def test_a_row_that_holds_the_headers_is_named(workbook, csv_file, content, declared, hint):
    """A title above the headers is the commonest reason why no column is found."""
    row, count = declared
    with pytest.raises(
        SourceError, match=f"row {row} holds none of the 2 headers that the template names"
    ) as caught:
        open_table(workbook(Loans=content), reading(header_row=row, header_rows=count))
    assert caught.value.hint == f"say in the template where the headers are: {hint}"


def test_a_template_for_another_file_is_doubted(csv_file):
    """Where no row has half of its headers, to name a row is hardly the remedy."""
    path = csv_file("Loan,Rate,x\n1,2,3\n4,5,6\n")
    wanted = WANTED | {"Term", "Freq", "Contract"}
    with pytest.raises(SourceError, match="row 3 holds none of the 5 headers") as caught:
        open_table(path, Reading(header_row=3, headers_wanted=wanted))

    assert caught.value.hint.startswith("is it the template for this file?")


@pytest.mark.parametrize("row", [1, 3, 9])
@pytest.mark.parametrize("remark", ["as of May", "Loan"])
def test_the_sheet_that_has_the_headers_is_named(workbook, row, remark):
    """A workbook often begins with a sheet of remarks, shorter than the row of the headers."""
    path = workbook(
        Remarks=[[remark]],
        Few=[["Rate", "Loan"]],
        Loans=[["May"], [], ["Loan", "Rate", "Term"], [1, 2, 3]],
        Empty=[],
    )
    with pytest.raises(SourceError, match=r'sheet "Remarks" .* sheet "Loans" holds 3 in row 3') as caught:
        open_table(path, Reading(header_row=row, headers_wanted=WANTED | {"Term"}))
    assert '--sheet "Loans"' in caught.value.hint


def test_a_sheet_with_headers_of_its_own_is_not_doubted(workbook):
    """What it lacks, the template says itself."""
    path = workbook(Loans=[["Loan", "Rate"], [1, 2]], More=[["Loan", "Rate", "Term"]])

    assert "Loans" == open_table(path, Reading(headers_wanted=WANTED | {"Term"})).sheet


def test_two_rows_that_hold_the_headers_together_are_named(merging):
    """Neither of them does alone."""
    wanted = HEADERS - {"Loan", "Rate"} | {"Loan First"}
    with pytest.raises(SourceError) as caught:
        open_table(merging, Reading(header_row=3, headers_wanted=wanted))
    assert caught.value.hint.endswith("`rows: {header: [1, 2]}`")


def test_a_template_that_misses_columns_says_so_itself(workbook):
    """No other row is better: nothing is guessed here."""
    table = open_table(workbook(Loans=[["Loan", "Interest"], ["x", "Rate"]]), reading())

    assert [header.name for header in table.headers] == ["Loan", "Interest"]
