"""Rows with several steps, links between them, and many workers."""

import gc
import random
import threading
import time

import pytest
from fakes.harness import Harness
from fakes.scripted_server import Answer, ScriptedServer
from fakes.tiny_tenant import LOSE, LOST_500, TinyTenant
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.errors import JournalError, SourceError
from loader.journal.known import remember_entities
from loader.journal.schema import State, steps
from loader.models.outcome import Outcome
from loader.submit.stop import Stop

BOTH = ("customers.create", "loans.create")


def portfolio(make, *pairs):
    """Rows of a customer and a loan."""
    return [make.row(n, make.customer(c), make.loan(loan, borrower=c)) for n, (c, loan) in enumerate(pairs)]


def primary(tenant, key):
    """The link to the one customer with a key."""
    (remote_id,) = tenant.ids(key)
    return [(remote_id, "loan.customerRole.primary")]


def test_a_loan_is_linked_to_the_customer_of_its_row(harness, make):
    """The customer's id, fresh from its answer, stands in the loan's request."""
    harness.server.answer = tenant = TinyTenant()
    harness.begin(portfolio(make, ("C1", "L1"), ("C2", "L2")), operations=BOTH)
    harness.send()

    assert (primary(tenant, "C1"), primary(tenant, "C2")) == (tenant.links("L1"), tenant.links("L2"))
    assert [Outcome.ACCEPTED] * 2 == [result.outcome for result in harness.results()]


def test_after_a_refused_step_the_rest_of_the_row_is_not_sent(harness, make):
    """A loan without its borrower is never created; the row says why."""
    harness.server.answer = tenant = TinyTenant(refuse=("C1",))
    harness.begin(portfolio(make, ("C1", "L1"), ("C2", "L2")), operations=BOTH)
    harness.send()

    first, second = harness.results()
    assert [Outcome.REJECTED, Outcome.NOT_SENT] == [step.outcome for step in first.steps]
    assert Outcome.REJECTED == first.outcome
    assert "its customers.create is rejected" == first.steps[1].message
    assert Outcome.ACCEPTED == second.outcome
    assert ([], 1) == (tenant.ids("L1"), len(tenant.ids("L2")))


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED, State.INVALID])
def test_after_a_step_that_was_decided_before_the_rest_is_not_sent(harness, make, state):
    """Also where the step was held or refused by the plan or in an earlier sitting."""
    harness.server.answer = tenant = TinyTenant()
    harness.begin(portfolio(make, ("C1", "L1")), operations=BOTH)
    with harness.journal.begin() as connection:
        connection.execute(steps.update().where(steps.c.step == 0).values(state=state))
    harness.send()

    assert {} == tenant.entities
    assert f"its customers.create is {state}" == harness.results()[0].steps[1].message


@pytest.mark.parametrize("decided", [State.HELD, State.REJECTED])
@pytest.mark.parametrize("doubtful", [State.UNKNOWN, State.SENDING])
def test_what_may_have_been_sent_stays_unknown_after_a_decided_step(harness, make, decided, doubtful):
    """Only planned steps are told that they are not sent; a loan that may be there is never planned anew."""
    harness.server.answer = tenant = TinyTenant()
    rows = [make.row(0, make.customer("C1"), make.loan("L1", borrower="C1"), make.loan("L2", borrower="C1"))]
    harness.begin(rows, operations=(*BOTH, "loans.create"))
    with harness.journal.begin() as connection:
        connection.execute(steps.update().where(steps.c.step == 0).values(state=decided))
        sent = {"state": doubtful, "attempts": 1, "sent_at": 1000.0, "message": "no answer came"}
        connection.execute(steps.update().where(steps.c.step == 1).values(**sent))
    harness.send()

    _, unclear, planned = harness.results()[0].steps
    assert (Outcome.UNKNOWN, 1, "no answer came") == (unclear.outcome, unclear.attempts, unclear.message)
    assert (Outcome.NOT_SENT, f"its customers.create is {decided}") == (planned.outcome, planned.message)
    assert (["L2"], {}) == ([result.key for result in harness.told], tenant.entities)


def test_what_may_have_been_sent_stays_unknown_after_a_refusal(harness, make):
    """The customer is refused in this sitting, while the loan is unknown from an earlier one."""
    harness.server.answer = TinyTenant(refuse=("C1",))
    harness.begin(portfolio(make, ("C1", "L1")), operations=BOTH)
    with harness.journal.begin() as connection:
        connection.execute(
            steps.update().where(steps.c.step == 1).values(state=State.UNKNOWN, attempts=2, sent_at=1000.0)
        )
    harness.send()

    customer, loan = harness.results()[0].steps
    assert (Outcome.REJECTED, Outcome.UNKNOWN, 2) == (customer.outcome, loan.outcome, loan.attempts)


def test_a_link_to_a_customer_further_down_waits_for_the_next_wave(harness, make):
    """Workers never wait for a later row, so they cannot wait for each other."""
    harness.server.answer = tenant = TinyTenant()
    rows = [
        make.row(0, make.customer("C1"), make.loan("L1", borrower="C2")),
        make.row(1, make.customer("C2"), make.loan("L2", borrower="C1")),
    ]
    harness.begin(rows, operations=BOTH)
    harness.send(concurrency=1, waves=2)

    assert (primary(tenant, "C2"), primary(tenant, "C1")) == (tenant.links("L1"), tenant.links("L2"))
    assert 0 == harness.wave.deferred


def test_a_link_waits_for_an_earlier_row_under_way(harness, make):
    """A borrower in several rows is created once, and every loan is linked in the first wave."""
    harness.server.answer = tenant = TinyTenant()
    rows = [make.row(n, make.customer("C1"), make.loan(f"L{n}", borrower="C1")) for n in range(8)]
    harness.begin(rows, operations=BOTH)
    with harness.journal.begin() as connection:
        of_others = (steps.c.step == 0) & (steps.c.ordinal > 0)
        connection.execute(
            steps.update().where(of_others).values(state=State.SKIPPED, message="same as row 2")
        )

    original = harness.server.answer
    harness.server.answer = lambda request: (time.sleep(0.02), original(request))[1]
    harness.send(concurrency=8)

    assert 0 == harness.wave.deferred
    assert [primary(tenant, "C1")] * 8 == [tenant.links(f"L{n}") for n in range(8)]


def test_a_link_to_a_refused_customer_of_another_row_is_not_sent(harness, make):
    """The reason names the customer."""
    harness.server.answer = TinyTenant(refuse=("C1",))
    rows = [
        make.row(0, make.customer("C1")),
        make.row(1, make.customer("C2"), make.loan("L2", borrower="C1")),
    ]
    harness.begin(rows, operations=BOTH)
    harness.send(waves=2)

    last = harness.results()[1].steps[1]
    assert Outcome.NOT_SENT == last.outcome
    assert "customers C1, which it links to, is rejected" == last.message


def test_a_row_that_is_the_same_as_a_refused_one_goes_no_further(harness, make):
    """A step that was left to another row counts only if that row's step succeeded."""
    harness.server.answer = tenant = TinyTenant(refuse=("C1",))
    rows = [make.row(0, make.customer("C1")), make.row(1, make.customer("C1"), make.loan("L2"))]
    harness.begin(rows, operations=BOTH)
    with harness.journal.begin() as connection:
        of_second = (steps.c.ordinal == 1) & (steps.c.step == 0)
        connection.execute(steps.update().where(of_second).values(state=State.SKIPPED))
    harness.send(concurrency=2)

    assert {} == tenant.entities
    assert Outcome.NOT_SENT == harness.results()[1].outcome


def test_circular_links_end(harness, make):
    """Rows that wait for each other are told so; nobody waits for ever."""
    harness.server.answer = tenant = TinyTenant(refuse=("C9",))
    loans = [
        make.row(0, make.loan("L1", borrower="C2"), make.customer("C1")),
        make.row(1, make.loan("L2", borrower="C1"), make.customer("C2")),
    ]
    harness.begin(loans, operations=("loans.create", "customers.create"))
    harness.send(waves=2, last=True)

    assert {} == tenant.entities
    assert "waits for this row" in harness.results()[0].message


def test_an_unknown_step_is_not_asked_for_again_in_the_same_sitting(harness, make):
    """A link to what stays unknown waits for a resumed run, not for ever."""

    def answer(request):
        return Answer(500) if "C1" in request.target + request.body.decode() else TinyTenant()(request)

    harness.server.answer = answer
    rows = [make.row(0, make.customer("C1")), make.row(1, make.loan("L1", borrower="C1"))]
    rows[1] = make.row(1, make.customer("C2"), make.loan("L1", borrower="C1"))
    harness.begin(rows, operations=BOTH)
    harness.send(waves=6)

    assert Outcome.UNKNOWN == harness.results()[0].outcome
    assert len(harness.server.requests) < 20


def test_a_twin_of_a_held_row_goes_no_further(harness, make):
    """Though an earlier run's customer of that number is known: a person must decide first."""
    harness.server.answer = tenant = TinyTenant()
    rows = [make.row(n, make.customer("C1"), make.loan(f"L{n}", borrower="C1")) for n in range(2)]
    harness.begin(rows, operations=BOTH)
    with harness.journal.begin() as connection:
        first = (steps.c.step == 0) & (steps.c.ordinal == 0)
        connection.execute(steps.update().where(first).values(state=State.HELD, remote_id=7))
        second = (steps.c.step == 0) & (steps.c.ordinal == 1)
        connection.execute(steps.update().where(second).values(state=State.SKIPPED, message="same as row 2"))
    remember_entities(harness.journal, harness.run, [("customers", "C1", 7)])
    harness.send()

    assert {} == tenant.entities
    assert [State.HELD, "not_sent"] == [result.outcome for result in harness.results()]


class _StopAfterThree(Stop):
    """The user's Ctrl-C after three answers."""

    def __init__(self):
        super().__init__()
        self.answers = 0

    def answered(self):
        super().answered()
        self.answers += 1
        if self.answers == 3:
            self.ask("stopped by the user")


def test_a_stop_leaves_the_rest_unsent(harness, make):
    """What was in flight is finished and recorded; nothing else leaves; the next sitting sends the rest."""
    harness.server.answer = tenant = TinyTenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(50)])
    harness.send(concurrency=1, stop=_StopAfterThree)

    outcomes = [result.outcome for result in harness.results()]
    assert 3 == outcomes.count(Outcome.ACCEPTED) == len(tenant.entities)
    assert 47 == outcomes.count(Outcome.NOT_SENT)

    harness.send(concurrency=4)
    assert {Outcome.ACCEPTED} == {result.outcome for result in harness.results()}
    assert [1] * 50 == [len(tenant.ids(f"L{n}")) for n in range(50)]


def test_a_source_that_fails_lets_what_is_in_flight_end(harness, make):
    """Rows under way are not left unknown because the file cannot be read any further."""
    harness.server.answer = TinyTenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(8)])
    rows = list(harness.open_rows())

    def failing():
        yield rows[0][:4]
        raise SourceError("the disk was unplugged")

    harness.open_rows = failing
    stop = harness.send(concurrency=4)

    assert "the disk was unplugged" == stop.reason
    assert Outcome.UNKNOWN not in {result.outcome for result in harness.results()}


def test_results_do_not_depend_on_concurrency(harness, make):
    """With random latencies and 32 workers every row has its own id, and none is swapped."""
    chance, tenant = random.Random(3), TinyTenant()

    def answer(request):
        time.sleep(chance.random() / 500)
        return tenant(request)

    harness.server.answer = answer
    pairs = ((f"C{n // 2}" if n % 2 == 0 else f"D{n}", f"L{n}") for n in range(80))
    harness.begin(portfolio(make, *pairs), operations=BOTH)
    harness.send(concurrency=32)

    for result in harness.results():
        customer, loan = result.steps
        assert [customer.remote_id] == tenant.ids(customer.key)
        assert [loan.remote_id] == tenant.ids(loan.key)
        assert primary(tenant, customer.key) == tenant.links(loan.key)


FAULTS = st.sampled_from(["take", "take", LOSE, LOST_500, "500", "drop", "429", "html", "503", "empty"])
ANSWERS = {
    "500": Answer(500),
    "drop": Answer(drop=True),
    "429": Answer(429),
    "html": Answer(502, b"<html>"),
    "503": Answer(503, b"", {"Retry-After": "1"}),
    "empty": Answer(200, b""),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(FAULTS, min_size=1, max_size=40),
    rows=st.integers(1, 12),
    concurrency=st.sampled_from([1, 4]),
    warn=st.booleans(),
)
def test_whatever_is_lost_each_loan_is_there_once(tmp_path_factory, make, plan, rows, concurrency, warn):
    """For any sequence of faults and a tenant that takes doubles: no loan twice, each id the tenant's own, none missing."""
    server = ScriptedServer()
    harness = Harness(tmp_path_factory.mktemp("run"), server)
    harness.server.answer = tenant = TinyTenant(*(ANSWERS.get(fault, fault) for fault in plan), warn=warn)
    harness.begin([make.row(n, make.loan(f"L{n:02}")) for n in range(rows)])
    for _ in range(20):
        harness.send(concurrency=concurrency)
        results = harness.results()
        if {Outcome.ACCEPTED} == {result.outcome for result in results}:
            break
    harness.journal.close()
    server.close()

    assert [Outcome.ACCEPTED] * rows == [result.outcome for result in results]
    assert [[result.steps[0].remote_id] for result in results] == [
        tenant.ids(f"L{n:02}") for n in range(rows)
    ]


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_failing_journal_stops_everything(harness, make, concurrency):
    """Nothing is sent that cannot be recorded."""
    harness.server.answer = TinyTenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(50)])
    with harness.journal.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON steps WHEN NEW.state = 'accepted' AND NEW.ordinal = 7 "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )

    stop = harness.send(concurrency=concurrency)

    assert isinstance(stop.error, JournalError)
    assert "disk is full" in stop.reason
    assert len(harness.server.requests) <= 7 + 2 * concurrency


def test_the_next_rows_are_read_while_the_first_are_sent(harness, make, monkeypatch):
    """Nobody waits at the end of a batch for the file."""
    tenant, read = TinyTenant(), threading.Event()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(12)])
    (rows,) = harness.open_rows()

    def batches():
        yield rows[:10]
        read.set()
        yield rows[10:]

    def answer(request):
        return tenant(request) if read.wait(0.9) else Answer(500)

    harness.server.answer = answer
    monkeypatch.setattr(harness, "open_rows", batches)
    harness.send()

    assert {Outcome.ACCEPTED} == {result.outcome for result in harness.results()}
    assert 12 == len(harness.server.requests)


def test_a_source_that_breaks_after_the_stop_is_not_heard_of(harness, make, monkeypatch, caplog):
    """What is read ahead and not wanted any more cannot fail the run."""
    harness.server.answer = TinyTenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(12)])
    (rows,) = harness.open_rows()

    def batches():
        yield rows
        raise SourceError("it is another file")

    monkeypatch.setattr(harness, "open_rows", batches)
    monkeypatch.setattr(harness, "step_done", lambda _result: harness.stop.ask("enough"))
    stop = harness.send()
    gc.collect()

    assert ("enough", None) == (stop.reason, stop.error)
    assert [] == caplog.records
