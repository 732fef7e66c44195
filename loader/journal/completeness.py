"""Whether a run of the same rows would find nothing left to send: asked of the journal alone, without reading any row."""

import sqlalchemy as sa

from loader.journal.fates import UNDO, operation_of_step
from loader.journal.runs import RunHandle, list_runs
from loader.journal.schema import State, runs, steps
from loader.journal.standing import count_steps
from loader.journal.store import Journal

_DONE = {State.ACCEPTED, State.SKIPPED}


def is_all_accepted(journal: Journal, run: RunHandle) -> bool:
    """
    Whether all that the rows of a run would send was accepted, and nothing has touched it since.

    Each step was accepted in this run, or skipped with the same content accepted under its key in this run or one before. Where a later
    run against the same tenant, or an undo, has a step under any of the keys, it is left to a check of the whole file.
    """
    states = {state for _, state in count_steps(journal, run)}
    if not states or states - _DONE:
        return False
    if State.SKIPPED in states and _has_skipped_without_reason(journal, run):
        return False
    return not _touched_since(journal, run)


def _has_skipped_without_reason(journal: Journal, run: RunHandle) -> bool:
    mine, theirs, their_run = steps.alias("mine"), steps.alias("theirs"), runs.alias("their_run")
    accepted = (
        sa.select(theirs.c.run)
        .join(their_run, their_run.c.run == theirs.c.run)
        .where(
            theirs.c.key == mine.c.key,
            theirs.c.digest == mine.c.digest,
            theirs.c.state == State.ACCEPTED,
            their_run.c.host == run.record.host,
            their_run.c.tenant == run.record.tenant,
            operation_of_step(theirs, their_run) == sa.bindparam("operation"),
        )
        .exists()
    )
    found = sa.select(mine.c.ordinal).where(
        mine.c.run == run.number,
        mine.c.step == sa.bindparam("step"),
        mine.c.state == State.SKIPPED,
        ~accepted,
    )
    with journal.read() as connection:
        return any(
            connection.execute(found.limit(1), {"step": step, "operation": operation}).first() is not None
            for step, operation in enumerate(run.operations)
        )


def _touched_since(journal: Journal, run: RunHandle) -> bool:
    """Whether a later run against the same tenant, or an undo, has a step under one of the run's keys."""
    of_tenant = (run.record.host, run.record.tenant)
    others = [
        other.number
        for other in list_runs(journal)
        if (other.number > run.number or other.record.kind == UNDO)
        and (other.record.host, other.record.tenant) == of_tenant
    ]
    if not others:
        return False
    mine, theirs = steps.alias("mine"), steps.alias("theirs")
    found = (
        sa.select(mine.c.ordinal)
        .join(theirs, theirs.c.key == mine.c.key)
        .where(mine.c.run == run.number, theirs.c.run.in_(others))
        .limit(1)
    )
    with journal.read() as connection:
        return connection.execute(found).first() is not None
