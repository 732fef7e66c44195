"""Columns of a text file in which percentages are written with their sign."""

from collections.abc import Iterable

from loader.source.packed import Content
from loader.source.table import Batch

_SIGN = "%"
_BLOCK_BYTES = 1 << 20


def holds_signs(content: Content) -> bool:
    """
    Whether there is any percent sign in a text, in whatever encoding; stops at the first.

    Raises:
        SourceError: The text cannot be read.
    """
    with content.open() as stream:
        while block := stream.read(_BLOCK_BYTES):
            if _SIGN.encode() in block:
                return True
    return False


def columns_with_signs(batches: Iterable[Batch]) -> frozenset[int]:
    """Positions of the columns in which a cell ends with a percent sign."""
    found = set[int]()
    for batch in batches:
        for index, column in enumerate(batch.columns):
            likely = index not in found and _SIGN in "".join(column)
            if likely and any(cell.rstrip().endswith(_SIGN) for cell in column):
                found.add(index)
    return frozenset(found)
