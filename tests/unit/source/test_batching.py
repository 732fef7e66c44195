"""Blocks become batches, as they are or of one size: the same rows either way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from loader.models.note import Note
from loader.source.batching import Block, block_of, rebatch
from loader.source.table import BadRow
from loader.source.texts import Texts

CELL = st.sampled_from(["", " ", "a", "b", "é"])
ROWS = st.lists(st.tuples(CELL, CELL, st.integers(0, 2), st.sampled_from([False] * 4 + [True])), max_size=30)


def blocks_of(rows, sizes):
    """The rows (two cells, kind of the second, whether bad) in blocks of these sizes; one cell in Arrow's form here and there."""
    begin = 0
    for number, size in enumerate(sizes):
        part = rows[begin : begin + size]
        if not part:
            return
        numbers = range(begin + 2, begin + 2 + len(part))
        first = ["" if row[3] else row[0] for row in part]
        columns = [Texts.of(first) if number % 2 else first, ["" if row[3] else row[1] for row in part]]
        bad = {at: BadRow(numbers[at], "bad", ("x",)) for at, row in enumerate(part) if row[3]}
        kinds = [None, bytes(row[2] for row in part) if number % 3 else None]
        lines = range(begin + 3, begin + 3 + len(part)) if number > 2 else None
        block = block_of(
            numbers, columns, kinds, bad, lines, originals=[n if n % 2 else None for n in numbers]
        )
        yield Block(*(getattr(block, name) for name in Block.__slots__[:7]), notes=(Note("n", "", number),),
                    originals=block.originals)  # fmt: skip
        begin += size


def rows_of(batches):
    """Each row with all that is known of it."""
    return [
        (
            batch.first_ordinal + at,
            row,
            tuple(column[at] for column in batch.columns),
            tuple(kinds[at] if kinds else 0 for kinds in batch.kinds),
            batch.bad_rows.get(at),
            (batch.lines or batch.rows)[at],
            batch.originals[at],
        )
        for batch in batches
        for at, row in enumerate(batch.rows)
    ]


@settings(deadline=None)
@given(ROWS, st.lists(st.integers(1, 9), min_size=30, max_size=30), st.integers(1, 9))
def test_blocks_as_they_are_hold_what_batches_of_one_size_hold(rows, sizes, size):
    """Rows, their places, and how many blank ones lie before each."""
    even, as_read = (
        list(rebatch(blocks_of(rows, sizes), width=2, header_row=1, rows_per_batch=asked))
        for asked in (size, None)
    )

    assert rows_of(even) == rows_of(as_read)
    assert sum(batch.blank_rows for batch in even) == sum(batch.blank_rows for batch in as_read)
    assert [n for batch in even for n in batch.notes] == [n for batch in as_read for n in batch.notes]
    at = 1  # the last row accounted for
    for batch in as_read:
        assert batch is as_read[-1] or batch.rows[-1] - at == len(batch.rows) + batch.blank_rows
        at = batch.rows[-1]


def test_a_block_alone_is_a_batch_without_a_copy():
    column = Texts.of(["a", "b"])
    (batch,) = rebatch(iter([block_of(range(2, 4), [column], [None], {})]), width=1, header_row=1, rows_per_batch=None)  # fmt: skip

    assert column is batch.columns[0]
