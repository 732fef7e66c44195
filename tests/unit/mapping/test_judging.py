"""The format of a column's dates, judged by all of its cells."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.errors import SourceError
from loader.mapping.judging import bind_to_table
from loader.mapping.template import parse_template
from loader.source.open import open_table

TEMPLATE = """template: 1
rows: {skip_if: {column: Loan, is: Test}}
null: [TBD]
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: Loan
      LoanSetup.contractDate: {column: Date, as: date, format: [%s]}
"""
AMERICAN, EUROPEAN = "MM/DD/YYYY", "DD/MM/YYYY"


@pytest.fixture
def judged(tmp_path):
    """Binds a template with some formats to a text file of these dates; an identifier may be given with a date."""

    def judge(dates, *formats):
        rows = [(f"L{n}", cell) if isinstance(cell, str) else cell for n, cell in enumerate(dates)]
        path = tmp_path / "loans.csv"
        path.write_text("Loan,Date\n" + "".join(f"{loan},{cell}\n" for loan, cell in rows), encoding="utf-8")
        table = open_table(path)
        loaded = parse_template((TEMPLATE % ", ".join(formats or (AMERICAN, EUROPEAN))).encode(), "t.yaml")
        return bind_to_table(loaded, table), table

    return judge


def dates_of(mapper, table):
    mapped = [mapper.map(batch) for batch in table.batches()]
    return [value for one in mapped for value in one.steps[0].fields[1].values], mapped


def test_one_cell_decides_for_the_whole_column(judged):
    """Told with the count of dates; what is no date at all is refused in its own row."""
    mapper, table = judged(["03/09/2017", "25/12/2017", "soon", "TBD", ""])
    found, [mapped] = dates_of(mapper, table)

    assert [date(2017, 9, 3), date(2017, 12, 25)] == found[:2]
    assert {at: [i.rule for i in issues] for at, issues in mapped.issues.items()} == {2: ["date.format"]}
    [note] = mapper.notes
    assert (note.rule, note.count, note.column, note.letter, note.first_row) == (
        "date.format-judged",
        2,
        "Date",
        "B",
        2,
    )
    assert EUROPEAN in note.message


def test_a_column_that_fits_both_ways_is_refused(judged):
    """Nobody but the file's maker knows."""
    with pytest.raises(SourceError, match=r'column "Date" \(B\).*both fit.*in 1 of them \(first in row 3\)'):
        judged(["03/03/2017", "03/09/2017"])


def test_a_column_that_mixes_them_is_refused_with_counts_and_rows(judged):
    """None of its rows can be trusted, those too that fit both."""
    with pytest.raises(
        SourceError,
        match=r"2 fit MM/DD/YYYY alone \(first in row 3\); 1 fit DD/MM/YYYY alone \(first in row 4\)",
    ):
        judged(["03/09/2017", "12/25/2017", "25/12/2017", "12/26/2017"])


def test_days_that_are_the_same_either_way_are_not_ambiguous(judged):
    """The first format will do."""
    assert [date(2017, 3, 3)] == dates_of(*judged(["03/03/2017"]))[0]


def test_rows_left_out_are_not_asked(judged):
    """What is not sent decides nothing."""
    mapper, table = judged([("Test", "25/12/2017"), "12/25/2017"])

    assert dates_of(mapper, table)[0][1] == date(2017, 12, 25)


def test_a_column_without_dates_needs_no_judgement(judged):
    """Nothing is told of it."""
    mapper, _ = judged(["", ""])

    assert mapper.notes == ()


def test_day_numbers_can_be_one_of_the_ways(judged):
    """They fit no other format."""
    assert [date(2017, 3, 9)] == dates_of(*judged(["42803"], AMERICAN, "serial"))[0]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dates=st.lists(
        st.dates(min_value=date(1980, 1, 1), max_value=date(2050, 12, 31)), min_size=1, max_size=8
    ),
    european=st.booleans(),
)
def test_what_is_judged_is_never_another_day(judged, dates, european):
    """Either the days that were written, or a refusal; the same each time."""
    shape = "{0.day:02}/{0.month:02}/{0.year}" if european else "{0.month:02}/{0.day:02}/{0.year}"
    tellable = any(day.day > 12 for day in dates) or all(day.day == day.month for day in dates)
    try:
        mapper, table = judged([shape.format(day) for day in dates])
    except SourceError:
        assert not tellable
        return
    assert tellable
    assert dates == dates_of(mapper, table)[0]
