"""What is added to a loan that exists, over a real socket into a real journal: LoanPro would take it twice."""

import json
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

import pytest
from fakes.ledger import Ledger
from fakes.scripted_server import Answer, entity
from fakes.tiny_tenant import LOSE, LOST_500

from loader.journal.known import remember_entities
from loader.journal.recorder import Recorder
from loader.models.encoding import encode, payload_digest
from loader.models.marker import marker_of
from loader.models.operations import OPERATIONS
from loader.models.outcome import Outcome
from loader.validation.checked import CheckedStep, WantedLink

LOAN = 77
MARKER = marker_of("payments.create", "P1")
NOTHING = entity(LOAN, Payments=[])
FIELDS = {
    "amount": Decimal("120.50"),
    "date": date(2024, 3, 1),
    "info": "Rent",
    "paymentMethodId": 4,
    "paymentTypeId": 1,
}


def payment_step(key="P1", **changes):
    operation = OPERATIONS["payments.create"]
    payload = operation.completed({**FIELDS, **changes}, key, "")
    digest = payload_digest(encode(payload))
    return CheckedStep(operation, key, payload, digest, (WantedLink("Loan", "loans", "L1", ""),), ())


@pytest.fixture
def send(harness, make):
    """Sends one payment to a tenant; gives back its row."""

    def send(ledger, **changes):
        harness.server.answer = ledger
        harness.begin([make.row(0, payment_step(**changes))], ("payments.create",))
        remember_entities(harness.journal, harness.run, [("loans", "L1", LOAN)])
        harness.send()
        (result,) = harness.results()
        return result

    return send


def puts(harness):
    return [request for request in harness.server.requests if request.method == "PUT"]


def test_an_accepted_payment_has_its_own_id_and_the_real_endpoint(harness, send):
    """The PUT answers with the loan; the payment's id is read, and the loan's is never taken for it."""
    result = send(ledger := Ledger())

    step = result.steps[0]
    assert (Outcome.ACCEPTED, 9000, 200) == (result.outcome, step.remote_id, step.status)
    assert ("PUT", "odata.svc/Loans(77)") == (step.method, step.endpoint)
    assert [9000] == list(ledger.items)
    assert harness.told[0].endpoint == step.endpoint


def test_the_request_is_the_wrapped_list_of_the_reference(harness, send):
    """Section 2.6 with 1.6: one item in `results`, recorded only, exact money, the marker in its text."""
    send(Ledger())

    (request,) = puts(harness)
    assert {
        "Payments": {
            "results": [
                {
                    "amount": 120.50,
                    "date": "2024-03-01",
                    "info": f"Rent {MARKER}",
                    "paymentMethodId": 4,
                    "paymentTypeId": 1,
                    "__logOnly": True,
                }
            ]
        }
    } == request.json
    assert b'"amount":120.50' in request.body


@pytest.mark.parametrize("lost", [LOSE, LOST_500])
def test_a_lost_answer_of_a_payment_that_took_effect_is_found(harness, send, lost):
    """One PUT, one payment, its own id."""
    result = send(ledger := Ledger(lost))

    assert (Outcome.ACCEPTED, 9000, 1) == (result.outcome, result.steps[0].remote_id, len(puts(harness)))
    assert "found in LoanPro afterwards" in result.steps[0].message
    assert 1 == len(ledger.items)


@pytest.mark.parametrize(
    "lost", [Answer(500, b"oops"), Answer(drop=True), Answer(hang=True), Answer(200, b"{}"), Answer(408)]
)
def test_a_lost_answer_without_effect_is_sent_again_after_two_looks(harness, send, lost):
    """The loan with its payments first, then the payments by their loan, both whole."""
    result = send(ledger := Ledger(lost))

    assert (Outcome.ACCEPTED, 1) == (result.outcome, len(ledger.items))
    first, *looks = [unquote(request.target) for request in harness.server.requests][1:5]
    assert ["GET", "PUT", *["GET"] * 4, "PUT"] == [r.method for r in harness.server.requests][:7]
    assert "odata.svc/Loans(77)?$expand=Payments&nopaging=true" in looks[0]
    assert "odata.svc/Payments?$filter=entityId eq 77&$orderby=id desc&nopaging=true" in looks[1].replace(
        "+", " "
    )
    assert "odata.svc/Loans(77)" in first


def test_a_page_that_leaves_payments_out_proves_nothing(harness, send):
    """An empty look must have seen the whole list: the row is unknown and not sent again."""
    ledger = Ledger(LOSE)
    for _ in range(3):
        ledger.add(LOAN, "Payments", {"info": "older", "amount": "1.00"})
    ledger.shown_at_most = 2
    ledger.looks = [NOTHING]
    result = send(ledger)

    assert (Outcome.UNKNOWN, 1) == (result.outcome, len(puts(harness)))
    assert "shows 2 of 4" in result.message


def test_a_list_that_was_not_expanded_proves_nothing(harness, send):
    """Deferred, or not there at all: nobody has looked."""
    ledger = Ledger(LOSE)
    ledger.looks = [NOTHING, *[entity(LOAN, Payments={"__deferred": {"uri": "x"}}), entity(LOAN)] * 4]
    result = send(ledger)

    assert (Outcome.UNKNOWN, 1) == (result.outcome, len(puts(harness)))


def test_several_with_the_marker_are_held(harness, send):
    """Somebody has sent it from elsewhere: a person decides which stays."""
    ledger = Ledger(LOSE)
    ledger.looks = [NOTHING]
    ledger.add(LOAN, "Payments", {"info": f"Rent {MARKER}", "amount": "120.50"})
    result = send(ledger)

    assert (Outcome.HELD, 1) == (result.outcome, len(puts(harness)))
    assert "9000, 9001" in result.message


def test_other_values_under_the_marker_are_held(harness, send):
    """It is there, but not as it was sent: neither accepted nor sent again."""
    ledger = Ledger(Answer(500, b""))
    ledger.looks = [NOTHING]
    ledger.add(LOAN, "Payments", {"info": f"Rent {MARKER}", "amount": "99.00", "date": "/Date(1709251200)/"})
    result = send(ledger)

    assert (Outcome.HELD, 1) == (result.outcome, len(puts(harness)))
    assert "it has other values: amount" in result.message


def test_a_marker_on_another_loan_is_another_payment(harness, send):
    """Its owner is told by the tenant."""
    ledger = Ledger(Answer(500, b""))
    ledger.looks = [
        NOTHING,
        entity(LOAN, Payments=[{"id": 5, "entityId": 78, "info": f"Rent {MARKER}"}]),
        entity(LOAN, Payments=[]),
    ]
    result = send(ledger)

    assert (Outcome.ACCEPTED, 9000, 2) == (result.outcome, result.steps[0].remote_id, len(puts(harness)))


def test_an_id_that_cannot_be_read_stays_empty(harness, send):
    """The answer was plain, so the row is accepted; no id is made up, and the loan's stands in the endpoint."""
    ledger = Ledger()
    ledger.looks = [NOTHING, *[Answer(404, b"{}")] * 4]
    result = send(ledger)

    step = result.steps[0]
    assert (Outcome.ACCEPTED, None, "odata.svc/Loans(77)") == (result.outcome, step.remote_id, step.endpoint)
    assert "its own id could not be read" in step.message


def test_what_was_accepted_and_is_not_shown_is_held(harness, send):
    """Status 200 proves nothing (section 1.7): it is not accepted, and not sent again either."""
    result = send(Ledger("drop it"))
    harness.send()

    assert (Outcome.HELD, 1) == (result.outcome, len(puts(harness)))
    assert "does not show what was added" in result.message


def test_an_answer_about_another_loan_is_no_answer(harness, send):
    """It is looked up."""
    ledger = Ledger()
    ledger.loan_answers = 78
    result = send(ledger)

    assert (Outcome.ACCEPTED, 1, 1) == (result.outcome, len(ledger.items), len(puts(harness)))


def test_what_is_tried_once_more_is_looked_up_first(harness, send):
    """`--retry` of a row whose payment came late adds nothing."""
    ledger = Ledger("drop it")
    send(ledger)
    ledger.add(LOAN, "Payments", json.loads(encode(payment_step().payload)))
    Recorder(harness.journal, harness.run.number).reopen([Outcome.HELD])
    harness.send()

    (result,) = harness.results()
    assert (Outcome.ACCEPTED, 9000, 1) == (result.outcome, result.steps[0].remote_id, len(puts(harness)))


def test_a_refusal_is_final(harness, send):
    """As for loans, with LoanPro's words."""
    result = send(Ledger(Answer(409, b'{"message": "no such method"}')))

    assert (Outcome.REJECTED, "no such method") == (result.outcome, result.message)


SENT = {"info": f"Rent {MARKER}", "amount": "120.50", "date": "/Date(1709251200)/", "paymentMethodId": 4}


@pytest.mark.parametrize(
    ("there", "outcome", "said"),
    [
        ([SENT], Outcome.SKIPPED, "already on the loan with the same values"),
        ([SENT | {"amount": "1.00"}], Outcome.HELD, "it has other values: amount"),
        ([SENT, SENT], Outcome.HELD, "9000, 9001"),
    ],
    ids=["same", "other", "twice"],
)
def test_what_another_journal_has_sent_is_not_sent_again(harness, send, there, outcome, said):
    """From another computer, or before a journal was lost: the loan is looked at before the first request."""
    ledger = Ledger()
    for fields in there:
        ledger.add(LOAN, "Payments", fields)
    result = send(ledger)

    assert (outcome, 0, len(there)) == (result.outcome, len(puts(harness)), len(ledger.items))
    assert said in result.message


def test_without_that_look_nothing_is_sent(harness, send):
    """The run stops, and the row is still to be sent."""
    ledger = Ledger()
    ledger.looks = [Answer(404, b"{}")] * 4
    result = send(ledger)

    assert (Outcome.NOT_SENT, 0) == (result.outcome, len(puts(harness)))
    assert "cannot be looked up" in harness.stop.reason


def test_one_look_a_loan_is_enough(harness, make):
    """Many payments of a loan share it; each then reads its own id."""
    harness.server.answer = ledger = Ledger()
    harness.begin([make.row(n, payment_step(f"P{n}")) for n in range(5)], ("payments.create",))
    remember_entities(harness.journal, harness.run, [("loans", "L1", LOAN)])
    harness.send()

    assert 5 == len(ledger.items)
    assert 1 + 2 * 5 == len(harness.server.requests)
