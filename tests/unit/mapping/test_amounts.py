from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping import amounts
from loader.mapping.refusal import Refusal
from loader.source.table import Kind

MONEY = amounts.money()
CENT = Decimal("0.01")
CENTS = st.decimals(min_value=Decimal(0), max_value=Decimal("999999999999.99"), places=2)


def exact(value):
    return (type(value), str(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("53,180.08", "53180.08"),
        ("$53,180.08", "53180.08"),
        ("$ 53,180.08 ", "53180.08"),
        ("US$5", "5"),
        ("USD 5", "5"),
        ("5 usd", "5"),
        ("(53,180.08)", "-53180.08"),
        ("($5.10)", "-5.10"),
        ("53,180.08-", "-53180.08"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("$5-", "-5"),
        ("+5", "5"),
        (".50", "0.50"),
        ("0", "0"),
        ("-0.00", "0.00"),
        ("(0)", "0"),
        ("53180.0800", "53180.08"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_amounts_in_the_forms_that_people_write(text, value):
    """Sign, currency and grouping are read; the value is exact, has two decimals, and zero has no sign."""
    assert exact(Decimal(value).quantize(CENT)) == exact(MONEY(text, Kind.TEXT))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1,23,4.5", "money.grouping"),
        ("1,2345", "money.decimal-mark"),
        ("12,34", "money.decimal-mark"),
        (",123", "money.decimal-mark"),
        ("1.234,56", "money.decimal-mark"),
        ("1.234.567", "money.decimal-mark"),
        ("53.180", "money.too-precise"),
        ("1.000", "money.too-precise"),
        ("1.005", "money.too-precise"),
        ("133.80000000000001", "money.too-precise"),
        ("N/A", "money.placeholder"),
        ("-", "money.placeholder"),
        ("none", "money.placeholder"),
        ("1e5", "money.exponent"),
        ("5%", "money.percent-sign"),
        ("(-5)", "money.not-a-number"),
        ("--5", "money.not-a-number"),
        ("-5-", "money.not-a-number"),
        ("+$-5", "money.not-a-number"),
        ("$", "money.not-a-number"),
        ("$$5", "money.not-a-number"),
        ("€5", "money.currency"),
        ("CAD 5", "money.currency"),
        ("5 \u20ac", "money.currency"),
        ("net 30", "money.not-a-number"),
        ("5 5", "money.grouping"),
        ("\u0665", "money.not-a-number"),
        ("NaN", "money.placeholder"),
        ("Infinity", "money.not-a-number"),
        ("9" * 65, "money.too-long"),
    ],
)
def test_amounts_that_are_not_certain_are_refused(text, rule):
    """A misplaced mark, foreign currency or word is never guessed at, and never zero or blank."""
    found = MONEY(text, Kind.TEXT)

    assert isinstance(found, Refusal)
    assert rule == found.rule


@pytest.mark.parametrize(
    ("text", "value"),
    [("133.80000000000001", "133.8"), ("0.30000000000000004", "0.3"), ("8.2", "8.2"), ("5930", "5930")],
)
def test_binary_noise_of_a_number_cell_is_rounded_away(text, value):
    """Beyond 15 digits a spreadsheet knows nothing."""
    assert exact(Decimal(value).quantize(CENT)) == exact(MONEY(text, Kind.NUMBER))


def test_a_third_decimal_of_a_number_cell_is_no_noise():
    """A cell that really holds tenths of a cent must be rounded by a person."""
    assert MONEY("1.125", Kind.NUMBER).rule == "money.too-precise"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,5", "1234.5"),
        ("5,10", "5.10"),
        ("5", "5"),
    ],
)
def test_a_decimal_comma_where_it_is_declared(text, value):
    """Points and spaces group thousands then."""
    assert Decimal(value) == amounts.money(",")(text, Kind.TEXT)


@pytest.mark.parametrize("text", ["1,234.56", "1.23", "1.234 567,00"])
def test_a_decimal_point_where_the_comma_is_declared(text):
    """The other mark is refused, not understood."""
    assert isinstance(amounts.money(",")(text, Kind.TEXT), Refusal)


def test_a_number_cell_has_a_point_whatever_is_declared():
    """The declared mark speaks of text."""
    assert Decimal("12.5") == amounts.money(",")("12.5", Kind.NUMBER)


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.DATETIME, Kind.ERROR, Kind.TIME, Kind.FLAG])
@pytest.mark.parametrize("name", ["money", "decimal", "percent", "fraction", "integer"])
def test_cells_that_are_no_numbers_are_refused_by_their_kind(name, kind):
    """A date cell's text never becomes an amount, whatever it looks like."""
    assert getattr(amounts, name)()("5", kind).rule == f"cell.{kind.name.lower().replace('datetime', 'date')}"


@pytest.mark.parametrize(
    ("text", "value"), [("12.02", "12.02"), ("12.02%", "12.02"), ("12.02 %", "12.02"), ("0", "0"), ("8", "8")]
)
def test_percent_with_or_without_its_sign(text, value):
    """Both are the same rate."""
    assert Decimal(value) == amounts.percent()(text, Kind.TEXT)


@pytest.mark.parametrize(
    ("text", "value"), [("0.1202", "12.02"), ("0.120212", "12.0212"), ("1", "100"), ("0.5", "50"), ("0", "0")]
)
def test_a_fraction_becomes_percent_exactly(text, value):
    """A hundredfold, without exponent and without zeros that would count as decimals."""
    found = amounts.fraction()(text, Kind.TEXT)

    assert Decimal(value) == found
    assert "E" not in str(found)


def test_a_percent_sign_says_itself_what_the_number_is():
    """12.02% is the same as text and as a cell with that format, in a column of fractions too."""
    for kind in (Kind.TEXT, Kind.PERCENT):
        assert str(amounts.fraction()("12.02%", kind)) == str(amounts.percent()("12.02%", kind)) == "12.02"


def test_a_percentage_cell_has_a_decimal_point_in_any_country():
    """Its text is this program's own, whatever the mark of the column's text."""
    assert Decimal("12.02") == amounts.percent(",")("12.02%", Kind.PERCENT)


def test_a_percentage_is_no_amount():
    """It is refused as the text `12.02%` is, whether it stands in a workbook or in a text file."""
    for convert in (amounts.money(), amounts.decimal(), amounts.integer()):
        as_text, as_cell = (convert("12.02%", kind) for kind in (Kind.TEXT, Kind.PERCENT))

        assert as_text == as_cell
        assert as_text.rule.endswith(".percent-sign")


@pytest.mark.parametrize(
    ("convert", "ambiguous", "clear"),
    [
        (amounts.percent(has_percents=True), ("0.1202", "-0.1202", "1"), ("0", "8.25", "1.5")),
        (amounts.fraction(has_percents=True), ("12.02", "-12.02", "1"), ("0", "0.0825", "-0.5")),
    ],
)
def test_a_plain_number_among_percentages_must_be_clear(convert, ambiguous, clear):
    """Beside percentages 0.1202 may be 12.02% without its format, in a workbook and in a text file."""
    for number in ambiguous:
        for kind in (Kind.NUMBER, Kind.TEXT):
            assert convert(number, kind).rule in {"percent.mixed-column", "fraction.mixed-column"}
        assert isinstance(convert(f"{number}%", Kind.PERCENT), Decimal)
        assert isinstance(convert(f"{number} % ", Kind.TEXT), Decimal)
    for number in clear:
        assert isinstance(convert(number, Kind.NUMBER), Decimal)


@pytest.mark.parametrize("number", ["123456789012345.67", "12345678901234.57"])
def test_a_number_cell_whose_cents_are_lost_is_refused(number):
    """A spreadsheet keeps 15 digits: of so large an amount the cents are not among them. As text it is what it says."""
    assert amounts.money()(number, Kind.NUMBER).rule == "cell.beyond-15-digits"
    assert amounts.decimal()(number, Kind.NUMBER).rule == "cell.beyond-15-digits"
    assert Decimal(number) == amounts.money()(number, Kind.TEXT)


@pytest.mark.parametrize(
    ("text", "value"), [("36", 36), ("36.0", 36), ("1,200", 1200), ("-3", -3), ("007", 7)]
)
def test_whole_numbers(text, value):
    """Zeros behind the point do no harm."""
    assert exact(value) == exact(amounts.integer()(text, Kind.TEXT))


def test_a_number_with_decimals_is_not_whole():
    """Nothing is rounded."""
    assert amounts.integer()("36.5", Kind.TEXT).rule == "integer.not-whole"


FORMS = ["{:f}", "{:,f}", "${:,f}", "USD {:,f}", "US${:f}", " {:,f} ", "{:,f} USD", "+{:f}"]
NEGATIVE = ["-{:f}", "-${:,f}", "${:,f}-", "{:,f}-", "({:,f})", "(${:,f})", "\u2212{:,f}", "$-{:f}"]


@given(CENTS, st.sampled_from(FORMS))
def test_every_written_form_of_an_amount_is_exact(amount, form):
    """Out and back, for any amount with two decimals."""
    assert amount == MONEY(form.format(amount), Kind.TEXT)


@given(CENTS, st.sampled_from(NEGATIVE))
def test_every_written_form_of_a_negative_amount_is_exact(amount, form):
    """Out and back, wherever the sign stands."""
    assert -amount == MONEY(form.format(amount), Kind.TEXT)


@given(CENTS, st.sampled_from([".", " ", "\u00a0", ""]))
def test_every_written_form_with_a_decimal_comma_is_exact(amount, group):
    """Out and back, whatever groups the thousands."""
    text = f"{amount:,f}".replace(",", "\0").replace(".", ",").replace("\0", group)

    assert amount == amounts.money(",")(text, Kind.TEXT)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-100, max_value=100, places=10))
def test_a_fraction_is_exact_at_any_precision(rate):
    """A hundredfold is a shift of the point."""
    assert rate * 100 == amounts.fraction()(f"{rate:f}", Kind.TEXT)


@pytest.mark.parametrize(
    "convert", [amounts.money(), amounts.decimal(), amounts.percent()], ids=["money", "decimal", "percent"]
)
@given(value=st.decimals(min_value=0, max_value=10**6, places=2))
def test_text_and_number_cells_give_the_same_bytes(convert, value):
    """`7` of a workbook and `7.00` of a text file are one value, to the last digit that is sent."""
    written = convert(f"{value:.2f}", Kind.TEXT)

    assert exact(written) == exact(convert(repr(float(value)).removesuffix(".0"), Kind.NUMBER))


@pytest.mark.parametrize(
    ("mark", "group", "text", "value"),
    [
        (".", " ", "1 234.56", "1234.56"),
        (".", " ", "1\u00a0234\u202f567.5", "1234567.5"),
        (".", "'", "1'234.56", "1234.56"),
        (",", ".", "1.234,56", "1234.56"),
        (",", " ", "1 234,56", "1234.56"),
        (",", "'", "$1'234,56", "1234.56"),
        (".", "none", "1234.56", "1234.56"),
        (".", ",", "1,234.56", "1234.56"),
    ],
)
def test_declared_groups_of_thousands(mark, group, text, value):
    """What is declared is read."""
    assert Decimal(value) == amounts.money(mark, group)(text, Kind.TEXT)


@pytest.mark.parametrize(
    ("mark", "group", "text", "rule"),
    [
        (".", None, "1,23,456", "money.grouping"),
        (".", None, "1 234.56", "money.grouping"),
        (".", None, "1'234.56", "money.grouping"),
        (".", " ", "1,234.56", "money.grouping"),
        (".", " ", "12 34", "money.grouping"),
        (".", "none", "1,234.56", "money.grouping"),
        (".", "'", "1'23", "money.grouping"),
        (",", ".", "1 234,56", "money.grouping"),
        (",", " ", "1.234,56", "money.grouping"),
        (",", " ", "1 2345,00", "money.grouping"),
        (",", None, "1'234,56", "money.grouping"),
    ],
)
def test_groups_that_break_the_rule_are_refused(mark, group, text, rule):
    """Of another length, or by another sign than the declared one."""
    assert rule == amounts.money(mark, group)(text, Kind.TEXT).rule


def test_the_refusal_of_a_group_says_what_to_declare():
    """Who meets it first does not know the option."""
    assert 'group: " "' in MONEY("1 234.56", Kind.TEXT).advice
    assert 'group: "\'"' in MONEY("1'234.56", Kind.TEXT).advice


@pytest.mark.parametrize(
    "text", ["\u20ac1,234.50", "1,234.50 \u20ac", "EUR 1,234.50", "1,234.50eur", "1,234.50"]
)
def test_a_declared_currency_takes_the_place_of_dollars(text):
    """By its sign and its code; dollars are refused then."""
    assert Decimal("1234.50") == amounts.money(currency="EUR")(text, Kind.TEXT)
    assert amounts.money(currency="EUR")("$5", Kind.TEXT).rule == "money.currency"
    assert (
        amounts.money(currency="CAD")("C$5", Kind.TEXT) == amounts.money(currency="CAD")("$5", Kind.TEXT) == 5
    )


@pytest.mark.parametrize("text", ["5.00 CR", "5.00DR", "Cr 5", "(5) dr"])
def test_credit_and_debit_are_refused(text):
    """What is a minus in one ledger is none in the other."""
    assert isinstance(MONEY(text, Kind.TEXT), Refusal)
    assert MONEY("5.00 CR", Kind.TEXT).rule == "money.credit-debit"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1202", "12.02"),
        ("1202 bps", "12.02"),
        ("1,202bp", "12.02"),
        ("50 BPS ", "0.5"),
        ("-25", "-0.25"),
        ("0", "0"),
    ],
)
def test_basis_points_become_percent_exactly(text, value):
    """A hundredth, with or without the unit."""
    assert exact(Decimal(value)) == exact(amounts.basis_points()(text, Kind.TEXT))


@pytest.mark.parametrize("text", ["12%", "bps", "12 bps bps", "N/A"])
def test_what_is_not_in_basis_points_is_refused(text):
    """A percent sign contradicts the template."""
    assert isinstance(amounts.basis_points()(text, Kind.TEXT), Refusal)


GROUPS = {".": [",", " ", "'", "\u00a0", "\u202f", ""], ",": [".", " ", "'", "\u00a0", ""]}


@given(CENTS, st.sampled_from(".,"), st.data())
def test_every_declared_dialect_reads_what_it_writes(amount, mark, data):
    """Out and back, for each mark and group."""
    by = data.draw(st.sampled_from(GROUPS[mark]))
    text = f"{amount:,f}".replace(",", "\0").replace(".", mark).replace("\0", by)
    declared = {"": "none", "\u00a0": " ", "\u202f": " "}.get(by, by)

    for convert in (amounts.money(mark, declared), amounts.decimal(mark, declared)):
        assert amount == convert(text, Kind.TEXT)
