"""What the journal knows of other runs and of entities that rows link to: it decides whether something is sent."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from loader.journal.fates import UNCLEAR, last_undoing, operation_of_step
from loader.journal.runs import RunHandle
from loader.journal.schema import State, entities, links, rows, runs, steps
from loader.journal.store import Journal
from loader.models.operations import OPERATIONS
from loader.models.reversals import Fate, reversals_of_group

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    A planned step whose natural key another run against the same tenant has sent already.

    Attributes:
        ordinal: Row of the present run.
        step: Its step.
        run: Name of the earlier run.
        row: Row number there.
        state: What became of it there: accepted, or not known.
        remote_id: LoanPro's id, None where it is not known.
        same: True where both would send the same.
        archived: True where the entity has been archived since.
        unclear: True where it may have been deleted or archived since, and nobody knows.
        undone_in: The run that did either, "" if none.
    """

    ordinal: int
    step: int
    run: str
    row: int
    state: State
    remote_id: int | None
    same: bool
    archived: bool = False
    unclear: bool = False
    undone_in: str = ""


def sent_earlier(journal: Journal, run: RunHandle) -> Iterator[Earlier]:
    """
    The planned steps of a run whose keys other runs against the same tenant have sent: by row, the newest run first.

    What an undo has deleted since counts as never sent.
    """
    mine, theirs, their_rows = steps.alias("mine"), steps.alias("theirs"), rows.alias("their_rows")
    for number, operation in enumerate(run.operations):
        undoing = last_undoing(theirs, run, OPERATIONS[operation].entity_group)
        query = (
            sa.select(
                mine.c.ordinal,
                undoing.fate.label("fate"),
                undoing.run.label("undone_in"),
                runs.c.name,
                their_rows.c.row,
                theirs.c.state,
                theirs.c.remote_id,
                (mine.c.digest == theirs.c.digest).label("same"),
            )
            .select_from(mine)
            .join(theirs, sa.and_(theirs.c.key == mine.c.key, theirs.c.run != mine.c.run))
            .join(runs, runs.c.run == theirs.c.run)
            .join(
                their_rows,
                sa.and_(their_rows.c.run == theirs.c.run, their_rows.c.ordinal == theirs.c.ordinal),
            )
            .where(
                mine.c.run == run.number,
                mine.c.step == number,
                mine.c.state == State.PLANNED,
                sa.or_(
                    theirs.c.state.in_([State.ACCEPTED, State.UNKNOWN, State.SENDING]),
                    # Held because LoanPro has it: it must not be created a second time.
                    sa.and_(
                        theirs.c.state == State.HELD,
                        theirs.c.attempts > 0,
                        theirs.c.remote_id.is_not(None),
                    ),
                ),
                runs.c.host == run.record.host,
                runs.c.tenant == run.record.tenant,
                operation_of_step(theirs) == operation,
            )
            .order_by(mine.c.ordinal, theirs.c.run.desc())
        )
        with journal.read() as connection:
            for found in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                if found.fate == Fate.DELETED:
                    continue
                yield Earlier(
                    ordinal=found.ordinal,
                    step=number,
                    run=found.name,
                    row=found.row,
                    state=State(found.state),
                    remote_id=found.remote_id,
                    same=bool(found.same),
                    archived=found.fate == Fate.ARCHIVED,
                    unclear=found.fate == UNCLEAR,
                    undone_in=found.undone_in or "",
                )


def open_links(journal: Journal, run: RunHandle) -> list[tuple[str, str]]:
    """
    Entity groups and natural keys that planned rows link to, that no step of this run will make, and nobody here knows.

    Sorted and without repetition.
    """
    maker, known, their_run = steps.alias("maker"), steps.alias("known"), runs.alias("their_run")
    found: list[tuple[str, str]] = []
    with journal.read() as connection:
        groups = connection.execute(sa.select(links.c.entity).where(links.c.run == run.number).distinct())
        for entity in sorted(groups.scalars()):
            made_here = (
                sa.select(maker.c.run)
                .where(
                    maker.c.run + 0 == run.number,  # by key: the run's own index holds the whole file
                    maker.c.key == links.c.key,
                    maker.c.step.in_(_steps_making(run, entity)),
                    maker.c.state.in_(_MAY_COME),
                )
                .exists()
            )
            made_before = (
                sa.select(known.c.run)
                .join(their_run, their_run.c.run == known.c.run)
                .where(known.c.key == links.c.key, *_has_id(run, known, their_run, entity))
                .exists()
            )
            looked_up = (
                sa.select(entities.c.key)
                .where(entities.c.key == links.c.key, *_looked_up(run, entity))
                .exists()
            )
            query = (
                sa.select(links.c.key)
                .join(
                    steps,
                    sa.and_(
                        steps.c.run == links.c.run,
                        steps.c.ordinal == links.c.ordinal,
                        steps.c.step == links.c.step,
                    ),
                )
                .where(
                    links.c.run == run.number,
                    links.c.entity == entity,
                    steps.c.state == State.PLANNED,
                    ~made_here,
                    ~made_before,
                    ~looked_up,
                )
                .distinct()
                .order_by(links.c.key)
            )
            found.extend((entity, key) for key in connection.execute(query).scalars())
    return found


def rows_linking_to(
    journal: Journal, run: RunHandle, missing: Iterable[tuple[str, str]]
) -> Iterator[tuple[int, str, str]]:
    """Ordinal, entity group and key of the links of planned rows of this run that lead to what is missing."""
    wanted = set(missing)
    query = (
        sa.select(links.c.ordinal, links.c.entity, links.c.key)
        .join(
            steps,
            sa.and_(
                steps.c.run == links.c.run,
                steps.c.ordinal == links.c.ordinal,
                steps.c.step == links.c.step,
            ),
        )
        .where(links.c.run == run.number, steps.c.state == State.PLANNED)
        .order_by(links.c.ordinal, links.c.step, links.c.number)
    )
    with journal.read() as connection:
        for ordinal, entity, key in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            if (entity, key) in wanted:
                yield ordinal, entity, key


def remember_entities(journal: Journal, run: RunHandle, found: Iterable[tuple[str, str, int]]) -> None:
    """Keep what the tenant answered when links were looked up: entity group, key, LoanPro's id."""
    of_tenant = {"host": run.record.host, "tenant": run.record.tenant, "found_at": time.time()}
    values = [
        {**of_tenant, "entity": entity, "key": key, "remote_id": remote_id}
        for entity, key, remote_id in found
    ]
    if values:
        with journal.begin() as connection:
            connection.execute(entities.insert().prefix_with("OR REPLACE"), values)


@dataclass(frozen=True, slots=True)
class Known:
    """
    What the journal knows of an entity that is linked to.

    Attributes:
        remote_id: LoanPro's id, None where it is not known (yet).
        may_come: True where a step of this run may still come to the id.
        state: Where the step of this run stands that was to make it, None where there is none.
    """

    remote_id: int | None
    may_come: bool
    state: State | None


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

    def of(self, entity: str, key: str) -> Known:
        """
        What is known of one entity: from this run or an earlier one, else from a look-up in the tenant.

        Args:
            entity: Its group, such as `customers`.
            key: Its natural key.
        """
        run = self._run
        by_id = (
            sa.select(steps.c.remote_id)
            .join(runs, runs.c.run == steps.c.run)
            .where(steps.c.key == key, *_has_id(run, steps, runs, entity))
            .order_by(steps.c.run.desc())
            .limit(1)
        )
        by_look_up = sa.select(entities.c.remote_id).where(entities.c.key == key, *_looked_up(run, entity))
        here = sa.select(steps.c.state).where(
            steps.c.run + 0 == run.number, steps.c.key == key, steps.c.step.in_(_steps_making(run, entity))
        )
        with self._journal.read() as connection:
            states = {State(state) for state in connection.execute(here).scalars()}
            remote_id = connection.execute(by_id).scalar()
            if remote_id is None:
                remote_id = connection.execute(by_look_up).scalar()
        may_come = bool(states & set(_MAY_COME))
        # What is skipped as the same as another row has that row's fate.
        state = min(states - {State.SKIPPED}, default=None)
        return Known(remote_id, may_come, state)


_MAY_COME = (State.PLANNED, State.SENDING, State.UNKNOWN, State.ACCEPTED)


def _steps_making(run: RunHandle, entity: str) -> list[int]:
    """Numbers of the steps of a run that make entities of a group."""
    return [n for n, name in enumerate(run.operations) if OPERATIONS[name].entity_group == entity]


def _has_id(
    run: RunHandle, of: sa.FromClause, their_run: sa.FromClause, entity: str
) -> list[sa.ColumnElement[bool]]:
    """A step of any run against the same tenant that knows LoanPro's id of what it makes."""
    creating = [name for name, operation in OPERATIONS.items() if operation.entity_group == entity]
    return [
        of.c.remote_id.is_not(None),
        of.c.state.in_([State.ACCEPTED, State.SKIPPED]),
        their_run.c.host == run.record.host,
        their_run.c.tenant == run.record.tenant,
        operation_of_step(of, their_run).in_(creating),
        *_not_deleted(run, of, entity),
    ]


def _looked_up(run: RunHandle, entity: str) -> list[sa.ColumnElement[bool]]:
    """An entity of a group that the tenant itself named."""
    return [
        entities.c.host == run.record.host,
        entities.c.tenant == run.record.tenant,
        entities.c.entity == entity,
        *_not_deleted(run, entities, entity),
    ]


def _not_deleted(run: RunHandle, of: sa.FromClause, entity: str) -> list[sa.ColumnElement[bool]]:
    """No undo has deleted the entity; nothing to ask where nothing deletes such entities."""
    if not reversals_of_group(entity):
        return []
    return [sa.func.coalesce(last_undoing(of, run, entity).fate, "") != Fate.DELETED]
