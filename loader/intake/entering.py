"""Enters the rows of a file into the journal, checked, before anything is sent."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loader.errors import SourceError
from loader.inspection.profile import Profile
from loader.intake.checking import Check, Wanted, without_cycle_search
from loader.intake.file import Intake
from loader.journal.recorder import Recorder
from loader.models.note import Note, tallied
from loader.models.operations import find_operation
from loader.validation.doubles import Doubles


@dataclass(frozen=True, slots=True)
class Entered:
    """
    What the whole file showed while it was entered.

    Attributes:
        rows_read: Rows below the headers that are not blank.
        blank_rows: Rows that hold nothing.
        doubles: For each operation of the template, the natural keys of its rows.
        row_numbers: The user's row number of each row, by ordinal.
        notes: What was noticed while the file was read.
        profile: The figures of each column, None where they were not wanted.
    """

    rows_read: int
    blank_rows: int
    doubles: Mapping[str, Doubles]
    row_numbers: Sequence[int]
    notes: tuple[Note, ...]
    profile: Profile | None = None


def enter(intake: Intake, recorder: Recorder, wanted: Wanted, heard: Callable[[int], None]) -> Entered:
    """
    Check the whole file and enter it into the journal.

    Args:
        intake: The file.
        recorder: Writes into the journal.
        wanted: What is wanted of the check. Without digests nothing is ever sent from the journal, and plain rows are entered together,
            unless it must be counted what they add to.
        heard: Called after each batch with the rows read so far.

    Raises:
        SourceError: The source cannot be read, or holds no row.
        JournalError: The journal cannot be written.
    """
    doubles = {operation: Doubles() for operation in intake.operations}
    numbers, blank_rows, notes = array("L"), 0, intake.notes
    apart = wanted.digests or any(find_operation(name).parent for name in intake.operations)
    check = Check(intake, intake.secret(recorder.journal), wanted)
    with without_cycle_search():
        for found in check.found():
            first = len(numbers)
            blank_rows += found.blank_rows
            notes = tallied((*notes, *found.notes))
            recorder.add(first, found.unusual, found.plain, apart=apart)
            if found.marks:
                for operation, marks in zip(intake.operations, found.marks, strict=True):
                    doubles[operation].add(first, marks)
            numbers.extend(found.rows)
            heard(len(numbers))
    if not wanted.digests:
        for of_operation in doubles.values():
            if unclear := of_operation.unclear():
                of_operation.make_clear(check.contents(unclear))
    if not numbers:
        raise SourceError(
            f"{intake.where} holds no rows below its headers (row {intake.table.header_row})",
            hint="check that it is the right file and sheet, and `rows: {header: N}` in the template",
        )
    return Entered(len(numbers), blank_rows, doubles, numbers, notes, check.profile)
