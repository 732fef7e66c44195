"""Which columns are worth looking for their different texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loader.source.texts import Texts
from loader.source.texts_on_demand import Coded

if TYPE_CHECKING:
    import pyarrow as pa

_FEWEST_ROWS: Final = 64
"""In smaller blocks nothing is gained by looking for different texts."""
_PASSED_OVER: Final = 16
"""How many times the rows are passed over that have shown a column to be varied."""


class Variety:
    """Which columns repeat themselves, and which are too varied to look for different texts; learnt from block to block."""

    def __init__(self) -> None:
        self._waits: dict[int, int] = {}  # rows to pass over, by column

    def texts(self, index: int, column: pa.LargeStringArray) -> Texts:
        """A column with its cells, those with the same text as one object where it repeats itself."""
        return Texts(None, column, self._coded(index, column))

    def _coded(self, index: int, column: pa.LargeStringArray) -> Coded | None:
        """A column by its different texts where it repeats itself, None where it does not, or is not looked at."""
        waits = self._waits.get(index, 0)
        if len(column) < _FEWEST_ROWS or waits:
            self._waits[index] = max(waits - len(column), 0)
            return None
        encoded = column.dictionary_encode()
        if 2 * len(encoded.dictionary) > len(column):
            self._waits[index] = _PASSED_OVER * len(column)
            return None
        # `to_numpy` would import pandas.
        codes = np.frombuffer(encoded.indices.buffers()[1], np.int32, len(column))
        return Coded(encoded.dictionary.to_pylist(), codes)
