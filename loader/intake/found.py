"""What some rows of a file that follow one another came to: all that a run keeps of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from loader.models.note import Note
from loader.source.table import Batch
from loader.validation.checked import CheckedBatch, CheckedRow
from loader.validation.doubles import Marks, marks_of
from loader.validation.plain import PlainRows, plain_rows
from loader.validation.step_check import hash_of_cells


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
    plain: PlainRows
    unusual: tuple[CheckedRow, ...]
    marks: tuple[Marks, ...]
    closing: tuple[Note, ...] = ()

    @classmethod
    def of_notes(cls, notes: tuple[Note, ...]) -> Self:
        """Notes alone."""
        return cls((), 0, notes, PlainRows((), (), None, None, ()), (), ())


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
            apart by their cells: that costs less, and such as differ may still send the same.
    """
    batch = checked.batch
    return Found(
        rows=batch.rows,
        blank_rows=batch.blank_rows,
        notes=checked.notes,
        plain=plain_rows(checked, digests=digests),
        unusual=tuple(_without_payloads(row) for row in checked.unusual.values()),
        marks=tuple(
            marks_of(
                number,
                batch.rows,
                _keys(checked, number),
                checked.step_digests(number) if digests else _contents(batch, of_step),
            )
            for number, of_step in enumerate(columns)
        ),
        closing=closing,
    )


def _without_payloads(row: CheckedRow) -> CheckedRow:
    return replace(row, steps=tuple(replace(step, payload=None) for step in row.steps))


def _keys(checked: CheckedBatch, number: int) -> Sequence[str]:
    """The keys of all rows, unusual ones too."""
    keys = checked.steps[number].keys
    if not checked.unusual:
        return keys
    keys = list(keys)
    for position, row in checked.unusual.items():
        keys[position] = row.steps[number].key if row.steps else ""
    return keys


def _contents(batch: Batch, columns: Sequence[int]) -> Sequence[bytes]:
    """Of each row a digest of the cells in some columns, and of what kinds they are; nobody keeps it but this check."""
    texts = [batch.columns[index] for index in columns]
    kinds = [of_cells.decode("latin-1") for index in columns if (of_cells := batch.kinds[index]) is not None]
    if not texts:
        return [b"no cells"] * len(batch.rows)
    return [hash_of_cells(b"", cells) for cells in zip(*texts, *kinds, strict=True)]
