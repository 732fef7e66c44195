"""A run read back for its reports."""

from collections import Counter
from decimal import Decimal

import pytest
from fakes.harness import customer_step, loan_step, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.journal.runs import find_run
from loader.journal.schema import State, steps
from loader.journal.view import JournalView
from loader.models.issue import Issue, Severity
from loader.models.outcome import Outcome
from loader.validation.checked import CheckedRow

BAD = Issue(
    "money.not-a-number",
    '"x" is no amount',
    "write a number",
    field="LoanSetup.loanAmount",
    column="Principal",
    letter="C",
    value="x",
)
ODD = Issue("loan.rate-low", "the rate is low", severity=Severity.WARNING)


def view(harness):
    return JournalView(harness.journal, find_run(harness.journal, harness.run.record.name))


def test_each_row_has_its_outcome_and_its_reason(harness):
    """Invalid rows say what is wrong, excluded ones why they were left out, planned ones that they were not sent."""
    harness.begin(
        [
            row(0, loan_step("L0")),
            row(1, loan_step("L1"), issues=(BAD, ODD)),
            CheckedRow(row(2).ref, b"0" * 16, '"Status" is "Test"', (), ()),
        ]
    )

    first, second, third = view(harness).rows()
    assert (Outcome.NOT_SENT, "not sent yet") == (first.outcome, first.message)
    assert (Outcome.INVALID, 'Principal: "x" is no amount') == (second.outcome, second.message)
    assert "write a number" == second.steps[0].advice
    assert (Outcome.SKIPPED, '"Status" is "Test"') == (third.outcome, third.message)


def test_a_step_in_flight_is_unknown(harness):
    """An intent without an outcome is never taken for a failure."""
    harness.begin([row(0, loan_step("L0"))])
    with harness.journal.begin() as connection:
        connection.execute(steps.update().values(state=State.SENDING, attempts=1))

    (result,) = view(harness).rows()
    assert Outcome.UNKNOWN == result.outcome
    assert "loader resume" in result.message


def test_issues_come_back_whole_but_masked(harness):
    """All issues in the order of the file; what is sensitive is not in the journal."""
    secret = Issue(
        "ssn.digits",
        "not nine digits",
        field="ssn",
        column="SSN",
        letter="B",
        value="987-65-432X",
        sensitive=True,
    )
    harness.begin([row(0, loan_step("L0"), issues=(secret, BAD))])

    found = [issue for _, issue in view(harness).issues()]
    assert [BAD] == found[1:]
    assert "***2X" == found[0].value
    assert b"987-65-432X" not in b"".join(p.read_bytes() for p in harness.journal.path.parent.iterdir())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(State), min_size=2, max_size=2), min_size=1, max_size=20), st.data())
def test_counts_are_those_of_the_rows(tmp_path_factory, states, data):
    """The database counts what the rows show, whatever the states; the seven sum to the rows read."""
    from fakes.harness import Harness

    harness = Harness(tmp_path_factory.mktemp("view"), server=None)
    harness.begin(
        [row(n, customer_step(f"C{n}"), loan_step(f"L{n}")) for n in range(len(states))],
        operations=("customers.create", "loans.create"),
    )
    with harness.journal.begin() as connection:
        for ordinal, of_row in enumerate(states):
            for number, state in enumerate(of_row):
                connection.execute(
                    steps.update()
                    .where(steps.c.ordinal == ordinal, steps.c.step == number)
                    .values(state=state)
                )
    shown = view(harness)
    counts = shown.counts()
    rows = [result.outcome for result in shown.rows()]
    harness.journal.close()

    assert Counter(rows) == Counter({outcome: count for outcome, count in counts.items() if count})
    assert len(states) == sum(counts.values())


def test_control_totals_are_exact(harness):
    """Tenths of a cent of a thousand rows do not drift."""
    from dataclasses import replace

    rows = [row(n, replace(loan_step(f"L{n}"), amounts=(Decimal("0.1"),))) for n in range(1000)]
    harness.begin(rows)
    with harness.journal.begin() as connection:
        connection.execute(steps.update().where(steps.c.ordinal < 400).values(state=State.ACCEPTED))
        connection.execute(steps.update().where(steps.c.ordinal >= 900).values(state=State.INVALID))
    shown = JournalView(harness.journal, find_run(harness.journal, harness.run.record.name))
    shown._totals = ((0, "LoanSetup.loanAmount"),)

    (total,) = shown.totals()
    assert (Decimal(100), Decimal(90), Decimal(40)) == (total.of_read, total.of_valid, total.of_accepted)


@pytest.mark.parametrize("name", ["20260101", "2026", "20260101-000000-loans"])
def test_a_run_is_found_by_the_beginning_of_its_name(harness, name):
    """As much of the name as no other run shares."""
    harness.begin([row(0, loan_step("L0"))])

    assert harness.run.number == find_run(harness.journal, name).number
