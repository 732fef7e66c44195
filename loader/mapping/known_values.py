"""Columns of values with what their conversion knows of them, so that nobody looks at each value to find it out again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Repeated(list[Any]):
    """
    A column whose values repeat themselves. Its items stay as they are.

    Args:
        different: Every value that is in a cell, some perhaps more than once, and perhaps others.
        codes: For each cell the position of its value.
    """

    def __init__(self, different: Sequence[Any], codes: NDArray[np.int32]) -> None:
        super().__init__(np.fromiter(different, dtype=object, count=len(different))[codes].tolist())
        self.different = different
        self.codes = codes

    def __reduce__(self) -> tuple[type[list[Any]], tuple[list[Any]]]:
        """To others it is a list."""
        return list, (list(self),)

    def positions(self, of: Sequence[int]) -> list[int]:
        """The positions of the cells that hold some of the different values, which are given by theirs; ascending."""
        found: list[int] = np.flatnonzero(np.isin(self.codes, of)).tolist()
        return found


def different_values(values: Sequence[Any]) -> Sequence[Any]:
    """All values that are in a cell, and perhaps others; some may come more than once."""
    return values.different if isinstance(values, Repeated) else values
