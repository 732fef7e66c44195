"""What the journal knows that decides whether something is sent: earlier runs, links, planned steps."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from loader.journal.runs import RunHandle
from loader.journal.schema import State, entities, issues, links, outcome_of, rows, runs, steps
from loader.journal.store import Journal
from loader.models.operations import OPERATIONS
from loader.models.outcome import WORST_FIRST, Outcome

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    A planned step whose natural key an earlier run against the same tenant has sent already.

    Attributes:
        ordinal: Row of the present run.
        step: Its step.
        run: Name of the earlier run.
        row: Row number there.
        state: What became of it there: accepted, or not known.
        remote_id: LoanPro's id, None where it is not known.
        same: True where both would send the same.
    """

    ordinal: int
    step: int
    run: str
    row: int
    state: State
    remote_id: int | None
    same: bool


def sent_earlier(journal: Journal, run: RunHandle) -> Iterator[Earlier]:
    """The planned steps of a run whose keys earlier runs against the same tenant have sent, newest run first."""
    mine, theirs, their_rows = steps.alias("mine"), steps.alias("theirs"), rows.alias("their_rows")
    for number, operation in enumerate(run.operations):
        query = (
            sa.select(
                mine.c.ordinal,
                runs.c.name,
                their_rows.c.row,
                theirs.c.state,
                theirs.c.remote_id,
                (mine.c.digest == theirs.c.digest).label("same"),
            )
            .select_from(mine)
            .join(theirs, sa.and_(theirs.c.key == mine.c.key, theirs.c.run < mine.c.run))
            .join(runs, runs.c.run == theirs.c.run)
            .join(
                their_rows,
                sa.and_(their_rows.c.run == theirs.c.run, their_rows.c.ordinal == theirs.c.ordinal),
            )
            .where(
                mine.c.run == run.number,
                mine.c.step == number,
                mine.c.state == State.PLANNED,
                theirs.c.state.in_([State.ACCEPTED, State.UNKNOWN, State.SENDING]),
                runs.c.host == run.record.host,
                runs.c.tenant == run.record.tenant,
                _operation_of(theirs) == operation,
            )
            .order_by(mine.c.ordinal, theirs.c.run.desc())
        )
        with journal.read() as connection:
            for found in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                yield Earlier(
                    ordinal=found.ordinal,
                    step=number,
                    run=found.name,
                    row=found.row,
                    state=State(found.state),
                    remote_id=found.remote_id,
                    same=bool(found.same),
                )


def open_links(journal: Journal, run: RunHandle) -> list[tuple[str, str]]:
    """
    Entity groups and natural keys that valid rows link to and that neither this run makes nor the journal knows.

    Sorted and without repetition.
    """
    with journal.read() as connection:
        query = (
            sa.select(links.c.entity, links.c.key)
            .join(
                steps,
                sa.and_(
                    steps.c.run == links.c.run,
                    steps.c.ordinal == links.c.ordinal,
                    steps.c.step == links.c.step,
                ),
            )
            .where(links.c.run == run.number, steps.c.state == State.PLANNED)
            .distinct()
            .order_by(links.c.entity, links.c.key)
        )
        wanted = [(entity, key) for entity, key in connection.execute(query)]
    lookup = Links(journal, run)
    return [
        (entity, key)
        for entity, key in wanted
        if not lookup.made_here(entity, key) and lookup.id_of(entity, key) is None
    ]


def rows_linking_to(
    journal: Journal, run: RunHandle, missing: Iterable[tuple[str, str]]
) -> Iterator[tuple[int, str, str]]:
    """Ordinal, entity group and key of the links of this run that lead to what is missing."""
    wanted = set(missing)
    query = (
        sa.select(links.c.ordinal, links.c.entity, links.c.key)
        .where(links.c.run == run.number)
        .order_by(links.c.ordinal, links.c.step, links.c.number)
    )
    with journal.read() as connection:
        for ordinal, entity, key in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            if (entity, key) in wanted:
                yield ordinal, entity, key


def remember_entity(journal: Journal, run: RunHandle, entity: str, key: str, remote_id: int) -> None:
    """Keep what the tenant answered when a link was looked up."""
    identity = {"host": run.record.host, "tenant": run.record.tenant, "entity": entity, "key": key}
    with journal.begin() as connection:
        connection.execute(
            entities.insert().prefix_with("OR REPLACE"),
            [{**identity, "remote_id": remote_id, "found_at": time.time()}],
        )


class Links:
    """
    Natural keys to LoanPro's ids, as far as the journal knows them.

    Args:
        journal: Where to look.
        run: The run that asks; ids of another tenant are never given.
    """

    def __init__(self, journal: Journal, run: RunHandle) -> None:
        self._journal = journal
        self._run = run
        self._step_of = {OPERATIONS[name].entity_group: number for number, name in enumerate(run.operations)}

    def made_here(self, entity: str, key: str) -> bool:
        """True where a step of this run makes the entity, or was to make it."""
        return bool(self._states_here(entity, key))

    def failed_here(self, entity: str, key: str) -> State | None:
        """The state of this run's step that was to make the entity, where it cannot come to an id any more."""
        states = self._states_here(entity, key)
        if not states or states & {State.PLANNED, State.SENDING, State.ACCEPTED}:
            return None
        return next(iter(sorted(states - {State.SKIPPED}))) if states - {State.SKIPPED} else None

    def id_of(self, entity: str, key: str) -> int | None:
        """LoanPro's id of the entity: from this run or an earlier one, else from an earlier look-up."""
        creating = [name for name, operation in OPERATIONS.items() if operation.entity_group == entity]
        query = (
            sa.select(steps.c.remote_id)
            .join(runs, runs.c.run == steps.c.run)
            .where(
                steps.c.key == key,
                steps.c.remote_id.is_not(None),
                steps.c.state.in_([State.ACCEPTED, State.SKIPPED]),
                runs.c.host == self._run.record.host,
                runs.c.tenant == self._run.record.tenant,
                _operation_of(steps).in_(creating),
            )
            .order_by(steps.c.run.desc())
            .limit(1)
        )
        looked_up = sa.select(entities.c.remote_id).where(
            entities.c.host == self._run.record.host,
            entities.c.tenant == self._run.record.tenant,
            entities.c.entity == entity,
            entities.c.key == key,
        )
        with self._journal.read() as connection:
            found: int | None = connection.execute(query).scalar()
            return found if found is not None else connection.execute(looked_up).scalar()

    def _states_here(self, entity: str, key: str) -> set[State]:
        if entity not in self._step_of:
            return set()
        query = sa.select(steps.c.state).where(
            steps.c.run == self._run.number, steps.c.key == key, steps.c.step == self._step_of[entity]
        )
        with self._journal.read() as connection:
            return {State(state) for state in connection.execute(query).scalars()}


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that is still to be sent or settled: its state, its attempts so far, and the digest of its content."""

    state: State
    attempts: int
    digest: bytes


def open_steps(journal: Journal, run: RunHandle, first: int, last: int) -> dict[tuple[int, int], OpenStep]:
    """The planned and unsettled steps of the rows from *first* to *last*, by ordinal and step."""
    query = sa.select(steps.c.ordinal, steps.c.step, steps.c.state, steps.c.attempts, steps.c.digest).where(
        steps.c.run == run.number,
        steps.c.ordinal.between(first, last),
        steps.c.state.in_([State.PLANNED, State.SENDING, State.UNKNOWN]),
    )
    with journal.read() as connection:
        return {
            (found.ordinal, found.step): OpenStep(State(found.state), found.attempts, found.digest)
            for found in connection.execute(query)
        }


def row_digests(journal: Journal, run: RunHandle, first: int, last: int) -> dict[int, bytes]:
    """Digests of the rows from *first* to *last*, by ordinal: the source must still hold the same."""
    query = sa.select(rows.c.ordinal, rows.c.digest).where(
        rows.c.run == run.number, rows.c.ordinal.between(first, last)
    )
    with journal.read() as connection:
        return {found.ordinal: found.digest for found in connection.execute(query)}


def count_steps(journal: Journal, run: RunHandle) -> Counter[tuple[int, State]]:
    """Steps by number and state."""
    query = (
        sa.select(steps.c.step, steps.c.state, sa.func.count())
        .where(steps.c.run == run.number)
        .group_by(steps.c.step, steps.c.state)
    )
    with journal.read() as connection:
        return Counter({(step, State(state)): count for step, state, count in connection.execute(query)})


def count_rows(journal: Journal, run: RunHandle) -> dict[Outcome, int]:
    """Rows by the outcome they have now; every outcome is a key."""
    rank = sa.case(
        {state.value: WORST_FIRST.index(outcome_of(state)) for state in State}, value=steps.c.state
    )
    of_rows = (
        sa.select(sa.func.min(rank).label("worst"))
        .where(steps.c.run == run.number)
        .group_by(steps.c.ordinal)
        .subquery()
    )
    by_rank = sa.select(of_rows.c.worst, sa.func.count()).group_by(of_rows.c.worst)
    excluded = sa.select(sa.func.count()).where(rows.c.run == run.number, rows.c.excluded.is_not(None))
    counts = dict.fromkeys(Outcome, 0)
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


def _operation_of(of: sa.FromClause) -> sa.ColumnElement[str]:
    """The operation's name of a step in a query that joins its run."""
    return sa.func.json_extract(
        runs.c.operations, sa.literal("$[") + sa.cast(of.c.step, sa.Text) + sa.literal("]")
    )
