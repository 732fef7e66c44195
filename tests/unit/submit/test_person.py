"""Customers without a number of the lender's own, found again by what LoanPro shows of them."""

from datetime import date

import pytest
from fakes.harness import person_step
from fakes.scripted_server import Answer
from fakes.tiny_tenant import LOSE, LOST_500, WARNING, TinyTenant

from loader.models.outcome import Outcome
from loader.models.warnings import Cause, WarningPolicy

SSN, BORN = "912837465", date(1961, 7, 23)


def sent(harness, make, tenant, *steps):
    harness.server.answer = tenant
    steps = steps or (person_step(SSN, BORN),)
    harness.begin([make.row(n, step) for n, step in enumerate(steps)], operations=("customers.create",))
    harness.send()
    return harness.results()


def creations(harness):
    return len(harness.server.posts())


@pytest.mark.parametrize("lost", [LOSE, LOST_500])
def test_a_lost_answer_is_found_by_the_birth_date(harness, make, lost):
    """The list of that day shows number and day; another born on the same day is another."""
    tenant = TinyTenant("take", lost)
    other = person_step("912837466", BORN)
    results = sent(harness, make, tenant, other, person_step(SSN, BORN))

    assert [(Outcome.ACCEPTED, 1000), (Outcome.ACCEPTED, 1001)] == [
        (result.outcome, result.steps[0].remote_id) for result in results
    ]
    assert 2 == creations(harness)
    assert "found in LoanPro afterwards" in results[1].message


@pytest.mark.parametrize("separated", ["912-83-7465", "912 83 7465"])
def test_a_number_with_separators_is_the_same_number(harness, make, separated):
    """It is the person; that the value reads otherwise is for a person to see."""
    tenant = TinyTenant(LOSE)
    tenant.show_ssn = lambda _ssn: separated
    (result,) = sent(harness, make, tenant)

    assert (Outcome.HELD, 1000) == (result.outcome, result.steps[0].remote_id)
    assert 1 == creations(harness)


@pytest.mark.parametrize(
    "shown", ["***-**-7465", "xxxxx7465", "7465", 7465, None, "", "*********", "AbC9+/q=="]
)
def test_who_is_not_shown_is_neither_accepted_nor_sent_again(harness, make, shown):
    """A masked number proves nothing in either direction: unknown, with one request."""
    tenant = TinyTenant(LOSE)
    tenant.show_ssn = lambda _ssn: shown
    (result,) = sent(harness, make, tenant)

    assert Outcome.UNKNOWN == result.outcome
    assert "does not show enough" in result.message
    assert 1 == creations(harness)


@pytest.mark.parametrize("shown", ["***-**-1111", "912837466", "1111", 912837466])
def test_the_last_digits_can_tell_another_person(harness, make, shown):
    """Who was born on the same day and has another ending is not in the way of a second try."""
    tenant = TinyTenant(Answer(500))
    tenant.entities[7] = ("x", {"ssn": "912831111", "birthDate": BORN.isoformat()})
    tenant.show_ssn = lambda ssn: shown if ssn == "912831111" else ssn
    (result,) = sent(harness, make, tenant)

    assert (Outcome.ACCEPTED, 2) == (result.outcome, result.steps[0].attempts)


def test_nobody_is_there_only_if_the_list_of_the_day_says_so(harness, make):
    """A search that finds nothing proves nothing: its index lags behind, and may not know the number."""
    tenant = TinyTenant(Answer(500))
    tenant.knows_days = False
    (result,) = sent(harness, make, tenant)

    assert Outcome.UNKNOWN == result.outcome
    assert 1 == creations(harness)


def test_a_filter_that_is_not_applied_proves_nothing(harness, make):
    """Whoever was born on another day was not asked for: the list may be the first page of everybody."""
    tenant = TinyTenant(Answer(500))
    tenant.entities[7] = ("x", {"ssn": "912831111", "birthDate": "1980-01-31"})
    tenant.heeds_filters = False
    (result,) = sent(harness, make, tenant)

    assert Outcome.UNKNOWN is result.outcome
    assert "not asked for" in result.message
    assert 1 == creations(harness)


def test_a_masked_customer_is_held_and_not_skipped(harness, make):
    """LoanPro says that the person is there, and shows too little to compare."""
    tenant = TinyTenant(Answer(409, WARNING.replace(b"Loan", b"A customer with this SSN")))
    tenant.entities[7] = ("x", {"firstName": "Ada", "ssn": SSN, "birthDate": BORN.isoformat()})
    tenant.show_ssn = lambda ssn: f"***-**-{ssn[-4:]}"
    harness.warnings = [WarningPolicy({Cause.SSN: "skip"})]
    (result,) = sent(harness, make, tenant)

    assert Outcome.HELD is result.outcome
    assert "could not be looked up: LoanPro does not show enough" in result.message


def test_a_search_can_still_find_the_person(harness, make):
    """Where the list of the day cannot be had."""
    tenant = TinyTenant(LOSE)
    tenant.knows_days = False
    (result,) = sent(harness, make, tenant)

    assert (Outcome.ACCEPTED, 1000) == (result.outcome, result.steps[0].remote_id)


def test_the_number_stands_in_no_address(harness, make):
    """Proxies and servers log addresses; it is sent in bodies alone."""
    sent(harness, make, TinyTenant(Answer(500)))

    assert any("birthDate" in request.target for request in harness.server.requests)
    assert not any(SSN in request.target for request in harness.server.requests)
    assert any(
        SSN.encode() in request.body for request in harness.server.requests if "Search" in request.target
    )


@pytest.mark.parametrize(
    ("first_name", "outcome"), [("Ada", Outcome.SKIPPED), ("Eve", Outcome.HELD)], ids=["same", "other"]
)
def test_who_is_in_loanpro_already_is_compared(harness, make, first_name, outcome):
    """With `ssn: skip` the identical customer is skipped; the same person with other values is held."""
    tenant = TinyTenant(Answer(409, WARNING.replace(b"Loan", b"A customer with this SSN")))
    tenant.entities[7] = ("x", {"firstName": first_name, "ssn": SSN, "birthDate": BORN.isoformat()})
    harness.warnings = [WarningPolicy({Cause.SSN: "skip"})]
    (result,) = sent(harness, make, tenant)

    assert outcome is result.outcome
    assert SSN not in result.message
    assert "[hmac" not in result.message


def test_two_customers_of_one_person_are_for_a_person_to_decide(harness, make):
    """Neither id is taken."""
    tenant = TinyTenant(LOSE)
    tenant.entities[7] = ("x", {"firstName": "Ada", "ssn": SSN, "birthDate": BORN.isoformat()})
    (result,) = sent(harness, make, tenant)

    assert Outcome.HELD is result.outcome
    assert "several entities with the key ***65: " in result.message


def test_an_answer_about_another_person_is_held(harness, make):
    """The tenant shows numbers in a way that nobody knows, and would in a look-up too: never sent twice."""
    tenant = TinyTenant()
    tenant.show_ssn = lambda _ssn: "***-**-1111"
    (result,) = sent(harness, make, tenant)

    assert (Outcome.HELD, 1000) == (result.outcome, result.steps[0].remote_id)
    assert 1 == creations(harness)
