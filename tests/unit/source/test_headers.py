"""Headers and their letters."""

from hypothesis import given
from hypothesis import strategies as st

from loader.source.headers import column_index, read_headers
from loader.source.table import column_letter


@given(st.integers(0, 20_000))
def test_letters_and_positions_are_each_others_inverse(index):
    assert index == column_index(column_letter(index))


def test_our_columns_count_only_at_the_end_and_in_order():
    assert read_headers(["A", "Row", "Problems", "Advice"], where="").ours
    assert not read_headers(["A", "Problems", "Row", "Advice"], where="").ours
    assert not read_headers(["Row", "Problems", "Advice", "A"], where="").ours
