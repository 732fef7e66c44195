"""What the mapping hands to the validation: payload values by path, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from loader.models.issue import Issue
from loader.models.note import Note
from loader.source.table import Batch


class Absent(Enum):
    """Why a field has no value in a row."""

    OMITTED = "omitted"
    """The cell is blank and the template says to leave the field out."""
    BAD = "bad"
    """The cell could not be converted; an issue says why."""


OMITTED: Final = Absent.OMITTED
BAD: Final = Absent.BAD


@dataclass(frozen=True, slots=True)
class MappedField:
    """
    One payload field of one step, for all rows of a batch.

    Attributes:
        path: Payload path as templates write it, such as `LoanSetup.loanAmount` or `Phones[1].phone`.
        values: One value for each row: text, int, Decimal, date, datetime, None (an explicit null), or `Absent`.
        constant: True where the value is the template's own and no cell's.
    """

    path: str
    values: Sequence[Any]
    constant: bool


@dataclass(frozen=True, slots=True)
class MappedLink:
    """
    One link of one step, for all rows of a batch.

    Attributes:
        field: Field of the payload that holds the link, such as `Customers`.
        to: Entity group that is linked, such as `customers`.
        by: Field or fields of the linked entity that identify it, such as `customId`.
        role: Role of the link as the template writes it, such as `primary`.
        keys: One natural key for each row, "" where the cell is blank and no link is wanted; None where the entity is what an
            earlier step of the row makes.
    """

    field: str
    to: str
    by: tuple[str, ...]
    role: str
    keys: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class MappedStep:
    """
    One step of the template, for all rows of a batch.

    Attributes:
        operation: Name in the operations catalogue.
        key: The field or fields that are the natural key, `row` for the row itself, or `key` where `keys` holds it.
        fields: The payload's values.
        links: The links' keys.
        keys: One natural key for each row, text or `Absent`; None where a field or the row itself is the key.
    """

    operation: str
    key: tuple[str, ...]
    fields: tuple[MappedField, ...]
    links: tuple[MappedLink, ...]
    keys: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class MappedBatch:
    """
    A batch after mapping.

    Attributes:
        batch: Where the values come from.
        excluded: Position in the batch to the reason why the template leaves the row out.
        steps: The template's steps, in its order.
        issues: Position in the batch to the issues of that row's cells.
        notes: What was noticed in the batch, by the reader and by the conversions.
    """

    batch: Batch
    excluded: dict[int, str]
    steps: tuple[MappedStep, ...]
    issues: dict[int, list[Issue]]
    notes: tuple[Note, ...] = ()
