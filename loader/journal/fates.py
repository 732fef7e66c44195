"""What has become of entities that a run created: what undos have archived or deleted since, read from their steps."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from loader.journal.runs import RunHandle
from loader.journal.schema import State, runs, steps
from loader.models.reversals import reversals_of_group

UNDO: Final = "undo"
"""Kind of the runs that undo others."""

UNCLEAR: Final = "unclear"
"""The fate of an entity whose undoing was sent and has no known outcome."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """
    The last undo that has touched an entity, as columns of a query; both are NULL where there is none.

    Attributes:
        fate: `archived`, `deleted` or `unclear`.
        run: Name of the run.
    """

    fate: sa.ScalarSelect[str]
    run: sa.ScalarSelect[str]


def last_undoing(of: sa.FromClause, run: RunHandle, entity_group: str) -> Undoing:
    """
    The last undo of an entity.

    Args:
        of: What has its `key` and `remote_id`.
        run: A run against the same tenant.
        entity_group: What it is, such as `loans`.
    """
    undoing, its_run = steps.alias("undoing"), runs.alias("undoing_run")
    in_flight = undoing.c.state.in_([State.SENDING, State.UNKNOWN])
    fate = sa.case((undoing.c.fate.is_not(None), undoing.c.fate), (in_flight, UNCLEAR))

    def last(column: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
        return (
            sa.select(column)
            .select_from(undoing.join(its_run, its_run.c.run == undoing.c.run))
            .where(
                undoing.c.key == of.c.key,
                undoing.c.remote_id == of.c.remote_id,
                sa.or_(undoing.c.fate.is_not(None), in_flight),
                its_run.c.kind == UNDO,
                its_run.c.host == run.record.host,
                its_run.c.tenant == run.record.tenant,
                operation_of_step(undoing, its_run).in_(reversals_of_group(entity_group)),
            )
            .order_by(undoing.c.run.desc())
            .limit(1)
            .correlate(of)
            .scalar_subquery()
        )

    return Undoing(last(fate), last(its_run.c.name))


def operation_of_step(of: sa.FromClause, their_run: sa.FromClause = runs) -> sa.ColumnElement[str]:
    """The operation's name of a step in a query that joins its run."""
    return sa.func.json_extract(
        their_run.c.operations, sa.literal("$[") + sa.cast(of.c.step, sa.Text) + sa.literal("]")
    )
