"""A run read back for its reports."""

from collections import Counter
from decimal import Decimal

import pytest
from fakes.harness import customer_step, loan_step, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.journal.runs import find_run
from loader.journal.schema import State, outcome_of, steps
from loader.journal.view import JournalView
from loader.models.issue import Issue, Severity
from loader.models.outcome import Outcome, worst
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
    harness.leave_in_doubt()

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


RECORDED = st.fixed_dictionaries(
    {
        "state": st.sampled_from(State),
        "attempts": st.integers(0, 2),
        "status": st.none() | st.sampled_from([200, 409]),
        "remote_id": st.none() | st.integers(1, 9),
        "parent_id": st.none() | st.just(77),
        "sent_at": st.none() | st.integers(10**9, 2 * 10**9).map(lambda seconds: seconds + 0.25),
        "elapsed_ms": st.none() | st.floats(0, 1e5),
        "message": st.none() | st.just("as it was said"),
        "advice": st.none() | st.just("do this"),
        "amounts": st.none() | st.sampled_from(["1.10|", "|2", "0.1|-3.25", "10|0"]),
    }
)


@pytest.mark.parametrize("operations", [("loans.create",), ("customers.create", "loans.create")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_and_totals_are_what_was_recorded(tmp_path_factory, monkeypatch, operations, data):
    """Whatever was recorded of the steps, one or several to a row: shown as it is, and summed step by step."""
    from fakes.harness import Harness

    of_rows = st.lists(RECORDED, min_size=len(operations), max_size=len(operations))
    recorded = data.draw(st.lists(of_rows, min_size=1, max_size=6))
    harness = Harness(tmp_path_factory.mktemp("view"), server=None)
    made = [customer_step, loan_step][-len(operations) :]
    harness.begin([row(n, *(make(f"K{n}") for make in made)) for n in range(len(recorded))], operations)
    with harness.journal.begin() as connection:
        for ordinal, of_row in enumerate(recorded):
            for number, values in enumerate(of_row):
                of_step = (steps.c.ordinal == ordinal) & (steps.c.step == number)
                connection.execute(steps.update().where(of_step).values(**values))
    shown = view(harness)
    monkeypatch.setattr("loader.journal.view._ROWS_AT_ONCE", data.draw(st.integers(1, 6)))
    fields = [(number, name) for number in range(len(operations)) for name in ("first", "second")]
    shown._totals = tuple(fields)
    rows, totals = list(shown.rows()), shown.totals()
    harness.journal.close()

    silent = {
        State.PLANNED: "not sent yet",
        State.SENDING: "sent, but no answer was recorded; `loader resume` looks it up",
    }
    for found, of_row in zip(rows, recorded, strict=True):
        results = [
            (s.outcome, s.attempts, s.status, s.remote_id, s.parent_id, s.elapsed_ms) for s in found.steps
        ]
        assert results == [
            (
                outcome_of(v["state"]),
                v["attempts"],
                v["status"],
                v["remote_id"],
                v["parent_id"],
                v["elapsed_ms"],
            )
            for v in of_row
        ]
        said = [v["message"] or silent.get(v["state"], "") for v in of_row]
        assert said == [s.message for s in found.steps]
        assert [v["advice"] or "" for v in of_row] == [s.advice for s in found.steps]
        assert [v["sent_at"] for v in of_row] == [s.sent_at and s.sent_at.timestamp() for s in found.steps]
        assert [bool(v["attempts"]) for v in of_row] == [s.method == "POST" for s in found.steps]
        assert worst(outcome_of(v["state"]) for v in of_row) == found.outcome
        assert said[[s.outcome for s in found.steps].index(found.outcome)] == found.message
        assert (f"K{found.ref.ordinal}",) * len(operations) == found.keys
    for total, (number, name) in zip(totals, fields, strict=True):
        amounts = [
            (of_row[number]["state"], Decimal(text))
            for of_row in recorded
            if (text := (of_row[number]["amounts"] or "|").split("|")[name == "second"])
        ]
        valid = [amount for state, amount in amounts if state not in {State.INVALID, State.SKIPPED}]
        accepted = [amount for state, amount in amounts if state is State.ACCEPTED]
        read = sum(amount for _, amount in amounts)
        assert (read, sum(valid), sum(accepted)) == (total.of_read, total.of_valid, total.of_accepted)


def test_control_totals_are_exact(harness):
    """Tenths of a cent of a thousand rows do not drift."""
    from msgspec.structs import replace

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
