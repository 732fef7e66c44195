"""Where the rows and steps of a run stand: what is open, what is planned, and how many there are of each."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from loader.journal.packed import count_packed
from loader.journal.runs import RunHandle
from loader.journal.schema import State, issues, links, outcome_of, rows, steps
from loader.journal.store import Journal
from loader.models.outcome import WORST_FIRST, Outcome
from loader.models.record import Record

_AT_ONCE = 2_000


class OpenStep(Record, frozen=True):
    """
    A step that is still to be sent or settled.

    Attributes:
        state: Where it stands.
        attempts: How often it was sent so far.
        digest: Of its content.
        sent_at: When it was last sent, seconds since 1970; None if never.
    """

    state: State
    attempts: int
    digest: bytes
    sent_at: float | None


_OPEN = (State.PLANNED, State.SENDING, State.UNKNOWN)
_STATES = {state.value: state for state in State}


def open_steps(
    journal: Journal, run: RunHandle, first: int, last: int
) -> dict[int, tuple[dict[int, OpenStep], dict[int, State]]]:
    """
    The rows from *first* to *last* that have something open.

    Returns:
        By ordinal: the open steps, and the states of all steps, each by its number.
    """
    query = (
        sa.select(
            steps.c.ordinal, steps.c.step, steps.c.state, steps.c.attempts, steps.c.digest, steps.c.sent_at
        )
        .where(steps.c.run == run.number, steps.c.ordinal.between(first, last))
        .order_by(steps.c.ordinal, steps.c.step)
    )
    found: dict[int, tuple[dict[int, OpenStep], dict[int, State]]] = {}
    with journal.read() as connection:
        for ordinal, number, text, attempts, digest, sent_at in connection.execute(query).all():
            state = _STATES[text]
            still_open, states = found.setdefault(ordinal, ({}, {}))
            states[number] = state
            if state in _OPEN:
                still_open[number] = OpenStep(state, attempts, digest, sent_at)
    return {ordinal: row for ordinal, row in found.items() if row[0]}


def planned_of(
    journal: Journal, run: RunHandle, members: Sequence[tuple[int, int]], numbers: Sequence[int]
) -> set[tuple[int, int]]:
    """Those of some steps (ordinal and number) that are still planned."""
    planned: set[tuple[int, int]] = set()
    with journal.read() as connection:
        for start in range(0, len(members), _AT_ONCE):
            ordinals = [ordinal for ordinal, _ in members[start : start + _AT_ONCE]]
            query = sa.select(steps.c.ordinal, steps.c.step).where(
                steps.c.run == run.number,
                steps.c.ordinal.in_(ordinals),
                steps.c.step.in_(numbers),
                steps.c.state == State.PLANNED,
            )
            planned.update((ordinal, step) for ordinal, step in connection.execute(query))
    return planned


def row_digests(journal: Journal, run: RunHandle, first: int, last: int) -> dict[int, bytes]:
    """Digests of the rows from *first* to *last*, by ordinal: the source must still hold the same."""
    query = sa.select(rows.c.ordinal, rows.c.digest).where(
        rows.c.run == run.number, rows.c.ordinal.between(first, last)
    )
    with journal.read() as connection:
        return {ordinal: digest for ordinal, digest in connection.execute(query).all()}  # noqa: C416  rows, not pairs


def count_steps(journal: Journal, run: RunHandle, limit: int | None = None) -> Counter[tuple[int, State]]:
    """Steps by number and state; of the first *limit* rows if it is given, of a run whose rows are all entered apart."""
    query = (
        sa.select(steps.c.step, steps.c.state, sa.func.count())
        .where(steps.c.run == run.number)
        .group_by(steps.c.step, steps.c.state)
    )
    if limit is not None:
        query = query.where(steps.c.ordinal < limit)
    with journal.read() as connection:
        found = Counter({(step, State(state)): count for step, state, count in connection.execute(query)})
    together = count_packed(journal, run)
    for step in range(len(run.operations)):
        skipped = together.skipped[step]
        found += Counter({(step, State.PLANNED): together.rows - skipped, (step, State.SKIPPED): skipped})
    return found


def count_linked(
    journal: Journal, run: RunHandle, entity: str, numbers: Sequence[int], limit: int | None = None
) -> int:
    """
    How many entities of one group the open steps of some numbers link to; what a row makes itself counts for that row.

    Args:
        journal: Where the run is.
        run: Which one.
        entity: Entity group of the links, such as `loans`.
        numbers: Which steps.
        limit: Only of the first rows, None for all.
    """
    of_step = sa.and_(
        links.c.run == steps.c.run,
        links.c.ordinal == steps.c.ordinal,
        links.c.step == steps.c.step,
        links.c.entity == entity,
    )
    made_by_row = sa.case((links.c.key.is_(None), steps.c.ordinal))
    query = (
        sa.select(sa.func.count(sa.distinct(links.c.key)), sa.func.count(sa.distinct(made_by_row)))
        .select_from(steps.outerjoin(links, of_step))
        .where(steps.c.run == run.number, steps.c.step.in_(numbers), steps.c.state.in_(_OPEN))
    )
    if limit is not None:
        query = query.where(steps.c.ordinal < limit)
    with journal.read() as connection:
        return sum(connection.execute(query).one())


def rank_of(step: sa.FromClause) -> sa.ColumnElement[int]:
    """The place of a step's outcome in `WORST_FIRST`; the least of a row's steps is the row's."""
    ranks = {state.value: WORST_FIRST.index(outcome_of(state)) for state in State}
    return sa.case(ranks, value=step.c.state)


def count_rows(journal: Journal, run: RunHandle) -> dict[Outcome, int]:
    """Rows by the outcome they have now; every outcome is a key."""
    of_rows = (
        sa.select(sa.func.min(rank_of(steps)).label("worst"))
        .where(steps.c.run == run.number)
        .group_by(steps.c.ordinal)
        .subquery()
    )
    by_rank = sa.select(of_rows.c.worst, sa.func.count()).group_by(of_rows.c.worst)
    excluded = sa.select(sa.func.count()).where(rows.c.run == run.number, rows.c.excluded.is_not(None))
    counts = dict.fromkeys(Outcome, 0)
    together = count_packed(journal, run)
    counts[Outcome.NOT_SENT] += together.rows - together.skipped_rows
    counts[Outcome.SKIPPED] += together.skipped_rows
    with journal.read() as connection:
        for found, count in connection.execute(by_rank):
            counts[WORST_FIRST[found]] += count
        counts[Outcome.SKIPPED] += connection.execute(excluded).scalar_one()
    return counts


def count_issues(journal: Journal, run: RunHandle) -> Sequence[tuple[str, str, str, int]]:
    """Severity, rule, column and number of rows, the most frequent first."""
    query = (
        sa.select(
            issues.c.severity,
            issues.c.rule,
            issues.c.column,
            sa.func.count(sa.distinct(issues.c.ordinal)).label("count"),
        )
        .where(issues.c.run == run.number)
        .group_by(issues.c.severity, issues.c.rule, issues.c.column)
        .order_by(issues.c.severity, sa.desc("count"), issues.c.rule)
    )
    with journal.read() as connection:
        return [(s, rule, column, count) for s, rule, column, count in connection.execute(query)]
