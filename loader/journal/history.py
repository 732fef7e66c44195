"""
How runs belong together: rows that our checks refused, mended in a rejected workbook and submitted in another run.

A row's identity is the file in which it was read first, its sheet and its number there; the same operations, or the very run that the
workbook names, make it the same history.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import sqlalchemy as sa

from loader.journal.records import Mended, Mending, RunRecord
from loader.journal.runs import RunHandle, list_runs
from loader.journal.schema import RunState, rows, runs, steps
from loader.journal.standing import rank_of
from loader.journal.store import Journal
from loader.models.note import Note
from loader.models.outcome import WORST_FIRST, Outcome

SUBMIT: Final = "submit"
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A run in the list of all.

    Attributes:
        run: The run.
        counts: Its rows by outcome.
        mended: What became of its invalid rows since.
    """

    run: RunHandle
    counts: dict[Outcome, int]
    mended: Mended

    @property
    def record(self) -> RunRecord:
        """What is known of it."""
        return self.run.record

    @property
    def state(self) -> RunState:
        """How far it has come."""
        return self.run.state


def mending_runs(run: RunHandle, among: Sequence[RunHandle]) -> list[RunHandle]:
    """
    The runs in which invalid rows of a run were mended, oldest first.

    Of a run that was itself made of a rejected workbook these are the later ones.

    Args:
        run: Which one.
        among: All runs of the journal, oldest first.
    """
    return [other for other in among if _mends(other, run)]


def _mends(other: RunHandle, run: RunHandle) -> bool:
    mine, theirs = run.record, other.record
    origin = theirs.origin
    if origin is None or mine.kind != SUBMIT or theirs.kind != SUBMIT or other.state is RunState.CHECKING:
        return False
    if (theirs.host, theirs.tenant) != (mine.host, mine.tenant):
        return False
    if mine.origin is not None and other.number <= run.number:
        return False
    same_rows = (origin.source_digest, origin.sheet) == _first_read(mine)
    return same_rows and (origin.run == mine.name or other.operations == run.operations)


def _first_read(record: RunRecord) -> tuple[str, str]:
    """Digest and sheet of the file in which a run's rows were read first."""
    if record.origin is not None:
        return record.origin.source_digest, record.origin.sheet
    return record.source_digest, record.sheet


def mended_rows(
    journal: Journal, run: RunHandle, by: Sequence[RunHandle]
) -> Iterator[tuple[int, tuple[Mending, ...]]]:
    """
    The invalid rows of a run that were mended: ordinal, and what became of them, the oldest run first.

    Args:
        journal: Where the runs are.
        run: Which one.
        by: Its `mending_runs`.
    """
    if not by:
        return
    mine, theirs = rows.alias("mine"), rows.alias("theirs")
    number = mine.c.row if run.record.origin is None else mine.c.original
    their_numbers = [other.number for other in by]
    # The outer join and the sum keep SQLite from looking for each row in a whole run instead of in the index.
    query = (
        sa.select(mine.c.ordinal, runs.c.name, theirs.c.row, _worst_step(theirs).label("worst"))
        .select_from(mine)
        .outerjoin(theirs, sa.and_(theirs.c.original == number, (theirs.c.run + 0).in_(their_numbers)))
        .outerjoin(runs, runs.c.run == theirs.c.run)
        .where(mine.c.run == run.number, _worst_step(mine) == WORST_FIRST.index(Outcome.INVALID))
        .order_by(mine.c.ordinal, theirs.c.run, theirs.c.ordinal)
    )
    with journal.read() as connection:
        found = connection.execution_options(yield_per=_AT_ONCE).execute(query)
        mended = (one for one in found if one.name is not None)
        for ordinal, several in groupby(mended, key=lambda one: int(one.ordinal)):
            yield ordinal, tuple(Mending(one.name, one.row, _outcome(one.worst)) for one in several)


def _worst_step(of: sa.FromClause) -> sa.ScalarSelect[int]:
    """The place of a row's outcome in `WORST_FIRST`, NULL where it has no steps."""
    its = steps.alias()
    query = sa.select(sa.func.min(rank_of(its))).where(its.c.run == of.c.run, its.c.ordinal == of.c.ordinal)
    return query.correlate(of).scalar_subquery()


def _outcome(worst: int | None) -> Outcome:
    """The outcome of a row; one without steps was left out by its template."""
    return Outcome.SKIPPED if worst is None else WORST_FIRST[worst]


def mended_since(journal: Journal, run: RunHandle, among: Sequence[RunHandle]) -> Mended:
    """
    What became of the invalid rows of a run.

    Args:
        journal: Where the runs are.
        run: Which one.
        among: All runs of the journal, oldest first.
    """
    by = mending_runs(run, among)
    outcomes = Counter(_counting(mendings).outcome for _, mendings in mended_rows(journal, run, by))
    ordered = {outcome: outcomes[outcome] for outcome in Outcome if outcomes[outcome]}
    return Mended(tuple(other.record.name for other in by), ordered)


def _counting(mendings: Sequence[Mending]) -> Mending:
    """The last one; a row that was skipped, as it was accepted before, says nothing new."""
    return next(
        (mending for mending in reversed(mendings) if mending.outcome is not Outcome.SKIPPED), mendings[-1]
    )


def note_of_history(journal: Journal, record: RunRecord) -> tuple[Note, ...]:
    """What is told of a rejected workbook whose rows were not read first in a run against the same tenant in this journal."""
    origin = record.origin
    if origin is None or record.kind != SUBMIT:
        return ()
    first = [
        run.record
        for run in list_runs(journal)
        if run.record.kind == SUBMIT
        and run.record.origin is None
        and (run.record.source_digest, run.record.sheet) == (origin.source_digest, origin.sheet)
    ]
    if any((other.host, other.tenant) == (record.host, record.tenant) for other in first):
        return ()
    if first:
        message = (
            f"rejected rows of {origin}; {origin.source_name} was sent to tenant {first[-1].tenant} at {first[-1].host}, "
            "and this is a history of its own"
        )
        return (Note("mended.other-tenant", message),)
    message = (
        f"rejected rows of {origin}; {origin.source_name} was submitted in no run of this journal, "
        "and this is a history of its own"
    )
    return (Note("mended.unknown-run", message),)
