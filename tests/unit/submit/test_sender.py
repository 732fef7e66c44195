"""One step from its intent to its outcome, over a real socket into a real journal."""

import json

import pytest
from fakes.scripted_server import Answer, entity, listed

from loader.errors import NotAuthorisedError, ServiceError
from loader.models.outcome import Outcome

WARNING = json.dumps(
    {"error": {"message": {"value": "Stopped"}}, "warnings": ["Loan L1 already exists"]}
).encode()


def is_search(request):
    return "Search" in request.target


def is_look_up(request):
    return request.method == "GET" or is_search(request)


class Tenant:
    """The smallest tenant: loans by display id; what it does with the n-th creation is scripted."""

    def __init__(self, *script):
        self.script = list(script)
        self.loans = {}

    def __call__(self, request):
        if is_look_up(request):
            return listed(
                *[
                    loan
                    for loan in self.loans.values()
                    if loan["displayId"] in request.target + request.body.decode()
                ]
            )
        act = self.script.pop(0) if self.script else "take"
        loan = {"id": 100 + len(self.loans), "displayId": request.json["displayId"]}
        if act in {"take", "lose"}:
            if loan["displayId"] in self.loans:
                return Answer(409, WARNING)
            self.loans[loan["displayId"]] = loan
        if isinstance(act, Answer):
            return act
        return Answer(drop=True) if act == "lose" else entity(loan["id"], displayId=loan["displayId"])


def outcome_of(harness, make, *script):
    harness.server.answer = tenant = Tenant(*script)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()
    (result,) = harness.results()
    return result, tenant


def test_an_accepted_loan_keeps_its_id(harness, make):
    """Status, id, attempts and times are in the journal."""
    result, _ = outcome_of(harness, make)

    step = result.steps[0]
    assert (Outcome.ACCEPTED, 200, 100, 1) == (result.outcome, step.status, step.remote_id, step.attempts)
    assert step.sent_at is not None
    assert step.elapsed_ms > 0


def test_money_leaves_as_an_exact_json_number(harness, make):
    """Not as text, and not through binary floating point."""
    outcome_of(harness, make)

    assert b'"loanAmount":900.50' in harness.server.requests[0].body


@pytest.mark.parametrize(
    "lost",
    [
        Answer(500, b"oops"),
        Answer(502, b"<html>"),
        Answer(503, b""),
        Answer(200, b"{}"),
        Answer(200, b"<html>"),
        Answer(drop=True),
        Answer(hang=True),
        Answer(408),
    ],
    ids=["500", "502", "503", "no d", "html", "dropped", "hangs", "408"],
)
def test_a_lost_answer_of_a_request_without_effect_is_sent_again(harness, make, lost):
    """It is looked up first, twice, and only then repeated: one loan in the end."""
    result, tenant = outcome_of(harness, make, lost)

    assert (Outcome.ACCEPTED, 2) == (result.outcome, result.steps[0].attempts)
    assert ["L1"] == list(tenant.loans)
    kinds = ["look" if is_look_up(r) else "create" for r in harness.server.requests]
    assert ["create", "look", "look", "create"] == kinds
    assert [False, True] == [is_search(r) for r in harness.server.requests[1:3]], (
        "OData is asked before the search"
    )


def test_a_lost_answer_of_a_request_that_took_effect_is_found(harness, make):
    """The loan is there once, and the row has its id."""
    result, tenant = outcome_of(harness, make, "lose")

    step = result.steps[0]
    assert (Outcome.ACCEPTED, 100, 1) == (result.outcome, step.remote_id, step.attempts)
    assert "found in LoanPro afterwards" in step.message
    assert 1 == len(tenant.loans)


def test_the_second_look_waits(harness, make):
    """A search index lags behind: there is a pause between two looks."""
    outcome_of(harness, make, Answer(500))

    assert 2.0 in harness.clock.slept


def test_a_duplicate_of_our_own_lost_request_is_not_held(harness, make):
    """The first try took effect late: the warning of the second is about ourselves."""

    class Late(Tenant):
        def __call__(self, request):
            answer = super().__call__(request)
            if is_look_up(request) and sum(is_look_up(r) for r in harness.server.requests) <= 2:
                return listed()  # not to be seen yet
            return answer

    harness.server.answer = Late("lose")
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.ACCEPTED, 100) == (result.outcome, result.steps[0].remote_id)


def test_a_duplicate_of_somebody_elses_loan_is_held(harness, make):
    """A transaction warning is for a person to decide, and says the service's words."""
    result, _ = outcome_of(harness, make, Answer(409, WARNING))

    assert Outcome.HELD == result.outcome
    assert "Loan L1 already exists" in result.message


def test_what_is_found_with_other_values_is_held(harness, make):
    """An entity under our key that contradicts what was sent is not taken for ours."""
    harness.server.answer = lambda request: (
        listed({"id": 7, "displayId": "L1", "LoanSetup": {"loanAmount": "901.00"}})
        if is_look_up(request)
        else Answer(500)
    )
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.HELD, 7) == (result.outcome, result.steps[0].remote_id)
    assert "LoanSetup.loanAmount" in result.message


def test_several_of_one_key_are_held(harness, make):
    """Nobody can say which of them is ours."""
    harness.server.answer = lambda request: (
        listed({"id": 7, "displayId": "L1"}, {"id": 8, "displayId": "L1"})
        if is_look_up(request)
        else Answer(500)
    )
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert Outcome.HELD == result.outcome
    assert "7, 8" in result.message


def test_what_cannot_be_looked_up_stays_unknown(harness, make):
    """No outcome is made up; the request is not repeated."""
    harness.server.answer = lambda request: Answer(500)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert Outcome.UNKNOWN == result.outcome
    assert 1 == len(harness.server.posts())
    assert "resume" in result.steps[0].advice


def test_a_request_that_never_helps_ends_as_unknown(harness, make):
    """After five tries nobody goes on knocking."""
    result, _ = outcome_of(harness, make, *[Answer(500)] * 9)

    assert (Outcome.UNKNOWN, 5) == (result.outcome, result.steps[0].attempts)


def test_a_refusal_is_final_and_keeps_its_words(harness, make):
    """A 409 without a warning is not repeated."""
    result, _ = outcome_of(harness, make, Answer(409, b'{"message": "Loan amount is required"}'))

    assert (Outcome.REJECTED, "Loan amount is required", 409) == (
        result.outcome,
        result.message,
        result.steps[0].status,
    )
    assert 1 == len(harness.server.requests)


def test_messages_hide_what_is_sensitive(harness, make):
    """The service may repeat a social security number; nobody reads it here."""
    harness.server.answer = lambda _request: Answer(
        409, b'{"message": "SSN 987654321 is used by canary-token"}'
    )
    harness.begin([make.row(0, make.customer("C1"))], operations=("customers.create",))
    harness.send()

    (result,) = harness.results()
    assert "987654321" not in result.message
    raw = b"".join(path.read_bytes() for path in harness.journal.path.parent.iterdir())
    assert b"987654321" not in raw


def test_throttling_is_waited_out(harness, make):
    """429 had no effect: it is sent again after the pause, without a look-up."""
    result, _ = outcome_of(harness, make, Answer(429, b"", {"Retry-After": "7"}), Answer(429, b""))

    assert (Outcome.ACCEPTED, 3) == (result.outcome, result.steps[0].attempts)
    assert not any(is_look_up(r) for r in harness.server.requests)
    assert sum(harness.clock.slept) >= 7


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_stops_the_run_and_blames_no_row(harness, make, status):
    """Nothing is marked as failed; everything is still to be sent."""
    harness.server.answer = lambda _request: Answer(status, b'{"message": "no"}')
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(20)])
    stop = harness.send()

    assert isinstance(stop.error, NotAuthorisedError)
    assert {Outcome.NOT_SENT} == {result.outcome for result in harness.results()}
    assert 1 == len(harness.server.requests)
    assert {0} == {result.steps[0].attempts for result in harness.results()}


def test_ten_failures_in_a_row_stop_the_run(harness, make):
    """A service that is down is not knocked at for every row of the file."""
    harness.server.close()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(200)])
    stop = harness.send(concurrency=4)

    assert isinstance(stop.error, ServiceError)
    assert "10 requests in a row failed" in stop.reason
    assert {Outcome.NOT_SENT} == {result.outcome for result in harness.results()}


def test_an_intent_is_durable_before_its_request_arrives(harness, make):
    """While the server holds the request, the journal already says `sending`."""
    import sqlite3

    seen = []

    def answer(_request):
        with sqlite3.connect(harness.journal.path) as connection:
            seen.extend(connection.execute("SELECT state, attempts FROM steps"))
        return entity(1)

    harness.server.answer = answer
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    assert [("sending", 1)] == seen
