"""A person's look-ups, and what an answer shows of a person."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.operations import find_operation
from loader.models.person import PERSON, ByPerson, person_shown

SSNS = st.text("0123456789", min_size=9, max_size=9)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
ADA = ByPerson("012837465", date(1961, 7, 23))


def shown(ssn, day):
    """A customer as LoanPro answers with one (LoanPro reference 1.8)."""
    return {"id": 1, "ssn": ssn, "birthDate": f"/Date({(day - date(1970, 1, 1)) // timedelta(seconds=1)})/"}


def test_the_day_is_asked_for_in_an_address_and_the_number_in_a_body():
    """A list without paging, and the documented search (sections 1.5 and 7)."""
    of_day, search = ADA.look_ups("")

    assert ("GET", "odata.svc/Customers", None) == (of_day.method, of_day.path, of_day.body)
    assert {
        "$filter": "birthDate ge datetime'1961-07-23T00:00:00' and birthDate lt datetime'1961-07-24T00:00:00'",
        "nopaging": "true",
    } == of_day.query
    assert (True, True) == (of_day.whole, of_day.proves_absence)
    assert ("POST", "Customers/Autopal.Search()", False) == (
        search.method,
        search.path,
        search.proves_absence,
    )
    (wanted,) = json.loads(search.body)["query"]["bool"]["must"]
    assert {"query": "012837465", "default_operator": "AND", "fields": ["ssn"]} == wanted["query_string"]
    assert not any(ADA.ssn in text for look in (of_day, search) for text in (look.path, *look.query.values()))


@given(one=st.tuples(SSNS, DAYS), other=st.tuples(SSNS, DAYS))
def test_a_person_matches_itself_alone(one, other):
    """And whoever shows another number or day in full is contradicted."""
    finder = ByPerson(*one)

    assert (True, False, False) == tuple(
        ask(shown(*one), "") for ask in (finder.matches, finder.hides, finder.contradicts)
    )
    same = one == other
    assert (same, False, not same) == tuple(
        ask(shown(*other), "") for ask in (finder.matches, finder.hides, finder.contradicts)
    )


@given(person=st.tuples(SSNS, DAYS), visible=st.integers(0, 8), mask=st.sampled_from("*xX#•"))
def test_a_masked_number_never_matches_and_never_hides_another_ending(person, visible, mask):
    """Whatever is left visible at the end."""
    ssn, day = person
    finder = ByPerson(ssn, day)
    ending = ssn[9 - visible :]
    masked = shown(mask * (9 - visible) + ending, day)

    assert (False, True, False) == (
        finder.matches(masked, ""),
        finder.hides(masked, ""),
        finder.contradicts(masked, ""),
    )
    if visible:
        another = ending[:-1] + str((int(ending[-1]) + 1) % 10)
        assert finder.contradicts(shown(mask * (9 - visible) + another, day), "")


@pytest.mark.parametrize(
    "ssn",
    [
        "***-**-****",
        "012-**-****",
        "0*******5",
        "[hidden]",
        "aGVsbG8=",
        True,
        [],
        {},
        12837465,
        "7465",
        None,
        "",
    ],
)
def test_what_shows_too_little_proves_nothing(ssn):
    """First digits, other signs, something encrypted, a number without its leading zero."""
    customer = {**shown("", ADA.born), "ssn": ssn}

    assert (False, True, False) == (
        ADA.matches(customer, ""),
        ADA.hides(customer, ""),
        ADA.contradicts(customer, ""),
    )


@pytest.mark.parametrize("born", [None, "", "0000-00-00", "/Date(-62169984000)/", "soon", 5])
def test_a_birth_date_that_is_not_shown_proves_nothing(born):
    """The number alone is not the person: LoanPro warns of both together."""
    customer = {"id": 1, "ssn": ADA.ssn, "birthDate": born}

    assert (False, True) == (ADA.matches(customer, ""), ADA.hides(customer, ""))
    assert person_shown(customer) is None


@pytest.mark.parametrize(
    "payload",
    [{}, {"ssn": "12345678", "birthDate": ADA.born}, {"ssn": "123-45-678", "birthDate": ADA.born}, {"ssn": ADA.ssn}, {"ssn": "\uff11" * 9, "birthDate": ADA.born}],
)  # fmt: skip
def test_a_payload_without_a_person_is_not_looked_up(payload):
    """It would find somebody else, or nobody."""
    with pytest.raises(ValueError, match="names no person"):
        ByPerson().of(payload)
    with pytest.raises(ValueError, match="not known"):
        ByPerson().look_ups("key")


def test_the_catalogue_offers_it_for_customers_alone():
    """Under its two fields, in their order; any other list is no key."""
    customers = find_operation("customers.create")

    assert PERSON is customers.personal_key
    assert not customers.personal
    assert customers.keyed_by(("ssn", "birthDate")).personal
    assert customers is customers.keyed_by(("birthDate", "ssn"))
    assert find_operation("loans.create").personal_key is None
