"""A step that is ready to be sent, with the ids of what it links to."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import field

from loader.journal.standing import OpenStep
from loader.journal.writer import StepId
from loader.models.operation import Operation, link_value
from loader.models.outcome import Outcome, StepResult
from loader.models.record import Record
from loader.models.sensitive import sensitive_values
from loader.models.warnings import WarningPolicy
from loader.validation.checked import CheckedStep, WantedLink


class StepTask(Record, frozen=True):
    """
    A step that is ready to be sent.

    Attributes:
        id: Its place in the journal.
        operation: From the catalogue; one that adds to a loan is bound to that loan (`Operation.within`).
        key: Natural key.
        payload: With its links.
        opened: What the journal says of earlier tries.
        warnings: What is done about transaction warnings.
        parent_id: LoanPro's id of the loan that the operation adds to, None where it adds to none.
    """

    id: StepId
    operation: Operation
    key: str
    payload: dict[str, Any]
    opened: OpenStep
    warnings: WarningPolicy = field(default_factory=WarningPolicy)
    parent_id: int | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Sensitive values of the payload, to be hidden in any message."""
        return sensitive_values(self.operation.model, self.payload)

    def untouched(self) -> StepResult:
        """Its result if nothing is sent."""
        return StepResult(
            self.operation.name,
            self.operation.method,
            self.operation.path,
            self.key,
            Outcome.NOT_SENT,
            attempts=self.opened.attempts,
            parent_id=self.parent_id,
        )


def parent_id_of(step: CheckedStep, ids: Sequence[int]) -> int | None:
    """LoanPro's id of the entity that a step adds to, None where it adds to none."""
    parent = step.operation.parent
    if parent is None:
        return None
    return next(
        remote_id for link, remote_id in zip(step.links, ids, strict=True) if link.field == parent.field
    )


def with_links(
    operation: Operation, payload: Mapping[str, Any], links: Sequence[WantedLink], ids: Sequence[int]
) -> dict[str, Any]:
    """The payload with its links added, each as an item of the list that holds it; the parent's belongs to the path."""
    linked = dict(payload)
    for link, remote_id in zip(links, ids, strict=True):
        if operation.parent is not None and link.field == operation.parent.field:
            continue
        held = linked.get(link.field)
        items = list(held["results"]) if isinstance(held, dict) else []
        linked[link.field] = {
            "results": [*items, link_value(operation.link(link.field), remote_id, link.role)]
        }
    return linked
