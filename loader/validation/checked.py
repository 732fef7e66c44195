"""What the validation hands on: rows that are ready to be planned, or the issues that keep them back."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loader.models.issue import Issue, Severity
from loader.models.operations import Operation
from loader.models.row import RowRef


@dataclass(frozen=True, slots=True)
class WantedLink:
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


@dataclass(frozen=True, slots=True)
class CheckedStep:
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


@dataclass(frozen=True, slots=True)
class CheckedRow:
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
