"""
Plain rows of a check, entered together: a batch of them is one entry, from which each can be taken out and entered apart.

A check sends nothing. Of a row about which there is nothing to say it must only be known that it is there, and what it would be
should the rest of the file, or another row of the same key, show something about it after all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from loader.journal.runs import RunHandle
from loader.journal.schema import packed, rows
from loader.journal.store import Journal
from loader.validation.plain import PackedRows, PlainRows, PlainStep, unpacked

_AT_ONCE = 500


def pack(connection: sa.Connection, run: int, first_ordinal: int, plain: PackedRows) -> None:
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
        "first": first_ordinal + plain.first,
        "last": first_ordinal + plain.last,
        "batch": first_ordinal,
        "rows": plain.count,
        "last_row": plain.last_row,
        "sums": plain.sums,
        "skipped": [0] * len(plain.sums),
        "skipped_rows": 0,
        "skipped_sums": [["0"] * len(of_step) for of_step in plain.sums],
        "content": plain.content,
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
            assert not any(entry.skipped), "rows are taken out before any of them is skipped"
            of_entry = [ordinal for ordinal in together if ordinal <= entry.last]
            together = together[len(of_entry) :]
            taken = _part(unpacked(entry.content), {ordinal - entry.batch for ordinal in of_entry})
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


class Together(NamedTuple):
    """
    Rows that are entered together.

    Attributes:
        rows: How many.
        skipped_rows: In how many of them every step is skipped.
        skipped: Number of a step to how often it is skipped.
    """

    rows: int
    skipped_rows: int
    skipped: Counter[int]


def count_packed(journal: Journal, run: RunHandle) -> Together:
    """How many rows of a run are entered together, and what of them is skipped."""
    of_run = packed.c.run == run.number
    query = sa.select(packed.c.rows, packed.c.skipped_rows, packed.c.skipped).where(of_run)
    count = Together(0, 0, Counter())
    with journal.read() as connection:
        for rows_, skipped_rows, skipped in connection.execute(query).all():
            count.skipped.update(dict(enumerate(skipped)))
            count = Together(count.rows + rows_, count.skipped_rows + skipped_rows, count.skipped)
    return count


def last_packed_row(journal: Journal, run: RunHandle) -> int:
    """The largest row number among them, 0 where there are none."""
    query = sa.select(sa.func.coalesce(sa.func.max(packed.c.last_row), 0)).where(packed.c.run == run.number)
    with journal.read() as connection:
        return int(connection.execute(query).scalar_one())


def packed_sums(journal: Journal, run: RunHandle) -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    """Of each entry the sums of its rows: for each step those of its control totals; of what is planned, and of what is skipped."""
    query = sa.select(packed.c.sums, packed.c.skipped_sums).where(packed.c.run == run.number)
    with journal.read() as connection:
        yield from ((planned, skipped) for planned, skipped in connection.execute(query).all())


def rows_apart(journal: Journal, run: RunHandle) -> NDArray[np.int64] | None:
    """Ordinals of the rows that have an entry of their own, ascending; None where all have."""
    if not count_packed(journal, run).rows:
        return None
    query = sa.select(rows.c.ordinal).where(rows.c.run == run.number).order_by(rows.c.ordinal)
    with journal.read() as connection:
        return np.array(connection.execute(query).scalars().all(), dtype=np.int64)


def skip(connection: sa.Connection, run: int, steps: Mapping[int, NDArray[np.int64]]) -> None:
    """
    Skip steps of rows that are entered together, and stay so.

    Args:
        connection: In a transaction.
        run: Number of the run.
        steps: Number of the step to ordinals of the rows, ascending; none of them has been skipped before.
    """
    none = np.empty(0, dtype=np.int64)
    whole: NDArray[np.int64] | None = None
    for entry in connection.execute(sa.select(packed).where(packed.c.run == run)).all():
        of_step = [steps.get(number, none) for number in range(len(entry.sums))]
        whole = reduce(_in_both, of_step) if whole is None else whole
        here = [_between(ordinals, entry.first, entry.last) for ordinals in of_step]
        if not any(map(len, here)):
            continue
        less = [[Decimal(0)] * len(sums) for sums in entry.sums]
        if any(len(ordinals) and sums for ordinals, sums in zip(here, entry.sums, strict=True)):
            plain = unpacked(entry.content)
            positions = [(ordinals - entry.batch).tolist() for ordinals in here]
            less = [
                [*map(Decimal, _part(plain, set(of_rows)).steps[number].sums)]
                for number, of_rows in enumerate(positions)
            ]
        values = {
            "skipped": [len(ordinals) for ordinals in here],
            "skipped_rows": len(_between(whole, entry.first, entry.last)),
            "skipped_sums": [[f"{amount:f}" for amount in amounts] for amounts in less],
            "sums": [
                [f"{Decimal(sum_) - amount:f}" for sum_, amount in zip(sums, amounts, strict=True)]
                for sums, amounts in zip(entry.sums, less, strict=True)
            ],
        }
        of_entry = sa.and_(packed.c.run == run, packed.c.first == entry.first)
        connection.execute(packed.update().where(of_entry).values(values))


def _in_both(some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.intersect1d(some, others, assume_unique=True)


def _between(ordinals: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    begin, end = np.searchsorted(ordinals, (first, last + 1))
    return ordinals[begin:end]
