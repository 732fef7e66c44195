"""Conditions that several rules share, each with the quick proof that it holds for no value of a column."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from loader.mapping.known_values import different_values, ordinals


def is_not_positive(value: Decimal | None) -> bool:
    """Whether there is a number that is 0 or less."""
    return value is not None and value <= 0


def all_positive(values: Sequence[Decimal]) -> bool:
    """The proof against `is_not_positive`."""
    return bool(min(different_values(values)) > 0)


def is_negative(value: Decimal | None) -> bool:
    """Whether there is a number below 0."""
    return value is not None and value < 0


def none_negative(values: Sequence[Decimal]) -> bool:
    """The proof against `is_negative`."""
    return bool(min(different_values(values)) >= 0)


def is_after(when: date | None, today: date) -> bool:
    """Whether there is a date that is still to come."""
    return when is not None and when > today


def none_after(when: Sequence[date], today: Sequence[date]) -> bool:
    """The proof against `is_after`."""
    return int(ordinals(different_values(when)).max()) <= today[0].toordinal()
