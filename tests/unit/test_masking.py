"""Hiding what may not be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.masking import HIDDEN, masked, masked_text


@pytest.mark.parametrize(
    "text",
    [
        "a customer with ssn 987654321 exists",
        "a customer with SSN 987-65-4321 exists",
        'sent {"ssn": "987654321", "x": 1}',
        'sent {"accessPassword":"987-65-4321"}',
        "Authorization: Bearer 987654321.abc",
        "card 9876 5432 1987 6543 21",
    ],
)
def test_what_looks_like_personal_data_is_hidden(text):
    """Social security, card and account numbers, tokens and named fields are hidden wherever they stand."""
    assert "987" not in masked_text(text)


@pytest.mark.parametrize(
    "text", ["loan 53180.08 of row 512", "L000123456789", "status 409 after 1200 ms", "2024-02-29"]
)
def test_what_a_person_needs_stays(text):
    """Amounts, display ids, statuses and dates are left alone."""
    assert text == masked_text(text)


@given(secret=st.text(min_size=4), before=st.text(), after=st.text())
def test_a_known_secret_is_never_shown(secret, before, after):
    """A value known to be sensitive does not survive, whatever stands around it."""
    shown = masked_text(f"{before}{secret}{after}", [secret])

    assert secret not in shown.replace(HIDDEN, "") or secret in before + after


def test_a_masked_value_can_be_recognised_but_not_read():
    """The last two characters of a long value show, none of a short one."""
    assert "***21" == masked("987654321")
    assert HIDDEN == masked("98765")
