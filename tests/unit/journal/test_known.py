"""What the journal knows of other runs and of linked entities."""

import pytest
from fakes.harness import Harness, customer_step, loan_step, row

from loader.journal import runs
from loader.journal.known import Links, open_links, remember_entities, sent_earlier
from loader.journal.recorder import Recorder
from loader.journal.schema import State, steps
from loader.plan import settle_earlier

BOTH = ("customers.create", "loans.create")


@pytest.fixture
def journal(tmp_path):
    """Begins runs in one journal; a step's state can be set."""
    harness = Harness(tmp_path, server=None)

    def begin(name, rows, operations=("loans.create",), **changes):
        harness.begin(rows, operations, name=name, **changes)
        return runs.find_run(harness.journal, name)

    def put(run, state, **values):
        with harness.journal.begin() as connection:
            connection.execute(steps.update().where(steps.c.run == run.number).values(state=state, **values))

    harness.begin_run, harness.put = begin, put
    yield harness
    harness.journal.close()


def loan_rows(*keys):
    return [row(n, loan_step(key)) for n, key in enumerate(keys)]


@pytest.mark.parametrize("state", [State.ACCEPTED, State.UNKNOWN, State.SENDING])
def test_what_another_run_has_sent_is_known(journal, state):
    """Also what it sent without a recorded answer: it may be there."""
    first = journal.begin_run("1-first", loan_rows("L0"))
    journal.put(first, state, remote_id=7)
    second = journal.begin_run("2-second", loan_rows("L0"))

    (found,) = sent_earlier(journal.journal, second)
    assert ("1-first", 2, state, True) == (found.run, found.row, found.state, found.same)


@pytest.mark.parametrize("state", [State.PLANNED, State.INVALID, State.REJECTED, State.HELD, State.SKIPPED])
def test_what_another_run_has_not_sent_is_no_matter(journal, state):
    """Nor what was refused."""
    journal.put(journal.begin_run("1-first", loan_rows("L0")), state)

    assert [] == list(sent_earlier(journal.journal, journal.begin_run("2-second", loan_rows("L0"))))


@pytest.mark.parametrize("changes", [{"tenant": "5201"}, {"host": "other"}])
def test_another_tenant_is_no_matter(journal, changes):
    """Sandbox and production share a host and must never be mixed."""
    journal.put(journal.begin_run("1-first", loan_rows("L0"), **changes), State.ACCEPTED, remote_id=7)
    second = journal.begin_run("2-second", [row(0, loan_step("L0", borrower="C1"))])

    assert [] == list(sent_earlier(journal.journal, second))
    assert Links(journal.journal, second).of("loans", "L0").remote_id is None
    assert [("customers", "C1")] == open_links(journal.journal, second)


def test_the_same_key_of_another_operation_is_no_matter(journal):
    """Customer 7 is not loan 7."""
    journal.put(
        journal.begin_run("1-first", [row(0, customer_step("7"))], ("customers.create",)),
        State.ACCEPTED,
        remote_id=5,
    )
    second = journal.begin_run("2-second", loan_rows("7"))

    assert [] == list(sent_earlier(journal.journal, second))
    assert Links(journal.journal, second).of("loans", "7").remote_id is None
    assert 5 == Links(journal.journal, second).of("customers", "7").remote_id


def test_the_newest_run_is_asked_first(journal):
    """Of several runs with one key the last one's word counts."""
    journal.put(journal.begin_run("1-first", loan_rows("L0")), State.ACCEPTED, remote_id=7)
    journal.put(journal.begin_run("2-second", loan_rows("L0")), State.ACCEPTED, remote_id=8)
    third = journal.begin_run("3-third", loan_rows("L0"))
    settle_earlier(Recorder(journal.journal, third.number), journal.journal, third)

    assert (
        "2-second" == next(iter(sent_earlier(journal.journal, journal.begin_run("4", loan_rows("L0"))))).run
    )
    (result,) = journal.results_of(third)
    assert (8, "accepted already in run 2-second, row 2") == (result.steps[0].remote_id, result.message)


def test_an_accepted_maker_of_this_run_is_not_looked_up(journal):
    """What this run makes, has made, or may yet make is no question to the tenant; what it refused is."""
    rows = [
        row(0, customer_step("C1"), loan_step("L0")),
        row(1, customer_step("C2"), loan_step("L1", borrower="C1")),
    ]
    run = journal.begin_run("1-first", rows, BOTH)
    maker = (steps.c.ordinal == 0) & (steps.c.step == 0)
    for state, wanted in (
        (State.PLANNED, []),
        (State.SENDING, []),
        (State.ACCEPTED, []),
        (State.REJECTED, [("customers", "C1")]),
        (State.INVALID, [("customers", "C1")]),
    ):
        with journal.journal.begin() as connection:
            connection.execute(steps.update().where(maker).values(state=state))
        assert wanted == open_links(journal.journal, run), state


def test_what_the_tenant_said_is_remembered(journal):
    """A link is looked up once for a tenant."""
    run = journal.begin_run("1-first", [row(0, loan_step("L0", borrower="C1"))])
    assert [("customers", "C1")] == open_links(journal.journal, run)
    remember_entities(journal.journal, run, [("customers", "C1", 31)])

    assert [] == open_links(journal.journal, run)
    assert 31 == Links(journal.journal, run).of("customers", "C1").remote_id


def test_a_maker_that_is_the_same_as_another_row_shares_its_fate(journal):
    """Skipped as the same as a refused row: the refusal is what is told."""
    rows = [row(0, customer_step("C1")), row(1, customer_step("C1"))]
    run = journal.begin_run("1-first", rows, ("customers.create",))
    with journal.journal.begin() as connection:
        connection.execute(steps.update().where(steps.c.ordinal == 0).values(state=State.REJECTED))
        connection.execute(steps.update().where(steps.c.ordinal == 1).values(state=State.SKIPPED))

    known = Links(journal.journal, run).of("customers", "C1")
    assert (None, False, State.REJECTED) == (known.remote_id, known.may_come, known.state)
