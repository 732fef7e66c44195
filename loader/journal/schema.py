"""
The journal's tables, their version, and the steps from one version to the next.

A run's rows and steps are written before anything is sent; a step then moves `planned` -> `sending` -> an outcome.
What is still `planned` was not sent, what is still `sending` is unknown. Payloads and secrets have no column.
"""

from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from loader.models.outcome import Outcome

SCHEMA_VERSION: Final = 1

metadata = sa.MetaData()


class State(StrEnum):
    """Where a step stands; the outcomes share their names with `models.outcome.Outcome`."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    INVALID = "invalid"
    REJECTED = "rejected"
    HELD = "held"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


OPEN = (State.PLANNED, State.SENDING, State.UNKNOWN)
"""States of a step that is still to be sent or settled."""


def outcome_of(state: State) -> Outcome:
    """The outcome that a step has in a report drawn now."""
    if state is State.PLANNED:
        return Outcome.NOT_SENT
    if state is State.SENDING:
        return Outcome.UNKNOWN
    return Outcome(state.value)


class RunState(StrEnum):
    """How far a run has come: `sending`, `stopped` and `declined` can be resumed, the last only by its name."""

    CHECKING = "checking"
    DECLINED = "declined"
    SENDING = "sending"
    STOPPED = "stopped"
    FINISHED = "finished"


about = sa.Table(
    "about",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),  # seconds since 1970, UTC
    sa.Column("finished_at", sa.Float),
    sa.Column("exit_code", sa.Integer),
    sa.Column("stopped", sa.Text, nullable=False, default=""),
    sa.Column("rows_read", sa.Integer, nullable=False, default=0),
    sa.Column("blank_rows", sa.Integer, nullable=False, default=0),
    sa.Column("operations", sa.JSON, nullable=False),
    sa.Column("manifest", sa.JSON, nullable=False),  # what else `records.RunRecord` holds
)

rows = sa.Table(
    "rows",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("line", sa.Integer),  # of a text file, where it is not the row number
    sa.Column("digest", sa.LargeBinary(16), nullable=False),
    sa.Column("excluded", sa.Text),  # why the template leaves the row out
    sa.Column("origin", sa.Integer),  # of an undo: ordinal of the row in the run that is undone
    sa.Column("original", sa.Integer),  # of a mended row: its number in the file in which it was read first
    sa.Index(
        "rows_by_original", "original", "run", sqlite_where=sa.column("original").is_not(None)
    ),  # costs other rows nothing
    sqlite_with_rowid=False,
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary(16)),  # of the payload and the keys of its links
    sa.Column("amounts", sa.Text),  # the control totals' values, "|" between them
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("status", sa.Integer),
    sa.Column("remote_id", sa.Integer),
    sa.Column("parent_id", sa.Integer),  # LoanPro's id of the loan that the request adds to
    sa.Column("sent_at", sa.Float),
    sa.Column("elapsed_ms", sa.Float),
    sa.Column("message", sa.Text),
    sa.Column("advice", sa.Text),
    sa.Column("fate", sa.Text),  # of an undo: what has become of the entity, `archived` or `deleted`
    sa.Index("steps_by_key", "key", "run"),
    sqlite_with_rowid=False,
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

issues = sa.Table(
    "issues",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),  # masked where sensitive
    sa.Column("sensitive", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

packed = sa.Table(
    "packed",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True),  # ordinals of the first and the last row
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("batch", sa.Integer, nullable=False),  # ordinal of the first row of their batch
    sa.Column("rows", sa.Integer, nullable=False),  # how many of them have not been entered apart since
    sa.Column("last_row", sa.Integer, nullable=False),
    # Of these rows: for each step its control totals, without what is skipped.
    sa.Column("sums", sa.JSON, nullable=False),
    sa.Column("skipped", sa.JSON, nullable=False),  # for each step in how many of these rows it is skipped
    sa.Column("skipped_rows", sa.Integer, nullable=False),  # in how many every step is
    sa.Column("skipped_sums", sa.JSON, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # `validation.plain.PlainRows` as MessagePack
)
"""Rows of a check that are planned and of which there is nothing to say; see `journal.packed`."""

entities = sa.Table(
    "entities",
    metadata,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("remote_id", sa.Integer, nullable=False),
    sa.Column("found_at", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Entities that the tenant itself named when a link was looked up."""


def create(connection: sa.Connection) -> None:
    """Lay an empty journal of the present version."""
    metadata.create_all(connection)  # leaves tables alone that an interrupted first start has made
    connection.execute(
        about.insert().prefix_with("OR IGNORE"), [{"name": "schema", "value": str(SCHEMA_VERSION)}]
    )


def version_of(connection: sa.Connection) -> int | None:
    """The schema version of an open journal, None where there is none yet."""
    if not sa.inspect(connection).has_table(about.name):
        return None
    value = connection.execute(sa.select(about.c.value).where(about.c.name == "schema")).scalar()
    return int(value) if value is not None else None
