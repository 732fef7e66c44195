"""
How what an operation made can be taken back, and what an entity that was read back shows of itself.

A reversal's requests are values here; nothing is sent. What LoanPro's reference knows no way to take back is named too, with the
reason: it stays.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from loader.models.comparison import created_at
from loader.models.look_up import LookUp
from loader.models.operations import find_operation

_YES = (1, "1", True, "true")
_NO = (0, "0", False, "false")


class How(StrEnum):
    """Ways to take an entity back."""

    ARCHIVE = "archive"
    DELETE = "delete"


class Fate(StrEnum):
    """What has become of an entity."""

    ARCHIVED = "archived"
    DELETED = "deleted"


FATES = {How.ARCHIVE: Fate.ARCHIVED, How.DELETE: Fate.DELETED}

COSTS = {
    How.ARCHIVE: "LoanPro charges a one-time fee for each loan that is archived; daily processing and billing of it stop. "
    "It can be taken back for nothing. LoanPro's own screens archive activated loans only.",
    How.DELETE: "LoanPro removes the data of each loan; it restores them only for a fee.",
}
"""What each way costs (LoanPro reference 2.13)."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """
    How the entities of one operation are taken back.

    Attributes:
        name: Name in reports, such as `loans.delete`.
        undoes: The operation that made the entity.
        fate: What it makes of the entity, None where there is no way.
        method: HTTP method, "" where there is no way.
        path: Path below the base URL, with `id` for LoanPro's id.
        body: JSON, None for none.
        why_not: Why there is no way, "" where there is one.
    """

    name: str
    undoes: str
    fate: Fate | None = None
    method: str = ""
    path: str = ""
    body: bytes | None = None
    why_not: str = ""

    def path_of(self, remote_id: int) -> str:
        """The path of one entity."""
        return self.path.replace("(id)", f"({remote_id})")

    def look(self, remote_id: int) -> LookUp:
        """The request that shows one entity with its activation."""
        return find_operation(self.undoes).finder.read_back(remote_id, ["LoanSetup"])


_CUSTOMERS_STAY = "LoanPro's API has no way to delete or archive a customer: it stays as it is"

REVERSALS: dict[tuple[str, How], Reversal] = {
    ("loans.create", How.ARCHIVE): Reversal(
        "loans.archive", "loans.create", Fate.ARCHIVED, "PUT", "odata.svc/Loans(id)", b'{"archived":1}'
    ),
    ("loans.create", How.DELETE): Reversal(
        "loans.delete", "loans.create", Fate.DELETED, "DELETE", "odata.svc/Loans(id)"
    ),
    **{
        ("customers.create", how): Reversal("customers.keep", "customers.create", why_not=_CUSTOMERS_STAY)
        for how in How
    },
}
"""The catalogue, by operation and way (LoanPro reference 2.0 and 2.13)."""


def reversal_of(operation: str, how: How) -> Reversal:
    """How what an operation made is taken back; an operation without an entry has no way."""
    known = REVERSALS.get((operation, how))
    return known or Reversal(f"{operation}.keep", operation, why_not="it cannot be undone: it stays as it is")


def endpoint_of(name: str) -> tuple[str, str]:
    """
    Method and path of an operation or a reversal, as reports show them.

    Raises:
        UnknownOperation: There is none of that name.
    """
    for reversal in REVERSALS.values():
        if reversal.name == name:
            return reversal.method, reversal.path
    if name.endswith(".keep"):
        return "", ""
    operation = find_operation(name)
    return operation.method, operation.path


def reversals_of_group(entity_group: str) -> list[str]:
    """Names of the reversals that take back entities of a group."""
    return sorted(
        reversal.name
        for reversal in REVERSALS.values()
        if reversal.fate is not None and find_operation(reversal.undoes).entity_group == entity_group
    )


def fate_of(entity: dict[str, Any]) -> Fate | None:
    """What has become of an entity that was read back: a deleted one stays readable (LoanPro reference 8.2)."""
    if entity.get("deleted") in _YES:
        return Fate.DELETED
    return Fate.ARCHIVED if entity.get("archived") in _YES else None


def foreign(
    reversal: Reversal, entity: dict[str, Any], key: str, remote_id: int, not_before: datetime
) -> str:
    """
    Why an entity is not the one that a run has made, "" if nothing speaks against it.

    Args:
        reversal: Knows the operation that made it.
        entity: As it was read back.
        key: The natural key under which it was made.
        remote_id: LoanPro's id.
        not_before: What was created before this moment is not the run's own.
    """
    operation = find_operation(reversal.undoes)
    if str(entity.get("id")) != str(remote_id):
        return f"LoanPro answers with another entity than {remote_id}"
    if not operation.matches(entity, key):
        return f"its {operation.key_fields[0]} is not the one under which it was created"
    made = created_at(entity)
    if made is not None and made < not_before:
        return f"it was in LoanPro before that run: created {made:%Y-%m-%d %H:%M} UTC"
    return ""


def is_active(entity: dict[str, Any]) -> bool | None:
    """Whether a loan is activated, None where the entity does not say (LoanPro reference 2.2, `LoanSetup.active`)."""
    setup = entity.get("LoanSetup")
    found = setup.get("active") if isinstance(setup, dict) else None
    return True if found in _YES else False if found in _NO else None
