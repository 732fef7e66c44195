"""What a rehearsal needs of a tenant: that it serves, counts what arrives, and lays open what it holds."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Entity:
    """
    One entity as the tenant keeps it.

    Attributes:
        id: The tenant's id.
        parent_id: Id of the loan whose list holds it, None for what stands alone.
        fields: Its fields in the form in which LoanPro returns them (LoanPro reference 1.6); links as lists of items with an `id`.
    """

    id: int
    parent_id: int | None
    fields: Mapping[str, Any]


class Tenant(Protocol):
    """A tenant of its own for one rehearsal, and what may be asked of it as a witness."""

    base_url: str
    tenant: str
    token: str

    def written(self) -> int:
        """How many requests that create something have arrived so far."""
        ...

    def counts(self) -> Mapping[str, Any]:
        """What it has seen: `total`, `faults`, `most_in_one_second`."""
        ...

    def held(self, group: str) -> Iterable[Entity]:
        """Every entity of a group, such as `loans` or `payments`; asked after it has stopped serving."""
        ...


Serve = Callable[[Iterable[tuple[str, str]]], AbstractContextManager[Tenant]]
"""Starts a fresh tenant that holds entities of these groups and natural keys; it serves as long as the block lasts."""
