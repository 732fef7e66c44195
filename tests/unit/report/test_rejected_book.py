"""The rejected workbook: the user's own cells, as they were, with what is wrong beside them."""

import os
import stat
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from loader.errors import ReportError
from loader.models.issue import Issue, Severity
from loader.models.row import RowRef
from loader.report.rejected_book import write_rejected
from loader.report.summary import OutcomesDisagreeError
from loader.source.parquet.file import open_parquet
from loader.source.reading import Reading
from loader.source.table import BadRow, Kind
from loader.source.text.csv_file import open_csv
from loader.source.workbook.excel_file import open_excel

NAMES = ("Loan", "Principal", "Contract")


def _cells(*pairs):
    return [(text, kind) for text, kind in pairs]


def _line(number, principal=("100.5", Kind.NUMBER)):
    return number, _cells((f"00{number}", Kind.TEXT), principal, ("2024-06-30", Kind.DATE))


def _error(ordinal, row, **changes):
    fields = {"rule": "money.not-a-number", "message": "not an amount", "column": "Principal", "letter": "B"}
    return RowRef(ordinal, "", row), Issue(**(fields | {"advice": "Write 100.00", "value": "abc"} | changes))


def _rows(path, sheet="Rejected"):
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


@pytest.fixture
def loans(table, headers):
    lines = [_line(2), _line(3, ("abc", Kind.TEXT)), _line(5), _line(6), _line(9, ("abc", Kind.TEXT))]
    return table(headers(*NAMES), lines)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "rejected.xlsx"


def test_only_rows_with_an_error_are_there_with_their_reasons(loans, target):
    """The rows keep their numbers and their order; a row with only a warning is fine."""
    warning = _error(2, 5, severity=Severity.WARNING)
    assert write_rejected(loans, [_error(1, 3), warning, _error(4, 9)], target) == 2
    head, *rows = _rows(target)
    assert [*NAMES, "Row", "Problems", "Advice"] == head
    problem = ("Principal: not an amount", "Write 100.00")
    assert [("003", "abc", 3, *problem), ("009", "abc", 9, *problem)] == [(r[0], r[1], *r[3:]) for r in rows]


def test_bad_cells_are_coloured_and_carry_a_note(loans, target):
    """The note is the message; a warning has another colour; other cells have none."""
    late = Issue("late", "rather late", severity=Severity.WARNING, column="Contract", letter="C")
    ref, error = _error(1, 3)
    write_rejected(loans, [(ref, error), (ref, late)], target)
    sheet = openpyxl.load_workbook(target)["Rejected"]
    assert (
        sheet["B2"].comment.text,
        sheet["C2"].comment.text,
        sheet["A2"].comment,
    ) == ("not an amount", "rather late", None)
    assert len({sheet[cell].fill.fgColor.rgb for cell in ("A2", "B2", "C2")}) == 3
    assert sheet["E2"].value == "Principal: not an amount\nWarning: Contract: rather late"


def test_an_error_of_the_whole_row_is_marked_on_its_number(loans, target):
    """What concerns no column has a place too."""
    write_rejected(loans, [_error(1, 3, column="", letter="", message="same as row 2")], target)
    sheet = openpyxl.load_workbook(target)["Rejected"]
    assert (
        sheet["D2"].value,
        sheet["D2"].comment.text,
        sheet["E2"].value,
    ) == (3, "same as row 2", "same as row 2")


def test_issues_show_values_in_full(loans, target):
    """Even where the journal gave them masked: the rows must be mended, and the cell stands beside the issue."""
    write_rejected(loans, [_error(1, 3, value="***", sensitive=True)], target)
    head, row = _rows(target, "Issues")
    assert row[head.index("Value")] == "abc"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_the_workbook_is_private(loans, target):
    """Mode 0600, whatever stood there before."""
    target.write_text("")
    target.chmod(0o666)
    write_rejected(loans, [_error(1, 3)], target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("expected", "text", "kind"),
    [
        ("007", "007", Kind.TEXT),
        ("=1+1", "=1+1", Kind.TEXT),
        ("<r>x</r>", "<r>x</r>", Kind.TEXT),
        (8.2, "8.2", Kind.NUMBER),
        (123456789012345, "123456789012345", Kind.NUMBER),
        ("1234567890123456", "1234567890123456", Kind.NUMBER),
        ("2024-06-30", "2024-06-30", Kind.DATE),
        ("1899-06-30", "1899-06-30", Kind.DATE),
        ("2024-06-30T14:30:00", "2024-06-30T14:30:00", Kind.DATETIME),
        ("2024-06-30T14:30:00.250000", "2024-06-30T14:30:00.250000", Kind.DATETIME),
        ("2024-06-30T14:30:00.000001", "2024-06-30T14:30:00.000001", Kind.DATETIME),
        (True, "TRUE", Kind.FLAG),
        ("14:30:00", "14:30:00", Kind.TIME),
        ("#SPILL!", "#SPILL!", Kind.ERROR),
    ],
)
def test_cells_keep_their_type_where_nothing_is_lost(expected, text, kind, table, headers, target):
    """Numbers are numbers, dates are dates, and what a spreadsheet would change is text."""
    source = table(headers("A", "B"), [(2, _cells((text, kind), ("x", Kind.TEXT)))])
    write_rejected(source, [_error(0, 2)], target)
    value = CalamineWorkbook.from_path(target).get_sheet_by_name("Rejected").to_python()[1][0]
    if (kind is Kind.DATE and not isinstance(value, str)) or (
        kind is Kind.DATETIME and not isinstance(value, str)
    ):
        value = value.isoformat()
    assert expected == value


def test_numbers_of_a_workbook_come_back_as_they_were(tmp_path, target):
    """Percentages, binary noise, numbers that have lost digits, and a column's one cell without its format."""
    cells = [
        (0.1202, "0.00%"),
        (0.120225, "0%"),
        (12.02, '0.00"%"'),
        (-0.05, "0.0%;(0.0%)"),
        (0.3, "0%"),
        (0.1202, "General"),
        (133.80000000000001, "General"),
        (1e-7, "General"),
        (12345678901234567, "0"),
        (1e15, "0"),
    ]
    book = openpyxl.Workbook()
    book.active.append(["Rate", "Loan"])
    for row, (number, code) in enumerate(cells, start=2):
        book.active.append([number, f"00{row}"])
        book.active.cell(row, 1).number_format = code
    book.save(tmp_path / "loans.xlsx")
    before = open_excel(tmp_path / "loans.xlsx")
    rejected = [_error(n, n + 2, column="Rate", letter="A") for n in range(len(cells))]
    write_rejected(before, rejected, target)
    after = open_excel(target)
    (was,), (now,) = before.batches(), after.batches()

    assert after.headers == before.headers
    assert now.columns == was.columns
    assert now.kinds == was.kinds
    assert {Kind.PERCENT, Kind.NUMBER, Kind.LOSSY} == set(now.kinds[0])


def test_column_of_percentages_stays_one_though_none_is_refused(tmp_path, target):
    """The one plain number, alone in the workbook, is still not clear: it must not pass when it comes back."""
    book = openpyxl.Workbook()
    for row in (["Rate"], [0.1202], [0.1202]):
        book.active.append(row)
    book.active["A2"].number_format = "0.00%"
    book.save(tmp_path / "loans.xlsx")
    write_rejected(open_excel(tmp_path / "loans.xlsx"), [_error(1, 3, column="Rate", letter="A")], target)
    (header,) = open_excel(target).headers

    assert header.has_percents


def test_an_error_cell_stays_an_error(table, headers, target):
    """A cell that nobody mends must not come back as the text `#N/A`."""
    source = table(headers("A", "B"), [(2, _cells(("#N/A", Kind.ERROR), ("x", Kind.TEXT)))])
    write_rejected(source, [_error(0, 2)], target)
    assert openpyxl.load_workbook(target, data_only=True)["Rejected"]["A2"].data_type == "e"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4), min_size=1, max_size=20))
def test_no_digit_of_a_number_is_lost(tmp_path_factory, table, headers, numbers):
    """Whatever number a cell held, its text and the written cell say the same, digit by digit."""
    texts = [format(number.normalize(), "f") for number in numbers]
    lines = [(n + 2, _cells((text, Kind.NUMBER))) for n, text in enumerate(texts)]
    target = tmp_path_factory.mktemp("digits") / "rejected.xlsx"
    write_rejected(table(headers("A"), lines), [_error(n, n + 2) for n in range(len(texts))], target)
    rows = CalamineWorkbook.from_path(target).get_sheet_by_name("Rejected").to_python()[1:]
    assert [Decimal(text) for text in texts] == [Decimal(str(row[0])) for row in rows]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), min_size=1, max_size=20))
def test_no_character_of_a_text_is_lost(tmp_path_factory, table, headers, texts):
    """Text comes back as it was, control characters and spaces included."""
    texts = [text.replace("\ufffe", "").replace("\uffff", "") or "x" for text in texts]
    lines = [(n + 2, _cells((text, Kind.TEXT))) for n, text in enumerate(texts)]
    target = tmp_path_factory.mktemp("letters") / "rejected.xlsx"
    write_rejected(
        table(headers("A"), lines, text_only=True), [_error(n, n + 2) for n in range(len(texts))], target
    )
    rows = CalamineWorkbook.from_path(target).get_sheet_by_name("Rejected").to_python()[1:]
    assert texts == [row[0] for row in rows]


def test_blank_cells_of_a_text_file_take_text(table, headers, target):
    """007 typed into a blank cell of such a file must stay 007."""
    source = table(headers("A", "B"), [(2, _cells(("", Kind.TEXT), ("x", Kind.TEXT)))], text_only=True)
    write_rejected(source, [_error(0, 2)], target)
    assert openpyxl.load_workbook(target)["Rejected"]["A2"].number_format == "@"


def test_a_row_with_too_many_cells_shows_all_of_them(table, headers, target):
    """Cells under the headers first; the surplus stands coloured after our columns."""
    bad = BadRow(2, "4 cells for 3 headers", ("a", "b", "c", "d"))
    source = table(headers(*NAMES), [(2, bad)])
    write_rejected(source, [_error(0, 2, column="", letter="", message="4 cells for 3 headers")], target)
    assert _rows(target)[1] == ["a", "b", "c", 2, "4 cells for 3 headers", "Write 100.00", "d"]


def test_headers_stand_in_the_row_of_the_source(table, headers, target):
    """The template says in which row the headers are; the workbook must fit the same template."""
    write_rejected(table(headers(*NAMES), [_line(5)], header_row=4, sheet="May"), [_error(0, 5)], target)
    rows = _rows(target, "May")
    assert [*NAMES, "Row", "Problems", "Advice"] == rows[3]
    assert rows[4][3] == 5


def test_a_column_of_the_users_that_is_named_like_ours_stays(table, headers, target):
    """Ours keep their names too: by them the source knows them when the workbook comes back."""
    source = table(headers("Row", "Principal", "Contract"), [_line(2)])
    write_rejected(source, [_error(0, 2)], target)
    assert _rows(target)[0] == ["Row", "Principal", "Contract", "Row", "Problems", "Advice"]


def test_a_sheet_named_issues_does_not_meet_ours(table, headers, target):
    """The user's sheet keeps its name."""
    write_rejected(table(headers(*NAMES), [_line(2)], sheet="issues"), [_error(0, 2)], target)
    assert openpyxl.load_workbook(target).sheetnames == [
        "issues",
        "Issues (loader)",
        "Origin of rows (loader)",
    ]


def test_rows_go_on_on_a_further_sheet(table, headers, target):
    """No row is lost at the limit of a sheet."""
    source = table(headers(*NAMES), [_line(n) for n in range(2, 9)])
    write_rejected(source, [_error(n, n + 2) for n in range(7)], target, sheet_rows=5)
    sheets = [_rows(target, name) for name in ("Rejected", "Rejected 2")]
    assert [len(rows) for rows in sheets] == [5, 4]
    assert list(range(2, 9)) == [row[3] for rows in sheets for row in rows[1:]]


def test_a_cell_too_long_for_a_workbook_is_cut_and_said_so(table, headers, target):
    """The row must be mended in the original then; it may not look whole."""
    source = table(headers("A", "B"), [(2, _cells(("y" * 40_000, Kind.TEXT), ("x", Kind.TEXT)))])
    write_rejected(source, [_error(0, 2)], target)
    row = _rows(target)[1]
    assert row[0].endswith("[cut here: the cell has 40,000 characters]")
    assert "A: This cell is longer than a workbook can hold and is cut here" in row[3]
    assert "cell.too-long-for-a-workbook" in [value for line in _rows(target, "Issues") for value in line]


@pytest.mark.parametrize("found", [[_error(1, 4)], [_error(7, 30)], [_error(4, 9), _error(1, 3)]])
def test_issues_of_another_file_are_never_shown(found, loans, target):
    """A changed file, a missing row or a wrong order stops the report before it is published."""
    with pytest.raises(OutcomesDisagreeError, match=r"loans\.xlsx: .*no rejected workbook was written"):
        write_rejected(loans, found, target)
    assert list(target.parent.iterdir()) == []


def test_without_errors_the_workbook_has_no_rows(loans, target):
    """An older one with rows in it would mislead."""
    assert write_rejected(loans, [], target) == 0
    assert len(_rows(target)) == 1


def test_a_source_as_wide_as_a_sheet_is_refused(table, headers, target):
    """There is no room for our columns; the message says why."""
    source = table(headers(*(f"c{n}" for n in range(16_382))), [])
    with pytest.raises(ReportError, match="16,382 columns, which leaves no room"):
        write_rejected(source, [], target)


LOANS = """Loan,Principal,Contract,Note
007,100.00,2024-06-30,fine
008,abc,2024-06-30,"=1+1, she said"
009,100.00,2024-06-30
010,,30.06.2024,Zoë \u2013 💰
"""


def test_the_workbook_comes_back_as_the_file_that_it_was_made_from(tmp_path, target):
    """Read by the real source, the rejected rows of a CSV file have the user's headers and cells, and no others."""
    path = tmp_path / "loans.csv"
    path.write_text(LOANS, encoding="utf-8")
    source = open_csv(path)
    write_rejected(source, [_error(1, 3), _error(3, 5)], target)
    (mended,) = open_excel(target, Reading(sheet="Rejected")).batches()
    (batch,) = source.batches()
    assert [header.name for header in open_excel(target, Reading(sheet="Rejected")).headers] == [
        "Loan",
        "Principal",
        "Contract",
        "Note",
    ]
    assert [list(column) for column in mended.columns] == [[column[1], column[3]] for column in batch.columns]
    assert mended.bad_rows == {}


@pytest.mark.parametrize("header_rows", [1, 2])
def test_rows_of_parquet_come_back_where_the_template_expects_headers(tmp_path, target, header_rows):
    """A Parquet file has its headers in no row; the workbook is read with the same template, which may name one."""
    pq.write_table(pa.table({"Loan": ["007", "008"], "Note": ["a", None]}), tmp_path / "loans.parquet")
    reading = Reading(header_row=3, header_rows=header_rows, headers_wanted=frozenset({"Loan", "Note"}))
    write_rejected(open_parquet(tmp_path / "loans.parquet", reading), [_error(0, 2)], target)
    mended = open_excel(target, reading)

    assert [header.name for header in mended.headers] == ["Loan", "Note"]
    assert [list(column) for batch in mended.batches() for column in batch.columns] == [["007"], ["a"]]


def test_a_surplus_cell_that_nobody_mends_is_refused_again(tmp_path, target):
    """A row with too many cells must not slip in, shifted, when the workbook comes back."""
    path = tmp_path / "loans.csv"
    path.write_text("Loan,Name,Principal\n007,Smith, John,100.00\n", encoding="utf-8")
    write_rejected(open_csv(path), [_error(0, 2, column="", letter="")], target)
    (mended,) = open_excel(target, Reading(sheet="Rejected")).batches()
    assert list(mended.bad_rows) == [0]


def test_cells_of_a_workbook_keep_their_kinds(tmp_path, target):
    """A number, a date and a text with leading zeros come back as they were read."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Loans"
    sheet.append([*NAMES, "Active"])
    sheet.append(["007", 8.2, date(2024, 6, 30), True])
    sheet.append(["008", "=1/0", datetime(2024, 6, 30, 14, 30), False])  # noqa: DTZ001 - cells know no time zone
    book.save(tmp_path / "loans.xlsx")
    source = open_excel(tmp_path / "loans.xlsx", Reading(sheet="Loans"))
    write_rejected(source, [_error(0, 2), _error(1, 3)], target)
    (before,), (after,) = source.batches(), open_excel(target, Reading(sheet="Loans")).batches()
    assert [list(column) for column in after.columns][::2] == [list(column) for column in before.columns][::2]
    assert (after.kinds[2], after.kinds[3], after.columns[1][0]) == (before.kinds[2], before.kinds[3], "8.2")


@pytest.mark.parametrize(
    ("kept", "remedy"), [(True, "`loader report night` writes"), (False, "run the command again")]
)
def test_the_way_to_have_it_written_again_is_one_that_there_is(loans, tmp_path, kept, remedy):
    """A check leaves nothing in the journal from which a report could be made."""
    with pytest.raises(ReportError) as caught:
        write_rejected(loans, [_error(1, 3)], tmp_path / "none" / "rejected.xlsx", run="night", kept=kept)

    assert remedy in caught.value.hint
