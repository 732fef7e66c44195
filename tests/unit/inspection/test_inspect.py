"""What is told of a file without a template."""

import datetime as dt
import gzip
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.worksheet.table import Table
from pyarrow import parquet

from loader.errors import SourceError
from loader.inspection.inspect import inspect
from loader.source.reading import Reading

REAL = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def look(tmp_path):
    """Writes a text file of these bytes or this text, and inspects it."""

    def write_and_inspect(content, name="loans.csv", **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return inspect(path, Reading(**said), lambda _: None)

    return write_and_inspect


def book_of(path, *rows):
    """A workbook with one sheet of these rows, not saved yet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book, book.active, path


def inspected(book, path, **said):
    book.save(path)
    return inspect(path, Reading(**said), lambda _: None)


def rules(found):
    """Rule, letter, count and first row of every note."""
    return {(note.rule, note.letter, note.count, note.first_row) for note in found.all_notes}


def column(found, header):
    return next(each for each in found.columns if each.header == header)


MESSY = """\
Loan tape as of 2026-01-31;;;;;;;
;;;;;;;
Loan No;Borrower;SSN;Amount;Rate;Opened;ZIP;Comment
00012;Zoë;123-45-6789;1.234,50;12,5%;03/04/2024;07030;ok
00013;Bob;222-45-6789;1.300,00;0,12;25/04/2024;10001;N/A
00014;Ann ;333-45-6789;n/a;12,5%;04/25/2024;10002;
;;;;;;;
00015;Cy;444-45-6789;12,00;9%;04/05/2024;00501;fine
00016;Cy;444-45-6780;12,00;9%;04/05/2024;00501;fine;extra
Total;;;2.546,50;;;;
"""


def test_a_messy_file(look):
    """The separator shows below the title only; everything odd is told with its first row."""
    found = look(MESSY)

    assert ("CSV", "UTF-8", ";") == (
        found.table.facts.format,
        found.table.facts.encoding,
        found.table.facts.delimiter,
    )
    assert (3, True, 6, 1) == (
        found.table.header_row,
        found.header_guessed,
        found.rows_read,
        found.blank_rows,
    )
    assert {
        ("rows.misfit", "", 1, 9),
        ("rows.totals-suspected", "A", 1, 10),
        ("text.leading-zeros", "A", 4, 4),
        ("column.text-among-numbers", "A", 1, 10),
        ("text.white-space", "B", 1, 6),
        ("text.means-nothing", "D", 1, 6),
        ("column.text-among-numbers", "D", 1, 6),
        ("column.numbers-among-percents", "E", 1, 5),
        ("date.order-mixed", "F", 2, 5),
        ("text.leading-zeros", "G", 2, 4),
        ("text.means-nothing", "H", 1, 5),
    } == rules(found)
    assert {"number": 4, "text": 1} == column(found, "Amount").kinds
    assert ("12,00", "2.546,50") == (column(found, "Amount").smallest, column(found, "Amount").largest)
    assert {"date": 4, "blank": 1} == column(found, "Opened").kinds


def test_sensitive_columns_are_counted_and_not_shown(look):
    """By their headers, and by what they hold whatever the header says; single values too."""
    found = look(
        "DOB,Number,Account No,Note\n01/31/1980,123-45-6789,5500001,call 123-45-6789\n02/28/1990,223-45-6789,5500002,ok\n"
    )
    hidden = {each.header: each for each in found.columns}

    assert [True, True, True, False] == [each.sensitive for each in found.columns]
    assert all(not (each.examples or each.smallest or each.largest) for each in found.columns[:3])
    assert (2, "MM/DD/YYYY") == (hidden["DOB"].distinct, hidden["DOB"].date_format)
    assert "123-45" not in repr(found.columns) + repr(found.all_notes)
    assert "1980" not in repr(found.columns) + repr(found.all_notes)


def test_kinds_of_cells_of_a_workbook(tmp_path):
    """Numbers that are text, text among numbers, percentages by their format, errors, flags, dates; each with its place."""
    day = dt.datetime(2024, 5, 6)  # noqa: DTZ001  a cell has no time zone
    book, sheet, path = book_of(
        tmp_path / "b.xlsx",
        ["Id", "Rate", "Active", "Day", "Key", "Empty", "", "Note"],
        [1, 0.12, True, day, 12345678901234567890, None, "x", None],
        ["0002", 12.5, False, day + dt.timedelta(1), "K2", None, None, "#N/A"],
        [3, 0.15, None, "2024-05-09", "#N/A", None, "y", "="],
    )
    sheet["B2"].number_format = sheet["B4"].number_format = "0.00%"
    found = inspected(book, path)
    by_name = {each.header: each for each in found.columns}

    assert {"number": 2, "text": 1} == by_name["Id"].kinds
    assert {"percent": 2, "number": 1} == by_name["Rate"].kinds
    assert ("12%", "15%") == (by_name["Rate"].smallest, by_name["Rate"].largest)
    assert {"flag": 2, "blank": 1} == by_name["Active"].kinds
    assert {"date": 2, "text": 1} == by_name["Day"].kinds
    assert ("2024-05-06", "2024-05-09") == (by_name["Day"].smallest, by_name["Day"].largest)
    assert {"blank": 3} == by_name["Empty"].kinds
    assert {
        ("text.leading-zeros", "A", 1, 3),
        ("text.number-as-text", "A", 1, 3),
        ("column.numbers-among-percents", "B", 1, 3),
        ("text.date-as-text", "D", 1, 4),
        ("number.beyond-15-digits", "E", 1, 2),
        ("cell.error", "E", 1, 4),
        ("cell.error", "H", 1, 3),
        ("column.blank", "F", 0, 0),
        ("column.without-header", "G", 0, 0),
    } <= rules(found)


def test_all_sheets_of_a_workbook_with_their_sizes(tmp_path):
    """Hidden ones too; the first visible one is read."""
    book, sheet, path = book_of(tmp_path / "b.xlsx", ["Loan"], ["x"])
    sheet.title = "Lists"
    sheet.sheet_state = "hidden"
    loans = book.create_sheet("Loans")
    for row in (["Loan No", "Amount"], ["L1", 5], ["L2", 6]):
        loans.append(row)
    book.create_sheet("Empty")
    book.create_sheet("Macro").sheet_state = "veryHidden"
    book.active = 1
    found = inspected(book, path)

    assert "Loans" == found.table.sheet
    assert [
        ("Lists", "hidden", 2, 1),
        ("Loans", "visible", 3, 2),
        ("Empty", "visible", 0, 0),
        ("Macro", "very hidden", 0, 0),
    ] == [(each.name, each.visibility, each.rows, each.columns) for each in found.sheets]
    assert ("sheet.hidden", "", 2, 0) in rules(found)


def test_what_is_hidden_is_read_and_told(tmp_path):
    """Nothing is sent by an inspection, so nobody is asked; `--hidden skip` leaves hidden rows out here too."""
    book, sheet, path = book_of(tmp_path / "b.xlsx", ["Loan No", "Amount"], ["L1", 1], ["L2", 2], ["L3", 3])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    found = inspected(book, path)

    assert 3 == found.rows_read
    assert {("rows.hidden-read", "", 1, 3), ("column.hidden-read", "B", 0, 0)} == rules(found)
    assert 2 == inspect(path, Reading(hidden="skip"), lambda _: None).rows_read


def test_headers_below_a_title_in_a_workbook(tmp_path):
    """The row as wide as those below it, of words."""
    book, _, path = book_of(
        tmp_path / "b.xlsx",
        ["Portfolio"],
        [],
        ["Loan No", "Amount", "Opened"],
        ["L1", 5, dt.date(2024, 1, 2)],
    )
    found = inspected(book, path)

    assert (3, True, 1) == (found.table.header_row, found.header_guessed, found.rows_read)
    assert ["Loan No", "Amount", "Opened"] == [each.header for each in found.columns]


def test_headers_of_two_rows_that_are_merged(tmp_path):
    """Found below a title too; without it nothing could be told of such a file."""
    rows = (["Loan", "Borrower", None, "Rate"], [None, "First", "Last", None], ["L1", "Ann", "Lee", 8.1])
    for title in ((), (["Portfolio"], [])):
        book, sheet, path = book_of(tmp_path / "b.xlsx", *title, *rows)
        top = 1 + len(title)
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=1, end_column=1)
        sheet.merge_cells(start_row=top, end_row=top, start_column=2, end_column=3)
        found = inspected(book, path)

        assert ["Loan", "Borrower First", "Borrower Last", "Rate"] == [each.header for each in found.columns]
        assert (top + 1, 2, True, 1) == (
            found.table.header_row,
            found.table.facts.header_rows,
            found.header_guessed,
            found.rows_read,
        )


def test_a_blank_first_row_is_passed_over(look):
    assert 2 == look(",,\nLoan,Amount,Opened\nL1,5,2024-01-02\n").table.header_row


def test_a_file_without_headers_is_said_to_have_none(look):
    found = look("123-45-6789,100.50,01/02/1980\n223-45-6789,99.10,01/03/1980\n")

    assert (1, True, 1) == (found.table.header_row, found.header_guessed, found.rows_read)
    assert "header.not-found" in {note.rule for note in found.notes}
    assert [""] * 3 == [each.header for each in found.columns], (
        "what may be a borrower's is not shown as a name"
    )
    assert "123-45" not in repr(found.columns) + repr(found.all_notes)


def test_a_table_by_its_name_has_its_headers_where_it_begins(tmp_path):
    """That is no guess."""
    book, sheet, path = book_of(tmp_path / "b.xlsx", ["title"], [], ["Loan", "Amount"], ["L1", 5])
    sheet.add_table(Table(displayName="Loans", ref="A3:B4"))
    found = inspected(book, path, sheet="Loans")

    assert (3, False, 1) == (found.table.header_row, found.header_guessed, found.rows_read)


def test_parquet(tmp_path):
    """Its names are no guess, and its types are kept."""
    table = pa.table({"Loan": ["L1", None], "Amount": [1.5, 2.5], "Day": [dt.date(2024, 1, 2), None]})
    parquet.write_table(table, tmp_path / "t.parquet")
    found = inspect(tmp_path / "t.parquet", Reading(), lambda _: None)

    assert (False, 2, "Parquet") == (found.header_guessed, found.rows_read, found.table.facts.format)
    assert [{"text": 1, "blank": 1}, {"number": 2}, {"date": 1, "blank": 1}] == [
        each.kinds for each in found.columns
    ]


def test_other_encodings_and_packing(look):
    """The encoding is told with words to judge it by."""
    found = look(gzip.compress("Loan,Name\nL1,Zoë\n".encode("cp1252")), name="loans.csv.gz")

    assert "Windows-1252" in found.table.facts.encoding
    (note,) = [note for note in found.notes if note.rule == "csv.encoding-guessed"]
    assert "Zoë" in note.sample


def test_distinct_texts_are_counted_up_to_a_bound(look):
    """Beyond it, only that there are more: memory stays flat."""
    lines = "".join(f"L{n},{n % 7}\n" for n in range(12_000))
    found = look("Loan,Kind\n" + lines)

    assert [None, 7] == [each.distinct for each in found.columns]
    assert 12_000 == found.rows_read


def test_batches_and_odd_rows_add_up(look):
    """First rows and counts hold across batches."""
    cells = ["1"] * 40_000
    cells[20_000] = "abc"
    cells[39_999] = "n/a"
    found = look("Loan,Amount\n" + "".join(f"L,{cell}\n" for cell in cells))

    assert {"number": 39_998, "text": 2} == column(found, "Amount").kinds
    assert {("column.text-among-numbers", "B", 2, 20_002), ("text.means-nothing", "B", 1, 40_001)} == rules(
        found
    )


def test_doubled_headers_and_columns_without_one(look):
    found = look("Loan,Note,,note\nL1,a,b,c\nL2,a,b,c\n")
    assert {("header.doubled", "D", 0, 0), ("column.without-header", "C", 0, 0)} == rules(found)


def test_headers_alone(look):
    found = look("Loan,Amount\n")
    assert (0, ["Loan", "Amount"]) == (found.rows_read, [each.header for each in found.columns])


@pytest.mark.parametrize("content", [b"", b"\n\n", b",,\n,,\n"])
def test_a_file_without_anything_is_refused(look, content):
    with pytest.raises(SourceError):
        look(content)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["customers", "loans"])
def test_real_workbooks(name):
    """Every figure is what another library finds in the file."""
    path = REAL / f"{name}.xlsx"
    if not path.exists():
        pytest.skip("there are no real workbooks here")
    found = inspect(path, Reading(), lambda _: None)
    sheet = openpyxl.load_workbook(path, data_only=True).active
    header, *below = sheet.iter_rows(values_only=True)
    rows = [row for row in below if any(cell is not None for cell in row)]

    assert (len(rows), 1, sheet.title) == (found.rows_read, found.table.header_row, found.table.sheet)
    assert list(header) == [each.header for each in found.columns]
    assert () == found.all_notes
    for cells, told in zip(zip(*rows, strict=True), found.columns, strict=True):
        assert dict(Counter(map(kind_of, cells))) == told.kinds
        assert len(set(cells)) == told.distinct
        if told.sensitive:
            assert ("", "", ()) == (told.smallest, told.largest, told.examples)
        elif told.kind == "number":
            assert (min(cells), max(cells)) == (float(told.smallest), float(told.largest))
        if told.kind == "date":
            days = [cell.date().isoformat() for cell in cells]
            assert (min(days), max(days)) == (told.smallest, told.largest)


def kind_of(cell):
    """The kind of a cell that openpyxl has read."""
    if cell is None:
        return "blank"
    return "date" if isinstance(cell, dt.datetime) else "text" if isinstance(cell, str) else "number"


def test_the_same_table_in_three_formats_is_told_alike(tmp_path, look):
    """One rule for both worlds, as far as a text file can say what a cell is."""
    days = [dt.date(2024, 5, n) for n in (1, 13, 30)]
    columns = {
        "Loan": ["L1", "L2", None],
        "Amount": [5.25, 1200.0, 7.5],
        "Day": days,
        "Note": ["x", None, "N/A"],
    }
    rows = list(zip(*columns.values(), strict=True))
    book, _, path = book_of(tmp_path / "b.xlsx", list(columns), *rows)
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    text = "\n".join(
        ",".join("" if cell is None else str(cell) for cell in row) for row in [list(columns), *rows]
    )
    found = [
        look(text.replace("1200.0", "1200")),
        inspected(book, path),
        inspect(tmp_path / "t.parquet", Reading(), lambda _: None),
    ]
    told = [
        [(c.header, c.kinds, c.distinct, c.smallest, c.largest, c.examples, c.notes) for c in each.columns]
        for each in found
    ]

    assert told[0] == told[1] == told[2]
    assert ("5.25", "1200") == told[0][1][3:5]
    assert [3] * 3 == [each.rows_read for each in found]


def test_the_sample_portfolio_shows_nobody(look):
    """Names, addresses, telephones and e-mail are counted; numbers, products and amounts are shown."""
    text = (Path(__file__).parents[3] / "samples" / "portfolio.csv").read_text("utf-8")
    found = look(text.replace("First Name", "Kn 1").replace("Street", "Kn 2").replace("Email", "Kn 3"))
    shown = {each.header for each in found.columns if each.examples}

    assert {"Loan No", "Borrower No", "State", "Product", "Principal", "Freq", "Status"} <= shown
    assert not shown & {"Last Name", "DOB", "SSN", "Kn 2", "Kn 3", "Cell Phone", "City", "ZIP"}


def test_a_file_without_headers_shows_no_dates(look):
    """They may be of birth, and nothing says that they are not."""
    found = look("\n".join(f"L{n:05},{n % 12 + 1:02}/25/19{n % 50 + 40},{n}.50" for n in range(60)))

    assert [False, True, False] == [each.sensitive for each in found.columns]
    assert ("", ()) == (found.columns[1].smallest, found.columns[1].examples)
