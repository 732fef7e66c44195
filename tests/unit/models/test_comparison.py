"""Whether an entity that was read back contradicts what was sent."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.comparison import day_of, differences


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (Decimal("12000.00"), "12000.00"),
        (Decimal(12000), "12000.0000"),
        (Decimal("12.5"), 12.5),
        (36, "36"),
        (date(2021, 5, 12), "/Date(1620777600)/"),
        (date(2021, 5, 12), "/Date(1620863999)/"),
        (date(2021, 5, 12), "2021-05-12"),
        (date(2021, 5, 12), "2021-05-12 00:00:00"),
        (date(1960, 1, 1), "/Date(-315619200)/"),
        (1, True),
        (0, "0"),
        (1, "true"),
        (1, "loan.ebilling.yes"),
        ("loan.firstdayinterest.no", 0),
        ("loan.class.consumer", "loan.class.consumer"),
        ("7", 7),
        (None, ""),
        (None, "/Date(-62169984000)/"),
        ("", None),
        (True, 1),
    ],
)
def test_the_same_value_in_the_services_own_dress(sent, found):
    """Money as text, days as seconds, flags as numbers (sections 1.6 and 1.8)."""
    assert differences({"x": sent}, {"x": found}) == []


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (Decimal("12000.00"), "12000.01"),
        (Decimal(1), None),
        (Decimal(1), "many"),
        (Decimal(1), []),
        (date(2021, 5, 12), "/Date(1620864000)/"),
        (date(2021, 5, 12), "/Date(1620777599)/"),
        (date(2021, 5, 12), None),
        (date(2021, 5, 12), "soon"),
        (1, 0),
        ("loan.class.consumer", "loan.class.Consumer"),
        ("loan.firstdayinterest.no", 1),
        ("007", 7),
        (None, "x"),
        ("x", {"__deferred": {}}),
    ],
)
def test_another_value_is_a_difference(sent, found):
    """To the cent, to the day, to the letter."""
    assert differences({"x": sent}, {"x": found}) == ["x"]


def test_what_is_not_shown_contradicts_nothing():
    """Missing fields, deferred entities and control fields."""
    sent = {
        "accessPassword": "x",
        "LoanSetup": {"loanAmount": Decimal(1)},
        "__ignoreWarnings": True,
        "Phones": {"results": [{}]},
    }

    assert differences(sent, {"LoanSetup": {"__deferred": {"uri": "x"}}, "__ignoreWarnings": False}) == []


def test_differences_have_the_paths_of_templates():
    """Nested objects and list items, numbered as they were sent."""
    sent = {
        "displayId": "A",
        "LoanSetup": {"loanAmount": Decimal(5), "loanTerm": Decimal(36)},
        "Phones": {"results": [{"phone": "1", "type": "t"}, {"phone": "2"}]},
    }
    found = {
        "displayId": "B",
        "LoanSetup": {"loanAmount": "6.00", "loanTerm": 36},
        "Phones": {"results": [{"phone": "2"}]},
    }

    assert differences(sent, found) == [
        "displayId",
        "LoanSetup.loanAmount",
        "Phones[1].phone",
        "Phones[1].type",
    ]


def test_list_items_are_compared_in_any_order_and_once():
    """Found lists come wrapped or bare (section 1.6)."""
    sent = {"Phones": {"results": [{"phone": "1"}, {"phone": "2"}]}}

    assert differences(sent, {"Phones": {"results": [{"phone": "2"}, {"phone": "1"}]}}) == []
    assert differences(sent, {"Phones": [{"phone": "2"}, {"phone": "1"}]}) == []
    assert differences(sent, {"Phones": [{"phone": "1"}]}) == ["Phones[2].phone"]


def test_an_exact_item_is_not_taken_by_a_worse_one():
    """The first item sent has no equal; it must not use up the second one's."""
    sent = {"Phones": {"results": [{"phone": "9", "type": "t"}, {"phone": "2", "type": "t"}]}}
    found = {"Phones": [{"phone": "2", "type": "t"}, {"phone": "3", "type": "t"}]}

    assert differences(sent, found) == ["Phones[1].phone"]


def test_an_object_that_is_gone_differs_in_all_its_fields():
    """Null where an object was sent."""
    sent = {"Employer": {"companyName": "Acme", "Address": {"city": "Reno"}}}

    assert differences(sent, {"Employer": None}) == ["Employer.companyName", "Employer.Address.city"]


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - made aware below
def test_any_second_of_a_utc_day_is_that_day(moment):
    """Business dates never pass through a local time zone."""
    seconds = int(moment.replace(tzinfo=UTC).timestamp() // 1)

    assert day_of(f"/Date({seconds})/") == moment.date()


@pytest.mark.parametrize("text", ["", "0000-00-00", "/Date(-62169984000)/"])
def test_a_zero_date_is_no_date(text):
    """Section 1.8."""
    assert day_of(text) is None


@pytest.mark.parametrize("text", ["/Date(99999999999999)/", "2021-02-30", "yesterday"])
def test_what_is_no_date_says_so(text):
    """Never an overflow or a wrong day."""
    with pytest.raises(ValueError, match=r"date|range|day"):
        day_of(text)
