"""Cells as spreadsheet programs write them: kinds by number format, text that stays text, results of formulas."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter

from loader.source.table import Kind
from loader.source.workbook.excel_file import open_excel


@pytest.fixture
def sheet_of(tmp_path, only_batch):
    """The texts and kinds of one column that a function writes with XlsxWriter, from A2 on."""

    def read(write, count):
        path = tmp_path / "loans.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Loans")
            sheet.write_string(0, 0, "Cell")
            sheet.write_column(1, 1, ["x"] * count)
            sheet.write_string(0, 1, "Filler")
            write(book, sheet)
        batch = only_batch(open_excel(path))
        kinds = batch.kinds[0] or bytes(count)
        return list(zip(batch.columns[0], map(Kind, kinds), strict=True))

    return read


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("mm/dd/yyyy", 42803, ("2017-03-09", Kind.DATE)),
        ('dddd, d "de" mmmm yyyy', 42803, ("2017-03-09", Kind.DATE)),
        ("[Red]yyyy-mm-dd", 42803, ("2017-03-09", Kind.DATE)),
        ("[$-409]d-mmm-yy;@", 42803, ("2017-03-09", Kind.DATE)),
        ("mmm-yy", 42803, ("2017-03-09", Kind.DATE)),
        ("m/d/yy h:mm", 42803.5, ("2017-03-09T12:00:00", Kind.DATETIME)),
        ("[h]:mm", 1.25, ("30:00:00", Kind.TIME)),
        ("[hh]:mm:ss", 30.5, ("732:00:00", Kind.TIME)),
        ("h:mm AM/PM", 0.5, ("12:00:00", Kind.TIME)),
        ("@", 42803, ("42803", Kind.NUMBER)),
        ("General", 42803, ("42803", Kind.NUMBER)),
        ('0 "days"', 5, ("5", Kind.NUMBER)),
        ('0.0 "mm"', 5, ("5", Kind.NUMBER)),
        ("[$¥-411]#,##0", 500, ("500", Kind.NUMBER)),
        ("[Magenta]0", 5, ("5", Kind.NUMBER)),
        ('_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', 1234.5, ("1234.5", Kind.NUMBER)),
    ],
)
def test_number_is_what_its_format_shows(sheet_of, code, number, expected):
    """A date by any format of dates, and no letters of a unit, a colour or a currency make one."""

    def write(book, sheet):
        sheet.write_number(1, 0, number, book.add_format({"num_format": code}))

    assert sheet_of(write, 1) == [expected]


def test_text_stays_text_whatever_it_looks_like(sheet_of):
    """Typed with an apostrophe, in pieces of several fonts, with spaces around it, or as the result of a formula."""

    def write(book, sheet):
        sheet.write_string(1, 0, "0012", book.add_format({"quote_prefix": True}))
        sheet.write_string(2, 0, "12.02", book.add_format({"num_format": "0.00%"}))
        sheet.write_rich_string(3, 0, "Do", book.add_format({"bold": True}), "ug", " x")
        sheet.write_formula(4, 0, '="0"&"07"', None, "007")
        sheet.write_string(5, 0, " 2017-03-09 ")
        sheet.write_formula(6, 0, "=TRUE", None, True)

    assert sheet_of(write, 6) == [
        ("0012", Kind.TEXT),
        ("12.02", Kind.TEXT),
        ("Doug x", Kind.TEXT),
        ("007", Kind.TEXT),
        (" 2017-03-09 ", Kind.TEXT),
        ("TRUE", Kind.FLAG),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (b'<c r="A2" t="inlineStr"><is><t>007</t></is></c>', ("007", Kind.TEXT)),
        (
            b'<c r="A2" t="inlineStr"><is><r><t>O</t></r><r><t xml:space="preserve"> 7</t></r></is></c>',
            ("O 7", Kind.TEXT),
        ),
        (b'<c r="A2" t="d"><v>2017-03-09</v></c>', ("2017-03-09", Kind.DATE)),
        (b'<c r="A2"><f t="shared" ref="A2:A3" si="0">1+1</f><v>2</v></c>', ("2", Kind.NUMBER)),
        (b'<c r="A2"><f t="shared" si="0"/><v>1E-3</v></c>', ("0.001", Kind.NUMBER)),
        (b'<c r="A2"><f t="shared" si="0"/></c>', ("=", Kind.ERROR)),
        (b'<c r="A2" t="str"><f>_xlfn.XLOOKUP(1,B1,B1)</f><v>0012</v></c>', ("0012", Kind.TEXT)),
        (b'<c r="A2" t="e"><f>_xlfn.XLOOKUP(1,B1,B1)</f><v>#NAME?</v></c>', ("#NAME?", Kind.ERROR)),
    ],
)
def test_cells_of_other_programs(tmp_path, only_batch, cell, expected):
    """Texts within the sheet, dates as ISO text, shared formulas with and without their results."""
    path = tmp_path / "loans.xlsx"
    book = openpyxl.Workbook()
    for row in (["Cell", "Filler"], [1, "x"]):
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name], count = re.subn(rb'<c r="A2".*?</c>', cell, parts[name])
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    batch = only_batch(open_excel(path))

    assert count == 1
    assert (batch.columns[0][0], Kind((batch.kinds[0] or b"\0")[0])) == expected


def test_number_of_sixteen_digits_has_lost_some(sheet_of):
    """Fifteen are kept; what ends in zeros may have ended in anything."""
    numbers = [999_999_999_999_999, 1_234_567_890_123_450, 1e15, -1e15, 1e300, 99_999_999_999_999.9]

    def write(_, sheet):
        sheet.write_column(1, 0, numbers)

    found = sheet_of(write, len(numbers))
    assert [kind for _, kind in found] == [Kind.NUMBER, *[Kind.LOSSY] * 4, Kind.NUMBER]
    assert found[1][0] == "1234567890123450"


def test_columns_of_every_mixture_are_read_cell_by_cell(sheet_of):
    """What is quick for a column of one kind gives the same as what reads cells one by one."""
    day = dt.date(2017, 3, 9)
    numbers = [0.1, 1e-7, -0.0, 5930.0, -12.5, 1e14, 0.00001]

    def mixed(book, sheet):
        sheet.write_column(1, 0, ["text", *numbers, True])
        sheet.write_datetime(10, 0, day, book.add_format({"num_format": "yyyy-mm-dd"}))

    def alone(_, sheet):
        sheet.write_column(1, 0, numbers)

    texts = ["0.1", "0.0000001", "0", "5930", "-12.5", "100000000000000", "0.00001"]
    assert [text for text, _ in sheet_of(alone, 7)] == texts
    assert [text for text, _ in sheet_of(mixed, 10)] == ["text", *texts, "TRUE", "2017-03-09"]
