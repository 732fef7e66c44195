"""Where the rows of a table end: at a row that the template describes, and a guess that is told where it describes none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loader.models.folding import folded
from loader.models.note import Note
from loader.models.totals import says_totals
from loader.source.batching import Block
from loader.source.headers import find_column
from loader.source.reading import StopAt
from loader.source.table import Batch, Header

_LAST_ROWS = 3
"""How far above its end a table is searched for such a line: a date or a signature may follow it."""


def ended(
    blocks: Iterator[Block], headers: Sequence[Header], header_row: int, stop_at: StopAt | None
) -> Iterator[Block]:
    """
    The blocks up to the end of the rows; what follows is read to be counted, and told.

    Without *stop_at* all blocks, and a note where one of the last rows looks like a row of totals.

    Args:
        blocks: In the order of the file.
        headers: Of the table.
        header_row: Row number of the headers.
        stop_at: What ends the rows.
    """
    if stop_at is None:
        return _told(blocks, headers)
    if not stop_at.columns:
        return _until_blank(blocks, header_row)
    column = find_column(headers, stop_at.columns)
    return blocks if column is None else _until_word(blocks, column, stop_at.words)


def _until_word(blocks: Iterator[Block], column: int, words: frozenset[str]) -> Iterator[Block]:
    for block in blocks:
        stop = _first_of(block, column, words)
        if stop is None:
            yield block
            continue
        yield _cut(block, stop, block.rows[stop] - 1, blocks, "a row whose text ends the rows (`stop_at`)")
        return


def _first_of(block: Block, column: int, words: frozenset[str]) -> int | None:
    """Position of the first row with one of the words in a column, be it a row that does not fit under the headers."""
    texts = block.columns[column]
    ending = [text for text in set(texts) if text and folded(text) in words]
    uneven = (
        position
        for position, bad in block.bad_rows.items()
        if column < len(bad.cells) and folded(bad.cells[column]) in words
    )
    return min((*map(texts.index, ending), *uneven), default=None)


def _until_blank(blocks: Iterator[Block], header_row: int) -> Iterator[Block]:
    """Blank rows above the first row end nothing."""
    last = 0
    for block in blocks:
        for position, row in enumerate(block.rows):
            if last > header_row and row != last + 1:
                reason = "below a blank row, which ends the rows (`stop_at: blank`)"
                yield _cut(block, position, last, blocks, reason)
                return
            last = row
        yield block


def _cut(block: Block, stop: int, last_row: int, blocks: Iterator[Block], reason: str) -> Block:
    """The block up to a position, with a note that counts the rows from there to the end of the file."""
    first_row = block.rows[stop]
    count = len(block.rows) - stop + sum(len(following.rows) for following in blocks)
    note = Note("rows.after-the-end", f"left out: {reason}, and what follows it", count, first_row=first_row)
    kept = block.without(range(stop, len(block.rows)))
    return replace(kept, last_row=last_row, notes=(*block.notes, note))


def _told(blocks: Iterator[Block], headers: Sequence[Header]) -> Iterator[Block]:
    """All blocks, the last one with a note on what looks like a row of totals."""
    held = filled = None
    for block in blocks:
        if held is not None:
            yield held
        held = block
        filled = block if block.rows else filled
    if held is not None:
        found = totals_among(filled, headers) if filled else ()
        yield replace(held, notes=(*held.notes, *found))


def totals_among(block: Block | Batch, headers: Sequence[Header]) -> Iterator[Note]:
    """A note for each of the last rows that has a cell such as `Total`."""
    for position in range(max(len(block.rows) - _LAST_ROWS, 0), len(block.rows)):
        for header, column in zip(headers, block.columns, strict=True):
            if says_totals(column[position]):
                message = (
                    "a last row of the table looks like one of totals, and is not left out: "
                    "`rows: {stop_at: ...}` in the template leaves it out"
                )
                row = block.rows[position]
                yield Note("rows.totals-suspected", message, 1, header.name, header.letter, row)
                break
