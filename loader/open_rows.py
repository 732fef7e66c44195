"""The rows of a run that are still to be sent or settled, made again from the source and proved to be what was checked."""

from collections.abc import Iterator, Mapping

from loader.errors import SourceError, TemplateError
from loader.intake.file import Intake
from loader.journal.runs import RunHandle
from loader.journal.schema import State
from loader.journal.standing import OpenStep, open_steps, row_digests
from loader.journal.store import Journal
from loader.models.record import Record
from loader.validation.checked import CheckedRow


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
        if waiting := open_steps(journal, run, first, last):
            checked, digests = check(batch), row_digests(journal, run, first, last)
            found = [OpenRow(checked.row(ordinal - first), *of_row) for ordinal, of_row in waiting.items()]
            for task in found:
                _same_as_checked(intake, task, digests)
            yield found


def _same_as_checked(intake: Intake, task: OpenRow, digests: Mapping[int, bytes]) -> None:
    """What is sent must be what was checked, whatever happened to the file, the template or this program since."""
    ref = task.row.ref
    if digests.get(ref.ordinal) != task.row.digest:
        raise SourceError(
            f"{intake.where}, row {ref.number} is not what it was when the file was checked",
            hint="put the file back as it was and run `loader resume`, or submit the new file as a new run",
        )
    for number, opened in task.open.items():
        if task.row.steps[number].digest != opened.digest:
            raise TemplateError(
                f"{intake.where}, row {ref.number} makes another {task.row.steps[number].operation.name} "
                "request than when it was checked",
                hint="the template or the program has changed since; submit the file as a new run",
            )
