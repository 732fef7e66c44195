"""All columns of a table, batch by batch."""

from collections.abc import Collection
from dataclasses import replace
from itertools import compress
from typing import Self

import numpy as np

from loader.inspection.column_facts import ColumnFacts, column_facts
from loader.inspection.column_reader import ColumnReader
from loader.inspection.looks import Looks
from loader.source.batching import kept_cells
from loader.source.table import Batch, Described


class Profile:
    """
    Collects what is in each column of a table.

    Args:
        table: Its batches are given by whoever reads it.
        sensitive: Positions of columns that are known to hold personal data; others are told by headers and content.
        nameless: Whether what stands in the place of the headers is no header, and is not shown.
    """

    def __init__(self, table: Described, sensitive: Collection[int] = (), *, nameless: bool = False) -> None:
        looks = Looks()
        headers = [replace(header, name="") if nameless else header for header in table.headers]
        typed = not table.facts.encoding
        self._sensitive = sensitive
        self._columns = [ColumnReader(header, looks, typed=typed) for header in headers]

    def add(self, batch: Batch) -> None:
        """One more batch; rows that do not fit under the headers are left out, since their cells belong to no column."""
        rows, columns, kinds = batch.rows, batch.columns, batch.kinds
        if batch.bad_rows:
            keep = bytes(at not in batch.bad_rows for at in range(len(batch.rows)))
            rows = list(compress(rows, keep))
            columns = [kept_cells(texts, keep) for texts in columns]
            kinds = [of_cells and bytes(compress(of_cells, keep)) for of_cells in kinds]
        if rows:
            numbers = (
                np.arange(rows.start, rows.stop, rows.step)
                if isinstance(rows, range)
                else np.array(rows, np.int64)
            )
            for column, texts, of_cells in zip(self._columns, columns, kinds, strict=True):
                column.add(rows, texts, of_cells, numbers)

    def merge(self, other: Self) -> None:
        """
        Take in the profile of other rows of the table, which may come from another process.

        Profiles that have each row of a table in one of them say together what one profile of all of its rows would say, whichever of
        them have which.
        """
        for column, same in zip(self._columns, other._columns, strict=True):
            column.merge(same)

    def columns(self) -> tuple[ColumnFacts, ...]:
        """What each column came to."""
        return tuple(
            column_facts(column, known_sensitive=column.header.index in self._sensitive)
            for column in self._columns
        )
