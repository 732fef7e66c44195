"""Blocks of rows, as large as reading makes them, become batches."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import cast

import numpy as np

from loader.models.note import Note
from loader.source.table import BadRow, Batch
from loader.source.texts import Texts


@dataclass(frozen=True, slots=True)
class Block:
    """
    Some rows of the file, column by column, without the blank ones.

    Attributes:
        rows: Row numbers of the user, ascending.
        columns: For each header, one text for each row.
        kinds: For each header, one byte (`Kind`) for each row, or None where all are text.
        bad_rows: Position in the block to what is wrong with that row.
        last_row: Row number up to which the file has been read; blank rows count.
        lines: For each row the physical line on which it begins, None where these are the row numbers.
        left_out: Row numbers of rows with content that are not in it on purpose, ascending; they are not blank.
        notes: What was noticed in it.
        originals: As in `Batch`.
    """

    rows: Sequence[int]
    columns: Sequence[Sequence[str]]
    kinds: Sequence[bytes | None]
    bad_rows: dict[int, BadRow]
    last_row: int
    lines: Sequence[int] | None = None
    left_out: Sequence[int] = ()
    notes: tuple[Note, ...] = ()
    originals: Sequence[int | None] | None = None

    def without(self, positions: Collection[int]) -> "Block":
        """The block without the rows at these positions."""
        keep = bytearray(b"\1") * len(self.rows)
        for position in positions:
            keep[position] = 0
        return replace(
            self,
            rows=list(compress(self.rows, keep)),
            columns=[kept_cells(column, keep) for column in self.columns],
            kinds=[kind and bytes(compress(kind, keep)) for kind in self.kinds],
            bad_rows={sum(keep[:at]): bad for at, bad in self.bad_rows.items() if keep[at]},
            lines=self.lines and list(compress(self.lines, keep)),
            originals=self.originals and list(compress(self.originals, keep)),
        )


def kept_cells(column: Sequence[str], keep: bytes | bytearray) -> Sequence[str]:
    """The cells of a column that are marked with 1, in the form in which the column is held."""
    if isinstance(column, Texts):
        return column.only(np.frombuffer(keep, np.bool_))
    return list(compress(column, keep))


def without_cells(column: Sequence[str], positions: Collection[int]) -> list[str]:
    """A column with the cells at some positions blank."""
    cells = list(column)
    for position in positions:
        cells[position] = ""
    return cells


def block_of(
    rows: Sequence[int],
    columns: Sequence[Sequence[str]],
    kinds: Sequence[bytes | None],
    bad_rows: dict[int, BadRow],
    lines: Sequence[int] | None = None,
    originals: Sequence[int | None] | None = None,
) -> Block:
    """
    A block from rows that follow one another, with the blank ones taken out.

    A row is blank when no cell of it holds more than white space; a bad row never is.

    Args:
        rows: Row numbers; there is at least one.
        columns: For each header, one text for each row; the cells of a bad row are "".
        kinds: As in `Block`.
        bad_rows: Position to what is wrong with that row.
        lines: As in `Block`.
        originals: As in `Batch`.
    """
    block = Block(rows, columns, kinds, bad_rows, rows[-1], lines, originals=originals)
    blank = _blank_positions(columns, len(rows)).difference(bad_rows)
    return block.without(blank) if blank else block


def _blank_positions(columns: Sequence[Sequence[str]], count: int) -> set[int]:
    """Positions without text in any column; ends at the first column that leaves none."""
    blank: Sequence[int] = range(count)
    for column in columns:
        if isinstance(column, Texts):
            unfilled = set(column.unfilled.tolist())
            blank = [position for position in blank if position in unfilled] if unfilled else ()
        elif all(map(str.strip, column)):
            return set()
        blank = [position for position in blank if not column[position] or column[position].isspace()]
        if not blank:
            break
    return set(blank)


@dataclass(slots=True)
class _Pending:
    """Rows that wait until a batch is full."""

    rows: list[int]
    columns: list[Sequence[str]]
    kinds: list[bytearray | None]
    counted_to: int
    first_ordinal: int = 0
    bad_rows: dict[int, BadRow] = field(default_factory=dict)
    lines: list[int] | None = None
    left_out: list[int] = field(default_factory=list)
    notes: tuple[Note, ...] = ()
    originals: list[int | None] | None = None
    are_ours: bool = False  # whether the columns are lists that nobody else has

    def add(self, block: Block) -> None:
        before = len(self.rows)
        if self.lines is not None or block.lines is not None:
            self.lines = self.lines if self.lines is not None else self.rows.copy()
            self.lines.extend(block.rows if block.lines is None else block.lines)
        if block.originals is not None:  # of a table all blocks have them, or none
            self.originals = [*(self.originals or ()), *block.originals]
        if not before:  # nothing to copy
            self.columns, self.are_ours = list(block.columns), False
        else:
            if not self.are_ours:
                self.columns, self.are_ours = [list(column) for column in self.columns], True
            for waiting, column in zip(self.columns, block.columns, strict=True):
                cast(list[str], waiting).extend(column)
        for index, kind in enumerate(block.kinds):
            self.kinds[index] = _joined(self.kinds[index], before, kind, len(block.rows))
        self.bad_rows.update({before + position: bad for position, bad in block.bad_rows.items()})
        self.rows.extend(block.rows)
        self.left_out.extend(block.left_out)
        self.notes += block.notes

    def take(self, count: int, last_row: int | None = None) -> Batch:
        """Cut the first *count* rows off; blank rows are the gaps in the numbering up to *last_row*, or to the last of them."""
        rows, columns = self.rows, self.columns
        if count == len(rows):  # nothing to cut, so nothing to copy
            self.rows, self.columns = [], [()] * len(columns)
        else:
            rows, self.rows = rows[:count], rows[count:]
            columns = [column[:count] for column in columns]
            self.columns, self.are_ours = [column[count:] for column in self.columns], False
        kinds = [bytes(kind[:count]) if kind and any(kind[:count]) else None for kind in self.kinds]
        bad_rows = {position: bad for position, bad in self.bad_rows.items() if position < count}
        self.kinds = [kind and kind[count:] for kind in self.kinds]
        self.bad_rows = {p - count: bad for p, bad in self.bad_rows.items() if p >= count}
        lines = None
        if self.lines is not None:
            lines, self.lines = self.lines[:count], self.lines[count:] or None
            lines = lines if lines != rows else None
        originals = None
        if self.originals is not None:
            originals, self.originals = self.originals[:count], self.originals[count:]
        read_to = rows[-1] if last_row is None else last_row
        left_out = bisect_right(self.left_out, read_to)
        self.left_out = self.left_out[left_out:]
        blank_rows = read_to - self.counted_to - len(rows) - left_out
        notes, self.notes = self.notes, ()
        first_ordinal, self.first_ordinal = self.first_ordinal, self.first_ordinal + count
        self.counted_to = read_to
        return Batch(first_ordinal, rows, columns, kinds, bad_rows, blank_rows, notes, lines, originals)


def _joined(pending: bytearray | None, before: int, kind: bytes | None, count: int) -> bytearray | None:
    """Kinds of the rows that wait and of those that come; None stands for text throughout."""
    if pending is None and kind is None:
        return None
    joined = bytearray(before) if pending is None else pending
    joined.extend(bytes(count) if kind is None else kind)
    return joined


def rebatch(
    blocks: Iterator[Block], *, width: int, header_row: int, rows_per_batch: int | None
) -> Iterator[Batch]:
    """
    Batches of *rows_per_batch* rows, the last one shorter; none where there are no rows.

    A full batch is held back until another row follows, so that the last batch can count the blank rows at the
    end of the file.

    Args:
        blocks: In the order of the file.
        width: Count of headers.
        header_row: Row number of the headers; blank rows are counted from there.
        rows_per_batch: At least 1; None for blocks as they are, which costs least.
    """
    pending = _Pending([], [()] * width, [None] * width, counted_to=header_row)
    last_row = header_row
    for block in blocks:
        size = rows_per_batch or len(pending.rows)
        if block.rows and pending.rows and len(pending.rows) == size:
            yield pending.take(size)
        pending.add(block)
        last_row = block.last_row
        while rows_per_batch and len(pending.rows) > rows_per_batch:
            yield pending.take(rows_per_batch)
    if pending.rows:
        yield pending.take(len(pending.rows), last_row)
