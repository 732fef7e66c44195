"""What texts look like."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.inspection.looks import Look, Looks

EXAMPLES = {
    Look.BLANK: ["", "  ", "\u00a0"],
    Look.WHOLE: ["0", "12", "-12", "123456789012345", " 7 "],
    Look.DECIMAL: ["1.5", "-0.5", ".5", "0.25"],
    Look.EXPONENT: ["1e-7", "1.5E+15", "-3.2e5"],
    Look.WRITTEN: [
        *("1,234", "$53,180.08", "(53,180.08)", "-$5.00", "12-", "1.234,56", "1 234.56", "1'234.56", "1,5"),
        *("€5", "5 EUR", "USD 5", "1\u00a0234,50", "+5"),
    ],
    Look.PERCENT: ["12%", "12.02 %", "0.5%", "12,5%"],
    Look.ZEROS: ["007", "07030", "00"],
    Look.LONG: ["1234567890123456", "12345678901234567890"],
    Look.YEAR_FIRST: ["2017-03-09", "2017/3/9", "2017-03-09T14:30:00Z", "2017-03-09 14:30"],
    Look.YEAR_LAST: ["03/09/2017", "3/9/17", "9.3.2017", "03-09-2017", "03/09/2017 2:30 PM"],
    Look.NAMED_MONTH: ["09-Mar-17", "9 March 2017", "March 9, 2017", "09MAR2017"],
    Look.SSN: ["123-45-6789", "023-45-6789"],
    Look.WORDS: [
        *("Kai", "Apt 12", "3B12", "1x5", "N/A", "-", "555-123-4567", "12/34", "1.2.3", "5930 Elm St", "Zoë", "IL 60601"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("look", Look, ids=lambda look: look.name)
def test_each_look(look):
    """One by one, and all at once."""
    texts = EXAMPLES[look]

    assert [look] * len(texts) == Looks().of(texts).looks
    assert [look] * len(texts) == [Looks().of([text]).looks[0] for text in texts]


@given(st.lists(st.text(alphabet=string.printable + "é\u00a0\0€")))
def test_texts_do_not_disturb_each_other(texts):
    """Whatever stands in them, also the character that is put between them."""
    assert [Looks().of([text]).looks[0] for text in texts] == Looks().of(texts).looks


@given(st.integers(-(10**14), 10**14))
def test_every_whole_number_is_one(number):
    assert [Look.WHOLE] == Looks().of([str(number)]).looks


def test_what_else_is_seen():
    """Whether a closer look at white space and signs beyond ASCII is worth its time."""
    assert (True, False) == (Looks().of(["a b", "c"]).ascii, Looks().of(["a b", "c"]).spaced)
    assert [True] * 4 == [Looks().of(["x", text]).spaced for text in (" a", "a ", "a\n", "\ta")]
    assert not Looks().of(["a", "é"]).ascii


def test_a_control_character_is_no_zero():
    r"""`\x01` stands in shapes for a zero that begins a text; a cell that holds it is a word like any other."""
    assert {Look.WORDS} == set(Looks().of(["\x01", "\x0145", "\x01.5", "12\x01"]).looks)
