"""All columns of a table, read in one go or in spans that are put together."""

import pickle
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from loader.inspection.column_reader import DISTINCT_AT_MOST
from loader.inspection.profile import Profile
from loader.source.table import BadRow, Batch, Facts, Header, Kind

CELLS = st.one_of(
    st.text(alphabet="0123456789.,-+()$%€ eE/:'\u00a0", max_size=8),
    st.text(max_size=4),
    st.sampled_from(
        [
            *("", " ", "N/A", "#N/A", "03/04/2024", "25/04/2024", "04/25/2024", "2024-05-06", "9-Mar-17"),
            *("007", "7", "1.50", "1.5", "12%", "$1,234.50", "x ", "1.2E+15", "4" * 18, "123-45-6789"),
        ]
    ),
)
KINDS = [Kind.TEXT, Kind.FLAG, Kind.ERROR, Kind.LOSSY, Kind.TIME]


@dataclass
class Table:
    """As much of a table as a profile looks at."""

    headers: tuple[Header, ...]
    facts: Facts


def profile_of(rows, batches, *, encoding="UTF-8"):
    """The profile of rows (texts, kinds, whether bad), each a row number further, cut into batches of so many."""
    table = Table((Header(0, "A", "Value"), Header(1, "B", "")), Facts("CSV", encoding=encoding))
    found, at = Profile(table), rows[0][0] if rows else 0
    for begin in range(0, len(rows), batches):
        part = rows[begin : begin + batches]
        kinds = [None if encoding else bytes(row[2][column] for row in part) for column in (0, 1)]
        columns = [[row[1][column] for row in part] for column in (0, 1)]
        bad = {n: BadRow(row[0], "", ()) for n, row in enumerate(part) if row[3]}
        found.add(Batch(at + begin, [row[0] for row in part], columns, kinds, bad, 0))
    return found


@st.composite
def tables(draw):
    """Rows with their numbers, and where they are cut."""
    cell = st.tuples(CELLS, CELLS)
    kind = st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS))
    rows = draw(st.lists(st.tuples(cell, kind, st.sampled_from([False, False, True])), max_size=24))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    return [(n, *row) for n, row in enumerate(rows, 2)], [0, *cuts, len(rows)]


@settings(deadline=None)
@given(tables(), st.integers(1, 8), st.sampled_from(["UTF-8", ""]), st.randoms(use_true_random=False))
def test_spans_together_are_the_whole(table, batches, encoding, chance):
    """Wherever the table is cut, in whatever order its spans come, and although each comes from another process."""
    rows, cuts = table
    whole = profile_of(rows, 24, encoding=encoding)
    merged = profile_of([], 1, encoding=encoding)
    spans = list(pairwise(cuts))
    chance.shuffle(spans)
    for begin, end in spans:
        span = profile_of(rows[begin:end], batches, encoding=encoding)
        merged.merge(pickle.loads(pickle.dumps(span)))

    assert whole.columns() == merged.columns()


def test_different_texts_of_spans_are_counted_together():
    """Up to the most that are counted, and not above."""
    half = DISTINCT_AT_MOST // 2
    for rows, distinct in ((2 * half, 2 * half), (2 * half + 1, None), (DISTINCT_AT_MOST + half + 1, None)):
        table = [(n, (str(n), str(n % 7)), (0, 0), False) for n in range(2, rows + 2)]
        merged = profile_of(table[:half], 500)
        merged.merge(profile_of(table[half:], 500))

        assert [distinct, 7] == [column.distinct for column in merged.columns()]
        assert profile_of(table, 500).columns() == merged.columns()
