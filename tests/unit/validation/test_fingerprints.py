"""Numbers of rows tell them apart exactly as their cells and kinds do, in whatever form and batch these come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.source.texts import Texts
from loader.validation import fingerprints as module
from loader.validation.fingerprints import fingerprints

CELLS = st.one_of(
    st.text(alphabet="\x1e\x1f\0a01", max_size=3),
    st.text(alphabet="\x1f\0a\ud800\udc00é€\U0001f600", max_size=9),
    st.sampled_from(["", "7 bytes", "8 bytes!", "Zoë", "a" * 16, "a" * 17, "é" * 4]),
)
KINDS = st.sampled_from([0, 0, 1, 7])


@st.composite
def tables(draw):
    """Rows of one width, each a tuple of cells and kinds; rows that look alike are frequent."""
    width = draw(st.integers(1, 3))
    row = st.lists(st.tuples(CELLS, KINDS), min_size=width, max_size=width).map(tuple)
    few = draw(st.lists(row, min_size=1, max_size=4))
    return width, draw(st.lists(st.one_of(st.sampled_from(few), row), max_size=12))


def numbers(width, rows, *, form=list, seeds=(5,)):
    """The numbers of rows; their kinds are given only for columns in which one is not text."""
    columns = [form([row[at][0] for row in rows]) for at in range(width)]
    kinds = [bytes(row[at][1] for row in rows) for at in range(width)]
    found = fingerprints(columns, seeds, [of_cells if any(of_cells) else None for of_cells in kinds])
    return [of_seed.tolist() for of_seed in found]


@settings(deadline=None)
@given(tables(), st.integers(0, 12))
def test_rows_share_a_number_if_their_cells_and_kinds_are_the_same(table, cut):
    """Signs that end cells, bytes of zero, halves of pairs of surrogates and columns of Arrow among them."""
    width, rows = table
    cut = min(cut, len(rows))

    (found,) = numbers(width, rows)

    assert [rows.index(row) for row in rows] == [found.index(number) for number in found]
    assert [found] == numbers(width, rows, form=Texts.of)
    assert found == [
        number for part in (rows[:cut], rows[cut:]) for number in numbers(width, part, form=Texts.of)[0]
    ]


@settings(deadline=None)
@given(tables(), st.integers(1, 5))
def test_many_rows_have_the_numbers_of_few(table, at_once):
    """They are worked out some thousand at a time."""
    width, rows = table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROWS_AT_ONCE", at_once)
        in_parts = numbers(width, rows, form=Texts.of, seeds=(0, 7))

    assert in_parts == numbers(width, rows, form=Texts.of, seeds=(0, 7))


@given(tables())
def test_numbers_of_a_part_of_a_column_are_those_of_its_cells(table):
    _, rows = table
    column = [row[0][0] for row in rows]
    whole = Texts.of(["first", *column, "last"])
    part = Texts(column, whole.arrow.slice(1, len(column)))
    part.is_sound = whole.is_sound

    assert fingerprints([column], [0])[0].tolist() == fingerprints([part], [0])[0].tolist()


def test_cells_that_change_places_are_seen():
    found = numbers(2, [(("12345678", 0), ("abcdefgh", 0)), (("abcdefgh", 0), ("12345678", 0))])

    assert len(set(found[0])) == 2


def test_no_two_of_many_rows_share_even_half_of_a_number():
    """Keys count up, and differ in their last signs alone; 32 bits of 20,000 random numbers share one in 20 times."""
    keys = [f"L{n:07}" for n in range(20_000)]
    one, other = fingerprints([keys], [0, 1])

    assert len(set(one.tolist())) == len(set(other.tolist())) == len(keys)
    for half in (one >> 32, one & 0xFFFFFFFF, one ^ other, (one ^ other) & 0xFFFFFFFF):
        assert len(set(half.tolist())) >= len(keys) - 3


def test_numbers_are_the_same_in_every_process():
    """Rows are compared across processes, which each have a secret of their own for Python's `hash`."""
    assert [[13422773894036743282]] == numbers(2, [(("L1", 0), ("Zoë", 1))])
