"""What the cells of a control total add to it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from loader.mapping.known_values import types_of


def amount_of(value: Any) -> Decimal | None:
    """What a cell adds to a control total, None where it is no number."""
    return Decimal(value) if isinstance(value, Decimal | int) else None


def amounts_of(values: Sequence[Any]) -> Sequence[Decimal | None]:
    """What each cell of a column adds."""
    return values if types_of(values) == {Decimal} else [amount_of(value) for value in values]
