"""A run is complete without a further check only where such a check would find nothing to send."""

import sqlalchemy as sa
from fakes.harness import loan_step, record, row
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from loader.journal import runs
from loader.journal.completeness import is_all_accepted
from loader.journal.recorder import Recorder
from loader.journal.schema import State, steps
from loader.journal.standing import count_steps
from loader.journal.store import Journal
from loader.plan import settle_earlier

KEYS = ("L1", "L2", "L3")
STATES = (
    [State.ACCEPTED] * 10 + [State.SKIPPED] * 4 + [State.PLANNED, State.UNKNOWN, State.HELD, State.REJECTED]
)
STEPS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from((900, 900, 901)), st.sampled_from(STATES)),
    min_size=1,
    max_size=4,
)
RUNS = st.lists(
    st.tuples(
        st.sampled_from(("loans.create", "loans.create", "loans.delete", "loans.archive")),
        st.sampled_from(("test", "test", "other")),
        STEPS,
    ),
    max_size=2,
)


def _enter(journal, number, operation, host, found):
    """A run with these steps in these states; those of an undo have the fate that goes with them."""
    kind = "submit" if operation == "loans.create" else "undo"
    run = runs.begin_run(
        journal, record(name=f"run-{number}", kind=kind, host=host), (operation,), {"totals": []}
    )
    rows = [row(n, loan_step(key, loanAmount=amount)) for n, (key, amount, _) in enumerate(found)]
    Recorder(journal, run.number).add(0, rows)
    fates = {"loans.delete": "deleted", "loans.archive": "archived"}
    with journal.begin() as connection:
        for n, (key, _, state) in enumerate(found):
            known = state in {State.ACCEPTED, State.HELD}
            connection.execute(
                steps.update()
                .where(steps.c.run == run.number, steps.c.ordinal == n)
                .values(
                    state=state,
                    attempts=int(known or state is State.UNKNOWN),
                    remote_id=KEYS.index(key) if known or kind == "undo" else None,
                    fate=fates.get(operation) if state is State.ACCEPTED else None,
                )
            )
    return run


ACCEPTED = ("L1", 900, State.ACCEPTED)
SAME_AGAIN = ("L1", 900, State.SKIPPED)
OTHER_AMOUNT = ("L1", 901, State.SKIPPED)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@example([], [ACCEPTED, SAME_AGAIN], [], True)
@example([], [ACCEPTED, OTHER_AMOUNT], [], False)
@example([("loans.create", "test", [ACCEPTED])], [SAME_AGAIN], [], True)
@example([("loans.create", "other", [ACCEPTED])], [SAME_AGAIN], [], False)
@example([], [ACCEPTED], [("loans.delete", "test", [ACCEPTED])], False)
@example([], [ACCEPTED], [("loans.create", "test", [("L2", 900, State.ACCEPTED)])], True)
@given(RUNS, STEPS, RUNS, st.none())
def test_nothing_is_left_to_send_of_a_complete_run(tmp_path_factory, before, found, since, expected):
    """Whatever runs were before and since, to this tenant and others, undos among them: the same rows in a new run would plan nothing."""
    journal = Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite", durable=False)
    try:
        for number, (operation, host, others) in enumerate(before):
            _enter(journal, f"before-{number}", operation, host, others)
        run = _enter(journal, "itself", "loans.create", "test", found)
        for number, (operation, host, others) in enumerate(since):
            _enter(journal, f"since-{number}", operation, host, others)
        complete = is_all_accepted(journal, run)
        event(f"complete: {complete}")
        assert expected in {None, complete}
        assume(complete)
        again = _enter(
            journal, "again", "loans.create", "test", [(*content, State.PLANNED) for *content, _ in found]
        )
        settle_earlier(Recorder(journal, again.number), journal, again)
        assert State.PLANNED not in {state for _, state in count_steps(journal, again)}
    finally:
        journal.close()


def test_a_run_without_steps_is_checked_again(tmp_path):
    """All its rows were left out by the template: there is nothing that was accepted."""
    journal = Journal(tmp_path / "journal.sqlite")
    run = runs.begin_run(journal, record(), ("loans.create",), {"totals": []})
    assert not is_all_accepted(journal, run)
    with journal.read() as connection:
        assert 0 == connection.execute(sa.select(sa.func.count()).select_from(steps)).scalar()
    journal.close()
