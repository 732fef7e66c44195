"""Headers and separators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.source.headers import choose_separator, column_index, read_headers
from loader.source.table import column_letter


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a,b;c;d", ","),
        ('"a,b";c', ";"),
        ("a\tb", "\t"),
        ("a|b|c;d", "|"),
        ("a;b|c", ";"),
        ("alone", ","),
        ('"a;b"', ","),
        ('"say ""x;y""",b', ","),
    ],
)
def test_separator_of_a_header_line(line, separator):
    """Comma wherever it stands outside quotes, else the most frequent of the others."""
    assert separator == choose_separator(line)


@given(st.integers(0, 20_000))
def test_letters_and_positions_are_each_others_inverse(index):
    assert index == column_index(column_letter(index))


def test_our_columns_count_only_at_the_end_and_in_order():
    assert read_headers(["A", "Row", "Problems", "Advice"], where="").ours
    assert not read_headers(["A", "Problems", "Row", "Advice"], where="").ours
    assert not read_headers(["Row", "Problems", "Advice", "A"], where="").ours
