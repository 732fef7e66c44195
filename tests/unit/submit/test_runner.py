"""Rows with several steps, links between them, and many workers."""

import random
import threading
import time

import pytest
from fakes.scripted_server import Answer, entity, listed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.models.outcome import Outcome
from loader.submit.stop import Stop

BOTH = ("customers.create", "loans.create")


class Tenant:
    """Takes customers and loans and remembers who is linked to whom."""

    def __init__(self, refuse=(), delay_s=0.0):
        self.refuse = set(refuse)
        self.ids = {}
        self.loans = {}

    def __call__(self, request):
        if request.method == "GET" or "Search" in request.target:
            return listed()
        body = request.json
        key = body.get("customId") or body.get("displayId")
        if key in self.refuse:
            return Answer(409, b'{"message": "refused"}')
        assert key not in self.ids, f"{key} was created twice"
        self.ids[key] = 1000 + len(self.ids)
        if "displayId" in body:
            self.loans[key] = [
                (link["__id"], link["__setLoanRole"]) for link in body.get("Customers", {}).get("results", [])
            ]
        return entity(self.ids[key])


def portfolio(make, *pairs):
    """Rows of a customer and a loan."""
    return [make.row(n, make.customer(c), make.loan(loan, borrower=c)) for n, (c, loan) in enumerate(pairs)]


def test_a_loan_is_linked_to_the_customer_of_its_row(harness, make):
    """The customer's id, fresh from its answer, stands in the loan's request."""
    harness.server.answer = tenant = Tenant()
    harness.begin(portfolio(make, ("C1", "L1"), ("C2", "L2")), operations=BOTH)
    harness.send()

    assert {
        "L1": [(tenant.ids["C1"], "loan.customerRole.primary")],
        "L2": [(tenant.ids["C2"], "loan.customerRole.primary")],
    } == tenant.loans
    assert [Outcome.ACCEPTED] * 2 == [result.outcome for result in harness.results()]


def test_after_a_refused_step_the_rest_of_the_row_is_not_sent(harness, make):
    """A loan without its borrower is never created; the row says why."""
    harness.server.answer = tenant = Tenant(refuse={"C1"})
    harness.begin(portfolio(make, ("C1", "L1"), ("C2", "L2")), operations=BOTH)
    harness.send()

    first, second = harness.results()
    assert [Outcome.REJECTED, Outcome.NOT_SENT] == [step.outcome for step in first.steps]
    assert Outcome.REJECTED == first.outcome
    assert "customers.create is rejected" in first.steps[1].message
    assert Outcome.ACCEPTED == second.outcome
    assert ["L2"] == list(tenant.loans)


def test_a_link_to_a_customer_further_down_waits_for_the_next_wave(harness, make):
    """Workers never wait for a later row, so they cannot wait for each other."""
    harness.server.answer = tenant = Tenant()
    rows = [
        make.row(0, make.customer("C1"), make.loan("L1", borrower="C2")),
        make.row(1, make.customer("C2"), make.loan("L2", borrower="C1")),
    ]
    harness.begin(rows, operations=BOTH)
    harness.send(concurrency=1, waves=2)

    assert [(tenant.ids["C2"], "loan.customerRole.primary")] == tenant.loans["L1"]
    assert [(tenant.ids["C1"], "loan.customerRole.primary")] == tenant.loans["L2"]
    assert 0 == harness.wave.deferred


def test_a_link_to_a_refused_customer_of_another_row_is_not_sent(harness, make):
    """The reason names the customer."""
    harness.server.answer = Tenant(refuse={"C1"})
    rows = [
        make.row(0, make.customer("C1")),
        make.row(1, make.customer("C2"), make.loan("L2", borrower="C1")),
    ]
    harness.begin(rows, operations=BOTH)
    harness.send(waves=2)

    last = harness.results()[1].steps[1]
    assert Outcome.NOT_SENT == last.outcome
    assert "customers C1, which it links to, is rejected" in last.message


def test_a_stop_leaves_the_rest_unsent(harness, make):
    """What was in flight is finished and recorded; nothing else leaves."""
    stops = []

    class StopAfterThree(Stop):
        def answered(self):
            super().answered()
            stops.append(1)
            if len(stops) == 3:
                self.ask("stopped by the user")

    harness.server.answer = tenant = Tenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(50)])
    harness.send(concurrency=1, stop=StopAfterThree)

    outcomes = [result.outcome for result in harness.results()]
    assert 3 == outcomes.count(Outcome.ACCEPTED) == len(tenant.ids)
    assert 47 == outcomes.count(Outcome.NOT_SENT)

    harness.send(concurrency=4)
    assert {Outcome.ACCEPTED} == {result.outcome for result in harness.results()}
    assert 50 == len(tenant.ids)


def test_results_do_not_depend_on_concurrency(harness, make):
    """With random latencies and 32 workers every row has its own id, and none is swapped."""
    chance, lock = random.Random(3), threading.Lock()
    tenant = Tenant()

    def answer(request):
        with lock:
            time.sleep(chance.random() / 500)
            return tenant(request)

    harness.server.answer = answer
    harness.begin(
        portfolio(make, *((f"C{n // 2}" if n % 2 == 0 else f"D{n}", f"L{n}") for n in range(80))),
        operations=BOTH,
    )
    harness.send(concurrency=32)

    for result in harness.results():
        customer, loan = result.steps
        assert tenant.ids[customer.key] == customer.remote_id
        assert tenant.ids[loan.key] == loan.remote_id
        assert [(customer.remote_id, "loan.customerRole.primary")] == tenant.loans[loan.key]


FAULTS = st.sampled_from(["take", "take", "lose", "500", "lost 500", "drop", "429", "html"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(FAULTS, min_size=1, max_size=40),
    rows=st.integers(1, 12),
    concurrency=st.sampled_from([1, 4]),
)
def test_whatever_is_lost_each_loan_is_there_once(tmp_path_factory, server, make, plan, rows, concurrency):
    """For any sequence of faults: no loan twice, none accepted that is not there, each id the tenant's own."""
    harness = _fresh(tmp_path_factory, server)
    faults, loans = iter(plan), {}

    def answer(request):
        text = request.target + request.body.decode()
        if request.method == "GET" or "Search" in request.target:
            return listed(
                *[
                    {"id": i, "displayId": key}
                    for key, i in loans.items()
                    if f"{key}'" in text or f'"{key}"' in text
                ]
            )
        key, fault = request.json["displayId"], next(faults, "take")
        if fault in {"take", "lose", "lost 500"}:
            if key in loans:
                return Answer(409, b'{"warnings": ["already exists"]}')
            loans[key] = 500 + len(loans)
        return {
            "take": lambda: entity(loans[key]),
            "lose": lambda: Answer(drop=True),
            "drop": lambda: Answer(drop=True),
            "lost 500": lambda: Answer(500),
            "500": lambda: Answer(500),
            "429": lambda: Answer(429),
            "html": lambda: Answer(502, b"<html>"),
        }[fault]()

    harness.server.answer = answer
    harness.begin([make.row(n, make.loan(f"L{n:02}")) for n in range(rows)])
    harness.send(concurrency=concurrency)
    for _ in range(8):
        if not harness.stop.asked():
            break
        harness.send(concurrency=concurrency)

    results = harness.results()
    harness.journal.close()
    for result in results:
        step = result.steps[0]
        if step.outcome is Outcome.ACCEPTED:
            assert loans[step.key] == step.remote_id
        else:
            assert Outcome.UNKNOWN is step.outcome
    assert rows == len(results)


def _fresh(tmp_path_factory, server):
    from fakes.harness import Harness

    return Harness(tmp_path_factory.mktemp("run"), server)


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_failing_journal_stops_everything(harness, make, concurrency):
    """Nothing is sent that cannot be recorded."""
    from loader.errors import JournalError

    harness.server.answer = Tenant()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(50)])
    with harness.journal.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON steps WHEN NEW.state = 'accepted' AND NEW.ordinal = 7 "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )

    with pytest.raises(JournalError, match="disk is full"):
        harness.send(concurrency=concurrency)

    assert harness.stop.asked()
    assert len(harness.server.requests) <= 7 + 2 * concurrency
