"""All columns of a table, read in one go or in spans that are put together."""

import pickle
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.inspection.column_reader import DISTINCT_AT_MOST
from loader.inspection.profile import Profile
from loader.source import variety
from loader.source.table import BadRow, Batch, Facts, Header, Kind
from loader.source.texts import Texts
from loader.source.variety import Variety

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


def profile_of(rows, batches, *, encoding="UTF-8", repeat=False):
    """
    The profile of rows (number, texts, kinds, whether bad), cut into batches of so many.

    With *repeat* each batch knows its different texts, as those of text files do.
    """
    table = Table((Header(0, "A", "Value"), Header(1, "B", "")), Facts("CSV", encoding=encoding))
    found = Profile(table)
    for begin in range(0, len(rows), batches):
        part = rows[begin : begin + batches]
        kinds = [None if encoding else bytes(row[2][column] for row in part) for column in (0, 1)]
        columns = [[row[1][column] for row in part] for column in (0, 1)]
        bad = {n: BadRow(row[0], "", ()) for n, row in enumerate(part) if row[3]}
        if repeat and columns[0]:
            columns = [repeating(column) for column in columns]
        found.add(Batch(begin, [row[0] for row in part], columns, kinds, bad, 0))
    return found


def repeating(cells):
    """The cells, with Arrow's knowledge of which are the same where that pays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variety, "_FEWEST_ROWS", 0)
        whole = Texts.of(cells)
        return Variety().texts(0, whole.arrow) if whole.is_sound else cells


@st.composite
def tables(draw):
    """Rows with their numbers, and where they are cut."""
    cell = st.tuples(CELLS, CELLS)
    kind = st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS))
    rows = draw(st.lists(st.tuples(cell, kind, st.sampled_from([False, False, True])), max_size=24))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    return [(n, *row) for n, row in enumerate(rows, 2)], [0, *cuts, len(rows)]


@settings(deadline=None)
@given(tables(), st.integers(1, 8), st.sampled_from(["UTF-8", ""]), st.randoms())
def test_spans_together_are_the_whole(table, batches, encoding, random):
    """Wherever the table is cut, whichever process has which span, and although texts repeat themselves in some and not in others."""
    rows, cuts = table
    spans = [rows[begin:end] for begin, end in pairwise(cuts)]
    whole = profile_of(rows, 24, encoding=encoding)
    shares = [[row for n, span in enumerate(spans) if n % 2 == which for row in span] for which in (0, 1)]
    random.shuffle(spans)
    random.shuffle(shares)
    for parts in (spans, shares):
        merged = profile_of([], 1, encoding=encoding)
        for part in parts:
            found = profile_of(part, batches, encoding=encoding, repeat=random.random() < 0.5)
            merged.merge(pickle.loads(pickle.dumps(found)))

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
