"""Transaction warnings: their causes, and what a template says about them."""

import json

import pytest
from fakes.scripted_server import Answer, entity, listed
from fakes.tiny_tenant import TinyTenant

from loader.models.outcome import Outcome
from loader.models.warnings import Cause, WarningPolicy, causes_of, in_spite_of


@pytest.mark.parametrize(
    ("words", "causes"),
    [
        ("A loan with this display ID already exists", {Cause.DISPLAY_ID}),
        ("Loan with displayId L1 exists", {Cause.DISPLAY_ID}),
        ("A customer with this SSN and date of birth already exists", {Cause.SSN}),
        ("A customer with this email already exists", {Cause.EMAIL}),
        ("This email address is in use", {Cause.EMAIL}),
        ("Duplicate phone number", {Cause.PHONE}),
        ("A customer with this mail address already exists", {Cause.ADDRESS}),
        ("Collateral with VIN 123 exists", {Cause.VIN}),
        ("Something else", {Cause.OTHER}),
    ],
)
def test_causes_are_told_apart_by_their_words(words, causes):
    """LoanPro gives no code; what is not understood is a cause of its own."""
    assert causes == causes_of([words])


def test_warnings_are_ignored_no_wider_than_need_be():
    """Addresses alone in the addresses, anything else at the root (LoanPro reference 1.7)."""
    payload = {"customId": "C1", "PrimaryAddress": {"city": "A"}, "MailAddress": {"city": "A"}}

    assert {
        "customId": "C1",
        "PrimaryAddress": {"city": "A", "__ignoreWarnings": True},
        "MailAddress": {"city": "A", "__ignoreWarnings": True},
    } == in_spite_of(payload, {Cause.ADDRESS})
    assert payload | {"__ignoreWarnings": True} == in_spite_of(payload, {Cause.ADDRESS, Cause.PHONE})
    assert {"customId": "C1"} == {k: v for k, v in payload.items() if not isinstance(v, dict)}, "unchanged"


def warn(*warnings):
    return Answer(
        409, json.dumps({"error": {"message": {"value": "Stopped"}}, "warnings": list(warnings)}).encode()
    )


def warning_creations(tenant):
    """A tenant that can be looked into, and warns whoever creates something."""

    def answer(request):
        creates = request.method == "POST" and "Search" not in request.target
        return warn("email exists") if creates else tenant(request)

    return answer


def send(harness, make, answer, **actions):
    harness.warnings = [WarningPolicy({Cause(name): action for name, action in actions.items()})]
    harness.server.answer = answer
    harness.begin([make.row(0, make.customer("C1"))], operations=("customers.create",))
    harness.send()
    (result,) = harness.results()
    return result


def test_a_warning_is_held_by_default(harness, make):
    """A person decides; the message names the cause."""
    result = send(harness, make, lambda _request: warn("phone number exists"))

    assert Outcome.HELD == result.outcome
    assert "possible duplicate (phone)" in result.message
    assert 1 == len(harness.server.requests)


def test_a_row_is_sent_in_spite_of_a_warning_only_where_the_template_says_so(harness, make):
    """The second request tells LoanPro to ignore it, and the result says that it did."""
    answers = iter([warn("phone number exists"), listed(), entity(7)])
    result = send(harness, make, lambda _request: next(answers), phone="send")

    assert Outcome.ACCEPTED == result.outcome
    assert "in spite of warnings about phone" in result.message
    assert [None, True] == [request.json.get("__ignoreWarnings") for request in harness.server.posts()]


@pytest.mark.parametrize(
    ("there", "outcome", "why"),
    [
        ("Ada", Outcome.SKIPPED, "already in LoanPro with the same values (email)"),
        ("Eve", Outcome.HELD, "with the key C1, it has other values: firstName"),
    ],
)
def test_nobody_insists_on_what_is_there_under_its_own_key(harness, make, there, outcome, why):
    """Another journal may have made it: the household's warning hides that LoanPro would make a second one."""
    tenant = TinyTenant()
    tenant.entities[5] = ("C1", {"customId": "C1", "firstName": there, "ssn": "987654321"})
    result = send(harness, make, warning_creations(tenant), email="send")

    assert (outcome, 5 if outcome is Outcome.SKIPPED else None) == (result.outcome, result.steps[0].remote_id)
    assert why in result.message
    assert 1 == len(harness.server.posts())


@pytest.mark.parametrize(
    ("there", "outcome", "why"),
    [
        ("Ada", Outcome.SKIPPED, "already in LoanPro with the same values, from another journal"),
        ("Eve", Outcome.HELD, "already in LoanPro under this key, but it has other values: firstName"),
    ],
)
def test_what_loanpro_would_take_twice_is_looked_up_first(harness, make, there, outcome, why):
    """A customer by whom nothing warns: what another journal has created is found before anything is sent."""
    harness.server.answer = tenant = TinyTenant()
    tenant.entities[5] = ("C1", {"customId": "C1", "firstName": there, "ssn": "987654321"})
    harness.begin([make.row(0, make.customer("C1", birthDate=None))], operations=("customers.create",))
    harness.send()
    (result,) = harness.results()

    assert (outcome, 5) == (result.outcome, result.steps[0].remote_id)
    assert why in result.message
    assert [] == harness.server.posts()


def test_without_that_look_nothing_is_sent(harness, make):
    """The run stops, and the row is as it was: sending blindly could make a second one."""
    harness.server.answer = lambda _request: Answer(500, b"oops")
    harness.begin([make.row(0, make.customer("C1", birthDate=None))], operations=("customers.create",))
    stop = harness.send()
    (result,) = harness.results()

    assert Outcome.NOT_SENT == result.outcome
    assert "look-ups in a row were not answered" in stop.reason
    assert all("Search" in post.target for post in harness.server.posts())


def test_every_cause_must_allow_it(harness, make):
    """A warning about phone and e-mail is held where only the phone may be ignored."""
    result = send(harness, make, lambda _request: warn("phone exists", "email exists"), phone="send")

    assert Outcome.HELD == result.outcome
    assert 1 == len(harness.server.requests)


def test_a_warning_that_cannot_be_ignored_ends(harness, make):
    """LoanPro may block all the same: no second insistence."""
    result = send(harness, make, warning_creations(TinyTenant()), email="send")

    assert Outcome.HELD == result.outcome
    assert 2 == len(harness.server.posts())


def test_a_duplicate_is_skipped_where_it_is_identical(harness, make):
    """What is there under the key has the same values: nothing to do, and its id is known."""
    tenant = TinyTenant()
    tenant.entities[5] = ("C1", {"customId": "C1", "firstName": "Ada", "ssn": "987654321"})
    result = send(harness, make, warning_creations(tenant), email="skip")

    assert (Outcome.SKIPPED, 5) == (result.outcome, result.steps[0].remote_id)
    assert "already in LoanPro with the same values" in result.message


@pytest.mark.parametrize("there", [{"firstName": "Eve"}, None])
def test_a_duplicate_that_differs_is_held(harness, make, there):
    """Other values under the key, or another key altogether: a person decides."""
    tenant = TinyTenant()
    if there is not None:
        tenant.entities[5] = ("C1", {"customId": "C1", "ssn": "987654321"} | there)
    result = send(harness, make, warning_creations(tenant), email="skip")

    assert Outcome.HELD == result.outcome
    assert ("other values: firstName" if there else "has not the key C1") in result.message


def test_a_list_answer_never_reaches_the_judge_of_creations(harness, make):
    """A look-up's list is not taken for a created entity."""
    result = send(
        harness,
        make,
        lambda request: listed() if request.method == "GET" else Answer(200, b'{"d": {"results": []}}'),
    )

    assert Outcome.UNKNOWN == result.outcome
