"""The digests of rows' cells are the same in whatever form the columns come."""

from hypothesis import given
from hypothesis import strategies as st

from loader.source.texts import Texts
from loader.validation.cell_digests import hash_of_cells, hashes_of_rows

CELLS = st.one_of(
    st.text(alphabet="\x1f\0a1", max_size=3),
    st.text(alphabet="a\ud800\udc00é€\U0001f600", max_size=5),
    st.sampled_from(["", "Zoë", "a" * 200]),
)


@st.composite
def tables(draw):
    """Some columns of one length."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12))
    return [[row[at] for row in rows] for at in range(width)]


def part(cells):
    """The same texts as a part of a longer column of Arrow, with other ones before and behind."""
    longer = Texts.of(["before", *cells, "ü"])
    return Texts(None, longer.arrow.slice(1, len(cells))) if longer.is_sound else Texts.of(cells)


@given(tables(), st.sampled_from([b"", b"s" * 32]))
def test_rows_have_the_digests_of_their_cells(columns, secret):
    """One row at a time or all at once, as texts of Python or as Arrow holds them, halves of pairs of surrogates among them."""
    expected = [hash_of_cells(secret, row) for row in zip(*columns, strict=True)]

    assert expected == hashes_of_rows(secret, columns)
    for form in (Texts.of, part):
        assert expected == hashes_of_rows(secret, list(map(form, columns)))
    assert expected == hashes_of_rows(secret, [Texts.of(columns[0]), *columns[1:]])
