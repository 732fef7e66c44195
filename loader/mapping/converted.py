"""A column after conversion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loader.mapping.mapped import BAD
from loader.mapping.refusal import Refusal
from loader.mapping.repairs import Repaired


class Converted:
    """
    A column after conversion.

    Attributes:
        values: One payload value for each cell; `BAD` where the cell was refused.
        refused: Position to refusal.
        repaired: Rule of a repair (`repairs.MESSAGES`) to the positions of the cells, ascending.
    """

    __slots__ = ("refused", "repaired", "values")

    def __init__(self, values: Sequence[Any], *, unsorted: Sequence[int] | None = None) -> None:
        """
        Sort out what the conversions gave.

        Args:
            values: Payload values, refusals and repaired values; unless it has neither of the latter, a list is changed in place.
            unsorted: The positions at which one of the latter may be, ascending; None for all.
        """
        self.values = values
        self.refused: dict[int, Refusal] = {}
        self.repaired: dict[str, list[int]] = {}
        if unsorted is not None and not len(unsorted):
            return
        self.values = values = values if isinstance(values, list) else list(values)
        for at in range(len(values)) if unsorted is None else unsorted:
            value = values[at]
            if type(value) is Refusal:
                self.refused[at] = value
                values[at] = BAD
            elif type(value) is Repaired:
                values[at] = value.value
                for rule in value.rules:
                    self.repaired.setdefault(rule, []).append(at)

    @classmethod
    def together(cls, count: int, parts: Iterable[Part]) -> Self:
        """A column of so many cells from its parts, each of which holds some of them."""
        values = np.empty(count, dtype=object)
        refused: dict[int, Refusal] = {}
        repaired: dict[str, list[int]] = {}
        for positions, part in parts:
            values[positions] = np.fromiter(part.values, dtype=object, count=len(part.values))
            refused |= {int(positions[at]): refusal for at, refusal in part.refused.items()}
            for rule, cells in part.repaired.items():
                repaired.setdefault(rule, []).extend(positions[cells].tolist())
        converted = cls(values.tolist(), unsorted=())
        converted.refused = dict(sorted(refused.items()))
        converted.repaired = {rule: sorted(cells) for rule, cells in repaired.items()}
        return converted


Part: TypeAlias = tuple[NDArray[np.intp], Converted]
"""Positions in a column, ascending, and what the cells there were converted to."""
