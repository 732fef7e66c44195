import unicodedata

import pytest

from loader.mapping import texts
from loader.mapping.refusal import Refusal
from loader.source.table import Kind


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  Jane  Doe ", "Jane  Doe"),
        ("007", "007"),
        ("N/A", "N/A"),
        ("\ufeffLN-1\u200b", "LN-1"),
        ("\u00a0x\u00a0", "x"),
        (unicodedata.normalize("NFD", "Zoë"), "Zoë"),
    ],
)
def test_text_is_trimmed_and_composed_and_else_untouched(cell, value):
    """What is inside stays; invisible signs around an identifier would keep it from being found again."""
    assert value == texts.text(cell, Kind.TEXT)


def test_a_number_cell_keeps_its_digits():
    """5930 is 5930 and not 5930.0."""
    assert texts.text("5930", Kind.NUMBER) == "5930"


@pytest.mark.parametrize(
    "convert",
    [
        texts.text,
        texts.flag,
        texts.phone,
        texts.digits(),
        texts.choice({"#N/A": 1}),
        texts.place("state", str, [], "x"),
    ],
)
def test_an_error_of_the_spreadsheet_is_refused_everywhere(convert):
    """#N/A is no text, no choice and no place."""
    assert convert("#N/A", Kind.ERROR).rule == "cell.error"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("123-45-6789", "123456789"), ("12 34.5/6", "123456"), ("801.555.1234", "8015551234"), ("007", "007")],
)
def test_digits_lose_their_separators_only(cell, value):
    """Zeros on the left stay."""
    assert value == texts.digits()(cell, Kind.TEXT)


@pytest.mark.parametrize("cell", ["12A4", "5930.0", "12.5", "-", "\u0665", "1e5", "(12)"])
def test_what_is_not_digits_is_refused(cell):
    """The decimal form of a number is not an identifier: 5930.0 would become 59300."""
    assert isinstance(texts.digits()(cell, Kind.TEXT), Refusal)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("-5", Kind.NUMBER), ("5.25", Kind.NUMBER), ("2017-03-09", Kind.DATE), ("TRUE", Kind.FLAG)],
)
def test_cells_of_other_kinds_are_no_identifiers(cell, kind):
    """A date cell's ISO text would look like eight digits."""
    assert isinstance(texts.digits()(cell, kind), Refusal)


def test_padding_gives_zeros_back():
    """What a spreadsheet stripped from a number."""
    assert texts.digits(9, pad=True)("1234567", Kind.NUMBER) == "001234567"


def test_what_has_separators_is_not_padded():
    """No spreadsheet strips zeros from it: digits are missing elsewhere, and nobody knows which."""
    refused = texts.digits(9, pad=True)("900-1", Kind.TEXT)

    assert ("digits.length", "correct the cell") == (refused.rule, refused.advice)
    assert texts.digits(9, pad=True)("1234567", Kind.TEXT) == "001234567"


@pytest.mark.parametrize(("cell", "pad"), [("12345678", False), ("1234567890", False), ("1234567890", True)])
def test_another_length_is_refused(cell, pad):
    """Padding never cuts."""
    assert texts.digits(9, pad=pad)(cell, Kind.TEXT).rule == "digits.length"


def test_a_short_identifier_hints_at_padding():
    """The usual cause is a spreadsheet."""
    assert "pad: true" in texts.digits(9)("12345678", Kind.TEXT).advice


@pytest.mark.parametrize(
    "cell",
    [
        "(801) 555-1234",
        "801.555.1234",
        "+1 801 555 1234",
        "1-801-555-1234",
        "8015551234",
        "+1 (801) 555-1234",
    ],
)
def test_telephone_numbers_become_ten_digits(cell):
    """Punctuation and the country's 1 are dropped."""
    assert texts.phone(cell, Kind.TEXT) == "8015551234"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("555-1234", "phone.length"),
        ("28015551234", "phone.length"),
        ("+44 20 7123 4567", "phone.country"),
        ("+8015551234", "phone.country"),
        ("180155512.34", "phone.decimals"),
        ("1801555123", "phone.area-code"),
        ("801 555 1234 x12", "phone.not-digits"),
        ("none", "phone.not-digits"),
    ],
)
def test_other_numbers_are_refused(cell, rule):
    """A foreign, short or extended number is for a person to settle."""
    assert rule == texts.phone(cell, Kind.TEXT).rule


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "1", "on", " Yes "])
def test_yes(word):
    """In any case, with white space around it."""
    assert texts.flag(word, Kind.TEXT) == 1


@pytest.mark.parametrize("word", ["no", "N", "False", "0", "off"])
def test_no(word):
    """Likewise."""
    assert texts.flag(word, Kind.TEXT) == 0


def test_a_flag_cell_is_a_flag():
    """TRUE and FALSE of a workbook."""
    assert [texts.flag("TRUE", Kind.FLAG), texts.flag("FALSE", Kind.FLAG)] == [1, 0]


@pytest.mark.parametrize("word", ["x", "maybe", "2", "-", "t", "ja"])
def test_other_words_are_neither(word):
    """An x can mean both."""
    assert texts.flag(word, Kind.TEXT).rule == "flag.unclear"


def test_choices_fold_case_and_white_space():
    """The file's own words, as people vary them."""
    convert = texts.choice({"Bi  Weekly": "b", "M": 3})

    assert [convert(cell, Kind.TEXT) for cell in (" bi weekly", "BI WEEKLY", "m")] == ["b", "b", 3]


def test_a_number_cell_can_be_a_choice():
    """A code such as 12 is text in the template and a number in the file."""
    assert texts.choice({"12": "x"})("12", Kind.NUMBER) == "x"


def test_an_unknown_choice_is_told_the_nearest_and_the_list():
    """The list is the template's own."""
    found = texts.choice({"Monthly": 1, "Weekly": 2})("Mothly", Kind.TEXT)

    assert found.nearest == "Monthly"
    assert '"Monthly", "Weekly"' in found.advice


def test_a_sensitive_value_is_neither_quoted_nor_hinted_at():
    """Only the rejected workbook may show it."""
    found = texts.choice({"Monthly": 1})("Mothly", Kind.TEXT)

    assert "Mothly" not in found.sentence("Mothly", sensitive=True) + found.order(sensitive=True)
    assert "did you mean" not in found.order(sensitive=True)


def test_a_place_is_looked_up_and_an_unknown_one_told_the_nearest():
    """The look-up is LoanPro's list, and not known here."""
    convert = texts.place("state", {"CA": "geo.state.CA"}.get, ["California", "Utah"], "CA")

    assert convert(" CA ", Kind.TEXT) == "geo.state.CA"
    assert convert("Califrnia", Kind.TEXT).nearest == "California"
