"""Number formats: which of them show a percentage, and of which numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.source.number_format import percent_format


@pytest.mark.parametrize(
    "code",
    [
        *("0%", "0.00%", "#,##0.0#%", "0.00 %", "[Red]0.00%", "[$-409]0.00%", "_(0.0%_)", "%0", "0.00%;@"),
        *("0.00%;[Red]-0.00%", "0.0%;(0.0%);0%", '0%;-0%;"-"', '0%;-0%;"-";@', "0.00%;;"),
    ],
)
def test_percentages_of_every_number(code):
    found = percent_format(code)

    assert found
    assert found.always
    assert [found.places(number) for number in (0.12, -0.12, 0)] == [2, 2, 2]


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0.00",
        "@",
        "",
        "#,##0.00",
        '0" of 100%"',
        'yyyy-mm-dd "%"',
        '"%"',
        "0_%",
        "*%0",
        "[$%-409]0",
    ],
)
def test_no_percentages(code):
    """A percent sign in a longer text, as the width of a space, as filling or as a currency is none."""
    assert percent_format(code) is None


@pytest.mark.parametrize("code", ['0.00"%"', r"0.00\%", '0.00" %"', r'0.00\%;-0.00"%"'])
def test_percent_sign_that_is_mere_text(code):
    """The cell shows 12.02% and holds 12.02: the sign is for the reader, and multiplies nothing."""
    found = percent_format(code)

    assert found
    assert not found.always
    assert [found.places(number) for number in (12.02, -1)] == [0, 0]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0%;0.0", {1: 2, 0: 2, -1: None}),
        ("0.0;0%", {1: None, 0: None, -1: 2}),
        ("0%;0.0;0%", {1: 2, 0: 2, -1: None}),
        ("[<1]0.00%;0.00", {0.5: 2, 0.999: 2, 1: None, 12.02: None, -3: 2}),
        ("[>=1]0.00;[<0]0.0;0.00%", {1: None, 12: None, -1: None, 0.5: 2, 0: 2}),
        ("[<>0]0%;0.0", {0: None, 7: 2}),
        ('[=1]0"%";[<=-1.5e0]0%;0', {1: 0, -1.5: 2, -1: None}),
        ("0%%", {1: 4}),
    ],
)
def test_sections_differ(code, shown):
    """What is shown depends on the number: by its sign, or by the conditions of the sections."""
    found = percent_format(code)

    assert found
    assert shown == {number: found.places(number) for number in shown}


@given(st.text(st.sampled_from('0#?.,%;"\\_*[]<>=-+@ Ee1GyR$/'), max_size=30), st.floats(allow_nan=False))
def test_any_code_and_number_has_an_answer(code, number):
    """Formats are made by people and programs; none of them stops the reading."""
    found = percent_format(code)

    assert found is None or found.places(number) in {None, *range(0, 61, 2)}
