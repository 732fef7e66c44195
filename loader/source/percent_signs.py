"""Columns in which percentages are written as text, with their sign: in text files, and in text cells of all others."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from loader.models.folding import folded
from loader.source.packed import Stream
from loader.source.table import Header

_SIGN = "%"


class _Columns(Protocol):
    """Some rows of a table."""

    @property
    def columns(self) -> Sequence[Sequence[str]]: ...


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


def with_signs(
    headers: Sequence[Header], batches: Iterable[_Columns], asked: frozenset[str] | None
) -> tuple[Header, ...]:
    """
    Headers of a table, with those that have percentages marked as such.

    Args:
        headers: Of the table.
        batches: Its rows, some at a time; read only as far as is needed.
        asked: Letters and folded headers of the columns of which it is to be known, None for all.
    """
    wanted = {
        header.index
        for header in headers
        if asked is None or header.letter in asked or (header.name and folded(header.name) in asked)
    }
    signed = columns_with_signs(batches, wanted)
    return tuple(
        replace(header, has_percents=header.has_percents or header.index in signed) for header in headers
    )


def columns_with_signs(batches: Iterable[_Columns], wanted: Collection[int]) -> frozenset[int]:
    """Positions of those of the wanted columns in which a cell ends with a percent sign; stops where all are known to."""
    unsigned = set(wanted)
    if not unsigned:
        return frozenset()
    for batch in batches:
        for index in sorted(unsigned):
            column = batch.columns[index]
            if _SIGN in "".join(column) and any(cell.rstrip().endswith(_SIGN) for cell in column):
                unsigned.discard(index)
        if not unsigned:
            break
    return frozenset(wanted) - unsigned
