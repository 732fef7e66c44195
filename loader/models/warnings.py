"""Transaction warnings: what they are about, and how a payload is sent in spite of them (LoanPro reference 1.7, 4.3)."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from loader.models.control_fields import IGNORE_WARNINGS


class Cause(StrEnum):
    """What a transaction warning says that another entity has already."""

    DISPLAY_ID = "display_id"
    SSN = "ssn"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    VIN = "vin"
    OTHER = "other"


WarningAction = Literal["hold", "skip", "send"]


@dataclass(frozen=True, slots=True)
class WarningPolicy:
    """
    What is done about transaction warnings.

    Attributes:
        actions: By cause; what is not in it is held.
    """

    actions: Mapping[Cause, WarningAction] = field(default_factory=dict)

    def action(self, cause: Cause) -> WarningAction:
        """What is done about one cause."""
        return self.actions.get(cause, "hold")

    @property
    def sent(self) -> list[Cause]:
        """The causes in spite of which a row is sent."""
        return [cause for cause in Cause if self.action(cause) == "send"]


_WORDS: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (Cause.DISPLAY_ID, re.compile(r"display\s?id|loan (?:number|id)|\bloc\b.*\bid\b", re.IGNORECASE)),
    (Cause.SSN, re.compile(r"\bssn\b|\bsin\b|social (?:security|insurance)", re.IGNORECASE)),
    (Cause.EMAIL, re.compile(r"\be-?mail\b", re.IGNORECASE)),
    (Cause.PHONE, re.compile(r"phone", re.IGNORECASE)),
    (Cause.VIN, re.compile(r"\bvin\b|vehicle identification", re.IGNORECASE)),
    (Cause.ADDRESS, re.compile(r"address", re.IGNORECASE)),
)
_EMAIL_ADDRESS = re.compile(r"\be-?mail address", re.IGNORECASE)
_ADDRESSES = ("PrimaryAddress", "MailAddress")


def causes_of(warnings: Iterable[str]) -> frozenset[Cause]:
    """
    What warnings are about, from their words: LoanPro gives no code (LoanPro reference 8.4, point 6).

    A warning whose words say nothing known is `OTHER`.
    """
    found: set[Cause] = set()
    for warning in warnings:
        text = _EMAIL_ADDRESS.sub("email", warning)
        of_this = {cause for cause, words in _WORDS if words.search(text)}
        found |= of_this or {Cause.OTHER}
    return frozenset(found)


def in_spite_of(payload: Mapping[str, Any], causes: Collection[Cause]) -> dict[str, Any]:
    """
    The payload with LoanPro told to ignore warnings, no wider than these causes need.

    Warnings about addresses alone are ignored in the addresses, all others at the root.
    """
    if set(causes) == {Cause.ADDRESS} and any(name in payload for name in _ADDRESSES):
        return {
            name: {**value, IGNORE_WARNINGS: True}
            if name in _ADDRESSES and isinstance(value, dict)
            else value
            for name, value in payload.items()
        }
    return {**payload, IGNORE_WARNINGS: True}
