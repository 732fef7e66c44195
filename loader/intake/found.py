"""What some rows of a file that follow one another came to: all that a run keeps of them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from msgspec.structs import replace

from loader.models.note import Note
from loader.validation.checked import CheckedBatch, CheckedRow
from loader.validation.doubles import Marks, marks_of, marks_of_cells
from loader.validation.plain import NO_ROWS, PackedRows, plain_rows


@dataclass(frozen=True, slots=True)
class Found:
    """
    What some rows came to. It may come from another process, and so holds no payload.

    Attributes:
        rows: Row numbers of the user.
        blank_rows: Rows without any text that were passed over.
        notes: What was noticed.
        plain: The rows of which there is nothing to say.
        unusual: All others; ordinals are counted from the first of these rows.
        marks: Of each step of the template the natural keys.
        closing: What is to be noted of the last rows, where these are the last of the file.
    """

    rows: Sequence[int]
    blank_rows: int
    notes: tuple[Note, ...]
    plain: PackedRows
    unusual: tuple[CheckedRow, ...]
    marks: tuple[Marks, ...]
    closing: tuple[Note, ...] = ()

    @classmethod
    def of_notes(cls, notes: tuple[Note, ...]) -> Self:
        """Notes alone."""
        return cls((), 0, notes, NO_ROWS, (), ())


def found_in(
    checked: CheckedBatch, closing: tuple[Note, ...], columns: Sequence[Sequence[int]], *, digests: bool
) -> Found:
    """
    What a checked batch came to.

    Args:
        checked: The batch; the ordinal of its first row is 0.
        closing: What is to be noted of its last rows, where these are the last of the file.
        columns: For each step of the template the columns that it is made from.
        digests: Whether the journal is to keep digests of plain rows, and of what they would send. Without them the marks tell rows
            apart by their cells.
    """
    batch = checked.batch
    return Found(
        rows=batch.rows if isinstance(batch.rows, range) else array("L", batch.rows),
        blank_rows=batch.blank_rows,
        notes=checked.notes,
        plain=PackedRows.of(plain_rows(checked, digests=digests)),
        unusual=tuple(_without_payloads(row) for row in checked.unusual.values()),
        marks=tuple(
            _marks(checked, number, of_step, digests=digests) for number, of_step in enumerate(columns)
        ),
        closing=closing,
    )


def _without_payloads(row: CheckedRow) -> CheckedRow:
    return replace(row, steps=tuple(replace(step, payload=None) for step in row.steps))


def _marks(checked: CheckedBatch, number: int, columns: Sequence[int], *, digests: bool) -> Marks:
    batch, keys = checked.batch, _keys(checked, number)
    if digests:
        return marks_of(number, batch.rows, keys, checked.step_digests(number))
    return marks_of_cells(
        number, keys, [batch.columns[at] for at in columns], [batch.kinds[at] for at in columns]
    )


def _keys(checked: CheckedBatch, number: int) -> Sequence[str]:
    """The keys of all rows, unusual ones too."""
    keys = checked.steps[number].keys
    if not checked.unusual:
        return keys
    keys = list(keys)
    for position, row in checked.unusual.items():
        keys[position] = row.steps[number].key if row.steps else ""
    return keys
