"""Rows of a sheet become columns some hundred at a time, and say what their cells say one by one."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.source import variety
from loader.source.cells import column_of
from loader.source.number_format import percent_format
from loader.source.structure import Area
from loader.source.table import Kind
from loader.source.workbook import sheet_columns
from loader.source.workbook.percents import Percents
from loader.source.workbook.sheet_columns import SheetColumns
from loader.source.workbook.sheet_marks import SheetMarks

WIDTH = 4
CELLS = st.one_of(
    st.sampled_from(["", "a", "b", "é", "\ud800"]),
    st.sampled_from([1.5, 7.0, -0.0, 1e-9, 1e300]),
    st.sampled_from([True, dt.date(2024, 2, 29), dt.timedelta(hours=30), dt.time(4, 5)]),
)
COLUMNS = st.one_of(
    st.sampled_from([["a"], ["a", "b", ""], ["é"], [0.25, 3.0], [dt.date(2024, 1, 31)], [0.5, ""]]).map(
        st.sampled_from
    ),
    st.just(CELLS),
)
SHEETS = st.lists(COLUMNS, min_size=1, max_size=6).flatmap(
    lambda columns: st.lists(st.tuples(*columns).map(list), min_size=1, max_size=30)
)
PLACES = st.dictionaries(
    st.integers(1, 40), st.dictionaries(st.integers(0, 7), st.just("#N/A"), max_size=2), max_size=6
)
FIRST_ROW = 3


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(sheet_columns, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(sheet_columns, "_ROWS_PER_BLOCK", 7)
    monkeypatch.setattr(variety, "_FEWEST_ROWS", 0)


def said_one_by_one(lines, first_column, area, faults, texts, percent_rows):
    """For each row, the text and the kind of each cell."""
    width = max(WIDTH, first_column + len(lines[0])) if area is None else WIDTH
    found = []
    for row, line in enumerate(lines, FIRST_ROW):
        cells = [*[""] * first_column, *line, *[""] * WIDTH][:width]
        if area:
            cells[: area.first_column] = [""] * area.first_column
        of_row = []
        for index, cell in enumerate(cells):
            (text,), kind = column_of([cell])
            kind = Kind(kind[0]) if kind else Kind.TEXT
            if kind is Kind.NUMBER and index == 1 and row in percent_rows:
                text, kind = percents_of(cell), Kind.PERCENT
            if not text and index in faults.get(row, {}):
                text, kind = faults[row][index], Kind.ERROR
            of_row.append((texts.get(row, {}).get(index, text), kind))
        found.append(of_row)
    return found


def percents_of(number):
    (text,), _, _ = sheet_columns.PercentColumns([percent_format("0.00%")]).column_of([number], b"\1")
    return text


@pytest.mark.usefixtures("small_parts")
@settings(deadline=None, max_examples=300)
@given(SHEETS, st.integers(0, 2), st.booleans(), PLACES, PLACES, st.sets(st.integers(1, 40), max_size=5))
def test_rows_say_what_their_cells_say(lines, first_column, in_area, faults, texts, percent_rows):
    area = Area(1, 1, 99, WIDTH - 1) if in_area else None
    percents = Percents()
    percents.add(1, percent_rows or {99}, percents.mark_of("0.00%"))
    percents.finish()
    marks = SheetMarks(faults, percents, texts=texts)

    read = list(
        SheetColumns(marks, (), FIRST_ROW - 1, WIDTH, area).read(iter(lines), FIRST_ROW, first_column)
    )

    rows = [row for part in read for row in part.rows]
    assert rows == list(range(FIRST_ROW, FIRST_ROW + len(lines)))
    found = []
    for part in read:
        kinds = [kind or bytes(len(part.rows)) for kind in part.kinds]
        for position in range(len(part.rows)):
            of_row = zip(part.columns, kinds, strict=True)
            found.append([(texts[position], Kind(kind[position])) for texts, kind in of_row])
        for column in part.columns:
            assert column.coded is None or list(column) == column.coded.spread(column.coded.texts)
    assert said_one_by_one(lines, first_column, area, faults, texts, percent_rows) == found
