"""
How numbers are written: decimal mark, groups of thousands, signs and currencies; and why a text is none.

What is written becomes the same Decimal, never by way of a binary float. Grouping must be right, since a misplaced comma is more often a
wrong number than a loose habit. The one number that is mended is a spreadsheet's own binary noise (`133.80000000000001` in a number cell),
because a spreadsheet holds and shows 15 significant digits (IEEE 754 binary64, and Microsoft's "Excel specifications and limits":
number precision 15 digits).
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from loader.mapping.refusal import BEYOND_15_DIGITS, PLACEHOLDERS, Refusal, refused_cell
from loader.source.table import SHEET_DIGITS, Kind

DOLLARS: Final = "USD"
EXACT: Final = Context(prec=200)

_CENTS_UNSURE: Final = Decimal(10) ** (SHEET_DIGITS - 2)
_LONGEST: Final = 64
_SPACES: Final = " \u00a0\u2009\u202f"
_SIGNS_OF: Final = {
    "USD": ("US$", "$"),
    "CAD": ("CA$", "C$", "$"),
    "MXN": ("MX$", "$"),
    "AUD": ("AU$", "A$", "$"),
    "NZD": ("NZ$", "$"),
    "EUR": ("\u20ac",),
    "GBP": ("\u00a3",),
}
"""What stands for a currency beside its code (ISO 4217); other currencies are known by their code alone."""
_GROUP_NAMES: Final = {" ": "spaces", "'": "apostrophes", ",": "commas", ".": "full stops"}
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_NUMBER_CELL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_CODES: Final = (
    "USD|CAD|MXN|EUR|GBP|AUD|NZD|CHF|JPY|CNY|HKD|SGD|INR|PHP|BRL|ARS|CLP|COP|PEN|DOP|GTQ|HNL|CRC|JMD|TTD|BSD|BBD|"
    "SEK|NOK|DKK|PLN|CZK|HUF|ILS|ZAR|KRW"
)
"""Codes (ISO 4217) that a lender of North America may meet; another one is a word like any other."""
_ANY_CURRENCY: Final = re.compile(
    rf"(?:{_CODES}|[A-Z]{{0,2}}[$\u00a2-\u00a5\u20a0-\u20cf])\s*[0-9].*|.*[0-9]\s*(?:{_CODES}|[$\u00a2-\u00a5\u20a0-\u20cf])",
    re.IGNORECASE,
)
_CREDIT_DEBIT: Final = re.compile(r"(?:cr|dr)\.?\s*[0-9].*|.*[0-9]\s*(?:cr|dr)\.?", re.IGNORECASE)


class Style:
    """
    How a column's text writes its numbers.

    Attributes:
        mark: The decimal mark, `.` or `,`.
        is_usual: Whether it is what is read where nothing is declared: a decimal point, and commas between thousands.
        currency: The code of the currency that amounts may carry, "" for none.
    """

    __slots__ = ("_between", "_fullmatch", "_with_currency", "currency", "is_usual", "mark")

    def __init__(self, mark: str = ".", group: str | None = None, currency: str = "") -> None:
        """
        Lay down a style.

        Args:
            mark: The decimal mark, `.` or `,`.
            group: What stands between thousands: `,`, `.`, a space (also a no-break or thin one), `'`, or `none`. None is commas
                where the mark is a point, and points or spaces where it is a comma.
            currency: Code of the currency that amounts may carry, "" for none.
        """
        usual = {".": [","], ",": [r"\.", f"[{_SPACES}]"]}[mark]
        groups = {None: usual, "none": [], ".": [r"\."], " ": [f"[{_SPACES}]"]}.get(group, [group or ""])
        grouped = "".join(rf"|[0-9]{{1,3}}(?:{by}[0-9]{{3}})+" for by in groups)
        point = re.escape(mark)
        self.mark = mark
        self.is_usual = mark == "." and groups == [","]
        self.currency = currency
        self._fullmatch = re.compile(rf"(?:[0-9]+{grouped})(?:{point}[0-9]+)?|{point}[0-9]+").fullmatch
        self._between = [by for by in f",.'{_SPACES}" if any(re.fullmatch(group, by) for group in groups)]
        signs = "|".join(map(re.escape, (currency, *_SIGNS_OF.get(currency, ()))))
        self._with_currency = re.compile(rf"(?:{signs})\s*(\S.*)|(.*\S)\s*(?:{signs})", re.IGNORECASE)

    def plain(self, digits: str) -> str | None:
        """The digits with a point for the mark and without groups; None where they are not a number."""
        if not self._fullmatch(digits):
            return None
        for by in self._between:
            digits = digits.replace(by, "")
        return digits.replace(",", ".") if self.mark == "," else digits

    def unsigned(self, text: str) -> tuple[str, bool]:
        """Take off one sign in any place that accountants use, and the currency; whether the sign was a minus."""
        bare = text.strip().replace("\u2212", "-")
        if bare.startswith("(") and bare.endswith(")"):
            return self._without_currency(bare[1:-1].strip()), True
        digits, negative = _without_sign(bare)
        if digits == bare:  # no sign outside; `$-5` has it behind the currency
            return _without_sign(self._without_currency(bare))
        return self._without_currency(digits), negative

    def _without_currency(self, text: str) -> str:
        found = self._with_currency.fullmatch(text) if self.currency else None
        return (found[1] or found[2]) if found else text


_OF_CELLS: Final = Style()
"""Number cells have a decimal point in any country."""
_OF_AMOUNT_CELLS: Final = Style(currency=DOLLARS)
_BY_MARK: Final = {mark: Style(mark) for mark in ".,"}
_BY_GROUP: Final = {(mark, by): Style(mark, by) for mark in ".," for by in " ',." if by != mark}


def read_number(text: str, kind: Kind, style: Style, rule: str, wanted: str) -> Decimal | Refusal:
    """
    A number in any of the written forms; negative zero is zero.

    Args:
        text: The cell.
        kind: What it is in the file.
        style: How the column writes its numbers, if it is text.
        rule: The conversion's name, with which the rules of its refusals begin.
        wanted: What it takes, with its article: "an amount".
    """
    if kind is Kind.TEXT and style.mark == "." and len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return Decimal(text)
    if kind is Kind.NUMBER and len(text) <= _LONGEST and _NUMBER_CELL.fullmatch(text):
        value = _of_cell(Decimal(text))
        return value if value or isinstance(value, Refusal) else abs(value)
    if kind is Kind.NUMBER:
        style = _OF_AMOUNT_CELLS if style.currency else _OF_CELLS
    elif refusal := refused_cell(kind, wanted):
        return refusal
    digits, negative = style.unsigned(text)
    plain = style.plain(digits) if len(digits) <= _LONGEST else None
    if plain is None:
        return _not_a_number(text, style, rule, wanted)
    found = _of_cell(Decimal(plain)) if kind is Kind.NUMBER else Decimal(plain)
    return -found if negative and isinstance(found, Decimal) and found else found


def _of_cell(value: Decimal) -> Decimal | Refusal:
    """A number cell's value without noise; a refusal where the noise may reach the cents."""
    short = _without_noise(value)
    return BEYOND_15_DIGITS if short != value and abs(value) >= _CENTS_UNSURE else short


def is_noisy(text: str) -> bool:
    """Whether a number cell holds digits that its spreadsheet does not know, and that are rounded away."""
    if len(text) <= SHEET_DIGITS + 1 or not _NUMBER_CELL.fullmatch(text):
        return False
    number = Decimal(text)
    return _without_noise(number) != number


def without_zeros(value: Decimal) -> Decimal:
    """The same number without zeros at the end of its decimals, and without an exponent."""
    short = value.normalize(EXACT)
    return short.quantize(Decimal(1), context=EXACT) if places(short) < 0 else short


def places(value: Decimal) -> int:
    """How many decimals a number is written with; below zero where it has an exponent."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "only finite numbers are made here"
    return -exponent


def _without_sign(text: str) -> tuple[str, bool]:
    if text.startswith(("-", "+")):
        return text[1:].lstrip(), text[0] == "-"
    return (text[:-1].rstrip(), True) if text.endswith("-") else (text, False)


def _without_noise(value: Decimal) -> Decimal:
    """A number cell's value to the 15 digits that a spreadsheet knows; whole numbers are left as they are."""
    if places(value) <= 0 or len(value.as_tuple().digits) <= SHEET_DIGITS:
        return value
    return without_zeros(Context(prec=SHEET_DIGITS, rounding=ROUND_HALF_EVEN).plus(value))


def _not_a_number(text: str, style: Style, rule: str, wanted: str) -> Refusal:
    """Say why, as far as it can be told."""
    bare = text.strip()
    if len(bare) > _LONGEST:
        return Refusal(f"{rule}.too-long", f"is too long to be {wanted}", "correct the cell")
    if bare.casefold() in PLACEHOLDERS:
        return Refusal(
            f"{rule}.placeholder",
            f"stands where {wanted} should",
            "clear the cell if there is none, or write the number",
        )
    digits, _ = style.unsigned(bare)
    if "%" in bare and rule not in {"percent", "fraction"}:
        return Refusal(f"{rule}.percent-sign", f"has a percent sign; expected {wanted}", "use `as: percent`")
    if re.fullmatch(r"[0-9.]+[eE][-+]?[0-9]+", digits):
        return Refusal(f"{rule}.exponent", "is in scientific notation", "write the number in full")
    names_none = digits == _BY_MARK[style.mark].unsigned(bare)[0]
    if style.currency and names_none and (refusal := _other_currency(digits, style.currency, rule)):
        return refusal
    return _wrong_marks(digits, style, rule, wanted) or Refusal(
        f"{rule}.not-a-number", f"is not {wanted}", "write a number, or clear the cell"
    )


def _other_currency(digits: str, currency: str, rule: str) -> Refusal | None:
    """The refusal of another currency, and of CR and DR, which mean a minus in one ledger and none in the other."""
    if _CREDIT_DEBIT.fullmatch(digits):
        return Refusal(
            f"{rule}.credit-debit",
            "says CR or DR, and not whether that is a minus",
            "write the sign: -5.00 or (5.00)",
        )
    if _ANY_CURRENCY.fullmatch(digits):
        return Refusal(
            f"{rule}.currency",
            f"is in another currency than {currency}",
            "LoanPro's amounts have no currency; if the whole column is in one, declare it, as in `currency: EUR`",
        )
    return None


def _wrong_marks(digits: str, style: Style, rule: str, wanted: str) -> Refusal | None:
    """The refusal of digits with marks that the column's style does not have."""
    other = "," if style.mark == "." else "."
    if _BY_MARK[other].plain(digits) is not None:
        advice = (
            'if the comma is the decimal mark, add `decimal: ","`'
            if style.mark == "."
            else 'remove `decimal: ","`'
        )
        return Refusal(f"{rule}.decimal-mark", f"has its marks the other way round for {wanted}", advice)
    for (mark, by), grouped in _BY_GROUP.items():
        if mark == style.mark and grouped.plain(digits) is not None:
            return Refusal(
                f"{rule}.grouping",
                f"has {_GROUP_NAMES[by]} between its thousands, which the template does not declare",
                f'if that is how the column is written, add `group: "{by}"`',
            )
    if re.fullmatch(rf"[0-9.,'{_SPACES}]+", digits) and re.search("[0-9]", digits):
        return Refusal(
            f"{rule}.grouping", "has marks in places where a number has none", "write the number without them"
        )
    return None
