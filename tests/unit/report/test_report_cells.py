"""Values in cells: nothing guessed, nothing lost, nothing that breaks the file."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.report.cells import CELL_CHARACTERS, cut_text, day_number, is_exact, lines_needed, visible_text
from loader.report.rejected_sheet import sheet_name


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("Zoë", "Zoë"),
        ("a\u2400b\u241b", "a\x00b\x1b"),
        ("one\ntwo\tthree", "one\r\ntwo\tthree"),
        ("a\ufffdb\ufffd", "a\ud800b\uffff"),
        ("<U+202E>gnp.exe", "\u202egnp.exe"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(expected, text):
    """Control characters get their pictures, marks of direction their names; line ends stay."""
    assert expected == visible_text(text)


@pytest.mark.parametrize("text", ["x" * 40_000, "\U0001f4b0" * 20_000])
def test_long_text_is_cut_with_a_mark(text):
    """A cell holds 32,767 UTF-16 units; what is cut says so and how long it was."""
    cut = cut_text(text)
    assert len(cut.encode("utf-16-le")) // 2 <= CELL_CHARACTERS
    assert cut.endswith("[cut here: the cell has 40,000 characters]")


@given(st.text(max_size=60), st.integers(45, 60))
def test_cut_text_is_never_longer_than_the_limit(text, limit):
    """Whatever the text, its cut form fits and an uncut one is untouched."""
    cut = cut_text(text, limit)
    assert len(cut.encode("utf-16-le", "replace")) // 2 <= max(limit, 50)
    if len(text.encode("utf-16-le", "replace")) // 2 <= limit:
        assert text == cut


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        (True, Decimal("123456789012.345")),
        (False, Decimal("1234567890123.4567")),
        (True, Decimal("1E+20")),
        (False, Decimal("NaN")),
        (True, 999_999_999_999_999),
        (False, 10**15),
        (True, Decimal("0.000")),
    ],
)
def test_fifteen_digits_are_exact(expected, number):
    """A spreadsheet keeps fifteen significant digits and no more."""
    assert expected is is_exact(number)


def test_moments_are_days_in_utc():
    """Noon of 22 November 2026 is half past day 46348."""
    assert day_number(datetime(2026, 11, 22, 12, tzinfo=UTC)) == 46_348.5


@pytest.mark.parametrize(("expected", "text"), [(1, "short"), (2, "a\nb"), (3, "x" * 50)])
def test_lines_are_estimated(expected, text):
    """A column of 20 shows some 22 letters on a line."""
    assert expected == lines_needed(text, 20)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("Loans", "Loans"),
        ("a_b_c", "a/b:c"),
        ("x" * 31, "x" * 40),
        ("History_", "History"),
        ("Rejected_", "''"),
    ],
)
def test_sheet_names_are_made_valid(expected, name):
    """OpenDocument allows names that Excel refuses."""
    assert expected == sheet_name(name)
