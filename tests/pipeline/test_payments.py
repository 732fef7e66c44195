"""What is added to loans that exist: each payment once, to the cent, whatever is lost or repeated."""

import json
import re
import urllib.request
from collections import Counter
from contextlib import closing
from decimal import Decimal

import pytest

from loader.journal import runs
from loader.journal.store import Journal
from loader.models.outcome import Outcome
from loader.plan import draw_up

from .conftest import Audience

LOANS = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    tenant_defaults: true
    fields:
      displayId: Loan
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
      LoanSetup.loanAmount: {value: 1000}
      LoanSetup.loanRate: {value: 12.5}
      LoanSetup.contractDate: {value: 2024-01-01}
      LoanSetup.firstPaymentDate: {value: 2024-02-01}
"""
PAYMENTS = """
template: 1
steps:
  - operation: payments.create
    key: {key}
    links: {{Loan: {{to: loans, by: displayId, column: Loan}}}}
    fields:
      amount: {{column: Amount, as: money}}
      date: {{column: Date, as: date}}
      info: {{column: Info, default: Payment}}
      paymentMethodId: {{value: 4}}
      paymentTypeId: {{value: 1}}
totals: [amount]
"""
HEADER = "No,Loan,Amount,Date,Info"


@pytest.fixture
def files(tmp_path):
    """Writes a file of payments with its template, and the loans that it speaks of."""

    class Files:
        def loans(self, *numbers):
            path, template = tmp_path / "loans.csv", tmp_path / "loans.yaml"
            path.write_text("\n".join(["Loan,X", *(f"{n},1" for n in numbers)]) + "\n", encoding="utf-8")
            template.write_text(LOANS, encoding="utf-8")
            return path, template

        def payments(self, *rows, key="{column: No}", name="payments", template=PAYMENTS):
            path, of_key = tmp_path / f"{name}.csv", tmp_path / f"{name}.yaml"
            path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
            of_key.write_text(template.format(key=key), encoding="utf-8")
            return path, of_key

    return Files()


def outcomes(rows):
    return Counter(row.outcome for row in rows)


def settled(site, ended, rows):
    """Resume until nothing is open."""
    for _ in range(15):
        if not outcomes(rows)[Outcome.UNKNOWN] + outcomes(rows)[Outcome.NOT_SENT]:
            break
        ended, rows = site.resume()
    return ended, rows


def held_by_tenant(site, what="Payments"):
    """All entities of a nested list, as the tenant's own API tells them."""
    for _ in range(200):  # a faulty tenant loses this answer as well
        request = urllib.request.Request(
            f"{site.sandbox.base_url}odata.svc/{what}?nopaging=true", headers=site.headers
        )
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return json.load(answer)["d"]["results"]
        except (OSError, ValueError, KeyError):
            continue
    raise AssertionError("the tenant does not answer")


def test_every_payment_is_there_once_when_answers_are_lost(faulty_site, files):
    """A quarter of the answers lost, before and after the commit: each payment once, its id the tenant's, sums to the cent."""
    site = faulty_site
    settled(site, *site.submit(*files.loans(*(f"L{n}" for n in range(20)))))
    path, template = files.payments(
        *(f"P{n},L{n % 20},{n}.{n % 100:02},2024-03-{1 + n % 28:02},Rent" for n in range(1, 201))
    )
    ended, rows = settled(site, *site.submit(path, template))

    assert {Outcome.ACCEPTED: 200} == dict(outcomes(rows))
    found = held_by_tenant(site)
    assert 200 == len(found) == len({payment["info"] for payment in found})
    expected = sum(Decimal(f"{n}.{n % 100:02}") for n in range(1, 201))
    assert expected == sum(Decimal(payment["amount"]) for payment in found)
    assert expected == ended.view.totals()[0].of_accepted
    ids = {row.keys[0]: row.steps[0].remote_id for row in rows}
    by_id = {payment["id"]: payment for payment in found}
    for row in rows:
        step = row.steps[0]
        assert step.remote_id is None or re.fullmatch(
            r"Rent \[ldr:[0-9a-f]{10}\]", by_id[step.remote_id]["info"]
        )
        assert f"odata.svc/Loans({by_id[ids[row.keys[0]]]['entityId']})" == step.endpoint
    assert 200 == len(set(ids.values()))


def test_a_second_submission_adds_nothing(site, files):
    """By the lender's own number, also from another file; other values under it are held."""
    site.submit(*files.loans("L1"))
    site.submit(*files.payments("P1,L1,10,2024-03-01,A", "P2,L1,20,2024-03-01,A"))
    _, rows = site.submit(
        *files.payments(
            "P2,L1,20,2024-03-01,A", "P1,L1,11,2024-03-01,A", "P3,L1,5,2024-03-02,A", name="again"
        )
    )

    assert [Outcome.SKIPPED, Outcome.HELD, Outcome.ACCEPTED] == [row.outcome for row in rows]
    assert 3 == len(held_by_tenant(site))


def test_rows_without_a_number_are_payments_of_their_own(site, files):
    """Two rows alike are two payments; the same file again is none."""
    site.submit(*files.loans("L1"))
    source = files.payments(",L1,10,2024-03-01,A", ",L1,10,2024-03-01,A", key="row")
    _, first = site.submit(*source)
    _, again = site.submit(*source)

    assert [Outcome.ACCEPTED] * 2 == [row.outcome for row in first]
    assert first == again
    assert 2 == len(held_by_tenant(site))


def test_doubled_numbers_name_each_other(site, files):
    """The same number with other values is invalid in both rows, the same payment twice is sent once."""
    site.submit(*files.loans("L1", "L2"))
    _, rows = site.submit(
        *files.payments(
            "P1,L1,10,2024-03-01,A",
            "P1,L2,10,2024-03-01,A",
            "P2,L1,10,2024-03-01,A",
            "P2,L1,10.00,2024-03-01,A",
        )
    )

    assert ["invalid", "invalid", "accepted", "skipped"] == [row.outcome.value for row in rows]


def test_a_payment_without_its_loan_is_an_issue(site, files):
    """A loan that is nowhere, a blank cell, a blank number: nothing is sent for them."""
    site.submit(*files.loans("L1"))
    _, rows = site.submit(
        *files.payments(
            "P1,L9,10,2024-03-01,A", "P2,,10,2024-03-01,A", ",L1,10,2024-03-01,A", "P4,L1,1,2024-03-01,"
        )
    )

    assert ["invalid", "invalid", "invalid", "accepted"] == [row.outcome.value for row in rows]
    assert "loans L9, which the row links to" in rows[0].message
    (payment,) = held_by_tenant(site)
    assert payment["info"].startswith("Payment [ldr:")


def test_a_loan_and_its_first_payment_in_one_row(site, files):
    """The loan's id comes from the row itself."""
    template = PAYMENTS.replace(
        "steps:\n", LOANS.split("steps:\n")[1].join(["steps:\n", ""]).replace("{", "{{").replace("}", "}}")
    )
    _, rows = site.submit(*files.payments("P1,L1,10,2024-03-01,A", template=template))

    loan, payment = rows[0].steps
    assert [Outcome.ACCEPTED] * 2 == [loan.outcome, payment.outcome]
    assert f"odata.svc/Loans({loan.remote_id})" == payment.endpoint
    assert payment.remote_id not in {None, loan.remote_id}


def planned(site, files, **wishes):
    """The plan of a submission; and what the tenant was sent from then on, requests and look-ups together."""

    class Counting(Audience):
        def sending(self, plan):
            self.before = site.sandbox.counts()["total"]

    audience = Counting()
    ended, _ = site.submit(*files, audience=audience, concurrency=1, **wishes)
    return audience.plans[0], site.sandbox.counts()["total"] - audience.before, ended


def test_the_plan_counts_what_is_read(site, files):
    """One look at each loan, one read-back of each payment; at a rate that is time, in the plan of a pilot too."""
    site.submit(*files.loans("L1", "L2", "L3"))
    rows = [f"P{n},L{n % 3 + 1},10,2024-03-01,A" for n in range(7)]
    pilot, sent, ended = planned(site, files.payments(*rows), limit=2)
    assert (2, 2 + 2, 2 + 4) == (pilot.to_send, pilot.look_ups, sent)

    with closing(Journal.in_directory(site.run_dir, create=False)) as journal:
        rest = draw_up(journal, runs.find_run(journal, ended.view.run.name), 2.0)
    assert (5, 3 + 5, (5 + 8) / 2.0) == (rest.to_send, rest.look_ups, rest.seconds)

    plan, sent, _ = planned(site, files.payments(*rows))
    assert (5, 3 + 5, 5 + 8) == (plan.to_send, plan.look_ups, sent)


def test_the_plan_counts_what_is_looked_up_before_its_first_request(site, files):
    """A loan of whose double LoanPro would not warn: one look each."""
    path, template = files.loans("L1", "L2", "L3")
    template.write_text(LOANS + "      __ignoreWarnings: {value: true}\n", encoding="utf-8")
    plan, sent, _ = planned(site, (path, template))

    assert (3, 3, 6) == (plan.to_send, plan.look_ups, sent)


def test_the_plan_counts_a_loan_that_the_row_itself_makes(site, files):
    """Two loans with a first payment each: two looks and two read-backs beside four requests."""
    template = PAYMENTS.replace(
        "steps:\n", LOANS.split("steps:\n")[1].join(["steps:\n", ""]).replace("{", "{{").replace("}", "}}")
    )
    rows = ("P1,L1,10,2024-03-01,A", "P2,L2,10,2024-03-01,A")
    plan, sent, _ = planned(site, files.payments(*rows, template=template))

    assert (4, 4, 8) == (plan.to_send, plan.look_ups, sent)


OTHERS = {
    "charges.create": (
        "Charges",
        "info",
        (
            "{amount: {column: Amount, as: money}, date: {column: Date, as: date}, info: Info, chargeTypeId: {value: 2}, "
            "chargeApplicationType: {value: loan.latefeeapp.standard}, interestBearing: {value: 0}}"
        ),
    ),
    "credits.create": (
        "Credits",
        "title",
        "{amount: {column: Amount, as: money}, date: {column: Date, as: date}, title: Info, category: {value: 3}}",
    ),
    "notes.create": ("Notes", "subject", "{subject: Info, body: {column: Amount}, categoryId: {value: 1}}"),
}


@pytest.mark.parametrize("operation", OTHERS)
def test_charges_credits_and_notes_are_added_once(faulty_site, files, operation):
    """As payments are: by their marker, whatever answers are lost."""
    site = faulty_site
    settled(site, *site.submit(*files.loans("L1", "L2")))
    listed, text, fields = OTHERS[operation]
    template = (
        (
            f"template: 1\nsteps:\n  - operation: {operation}\n    key: {{column: No}}\n"
            f"    links: {{Loan: {{to: loans, by: displayId, column: Loan}}}}\n    fields: {fields}\n"
        )
        .replace("{", "{{")
        .replace("}", "}}")
    )
    rows = [f"X{n},L{1 + n % 2},{n}.50,2024-03-01,Why {n}" for n in range(40)]
    _, done = settled(site, *site.submit(*files.payments(*rows, template=template)))

    assert {Outcome.ACCEPTED: 40} == dict(outcomes(done))
    found = held_by_tenant(site, listed)
    assert {f"Why {n}" for n in range(40)} == {entity[text].partition(" [ldr:")[0] for entity in found}
    assert 40 == len(found)


def test_another_journal_adds_nothing(faulty_site, files, tmp_path):
    """From another computer, or after a journal was lost: the loans themselves say what is there."""
    site = faulty_site
    settled(site, *site.submit(*files.loans("L1", "L2")))
    source = files.payments(*(f"P{n},L{1 + n % 2},{n}.50,2024-03-01,Rent" for n in range(1, 31)))
    settled(site, *site.submit(*source))
    site.run_dir = tmp_path / "elsewhere"
    _, rows = settled(site, *site.submit(*source))

    assert {Outcome.SKIPPED: 30} == dict(outcomes(rows))
    assert 30 == len(held_by_tenant(site))
    assert "already on the loan with the same values" in rows[0].message


def test_a_text_that_cannot_take_its_marker_is_an_issue(site, files):
    """Too long, or with a marker of another payment: told in the check, at its cell."""
    site.submit(*files.loans("L1"))
    _, rows = site.submit(
        *files.payments(f"P1,L1,10,2024-03-01,{'x' * 239}", "P2,L1,1,2024-03-01,Rent [ldr:0f3a91c2d4]")
    )

    assert [Outcome.INVALID] * 2 == [row.outcome for row in rows]
    assert "Info: at most 238 characters leave room for the marker" in rows[0].message
    assert "Info: the text carries a marker" in rows[1].message


def test_the_shipped_template_records_payments(site, tmp_path, files):
    """With the headers that lenders use."""
    site.submit(*files.loans("L1"))
    path = tmp_path / "shipped.csv"
    path.write_text(
        "Payment No,Loan Number,Amount,Payment Date,Memo,Method ID,Type ID,Extra\n"
        '7,L1,"$1,250.10",2024-03-01,March,4,1,principal only\n',
        encoding="utf-8",
    )
    ended, rows = site.submit(path, "payments")

    assert (Outcome.ACCEPTED, 0) == (rows[0].outcome, ended.exit_code)
    (payment,) = held_by_tenant(site)
    assert ("1250.10", "payment.extra.tx.principalonly") == (payment["amount"], payment["extra"])
    assert payment["info"].startswith("March [ldr:")
