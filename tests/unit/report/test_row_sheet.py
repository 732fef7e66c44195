"""Rows written whole are what XlsxWriter writes cell by cell, byte by byte."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from loader.report import row_sheet
from loader.report.cells import BLANK, GAP, put
from loader.report.row_sheet import RowSheet

VALUES = st.one_of(
    st.none(),
    st.just(""),
    st.just(BLANK),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  a moment that has no zone is taken as it stands
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  Hypothesis adds the zone
    st.text(max_size=12),
    st.text("<>&\"'_x00AF\t\r\n =+@\u202e\u00a0\ud800", max_size=12),
    st.sampled_from(
        ["accepted", "_x000D_", " led", "trailed ", "=1+1", "http://host", "5 %s %", "x" * 40_000]
    ),
).filter(lambda value: not isinstance(value, str) or not value.startswith("<r>"))
ROWS = st.lists(
    st.tuples(
        st.booleans(),  # whether a row is left out before it
        st.sampled_from([None, 29.0, 42.5, 204.5]),
        st.lists(
            st.tuples(
                VALUES, st.integers(0, 3), st.booleans()
            ),  # value, format, whether it is given with the row
            min_size=1,
            max_size=5,
        ),
        st.integers(1, 3),  # how many such rows follow each other
        st.booleans(),  # whether they are written cell by cell after all
    ),
    max_size=6,
)


def _sheet(folder, kind, fill):
    """The sheet's own XML and the styles, after a first and a last row that are written cell by cell."""
    path = Path(folder) / "book.xlsx"
    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(folder)}) as book:
        book.worksheet_class = kind
        formats = [
            None,
            book.add_format({"bold": True}),
            book.add_format({"italic": True}),
            book.add_format({"bold": True}),
        ]
        sheet = book.add_worksheet()
        for column in range(5):  # every table has headers
            put(sheet, 0, column, "first", formats[2])
        put(sheet, fill(sheet, formats) + 1, 2, "last", formats[1])
    with ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()


def _put_row(sheet, number, height, cells, formats):
    if height is not None:
        sheet.set_row(number, height)
    for column, (value, style, _) in enumerate(cells):
        if value is BLANK:
            sheet.write_blank(number, column, None, formats[style] or formats[1])
        else:
            put(sheet, number, column, value, formats[style])


def _by_cell(rows):
    def fill(sheet, formats):
        number = 0
        for gap, height, cells, count, _ in rows:
            number += gap
            for _ in range(count):
                number += 1
                _put_row(sheet, number, height, cells, formats)
        return number

    return fill


def _whole(rows):
    def fill(sheet, formats):
        number = 0
        for gap, height, cells, count, by_cell in rows:
            number += gap
            styles = [formats[style] or (formats[1] if value is BLANK else None) for value, style, _ in cells]
            given = [apart and value is not None and value != "" for value, _, apart in cells]
            values = [value for (value, _, _), apart in zip(cells, given, strict=True) if apart]
            fixed = [GAP if apart else value for (value, _, _), apart in zip(cells, given, strict=True)]
            common = None if by_cell else sheet.cells(fixed, styles)
            for _ in range(count):
                number += 1
                if common is None:
                    _put_row(sheet, number, height, cells, formats)
                else:
                    sheet.write_row(number, common, values, height)
        return number

    return fill


@settings(max_examples=150, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_rows_written_whole_are_those_written_cell_by_cell(rows, rows_at_once):
    """Values of all kinds, in all rows of a kind or given with each, formats, heights, gaps, and whatever stands around them."""
    rows = [row for row in rows if any(value is not None and value != "" for value, *_ in row[2])]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_sheet, "_ROWS_AT_ONCE", rows_at_once)
        assert _sheet(folder, Worksheet, _by_cell(rows)) == _sheet(folder, RowSheet, _whole(rows))


def test_a_text_that_looks_like_markup_is_text(tmp_path):
    """XlsxWriter would take it for its own rich text."""
    path = tmp_path / "book.xlsx"
    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(tmp_path)}) as book:
        book.worksheet_class = RowSheet
        sheet = book.add_worksheet()
        sheet.write_row(0, sheet.cells(["<r><t>x</t></r>", GAP], [None, None]), ["<r></r>"])
    assert ["<r><t>x</t></r>", "<r></r>"] == [cell.value for cell in openpyxl.load_workbook(path).active[1]]


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_number_that_is_none_is_refused(tmp_path, number):
    """A cell with it would make the whole workbook unreadable."""
    with Workbook(str(tmp_path / "book.xlsx"), {"constant_memory": True, "tmpdir": str(tmp_path)}) as book:
        book.worksheet_class = RowSheet
        sheet = book.add_worksheet()
        with pytest.raises(ValueError, match="cannot hold"):
            sheet.cells([number], [None])
        with pytest.raises(ValueError, match="cannot hold"):
            sheet.write_row(0, sheet.cells([GAP], [None]), [number])
        sheet.write_row(1, sheet.cells([Decimal("NaN")], [None]))  # a Decimal is shown as it is
