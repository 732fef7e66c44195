"""
Plain rows of a check, entered together: a batch of them is one entry, from which each can be taken out and entered apart.

A check sends nothing. Of a row about which there is nothing to say it must only be known that it is there, and what it would be
should the rest of the file, or another row of the same key, show something about it after all.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec
import sqlalchemy as sa

from loader.journal.runs import RunHandle
from loader.journal.schema import packed, rows
from loader.journal.store import Journal
from loader.validation.plain import PlainRows, PlainStep

_AT_ONCE = 500


def pack(connection: sa.Connection, run: int, first_ordinal: int, plain: PlainRows) -> None:
    """
    Enter rows together.

    Args:
        connection: In a transaction.
        run: Number of the run.
        first_ordinal: Position in the file of the first row of their batch.
        plain: The rows; at least one.
    """
    entry = {
        "run": run,
        "first": first_ordinal + plain.positions[0],
        "last": first_ordinal + plain.positions[-1],
        "batch": first_ordinal,
        "rows": len(plain),
        "last_row": plain.rows[-1],
        "sums": [list(step.sums) for step in plain.steps],
        "content": msgspec.msgpack.encode(plain, enc_hook=list),
    }
    connection.execute(packed.insert(), [entry])


def take_out(connection: sa.Connection, run: int, ordinals: Iterable[int]) -> Iterator[tuple[int, PlainRows]]:
    """
    Take rows out of those that were entered together, so that they can be entered apart.

    Args:
        connection: In a transaction.
        run: Number of the run.
        ordinals: The rows; those that are entered apart already are passed over.

    Returns:
        Position of the first row of a batch, and those of its rows that are taken out.
    """
    if connection.execute(sa.select(packed.c.first).where(packed.c.run == run).limit(1)).first() is None:
        return
    wanted = sorted(set(ordinals))
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        query = sa.select(rows.c.ordinal).where(rows.c.run == run, rows.c.ordinal.in_(part))
        apart = set(connection.execute(query).scalars())
        together = [ordinal for ordinal in part if ordinal not in apart]
        while together:
            entry = connection.execute(
                sa.select(packed).where(
                    packed.c.run == run, packed.c.first <= together[0], packed.c.last >= together[0]
                )
            ).one()
            of_entry = [ordinal for ordinal in together if ordinal <= entry.last]
            together = together[len(of_entry) :]
            taken = _part(
                msgspec.msgpack.decode(entry.content, type=PlainRows),
                {ordinal - entry.batch for ordinal in of_entry},
            )
            _leave(connection, entry, taken)
            yield entry.batch, taken


def _part(plain: PlainRows, positions: set[int]) -> PlainRows:
    """Those of the rows that stand at some positions of the batch."""
    keep = [at for at, position in enumerate(plain.positions) if position in positions]
    assert len(keep) == len(positions), "rows are packed that are not there"
    return PlainRows(
        positions=[plain.positions[at] for at in keep],
        rows=[plain.rows[at] for at in keep],
        lines=plain.lines and [plain.lines[at] for at in keep],
        originals=plain.originals and [plain.originals[at] for at in keep],
        steps=[_part_of_step(step, keep) for step in plain.steps],
    )


def _part_of_step(step: PlainStep, keep: list[int]) -> PlainStep:
    amounts = [step.amounts[at] for at in keep] if step.amounts else ()
    columns = zip(*(text.split("|") for text in amounts), strict=True)
    sums = [f"{sum(map(Decimal, filter(None, column)), Decimal(0)):f}" for column in columns]
    return PlainStep([step.keys[at] for at in keep], amounts, sums or ["0"] * len(step.sums), ())


def _leave(connection: sa.Connection, entry: sa.Row[tuple[object, ...]], taken: PlainRows) -> None:
    """What is left of an entry."""
    sums = [
        [f"{Decimal(before) - Decimal(less):f}" for before, less in zip(of_step, step.sums, strict=True)]
        for of_step, step in zip(entry.sums, taken.steps, strict=True)
    ]
    connection.execute(
        packed.update()
        .where(packed.c.run == entry.run, packed.c.first == entry.first)
        .values(rows=entry.rows - len(taken), sums=sums)
    )


def count_packed(journal: Journal, run: RunHandle) -> int:
    """How many rows of a run are entered together."""
    query = sa.select(sa.func.coalesce(sa.func.sum(packed.c.rows), 0)).where(packed.c.run == run.number)
    with journal.read() as connection:
        return int(connection.execute(query).scalar_one())


def last_packed_row(journal: Journal, run: RunHandle) -> int:
    """The largest row number among them, 0 where there are none."""
    query = sa.select(sa.func.coalesce(sa.func.max(packed.c.last_row), 0)).where(packed.c.run == run.number)
    with journal.read() as connection:
        return int(connection.execute(query).scalar_one())


def packed_sums(journal: Journal, run: RunHandle) -> Iterator[list[list[str]]]:
    """Of each entry the sums of its rows: for each step those of its control totals."""
    query = sa.select(packed.c.sums).where(packed.c.run == run.number).order_by(packed.c.first)
    with journal.read() as connection:
        yield from connection.execute(query).scalars()
