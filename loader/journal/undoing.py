"""
The rows of an undo: what another run has created, the newest first, each with the row that it came from.

A row of the undone run that created something is a row here, under the same number; its steps stand in the reverse order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from loader.journal.fates import last_undoing
from loader.journal.runs import RunHandle
from loader.journal.schema import State, rows, steps
from loader.journal.schema import runs as runs_table
from loader.journal.store import Journal
from loader.models.operations import find_operation
from loader.models.outcome import Outcome
from loader.models.reversals import Fate, Reversal

_AT_ONCE = 2_000
_MAY_HAVE_CREATED = (State.ACCEPTED, State.SENDING, State.UNKNOWN)
_ADVICE_UNKNOWN = (
    "look for its number in LoanPro; `loader resume` of that run settles it, and sends what was not sent"
)


@dataclass(frozen=True, slots=True)
class OpenReversal:
    """
    An entity that is still to be undone, or whose undoing has no known outcome.

    Attributes:
        ordinal: Row of the undo.
        key: Its natural key when it was made.
        remote_id: LoanPro's id.
        state: Where its step stands.
        attempts: How often a request was sent for it.
    """

    ordinal: int
    key: str
    remote_id: int
    state: State
    attempts: int


def enter_undo(
    journal: Journal, run: RunHandle, undone: RunHandle, reversals: Sequence[Reversal], limit: int | None
) -> int:
    """
    Enter what a run has created as the rows of its undo, all of it or nothing.

    Rows with something that can still be undone come first, and of these the newest, so that a repeated undo with a limit goes on
    where the last one stopped.

    Args:
        journal: Where both runs are.
        run: The undo.
        undone: The run that is undone.
        reversals: For each of the undone run's steps, the last step first, how it is undone.
        limit: So many rows at most, None for all.

    Returns:
        How many rows.
    """
    numbers = range(len(undone.operations) - 1, -1, -1)
    with journal.begin() as connection:
        connection.execute(_rows(run, undone, list(zip(numbers, reversals, strict=True)), limit))
        for step, (number, reversal) in enumerate(zip(numbers, reversals, strict=True)):
            connection.execute(_steps(run, step, undone, number, reversal))
        count = connection.execute(
            sa.select(sa.func.count()).select_from(rows).where(rows.c.run == run.number)
        ).scalar_one()
        connection.execute(runs_table.update().where(runs_table.c.run == run.number).values(rows_read=count))
    return count


def _rows(
    run: RunHandle, undone: RunHandle, reversals: Sequence[tuple[int, Reversal]], limit: int | None
) -> sa.Insert:
    theirs, their_rows = steps.alias("theirs"), rows.alias("their_rows")
    still_open = sa.or_(
        sa.false(),
        *(
            sa.and_(theirs.c.step == number, ~_reached(theirs, undone, reversal))
            for number, reversal in reversals
            if reversal.fate is not None
        ),
    )
    created = (
        sa.select(
            theirs.c.ordinal,
            sa.func.max(sa.case((still_open, 1), else_=0)).label("still_open"),
            sa.func.max(theirs.c.sent_at).label("sent_at"),
        )
        .where(theirs.c.run == undone.number, theirs.c.state.in_(_MAY_HAVE_CREATED))
        .group_by(theirs.c.ordinal)
        .subquery()
    )
    newest_first = (created.c.still_open.desc(), created.c.sent_at.desc(), created.c.ordinal.desc())
    found = (
        sa.select(
            sa.literal(run.number),
            sa.func.row_number().over(order_by=newest_first) - 1,
            their_rows.c.row,
            their_rows.c.line,
            their_rows.c.original,
            their_rows.c.digest,
            their_rows.c.ordinal,
        )
        .join(created, created.c.ordinal == their_rows.c.ordinal)
        .where(their_rows.c.run == undone.number)
        .order_by(*newest_first)
        .limit(limit)
    )
    return rows.insert().from_select(["run", "ordinal", "row", "line", "original", "digest", "origin"], found)


def _steps(run: RunHandle, step: int, undone: RunHandle, number: int, reversal: Reversal) -> sa.Insert:
    theirs = steps.alias("theirs")
    name = undone.record.name
    created = theirs.c.state.in_(_MAY_HAVE_CREATED)
    nothing_made = sa.literal(f"run {name} made nothing here: ") + theirs.c.state
    state: sa.ColumnElement[str]
    message: sa.ColumnElement[str | None]
    if reversal.fate is None:
        unknown: sa.ColumnElement[bool] = sa.false()
        state = sa.literal(State.SKIPPED.value)
        message = sa.case((created, reversal.why_not), else_=nothing_made)
    else:
        reached = _reached(theirs, undone, reversal)
        undoing = last_undoing(theirs, undone, _group(reversal))
        unknown = sa.and_(created, sa.or_(theirs.c.state != State.ACCEPTED, theirs.c.remote_id.is_(None)))
        state = sa.case(
            (unknown, State.HELD.value),
            (sa.and_(created, ~reached), State.PLANNED.value),
            else_=State.SKIPPED.value,
        )
        message = sa.case(
            (unknown, f"whether run {name} created it is not known"),
            (sa.and_(created, ~reached), sa.null()),
            (created, undoing.fate + sa.literal(" already in run ") + undoing.run),
            else_=nothing_made,
        )
    found = (
        sa.select(
            sa.literal(run.number),
            rows.c.ordinal,
            sa.literal(step),
            theirs.c.key,
            state,
            theirs.c.digest,
            theirs.c.amounts,
            sa.literal(0),
            theirs.c.remote_id,
            message,
            sa.case((unknown, _ADVICE_UNKNOWN), else_=sa.null()),
        )
        .select_from(rows.join(theirs, theirs.c.ordinal == rows.c.origin))
        .where(rows.c.run == run.number, theirs.c.run == undone.number, theirs.c.step == number)
    )
    names = ["run", "ordinal", "step", "key", "state", "digest", "amounts", "attempts", "remote_id"]
    return steps.insert().from_select([*names, "message", "advice"], found)


def _reached(of: sa.FromClause, undone: RunHandle, reversal: Reversal) -> sa.ColumnElement[bool]:
    """An earlier undo has done the same, or has deleted the entity."""
    fates = [fate.value for fate in {Fate.DELETED, reversal.fate} if fate is not None]
    return sa.func.coalesce(last_undoing(of, undone, _group(reversal)).fate, "").in_(fates)


def _group(reversal: Reversal) -> str:
    return find_operation(reversal.undoes).entity_group


def reopen_reversals(journal: Journal, run: RunHandle, undone: RunHandle, outcomes: Iterable[Outcome]) -> int:
    """
    Plan reversals once more that came to one of these outcomes.

    Only what the undone run is known to have created, by now, is planned. What was held after a request was sent becomes unknown
    instead, as it may have been undone by that request since.

    Args:
        journal: Where both runs are.
        run: The undo.
        undone: The run that is undone.
        outcomes: Such as held.

    Returns:
        How many.
    """
    theirs = steps.alias("theirs")
    created = (
        sa.select(theirs.c.remote_id)
        .join(rows, rows.c.origin == theirs.c.ordinal)
        .where(
            rows.c.run == run.number,
            rows.c.ordinal == steps.c.ordinal,
            theirs.c.run == undone.number,
            theirs.c.step == len(undone.operations) - 1 - steps.c.step,
            theirs.c.state == State.ACCEPTED,
        )
        .correlate(steps)
        .scalar_subquery()
    )
    sent_and_held = sa.and_(steps.c.state == State.HELD, steps.c.attempts > 0)
    statement = (
        steps.update()
        .where(
            steps.c.run == run.number,
            steps.c.state.in_([State(outcome.value) for outcome in outcomes]),
            created.is_not(None),
        )
        .values(
            state=sa.case((sent_and_held, State.UNKNOWN.value), else_=State.PLANNED.value),
            remote_id=created,
            message=None,
            advice=None,
            status=None,
        )
    )
    with journal.begin() as connection:
        return connection.execute(statement).rowcount


def open_reversals(
    journal: Journal, run: RunHandle, step: int, limit: int | None = None
) -> Iterator[list[OpenReversal]]:
    """What one step of an undo has still open, some thousand at a time, the newest first; of the newest *limit* rows."""
    last = -1
    wanted = sa.true() if limit is None else steps.c.ordinal < limit
    while True:
        query = (
            sa.select(steps.c.ordinal, steps.c.key, steps.c.remote_id, steps.c.state, steps.c.attempts)
            .where(
                steps.c.run == run.number,
                steps.c.ordinal > last,
                wanted,
                steps.c.step == step,
                steps.c.state.in_([State.PLANNED, State.SENDING, State.UNKNOWN]),
            )
            .order_by(steps.c.ordinal)
            .limit(_AT_ONCE)
        )
        with journal.read() as connection:
            found = [
                OpenReversal(one.ordinal, one.key, one.remote_id, State(one.state), one.attempts)
                for one in connection.execute(query)
            ]
        if not found:
            return
        yield found
        last = found[-1].ordinal
