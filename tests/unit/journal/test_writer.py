"""Intents and outcomes: durable when awaited, many to a transaction."""

import asyncio
import sqlite3
import sys
from datetime import UTC, datetime

import pytest
from fakes.harness import loan_step, row
from msgspec.structs import replace

from loader.errors import JournalError
from loader.journal.writer import StepId, Writer
from loader.models.outcome import Outcome, StepResult

ACCEPTED = StepResult(
    "loans.create",
    "POST",
    "odata.svc/Loans",
    "L",
    Outcome.ACCEPTED,
    200,
    77,
    1,
    datetime(2026, 1, 1, tzinfo=UTC),
    12.5,
)

NOT_SENT = StepResult("loans.create", "", "", "L", Outcome.NOT_SENT)


def states(harness):
    """What another process would read now."""
    with sqlite3.connect(harness.journal.path) as connection:
        return connection.execute(
            "SELECT ordinal, state, attempts, remote_id FROM steps ORDER BY ordinal"
        ).fetchall()


def begin(harness, rows):
    harness.begin([row(n, loan_step(f"L{n}")) for n in range(rows)])


def test_what_is_awaited_is_on_disk(harness):
    """Each step is seen by another reader as soon as its writer goes on."""
    begin(harness, 1)
    step, seen = StepId(harness.run.number, 0, 0), []

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            await writer.intent(step)
            seen.extend(states(harness))
            await writer.outcome(step, NOT_SENT)
            seen.extend(states(harness))
            await writer.intent(step)
            await writer.outcome(step, ACCEPTED)
            seen.extend(states(harness))

    asyncio.run(main())

    assert [(0, "sending", 1, None), (0, "planned", 0, None), (0, "accepted", 1, 77)] == seen


def test_many_writers_share_their_commits(harness):
    """A hundred intents at once cost a few transactions, not a hundred."""
    begin(harness, 100)

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            commits = batches_of(writer)
            await asyncio.gather(*(writer.intent(StepId(harness.run.number, n, 0)) for n in range(100)))
            return commits

    commits = asyncio.run(main())

    assert 100 == sum(commits)
    assert len(commits) < 20
    assert {"sending"} == {state for _, state, _, _ in states(harness)}


def batches_of(writer):
    """The sizes of the writer's transactions, as they are made."""
    commits, original = [], writer._commit
    writer._commit = lambda connection, batch: (commits.append(len(batch)), original(connection, batch))
    return commits


def test_outcomes_wait_for_the_next_intent(harness):
    """Where nobody is missed outcomes go with the next intent, in one transaction; nobody goes on before."""
    begin(harness, 4)
    steps = [StepId(harness.run.number, n, 0) for n in range(4)]
    before = []

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 3600.0) as writer:
            commits = batches_of(writer)
            await asyncio.gather(*(writer.intent(step) for step in steps[:3]))
            told = [asyncio.ensure_future(writer.outcome(step, ACCEPTED)) for step in steps[:3]]
            await asyncio.sleep(0)
            before.extend((states(harness)[:3], [one.done() for one in told]))
            await asyncio.gather(writer.intent(steps[3]), *told)
            return commits

    assert [3, 4] == asyncio.run(main())
    assert [[(n, "sending", 1, None) for n in range(3)], [False] * 3] == before
    assert ["accepted"] * 3 + ["sending"] == [state for _, state, _, _ in states(harness)]


def test_outcomes_do_not_wait_for_ever(harness):
    """Where no intent comes they are written once the leisure is over; where there is none, at once."""
    begin(harness, 2)
    leisure = []

    async def main():
        with Writer(harness.journal, leisure_s=leisure.pop) as writer:
            for n, seconds in enumerate((0.01, 0.0)):
                leisure.append(seconds)
                await writer.outcome(StepId(harness.run.number, n, 0), ACCEPTED)

    asyncio.run(main())

    assert ["accepted"] * 2 == [state for _, state, _, _ in states(harness)]
    assert [] == leisure


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ACCEPTED])
def test_only_what_was_accepted_waits(harness, outcome):
    """Refusals and the like may be enough to stop the run: they are not held back, and take along what is."""
    begin(harness, 2)
    steps = [StepId(harness.run.number, n, 0) for n in range(2)]

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 3600.0) as writer:
            commits = batches_of(writer)
            await asyncio.gather(
                writer.outcome(steps[0], ACCEPTED),
                writer.outcome(steps[1], replace(ACCEPTED, outcome=outcome)),
            )
            return commits

    assert [2] == asyncio.run(main())


def test_what_still_waits_is_written_at_the_end(harness):
    """Who was cancelled has left an outcome that nobody waits for; it is not lost."""
    begin(harness, 1)

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 3600.0) as writer:
            told = asyncio.ensure_future(writer.outcome(StepId(harness.run.number, 0, 0), ACCEPTED))
            await asyncio.sleep(0)
            told.cancel()

    asyncio.run(main())

    assert ["accepted"] == [state for _, state, _, _ in states(harness)]


def test_after_a_failure_nothing_more_is_written(harness):
    """The first failure stays: a journal with a gap would lie."""
    begin(harness, 3)
    with harness.journal.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON steps WHEN NEW.ordinal = 1 BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            await writer.intent(StepId(harness.run.number, 0, 0))
            for n in (1, 2):
                with pytest.raises(JournalError, match="disk is full"):
                    await writer.intent(StepId(harness.run.number, n, 0))

    asyncio.run(main())

    assert ["sending", "planned", "planned"] == [state for _, state, _, _ in states(harness)]


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be deleted there")
@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_what_goes_into_a_deleted_file_is_not_durable(harness, suffix):
    """SQLite would go on writing where nobody finds it again, and the requests would leave unrecorded."""
    begin(harness, 3)
    path = harness.journal.path

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            await writer.intent(StepId(harness.run.number, 0, 0))
            path.with_name(path.name + suffix).unlink()
            for n in (1, 2):
                with pytest.raises(JournalError, match="was deleted, moved or replaced"):
                    await writer.intent(StepId(harness.run.number, n, 0))

    asyncio.run(main())


def test_a_waiter_that_gave_up_loses_nothing(harness):
    """A cancelled worker's write is made all the same, and others hear of theirs."""
    begin(harness, 2)

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            hasty = asyncio.ensure_future(writer.intent(StepId(harness.run.number, 0, 0)))
            await asyncio.sleep(0)
            hasty.cancel()
            await writer.intent(StepId(harness.run.number, 1, 0))

    asyncio.run(main())

    assert ["sending", "sending"] == [state for _, state, _, _ in states(harness)]


def test_an_outcome_is_kept_whole_and_a_settling_one_wipes_nothing_out(harness):
    """Each value stands in its own column; what a look-up does not know stays as the answer had it."""
    begin(harness, 2)
    one, other = StepId(harness.run.number, 0, 0), StepId(harness.run.number, 1, 0)
    whole = replace(ACCEPTED, message="m", advice="a", parent_id=9)
    settled = replace(ACCEPTED, outcome=Outcome.HELD, status=None, sent_at=None, elapsed_ms=None, attempts=2)

    async def main():
        with Writer(harness.journal, leisure_s=lambda: 0.0) as writer:
            await asyncio.gather(writer.outcome(one, whole, "archived"), writer.outcome(other, whole))
            await writer.outcome(other, settled)

    asyncio.run(main())

    columns = "state, attempts, status, remote_id, parent_id, sent_at, elapsed_ms, message, advice, fate"
    with sqlite3.connect(harness.journal.path) as connection:
        found = connection.execute(f"SELECT {columns} FROM steps ORDER BY ordinal").fetchall()
    sent_at = ACCEPTED.sent_at.timestamp()
    assert [
        ("accepted", 1, 200, 77, 9, sent_at, 12.5, "m", "a", "archived"),
        ("held", 2, 200, 77, None, sent_at, 12.5, None, None, None),
    ] == found
