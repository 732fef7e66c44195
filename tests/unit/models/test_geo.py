"""States and countries as people write them."""

import pytest

from loader.models.catalogue import field_at
from loader.models.customer import Customer
from loader.models.geo import COUNTRY_NAMES, STATE_NAMES, country, state


@pytest.mark.parametrize("text", ["California", " california ", "ca", "CA", "Ca.", "geo.state.CA"])
def test_a_state_by_code_name_or_value(text):
    """In any case, with stray blanks and full stops."""
    assert state(text) == "geo.state.CA"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("D.C.", "DC"),
        ("Washington, DC", "DC"),
        ("Washington", "WA"),
        ("U.S. Virgin Islands", "VI"),
        ("AE", "AE"),
    ],
)
def test_names_that_people_mix_up(text, code):
    """The capital is not the state."""
    assert state(text) == f"geo.state.{code}"


@pytest.mark.parametrize("text", ["", "Ontario", "Californa", "XX", "C A"])
def test_what_is_no_state_is_none(text):
    """Never a guess."""
    assert state(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("US", "usa"),
        ("U.S.A.", "usa"),
        ("United States of America", "usa"),
        ("CANADA", "can"),
        ("CA", "can"),
        ("company.country.USA", "usa"),
    ],
)
def test_a_country_by_code_name_or_value(text, value):
    """ISO 3166 codes, names, and LoanPro's own value in either case."""
    assert country(text) == f"company.country.{value}"


def test_an_unknown_country_is_none():
    """Two are known."""
    assert country("Mexico") is None


def test_every_state_and_country_is_a_value_of_the_model():
    """The names and the enumerations agree, in both directions."""
    states = {value for value, _ in field_at(Customer, "PrimaryAddress.state").values}
    countries = {value for value, _ in field_at(Customer, "PrimaryAddress.country").values}

    assert {state(name) for name in STATE_NAMES.values()} == states
    assert {state(code) for code in STATE_NAMES} == states
    assert {country(name) for name in COUNTRY_NAMES.values()} == countries
