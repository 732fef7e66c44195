"""The rows of a run that are still to be sent or settled, made again from the source and proved to be what was checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from loader.errors import SourceError, TemplateError
from loader.intake.file import Intake
from loader.journal.runs import RunHandle
from loader.journal.schema import State
from loader.journal.standing import OpenEntries, OpenStep, open_entries
from loader.journal.store import Journal
from loader.models.record import Record
from loader.validation.checked import CheckedBatch, CheckedRow

_CELLS: Final = -1
"""Stands for the cells of a row, where else the number of a step does."""


class OpenRow(Record, frozen=True):
    """
    A row with at least one step that is still to be sent or settled.

    Attributes:
        row: As the validation made it from the source.
        open: Number of the step to what the journal says of it; steps that are not in it are done.
        states: Number of the step to where it stands, for all steps.
    """

    row: CheckedRow
    open: Mapping[int, OpenStep]
    states: Mapping[int, State]


def open_rows(
    intake: Intake, journal: Journal, run: RunHandle, limit: int | None = None
) -> Iterator[list[OpenRow]]:
    """
    The rows of a run that still have something to send, in the order of the file.

    Args:
        intake: The file.
        journal: Where the run is.
        run: Which one.
        limit: Only so many rows from the beginning, None for all.

    Raises:
        SourceError: The source does not hold what was checked.
        JournalError: The journal cannot be read.
    """
    check = intake.checker(intake.secret(journal))
    for batch in intake.table.batches():
        first, count = batch.first_ordinal, len(batch.rows)
        if limit is not None:
            count = min(count, limit - first)
        if count <= 0:
            return
        last = first + count - 1
        if entries := open_entries(journal, run, first, last):
            checked = check(batch)
            _prove(intake, checked, entries)
            rows = checked.rows()
            yield [
                OpenRow(rows[ordinal - first], standing.open, standing.states)
                for ordinal, standing in entries.standings.items()
            ]


def _prove(intake: Intake, checked: CheckedBatch, entries: OpenEntries) -> None:
    """What is sent must be what was checked, whatever happened to the file, the template or this program since."""
    first = checked.batch.first_ordinal

    def changed(
        ordinals: Iterable[int], entered: Mapping[int, bytes | None], made: Sequence[bytes]
    ) -> list[int]:
        return [ordinal for ordinal in ordinals if entered.get(ordinal) != made[ordinal - first]]

    standings = entries.standings
    found = [(ordinal, _CELLS) for ordinal in changed(standings, entries.digests, checked.row_digests())]
    for number, entered in enumerate(entries.step_digests):
        still_open = [ordinal for ordinal, standing in standings.items() if number in standing.open]
        others = changed(still_open, entered, checked.step_digests(number))
        found += [(ordinal, number) for ordinal in others]
    if not found:
        return
    ordinal, number = min(found)
    where = f"{intake.where}, row {checked.rows()[ordinal - first].ref.number}"
    if number == _CELLS:
        raise SourceError(
            f"{where} is not what it was when the file was checked",
            hint="put the file back as it was and run `loader resume`, or submit the new file as a new run",
        )
    raise TemplateError(
        f"{where} makes another {intake.operations[number]} request than when it was checked",
        hint="the template or the program has changed since; submit the file as a new run",
    )
