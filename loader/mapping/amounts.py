"""
Conversions of numbers: whole numbers, decimals, money, rates.

All of them are exact: what is written becomes the same Decimal, never by way of a binary float. Grouping must be
right, since a misplaced comma is more often a wrong number than a loose habit. The one number that is mended is a
spreadsheet's own binary noise (`133.80000000000001` in a number cell), because a spreadsheet holds and shows 15
significant digits (IEEE 754 binary64, and Microsoft's "Excel specifications and limits": number precision 15 digits).
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from loader.mapping.refusal import BEYOND_15_DIGITS, Conversion, Refusal, refused_cell
from loader.source.table import Kind

CENTS: Final = 2
_CENT: Final = Decimal("0.01")
SHEET_DIGITS: Final = 15

_CENTS_UNSURE: Final = Decimal(10) ** (SHEET_DIGITS - CENTS)

_EXACT: Final = Context(prec=200)
_LONGEST: Final = 64
_SPACES: Final = " \u00a0\u2009\u202f"
_CURRENCY: Final = r"(?:US\$|\$|USD)"
_NOT_MEANT: Final = {
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "-",
    "--",
    "\u2013",
    "\u2014",
    "?",
    "tbd",
    "unknown",
    "nan",
    "#n/a",
    ".",
}


def money(mark: str = ".") -> Conversion:
    """
    An amount with at most two decimals: `53,180.08`, `$53,180.08`, `(53,180.08)`, `53,180.08-`, `USD 5`.

    Further decimals are refused unless they are zeros that cannot be a group of thousands (`53180.0800` is
    taken, `53.180` is not).

    Args:
        mark: The decimal mark, `.` or `,`; the other one groups thousands.
    """
    plain = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})(?:\.[0-9]{1,2})?").fullmatch
    quick = mark == "."

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        if quick and kind is Kind.TEXT and plain(text):
            value = Decimal(text.replace(",", ""))
            return _in_cents(value or abs(value))
        number = _number(text, kind, mark, "money", "an amount", currency=True)
        if isinstance(number, Refusal):
            return number
        places, short = _places(number), _without_zeros(number)
        if places <= CENTS or (places != 3 and _places(short) <= CENTS):  # noqa: PLR2004 - three digits may be a group of thousands
            return _in_cents(short)
        return Refusal(
            "money.too-precise",
            f"has {places} decimals; an amount has at most {CENTS}",
            "round it to cents, or, if the mark groups thousands, remove it",
        )

    return convert


def decimal(mark: str = ".") -> Conversion:
    """A number with any count of decimals; zeros at their end say nothing and are left out."""
    return lambda text, kind: _shortest(_number(text, kind, mark, "decimal", "a number"))


def percent(mark: str = ".", *, has_percents: bool = False) -> Conversion:
    """
    A rate in percent, with or without the sign: `12.02` and `12.02%` are both 12.02.

    Args:
        mark: The decimal mark, `.` or `,`.
        has_percents: Whether some cells of the column are formatted as percentages in the workbook. A plain number up to
            one is refused then: 0.1202 may be 12.02% that has lost its format.
    """

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        number = _rate(text, kind, mark, "percent", "a rate in percent")
        if has_percents and kind is Kind.NUMBER and isinstance(number, Decimal) and 0 < abs(number) <= 1:
            return _lost_format("percent", "a fraction that has lost its format")
        return number

    return convert


def fraction(mark: str = ".", *, has_percents: bool = False) -> Conversion:
    """
    A rate as a fraction of one, which becomes percent: `0.1202` is 12.02, exactly; with a percent sign it is percent already.

    Args:
        mark: The decimal mark, `.` or `,`.
        has_percents: Whether some cells of the column are formatted as percentages in the workbook. A plain number from
            one on is refused then: 12.02 may be percent.
    """

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        wanted = "a fraction of one, such as 0.1202"
        if text.rstrip().endswith("%"):
            return _rate(text, kind, mark, "fraction", wanted)
        number = _number(text, kind, mark, "fraction", wanted)
        if isinstance(number, Refusal):
            return number
        if has_percents and kind is Kind.NUMBER and abs(number) >= 1:
            return _lost_format("fraction", "a rate in percent already")
        return _shortest(number.scaleb(2, _EXACT))

    return convert


def _rate(text: str, kind: Kind, mark: str, rule: str, wanted: str) -> Decimal | Refusal:
    """A number with a percent sign or without; a cell that is formatted as a percentage has a decimal point in any country."""
    bare = text.strip().removesuffix("%")
    return _shortest(_number(bare, Kind.NUMBER if kind is Kind.PERCENT else kind, mark, rule, wanted))


def _lost_format(rule: str, perhaps: str) -> Refusal:
    return Refusal(
        f"{rule}.mixed-column",
        f"is a plain number in a column of cells formatted as percentages; it may be {perhaps}",
        "format the cell as a percentage, or type it as text with a percent sign; "
        "`as: fraction` takes plain numbers below one as fractions",
    )


def integer(mark: str = ".") -> Conversion:
    """A whole number; `36.0` is one, `36.5` is not."""

    def convert(text: str, kind: Kind) -> int | Refusal:
        number = _number(text, kind, mark, "integer", "a whole number")
        if isinstance(number, Refusal):
            return number
        if number != number.to_integral_value():
            return Refusal("integer.not-whole", "is not a whole number", "write it without decimals")
        return int(number)

    return convert


def _in_cents(number: Decimal) -> Decimal:
    """With exactly two decimals, so that `7` of one kind of file and `7.00` of another are the same amount to the byte."""
    return number.quantize(_CENT, context=_EXACT)


def _shortest(number: Decimal | Refusal) -> Decimal | Refusal:
    """Without zeros at the end and without an exponent, for the same reason."""
    return number if isinstance(number, Refusal) else _without_zeros(number)


def _number(
    text: str, kind: Kind, mark: str, rule: str, wanted: str, *, currency: bool = False
) -> Decimal | Refusal:
    """Read a number in any of the written forms; negative zero is zero."""
    if kind is Kind.TEXT and mark == "." and len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return Decimal(text)
    if kind is Kind.NUMBER:
        mark = "."
    elif refusal := refused_cell(kind, wanted):
        return refusal
    digits, negative = _unsigned(text, currency=currency)
    plain = _ungrouped(digits, mark) if len(digits) <= _LONGEST else None
    if plain is None:
        return _not_a_number(text, mark, rule, wanted, currency=currency)
    value = Decimal(plain)
    if kind is Kind.NUMBER:
        short = _without_noise(value)
        if short != value and value >= _CENTS_UNSURE:
            return BEYOND_15_DIGITS
        value = short
    return -value if negative and value else value


def _unsigned(text: str, *, currency: bool) -> tuple[str, bool]:
    """Take off one sign in any place that accountants use, and the currency."""
    bare = text.strip().replace("\u2212", "-")
    if bare.startswith("(") and bare.endswith(")"):
        inner = bare[1:-1].strip()
        return (_without_currency(inner) if currency else inner), True
    digits, negative = _without_sign(bare)
    if not currency:
        return digits, negative
    if digits == bare:  # no sign outside; `$-5` has it behind the currency
        return _without_sign(_without_currency(bare))
    return _without_currency(digits), negative


def _without_sign(text: str) -> tuple[str, bool]:
    if text.startswith(("-", "+")):
        return text[1:].lstrip(), text[0] == "-"
    return (text[:-1].rstrip(), True) if text.endswith("-") else (text, False)


_WITH_CURRENCY: Final = re.compile(rf"{_CURRENCY}\s*(\S.*)|(.*\S)\s*{_CURRENCY}", re.IGNORECASE)


def _without_currency(text: str) -> str:
    found = _WITH_CURRENCY.fullmatch(text)
    return (found[1] or found[2]) if found else text


_NUMBER_CELL: Final = re.compile(r"-?[0-9]+\.[0-9]+")
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_BY_COMMA: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA_MARK: Final = re.compile(
    rf"(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+|[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+)(?:,[0-9]+)?|,[0-9]+"
)
_DROP_GROUPS: Final = str.maketrans({".": None, ",": "."} | dict.fromkeys(_SPACES))


def _ungrouped(digits: str, mark: str) -> str | None:
    """The digits with a point for the mark and without groups; None where they are not a number."""
    if mark == ",":
        return digits.translate(_DROP_GROUPS) if _COMMA_MARK.fullmatch(digits) else None
    if _PLAIN.fullmatch(digits):
        return digits
    return digits.replace(",", "") if _BY_COMMA.fullmatch(digits) else None


def _not_a_number(text: str, mark: str, rule: str, wanted: str, *, currency: bool) -> Refusal:
    """Say why, as far as it can be told."""
    bare = text.strip()
    if len(bare) > _LONGEST:
        return Refusal(f"{rule}.too-long", f"is too long to be {wanted}", "correct the cell")
    other = "," if mark == "." else "."
    if bare.casefold() in _NOT_MEANT:
        return Refusal(
            f"{rule}.placeholder",
            f"stands where {wanted} should",
            "clear the cell if there is none, write the number, or declare in the template what means nothing: `null: [...]`",
        )
    digits, _ = _unsigned(bare, currency=currency)
    if "%" in bare and rule not in {"percent", "fraction"}:
        return Refusal(f"{rule}.percent-sign", f"has a percent sign; expected {wanted}", "use `as: percent`")
    if re.fullmatch(r"[0-9.]+[eE][-+]?[0-9]+", digits):
        return Refusal(f"{rule}.exponent", "is in scientific notation", "write the number in full")
    if _ungrouped(digits, other) is not None:
        advice = (
            'if the comma is the decimal mark, add `decimal: ","`' if mark == "." else 'remove `decimal: ","`'
        )
        return Refusal(f"{rule}.decimal-mark", f"has its marks the other way round for {wanted}", advice)
    if re.fullmatch(rf"[0-9.,{_SPACES}]+", digits) and re.search("[0-9]", digits):
        return Refusal(
            f"{rule}.grouping", "has marks in places where a number has none", "write the number without them"
        )
    return Refusal(f"{rule}.not-a-number", f"is not {wanted}", "write a number, or clear the cell")


def is_noisy(text: str) -> bool:
    """Whether a number cell holds digits that its spreadsheet does not know, and that are rounded away."""
    if len(text) <= SHEET_DIGITS + 1 or not _NUMBER_CELL.fullmatch(text):
        return False
    number = Decimal(text)
    return _without_noise(number) != number


def _without_noise(value: Decimal) -> Decimal:
    """A number cell's value to the 15 digits that a spreadsheet knows; whole numbers are left as they are."""
    if _places(value) <= 0 or len(value.as_tuple().digits) <= SHEET_DIGITS:
        return value
    return _without_zeros(Context(prec=SHEET_DIGITS, rounding=ROUND_HALF_EVEN).plus(value))


def _without_zeros(value: Decimal) -> Decimal:
    """The same number without zeros at the end of its decimals, and without an exponent."""
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if _places(short) < 0 else short


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "only finite numbers are made here"
    return -exponent
