"""What the validation hands on: rows that are ready to be planned, or the issues that keep them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from loader.models.issue import Issue, Severity
from loader.models.note import Note
from loader.models.operation import Operation
from loader.models.record import Record
from loader.models.row import RowRef
from loader.source.table import Batch


class WantedLink(Record, frozen=True):
    """
    A link of a payload, still by natural key.

    Attributes:
        field: Field of the payload that holds it, such as `Customers`.
        entity: Entity group that is linked, such as `customers`.
        key: Natural key of the linked entity.
        role: Its role, such as `primary`.
    """

    field: str
    entity: str
    key: str
    role: str


class CheckedStep(Record, frozen=True):
    """
    One step of a row after validation.

    Attributes:
        operation: From the operations catalogue.
        key: Natural key as text, "" where it could not be had.
        payload: Ready to be encoded, without its links; None where the step has an error.
        digest: Of the encoded payload and the keys of its links, 16 bytes; where there is no payload, of the step's
            cells; empty where the row could not be laid under the headers.
        links: Links to add when their ids are known.
        amounts: Values of the template's control totals in this step, in its order; None where there is no value.
    """

    operation: Operation
    key: str
    payload: dict[str, Any] | None
    digest: bytes
    links: tuple[WantedLink, ...]
    amounts: tuple[Decimal | None, ...]


class CheckedRow(Record, frozen=True):
    """
    One row after validation.

    Attributes:
        ref: Its place.
        digest: Of the row's cells, 16 bytes.
        excluded: Why the template leaves it out, None if it does not.
        steps: The template's steps; empty for an excluded row.
        issues: All errors and warnings of the row.
    """

    ref: RowRef
    digest: bytes
    excluded: str | None
    steps: tuple[CheckedStep, ...]
    issues: tuple[Issue, ...]

    @property
    def valid(self) -> bool:
        """True where nothing keeps the row from being sent."""
        return self.excluded is None and not any(issue.severity is Severity.ERROR for issue in self.issues)


@dataclass(frozen=True, slots=True)
class LinkColumn:
    """
    One link of a step, still by natural key, for all rows of a batch.

    Attributes:
        field: Field of the payload that holds it, such as `Customers`.
        entity: Entity group that is linked, such as `customers`.
        role: Its role, such as `primary`.
        keys: Natural key of the linked entity for each row, "" where no link is wanted.
    """

    field: str
    entity: str
    role: str
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class CheckedColumns:
    """
    One step of the template after validation, for all rows of a batch; of an unusual row it says nothing.

    Attributes:
        operation: From the operations catalogue.
        keys: Natural key of each row as text; not empty, but "" for unusual rows.
        links: Links to add when their ids are known.
        amounts: For each of the template's control totals in this step, in its order, one value for each row; None where there is
            none.
    """

    operation: Operation
    keys: Sequence[str]
    links: tuple[LinkColumn, ...]
    amounts: tuple[Sequence[Decimal | None], ...]


class WholeRows(Protocol):
    """Makes of a checked batch what only some of its users need."""

    def row_digests(self) -> Sequence[bytes]:
        """See `CheckedBatch`."""
        ...

    def step_digests(self, step: int) -> Sequence[bytes]:
        """See `CheckedBatch`."""
        ...

    def rows(self) -> list[CheckedRow]:
        """See `CheckedBatch`."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """
    A batch of the source, checked.

    Nearly all rows of a file are plain: they can be sent, and there is nothing to say about them. They are here as columns; what is
    asked of them beyond is made on demand.

    Attributes:
        batch: The rows as they were read.
        notes: What was noticed in them.
        steps: The template's steps, in its order.
        unusual: Position in the batch to each row that is excluded, invalid or has a warning, whole.
    """

    batch: Batch
    notes: tuple[Note, ...]
    steps: tuple[CheckedColumns, ...]
    unusual: Mapping[int, CheckedRow]
    _whole: WholeRows

    def __len__(self) -> int:
        return len(self.batch.rows)

    def row_digests(self) -> Sequence[bytes]:
        """Of every row the digest of its cells, 16 bytes."""
        return self._whole.row_digests()

    def step_digests(self, step: int) -> Sequence[bytes]:
        """
        Of every row the digest of what a step would send (`CheckedStep.digest`); b"" where a row has no such step.

        Args:
            step: Number of the step, from 0.
        """
        return self._whole.step_digests(step)

    def rows(self) -> list[CheckedRow]:
        """All rows whole, with their payloads, in the order of the file; they are made each time."""
        return self._whole.rows()
