from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.date_formats import FormatProblem, format_pattern
from loader.mapping.dates import day, instant, months_later
from loader.mapping.refusal import Refusal
from loader.source.table import Kind

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))
WRITTEN = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "M": "{0.month}", "DD": "%d", "D": "{0.day}", "Mon": "%b", "Month": "%B",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2017-03-09", Kind.TEXT),
        (" 2017-03-09 ", Kind.TEXT),
        ("2017-03-09", Kind.DATE),
        ("2017-03-09T00:00:00", Kind.DATETIME),
    ],
)
@pytest.mark.parametrize("form", ["", "YYYY-MM-DD"])
def test_iso_text_and_date_cells_are_dates(text, kind, form):
    """A date and time cell at midnight is one, too."""
    assert date(2017, 3, 9) == day(form)(text, kind)


def test_date_cells_need_no_format():
    """The declared format speaks of text."""
    assert date(2017, 3, 9) == day("MM/DD/YYYY")("2017-03-09", Kind.DATE)


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        ("03/09/2017", Kind.TEXT, "date.format"),
        ("2017-3-9", Kind.TEXT, "date.format"),
        ("2017-03-09 00:00:00", Kind.TEXT, "date.format"),
        ("20170309", Kind.TEXT, "date.format"),
        ("N/A", Kind.TEXT, "date.format"),
        ("2023-02-30", Kind.TEXT, "date.no-such-day"),
        ("2023-13-01", Kind.TEXT, "date.no-such-day"),
        ("0000-00-00", Kind.TEXT, "date.no-such-day"),
        ("0217-03-09", Kind.TEXT, "date.far-year"),
        ("44927", Kind.NUMBER, "date.serial"),
        ("44927", Kind.TEXT, "date.serial"),
        ("2017-03-09T14:30:00", Kind.DATETIME, "date.has-time"),
        ("14:30:00", Kind.TIME, "cell.time"),
        ("#N/A", Kind.ERROR, "cell.error"),
        ("TRUE", Kind.FLAG, "cell.flag"),
    ],
)
def test_everything_else_is_refused_without_a_format(text, kind, rule):
    """An American and a European date look alike, so neither is guessed at."""
    found = day()(text, kind)

    assert isinstance(found, Refusal)
    assert rule == found.rule


def test_the_refusal_shows_how_to_declare_a_format():
    """Who meets it first does not know the option."""
    assert "format: MM/DD/YYYY" in day()("03/09/2017", Kind.TEXT).advice


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("MM/DD/YYYY", "03/09/2017", date(2017, 3, 9)),
        ("DD/MM/YYYY", "03/09/2017", date(2017, 9, 3)),
        ("M/D/YYYY", "3/9/2017", date(2017, 3, 9)),
        ("M/D/YY", "12/31/69", date(2069, 12, 31)),
        ("M/D/YY", "1/1/70", date(1970, 1, 1)),
        ("D-Mon-YYYY", "9-MAR-2017", date(2017, 3, 9)),
        ("Month D, YYYY", "march 9, 2017", date(2017, 3, 9)),
        ("YYYYMMDD", "20170309", date(2017, 3, 9)),
        ("MM/YYYY", "03/2017", date(2017, 3, 1)),
        ("Mon YY", "Mar 17", date(2017, 3, 1)),
        ("DD.MM.YYYY", "09.03.2017", date(2017, 3, 9)),
    ],
)
def test_declared_formats(form, text, value):
    """Month names in any case; a month alone is its first day; the pivot of two-digit years is 1970."""
    assert value == day(form)(text, Kind.TEXT)


def test_a_number_cell_of_eight_digits_can_be_a_declared_date():
    """Excel holds 20170309 as a number; under the format it cannot be misread."""
    assert date(2017, 3, 9) == day("YYYYMMDD")("20170309", Kind.NUMBER)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("MM/DD/YYYY", "3/9/2017"),
        ("MM/DD/YYYY", "2017-03-09"),
        ("MM/DD/YYYY", "03/09/20177"),
        ("D.M.YYYY", "9x3x2017"),
    ],
)
def test_text_in_another_form_than_declared_is_refused(form, text):
    """The format is exact."""
    assert day(form)(text, Kind.TEXT).rule == "date.format"


@pytest.mark.parametrize(
    "form",
    [
        "",
        "YYYY",
        "MM/DD",
        "MM/DD/YYYY YY",
        "mm/dd/yyyy",
        "YYYY-MM-DD hh",
        "MDYYYY",
        "YYYYMD",
        "DD DD MM YYYY",
        "MM MON YYYY",
    ],
)
def test_formats_that_cannot_be_read_safely_are_refused(form):
    """No year or month, a part twice, unknown letters, digits of unknown count side by side."""
    with pytest.raises(FormatProblem):
        format_pattern(form)


@pytest.mark.parametrize(
    ("start", "months", "value"),
    [
        (date(2017, 1, 31), 1, date(2017, 2, 28)),
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2017, 12, 15), 1, date(2018, 1, 15)),
        (date(2017, 5, 31), 13, date(2018, 6, 30)),
        (date(2017, 11, 30), 1, date(2017, 12, 30)),
    ],
)
def test_months_later_stay_within_the_month(start, months, value):
    """The same day, or the last of a shorter month."""
    assert value == months_later(start, months)


def test_plus_months_is_applied_to_text_and_cells():
    """A first payment date from a contract date."""
    assert [date(2017, 2, 28)] * 2 == [day("", 1)("2017-01-31", kind) for kind in (Kind.TEXT, Kind.DATE)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2017-03-09T14:30:00Z", "2017-03-09 14:30:00"),
        ("2017-03-09 14:30", "2017-03-09 14:30:00"),
        ("2017-03-09T20:30:00-07:00", "2017-03-10 03:30:00"),
        ("2017-03-09T14:30:00.999999+0000", "2017-03-09 14:30:00"),
        ("2017-03-09", "2017-03-09 00:00:00"),
    ],
)
def test_times_become_utc(text, value):
    """An offset is reckoned in; without one the time is UTC already."""
    assert value == instant(text, Kind.TEXT)


@pytest.mark.parametrize(
    "text",
    ["2017-03-09T25:00:00", "2017-02-30T00:00", "03/09/2017 14:30", "44927", "0001-01-01T00:00:00+14:00", ""],
)
def test_times_that_are_none_are_refused(text):
    """Nothing is guessed, and nothing overflows."""
    assert isinstance(instant(text, Kind.TEXT), Refusal)


def test_a_number_cell_is_no_time():
    """An Excel serial is not known by its look."""
    assert isinstance(instant("44927.5", Kind.NUMBER), Refusal)


@given(
    DAYS,
    st.permutations(["year", "month", "day"]),
    st.sampled_from(["MM", "M", "Mon", "Month"]),
    st.sampled_from(["DD", "D"]),
    st.sampled_from(["/", "-", ".", " ", ", "]),
)
def test_every_format_reads_what_it_writes(value, order, month, of_month, between):
    """Out and back, for each token in each order."""
    tokens = {"year": "YYYY", "month": month, "day": of_month}
    form = between.join(tokens[part] for part in order)
    text = between.join(
        value.strftime(WRITTEN[tokens[part]].format(value)).rjust(4 if part == "year" else 0, "0")
        for part in order
    )

    assert value == day(form)(text, Kind.TEXT)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_two_digit_years_read_what_they_write(value):
    """Out and back between 1970 and 2069."""
    assert value == day("YYMMDD")(value.strftime("%y%m%d"), Kind.TEXT)


@given(
    st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2199, 1, 1)),  # noqa: DTZ001 - the offset is drawn
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_any_offset_leads_to_the_same_instant(moment, minutes):
    """UTC text is that instant to the second."""
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S}" == instant(aware.isoformat(), Kind.TEXT)


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("serial", "42803", date(2017, 3, 9)),
        ("serial", " 61 ", date(1900, 3, 1)),
        ("serial", "109574", date(2199, 12, 31)),
        ("serial-1904", "41341", date(2017, 3, 9)),
        ("serial-1904", "1", date(1904, 1, 2)),
    ],
)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.NUMBER])
def test_day_numbers_of_spreadsheets(form, text, value, kind):
    """As text and as a number cell that has lost its format, in both systems."""
    assert value == day(form)(text, kind)


@pytest.mark.parametrize(
    ("form", "text", "rule"),
    [
        ("serial", "60", "date.serial-range"),
        ("serial", "1", "date.serial-range"),
        ("serial", "109575", "date.serial-range"),
        ("serial", "20170309", "date.serial-range"),
        ("serial-1904", "0", "date.serial-range"),
        ("serial", "2017", "date.serial-year"),
        ("serial-1904", "1999", "date.serial-year"),
        ("serial", "42803.5", "date.format"),
        ("serial", "-42803", "date.format"),
        ("serial", "2017-03-09", "date.format"),
    ],
)
def test_numbers_that_are_no_days_are_refused(form, text, rule):
    """The day that Excel invented in 1900 and those before it, years, days with a time, dates as text."""
    assert rule == day(form)(text, Kind.TEXT).rule


def test_a_date_cell_needs_no_day_number():
    """Nor the system of its workbook."""
    assert date(2017, 3, 9) == day("serial-1904")("2017-03-09", Kind.DATE)


@given(st.dates(min_value=date(1900, 3, 1), max_value=date(2199, 12, 31)))
def test_day_numbers_read_what_they_write(value):
    """Out and back, but for those that look like years: 1905 and 1906."""
    number = (value - date(1899, 12, 30)).days
    found = day("serial")(str(number), Kind.TEXT)

    assert found == value or (1900 <= number <= 2199 and found.rule == "date.serial-year")


@pytest.mark.parametrize(
    ("pivot", "text", "year"), [(30, "29", 2029), (30, "30", 1930), (0, "00", 1900), (100, "99", 2099)]
)
def test_the_pivot_of_two_digit_years_can_be_declared(pivot, text, year):
    """From it on they are of the 1900s."""
    assert date(year, 3, 9) == day("MM/DD/YY", pivot=pivot)(f"03/09/{text}", Kind.TEXT)


@pytest.mark.parametrize("text", ["09-Mar-17", "09-MAR.-17"])
def test_short_names_of_months_may_have_a_full_stop(text):
    """And September has two short names."""
    assert date(2017, 3, 9) == day("DD-Mon-YY")(text, Kind.TEXT)
    assert (
        date(2017, 9, 9)
        == day("D Mon YYYY")("9 Sept. 2017", Kind.TEXT)
        == day("D Mon. YYYY")("9 Sep. 2017", Kind.TEXT)
    )


@pytest.mark.parametrize(
    ("text", "swapped"), [("25.08.2023", True), ("32.08.2023", False), ("02.30.2023", False)]
)
def test_a_day_in_the_place_of_the_month_speaks_of_the_format(text, swapped):
    """The cell may be right and the template wrong; whoever is told to correct the month would spoil it."""
    found = day("MM.DD.YYYY")(text, Kind.TEXT)

    assert "date.no-such-day" == found.rule
    assert swapped == ("`format`" in found.advice)
