"""Dates that are written as text."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.inspection.date_texts import DateTexts


def orders(*texts):
    """What the texts of rows 2, 3, ... say."""
    found = DateTexts()
    for row, text in enumerate(texts, 2):
        found.add(text, 1, row)
    return found.orders()


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (("2017-03-09", "2018-12-31"), "YYYY-MM-DD"),
        (("03/09/2017", "12/31/2018"), "MM/DD/YYYY"),
        (("3/9/2017", "12/31/2018"), "M/D/YYYY"),
        (("09.03.2017", "31.12.2018"), "DD.MM.YYYY"),
        (("09-Mar-17", "31-Dec-18"), "DD-Mon-YY"),
        (("March 9, 2017", "May 31, 2018"), "Month D, YYYY"),
        (("03/19/2017 14:30", "12/31/2018 00:00:00"), "MM/DD/YYYY"),
    ],
)
def test_one_format_for_all(texts, form):
    """It is named in the words of templates, and gives the first and the last day."""
    found = orders(*texts)

    assert ((form,), False, False) == (found.formats, found.mixed, found.open)
    assert (2017, 2018) == tuple(day.year for day in found.span)


def test_an_order_that_no_day_decides_is_open():
    """Both formats are named, and no span is made up."""
    found = orders("03/04/2024", "05/06/2024")

    assert ("MM/DD/YYYY", "DD/MM/YYYY") == found.formats
    assert found.open
    assert found.span is None


def test_the_same_days_in_either_order_leave_nothing_open():
    assert not orders("03/03/2024", "04/04/2024").open


def test_a_mixed_order_is_counted_with_first_rows():
    found = orders("03/04/2024", "25/04/2024", "04/25/2024", "26/04/2024")

    assert (found.mixed, found.formats, found.span) == (True, (), None)
    assert (2, 3, 1, 4) == (
        found.day_first,
        found.day_first_row,
        found.month_first,
        found.month_first_row,
    )


def test_exceptions_from_the_usual_format():
    found = orders("03/19/2024", "02/30/2024", "04/25/2024", "2024-04-26")
    assert ("MM/DD/YYYY", 2, 3) == (found.usual, found.unusual, found.unusual_row)


def test_years_of_two_digits_are_told():
    assert orders("03/19/24").short_years
    assert not orders("03/19/2024").short_years


def test_nothing():
    assert ((), None, False) == (orders().formats, orders().span, orders().mixed)


@given(st.lists(st.dates(date(1950, 1, 1), date(2100, 1, 1)), min_size=1), st.booleans())
def test_the_span_is_that_of_the_days(days, day_first):
    """A day above the twelfth decides the order."""
    days = [*days, date(2000, 1, 31)]
    found = orders(*(day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for day in days))

    assert (min(days), max(days)) == found.span


def test_more_days_than_a_column_of_dates_has_give_no_span():
    """What was not remembered could lie beyond."""
    found = DateTexts()
    for number in range(60_000):
        found.add((date(1900, 1, 1) + timedelta(number)).isoformat(), 1, number + 2)

    assert (("YYYY-MM-DD",), None) == (found.orders().formats, found.orders().span)
