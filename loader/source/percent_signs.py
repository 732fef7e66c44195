"""Columns in which percentages are written as text, with their sign: in text files, and in text cells of all others."""

from collections.abc import Iterable
from dataclasses import replace

from loader.source.packed import Stream
from loader.source.table import Batch, Header

_SIGN = "%"
_BLOCK_BYTES = 1 << 20


def holds_signs(stream: Stream) -> bool:
    """
    Whether there is any percent sign in a text, in whatever encoding; stops at the first.

    Raises:
        SourceError: The text cannot be read.
    """
    while block := stream.read(_BLOCK_BYTES):
        if _SIGN.encode() in block:
            return True
    return False


def with_signs(headers: Iterable[Header], batches: Iterable[Batch]) -> tuple[Header, ...]:
    """Headers of a table, with those that have percentages marked as such."""
    signed = columns_with_signs(batches)
    return tuple(
        replace(header, has_percents=header.has_percents or header.index in signed) for header in headers
    )


def columns_with_signs(batches: Iterable[Batch]) -> frozenset[int]:
    """Positions of the columns in which a cell ends with a percent sign."""
    found = set[int]()
    for batch in batches:
        for index, column in enumerate(batch.columns):
            likely = index not in found and _SIGN in "".join(column)
            if likely and any(cell.rstrip().endswith(_SIGN) for cell in column):
                found.add(index)
    return frozenset(found)
