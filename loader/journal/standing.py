"""Where the rows and steps of a run stand: what is open, what is planned, and how many there are of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from loader.journal.packed import count_packed
from loader.journal.runs import RunHandle
from loader.journal.schema import OPEN, State, issues, links, outcome_of, rows, steps
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
        sent_at: When it was last sent, seconds since 1970; None if never.
    """

    state: State
    attempts: int
    sent_at: float | None


class Standing(NamedTuple):
    """
    Where the steps of a row stand.

    Attributes:
        open: Number of a step to what is to be known of it; steps that are not in it are done.
        states: Number of the step to its state, for all steps.
    """

    open: Mapping[int, OpenStep]
    states: Mapping[int, State]


class OpenEntries(NamedTuple):
    """
    What the journal holds of rows that follow one another in the file.

    Attributes:
        standings: Of the rows that have something open, by ordinal, ascending; rows that stand alike share one.
        digests: Of the cells of each row, by ordinal.
        step_digests: By number of the step, of the content of each row's, by ordinal; None of one that cannot be sent.
    """

    standings: Mapping[int, Standing]
    digests: Mapping[int, bytes]
    step_digests: Sequence[Mapping[int, bytes | None]]


_STEPS = (
    "SELECT ordinal, digest, state, attempts, sent_at FROM steps"
    " WHERE run = ? AND ordinal BETWEEN ? AND ? AND step = ? ORDER BY ordinal"
)
_DIGESTS = "SELECT ordinal, digest FROM rows WHERE run = ? AND ordinal BETWEEN ? AND ?"


def open_entries(journal: Journal, run: RunHandle, first: int, last: int) -> OpenEntries | None:
    """The rows from *first* to *last*, None where nothing of them is open."""
    with journal.read() as connection:
        # From SQLite's driver itself: what SQLAlchemy makes of each row would take longer than to read it.
        driver = connection.connection.cursor()
        of_steps = [
            driver.execute(_STEPS, (run.number, first, last, number)).fetchall()
            for number in range(len(run.operations))
        ]
        standings = _standings(of_steps)
        if not standings:
            return None
        digests = dict(driver.execute(_DIGESTS, (run.number, first, last)))
    step_digests = [{entry[0]: entry[1] for entry in of_step} for of_step in of_steps]
    return OpenEntries(standings, digests, step_digests)


def _standings(of_steps: Sequence[Sequence[tuple[Any, ...]]]) -> dict[int, Standing]:
    """By ordinal those of the rows that have something open, from the entries of each step (`_STEPS`)."""
    known = _Standings()
    found = [{entry[0]: entry[2:] for entry in of_step} for of_step in of_steps]
    ordinals = found[0]  # a row has all steps or none
    of_rows = zip(*(map(of_step.get, ordinals) for of_step in found), strict=True)
    standings = zip(ordinals, map(known.__getitem__, of_rows), strict=True)
    return {ordinal: standing for ordinal, standing in standings if standing.open}


class _Standings(dict[tuple[tuple[str, int, float | None] | None, ...], Standing]):
    """What rows come to, by state, attempts and time of each of their steps, None for one that they do not have."""

    def __missing__(self, of_steps: tuple[tuple[str, int, float | None] | None, ...]) -> Standing:
        numbered = [(number, State(step[0]), *step[1:]) for number, step in enumerate(of_steps) if step]
        still_open = {
            number: OpenStep(state, attempts, sent_at)
            for number, state, attempts, sent_at in numbered
            if state in OPEN
        }
        self[of_steps] = Standing(still_open, {number: state for number, state, *_ in numbered})
        return self[of_steps]


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
        .where(steps.c.run == run.number, steps.c.step.in_(numbers), steps.c.state.in_(OPEN))
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
