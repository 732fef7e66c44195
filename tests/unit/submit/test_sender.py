"""One step from its intent to its outcome, over a real socket into a real journal."""

import json
import time
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from fakes.scripted_server import Answer, entity, listed
from fakes.tiny_tenant import LOSE, LOST_500, WARNING, TinyTenant, is_look_up, is_search

from loader.errors import NotAuthorisedError, ServiceError
from loader.journal.schema import State, steps
from loader.models.outcome import Outcome


def outcome_of(harness, make, *script):
    harness.server.answer = tenant = TinyTenant(*script)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()
    (result,) = harness.results()
    return result, tenant


def test_an_accepted_loan_keeps_its_id(harness, make):
    """Status, id, attempts and times are in the journal."""
    result, _ = outcome_of(harness, make)

    step = result.steps[0]
    assert (Outcome.ACCEPTED, 200, 1000, 1) == (result.outcome, step.status, step.remote_id, step.attempts)
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
    """It is looked up twice at once and twice after LoanPro can have done with it, and only then repeated."""
    result, tenant = outcome_of(harness, make, lost)

    assert (Outcome.ACCEPTED, 2) == (result.outcome, result.steps[0].attempts)
    assert 1 == len(tenant.ids("L1"))
    kinds = ["look" if is_look_up(r) else "create" for r in harness.server.requests]
    assert ["create", "look", "look", "look", "look", "create"] == kinds
    assert sum(harness.clock.slept) > 85
    assert [False, True] == [is_search(r) for r in harness.server.requests[1:3]], (
        "OData is asked before the search"
    )


@pytest.mark.parametrize("lost", [LOSE, LOST_500])
def test_a_lost_answer_of_a_request_that_took_effect_is_found(harness, make, lost):
    """The loan is there once, and the row has its id."""
    result, tenant = outcome_of(harness, make, lost)

    step = result.steps[0]
    assert (Outcome.ACCEPTED, 1000, 1) == (result.outcome, step.remote_id, step.attempts)
    assert "found in LoanPro afterwards" in step.message
    assert [1000] == tenant.ids("L1")


def test_what_is_found_is_read_back_with_all_that_was_sent(harness, make):
    """LoanPro defers nested entities unless they are asked for; nobody could compare them."""
    outcome_of(harness, make, LOSE)

    assert "Loans(1000)?$expand=LoanSetup" in unquote(harness.server.requests[-1].target)


def test_the_second_look_waits(harness, make):
    """A search index lags behind: there is a pause between two looks."""
    outcome_of(harness, make, Answer(500))

    assert 5.0 in harness.clock.slept


@pytest.mark.parametrize(
    "refusal", [WARNING, b'{"message": "displayId must be unique"}'], ids=["warning", "refusal"]
)
def test_a_refusal_that_is_about_our_own_lost_request(harness, make, refusal):
    """The first try took effect late: the refusal of the second is about ourselves, whatever its words."""
    harness.server.answer = tenant = TinyTenant(LOST_500, Answer(409, refusal))
    tenant.hidden_looks = 4
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.ACCEPTED, 1000) == (result.outcome, result.steps[0].remote_id)


def test_a_refusal_after_a_lost_request_without_effect_is_final(harness, make):
    """Looked up again, nothing is there: the refusal is about the row."""
    result, tenant = outcome_of(harness, make, Answer(500), Answer(409, b'{"message": "no such class"}'))

    assert (Outcome.REJECTED, "no such class") == (result.outcome, result.message)
    assert {} == tenant.entities


def test_a_duplicate_of_somebody_elses_loan_is_held(harness, make):
    """A transaction warning is for a person to decide, and says the service's words."""
    result, _ = outcome_of(harness, make, Answer(409, WARNING))

    assert Outcome.HELD == result.outcome
    assert "Loan already exists" in result.message


def foreign(**fields):
    """A tenant that fails, and holds a loan of somebody else's under our number."""

    def answer(request):
        if "Loans(7)" in request.target:
            return entity(7, displayId="L1", **fields)
        return (
            listed({"id": 7, "displayId": "L1", "LoanSetup": {"__deferred": {}}})
            if is_look_up(request)
            else Answer(500)
        )

    return answer


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"LoanSetup": {"loanAmount": "901.00"}}, "other values: LoanSetup.loanAmount"),
        ({"LoanSetup": {"__deferred": {"uri": "x"}}}, "does not show its LoanSetup"),
        ({}, "does not show its LoanSetup"),
        ({"created": "/Date(1500000000)/", "LoanSetup": {"loanAmount": "900.50"}}, "created 2017-07-14"),
    ],
)
def test_what_is_found_and_is_not_ours_is_held(harness, make, fields, why):
    """Other values, values that nobody can see, or an age above the run's: a person decides."""
    harness.server.answer = foreign(**fields)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.HELD, 7) == (result.outcome, result.steps[0].remote_id)
    assert why in result.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"d": {"error": {"message": "no"}}}',
        b'{"d": null}',
        b'{"d": "x"}',
        b'{"d": {"results": null}}',
        b'{"d": {"results": ["7"]}}',
        b'{"d": {"results": [], "summary": {"total": 1}}}',
        b"{}",
        b"<html>",
    ],
)
def test_a_look_up_that_shows_no_list_says_nothing(harness, make, body):
    """Only an empty list means "not there"; anything else leaves the row unknown, and nothing is sent again."""
    harness.server.answer = lambda request: Answer(200, body) if is_look_up(request) else Answer(500)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    assert Outcome.UNKNOWN == harness.results()[0].outcome
    assert 1 == len(harness.server.posts())


@pytest.mark.parametrize("form", ["results", "bare", "object"])
def test_a_list_is_read_in_each_of_its_forms(harness, make, form):
    """Wrapped, bare, or as an object with gaps (reference 1.6)."""
    loan = {"id": 7, "displayId": "L1"}
    forms = {"results": {"results": [loan]}, "bare": [loan], "object": {"results": {"3": loan}}}

    def answer(request):
        if "Loans(7)" in request.target:
            return entity(7, displayId="L1", LoanSetup={"loanAmount": "900.50"})
        return Answer(200, json.dumps({"d": forms[form]}).encode()) if is_look_up(request) else Answer(500)

    harness.server.answer = answer
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    assert (Outcome.ACCEPTED, 7) == (harness.results()[0].outcome, harness.results()[0].steps[0].remote_id)


def test_a_found_loan_without_its_borrower_is_not_ours(harness, make):
    """A link may be dropped in silence: what is read back must show it (reference 1.7)."""
    customer = make.customer("C1")
    tenant = TinyTenant("take", LOSE)

    def answer(request):
        found = tenant(request)
        if "Loans(" in request.target or "(1001)" in request.target:
            body = json.loads(found.body)
            body["d"]["Customers"] = []
            return Answer(200, json.dumps(body).encode())
        return found

    harness.server.answer = answer
    harness.begin(
        [make.row(0, customer, make.loan("L1", borrower="C1"))], ("customers.create", "loans.create")
    )
    harness.send()

    loan = harness.results()[0].steps[1]
    assert Outcome.HELD == loan.outcome
    assert "Customers[1]" in loan.message


def test_settling_keeps_what_was_answered(harness, make):
    """Status and times of the lost answer stay in the journal when the look-up settles the step."""
    harness.server.answer = TinyTenant(LOST_500)
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    step = harness.results()[0].steps[0]
    assert (Outcome.ACCEPTED, 500) == (step.outcome, step.status)
    assert step.sent_at is not None


def test_an_answer_about_another_loan_is_no_answer(harness, make):
    """An id is never taken from an answer that speaks of another number."""
    harness.server.answer = lambda request: listed() if is_look_up(request) else entity(77, displayId="L2")
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.UNKNOWN, None) == (result.outcome, result.steps[0].remote_id)


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


@pytest.mark.parametrize("status", [404, 405])
def test_a_wrong_address_stops_the_run_and_blames_no_row(harness, make, status):
    """All rows go to the same address: where there is nothing, none of them was refused."""
    harness.server.answer = lambda _request: Answer(status, b"<h1>Not Found</h1>")
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(20)])
    stop = harness.send()

    assert isinstance(stop.error, ServiceError)
    assert "odata.svc/Loans" in stop.reason
    assert "--base-url" in stop.error.hint
    assert {Outcome.NOT_SENT} == {result.outcome for result in harness.results()}
    assert 1 == len(harness.server.requests)


def test_endless_throttling_stops_the_run_and_marks_nothing(harness, make):
    """A request refused for now ten times says that the pace is wrong; no row is unknown."""
    harness.server.answer = lambda _request: Answer(429, b'{"message": "slow down"}')
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(3)])
    stop = harness.send()

    assert isinstance(stop.error, ServiceError)
    assert [Outcome.NOT_SENT] * 3 == [result.outcome for result in harness.results()]
    assert 10 == harness.results()[0].steps[0].attempts


@pytest.mark.parametrize("message", ["\\ud800 lone", "x" * 100_000])
def test_any_words_of_the_service_can_be_recorded(harness, make, message):
    """Half a character pair in JSON does not stop the journal."""
    result, _ = outcome_of(harness, make, Answer(409, b'{"message": "' + message.encode() + b'"}'))

    assert Outcome.REJECTED == result.outcome


def test_an_absurd_id_is_no_id(harness, make):
    """An id that no database holds is not believed."""
    result, _ = outcome_of(harness, make, Answer(200, b'{"d": {"id": 99999999999999999999}}'))

    assert (Outcome.ACCEPTED, 1000) == (result.outcome, result.steps[0].remote_id)


def test_a_resumed_step_is_looked_up_before_it_is_sent(harness, make):
    """An intent without an outcome may have taken effect: the tenant is asked, and nothing is sent twice."""
    harness.server.answer = tenant = TinyTenant(LOSE)
    harness.begin([make.row(0, make.loan("L1")), make.row(1, make.loan("L2"))])
    with harness.journal.begin() as connection:  # as a killed process leaves it
        connection.execute(steps.update().values(state=State.SENDING, attempts=1))
    tenant.entities[1000] = ("L1", harness.rows[0].steps[0].payload | {"LoanSetup": {"loanAmount": "900.50"}})

    harness.send()

    first, second = harness.results()
    assert (Outcome.ACCEPTED, 1000, 1) == (first.outcome, first.steps[0].remote_id, first.steps[0].attempts)
    assert (Outcome.ACCEPTED, 1001) == (second.outcome, second.steps[0].remote_id)
    assert ([1000], [1001]) == (tenant.ids("L1"), tenant.ids("L2"))


def test_a_clock_that_was_set_back_makes_nobody_wait_for_hours(harness, make):
    """What left "tomorrow" is waited for as if it had left just now, and then sent again, once."""
    harness.server.answer = tenant = TinyTenant()
    harness.begin([make.row(0, make.loan("L1"))])
    with harness.journal.begin() as connection:
        connection.execute(
            steps.update().values(state=State.SENDING, attempts=1, sent_at=time.time() + 86_400)
        )
    before = harness.clock.now()

    harness.send()

    assert (Outcome.ACCEPTED, [1000]) == (harness.results()[0].outcome, tenant.ids("L1"))
    assert 90.0 <= harness.clock.now() - before < 120.0


def test_an_unknown_step_stays_unknown_while_the_service_is_away(harness, make):
    """A request that never left does not turn an unknown one into a planned one."""
    harness.server.close()
    harness.begin([make.row(0, make.loan("L1"))])
    harness.leave_in_doubt()

    harness.send()

    (result,) = harness.results()
    assert (Outcome.UNKNOWN, 1) == (result.outcome, result.steps[0].attempts)


def test_a_refused_token_stops_look_ups_too(harness, make):
    """401 to a look-up ends the run as well; what is unknown stays so."""
    harness.server.answer = lambda _request: Answer(401)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(20)])
    harness.leave_in_doubt()
    stop = harness.send()

    assert isinstance(stop.error, NotAuthorisedError)
    assert 1 == len(harness.server.requests)
    assert {Outcome.UNKNOWN} == {result.outcome for result in harness.results()}


def test_the_reason_of_a_stop_hides_what_is_sensitive(harness, make):
    """Ten failures whose words repeat a social security number: the run's own record does not."""
    tenant, failing = TinyTenant(), Answer(500, b'{"message": "failed for 987654321"}')
    harness.server.answer = lambda request: tenant(request) if is_look_up(request) else failing
    harness.begin([make.row(n, make.customer(f"C{n}")) for n in range(20)], operations=("customers.create",))
    stop = harness.send(concurrency=4)

    assert "requests in a row failed: status 500: failed for" in stop.reason
    assert "987654321" not in stop.reason + stop.error.message


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


@pytest.fixture
def announced(harness):
    """Records what the journal says of the step whenever its request arrives; gives back the state and time of each."""
    told = []

    def watch(tenant):
        def answer(request):
            if not is_look_up(request):
                with harness.journal.read() as connection:
                    told.append(tuple(connection.execute(sa.select(steps.c.state, steps.c.sent_at)).one()))
            return tenant(request)

        harness.server.answer = answer
        return told

    return watch


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_what_an_earlier_sitting_sent_is_announced_anew(harness, make, announced, state):
    """A resumed run that is killed in its turn must know when the last request left: LoanPro may still be working on it."""
    told = announced(TinyTenant())
    harness.begin([make.row(0, make.loan("L1"))])
    with harness.journal.begin() as connection:
        connection.execute(steps.update().values(state=state, attempts=1, sent_at=1000.0))
    began = time.time()
    harness.send()

    ((at_sending, sent_at),) = told
    assert (State.SENDING, True) == (at_sending, sent_at >= began)
    assert (Outcome.ACCEPTED, 2) == (harness.results()[0].outcome, harness.results()[0].steps[0].attempts)


def test_every_request_is_announced_with_its_own_time(harness, make, announced):
    """Also those that follow a lost answer or a refusal for now."""
    told = announced(TinyTenant(Answer(500, b"oops"), Answer(429, b"{}")))
    harness.begin([make.row(0, make.loan("L1"))])
    harness.send()

    times = [sent_at for _, sent_at in told]
    assert {State.SENDING} == {state for state, _ in told}
    assert (3, sorted(set(times))) == (len(times), times)
    assert 3 == harness.results()[0].steps[0].attempts
