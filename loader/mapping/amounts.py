"""
Conversions of numbers: whole numbers, decimals, money, rates.

All of them are exact; `written_numbers.py` reads the digits.
"""

import re
from decimal import Decimal
from typing import Final

from loader.mapping.refusal import Conversion, Refusal
from loader.mapping.written_numbers import DOLLARS, EXACT, Style, places, read_number, without_zeros
from loader.source.table import Kind

CENTS: Final = 2
_CENT: Final = Decimal("0.01")
_UNIT: Final = re.compile(r"(?<=[0-9])\s*bps?\s*$", re.IGNORECASE)


def money(mark: str = ".", group: str | None = None, currency: str = DOLLARS) -> Conversion:
    """
    An amount with at most two decimals: `53,180.08`, `$53,180.08`, `(53,180.08)`, `53,180.08-`, `USD 5`.

    Further decimals are refused unless they are zeros that cannot be a group of thousands (`53180.0800` is
    taken, `53.180` is not).

    Args:
        mark: The decimal mark, `.` or `,`.
        group: What stands between thousands; see `Style`.
        currency: The currency that amounts may name, by its code or sign; every other one is refused.
    """
    style = Style(mark, group, currency)
    plain = re.compile(r"-?\$?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})(?:\.[0-9]{1,2})?").fullmatch
    quick = style.is_usual and currency == DOLLARS

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        if quick and kind is Kind.TEXT and plain(text):
            value = Decimal(text.replace(",", "").replace("$", ""))
            return _in_cents(value or abs(value))
        number = read_number(text, kind, style, "money", "an amount")
        if isinstance(number, Refusal):
            return number
        written, short = places(number), without_zeros(number)
        if written <= CENTS or (written != 3 and places(short) <= CENTS):  # noqa: PLR2004 - three digits may be a group of thousands
            return _in_cents(short)
        return Refusal(
            "money.too-precise",
            f"has {written} decimals; an amount has at most {CENTS}",
            "round it to cents, or, if the mark groups thousands, remove it",
        )

    return convert


def decimal(mark: str = ".", group: str | None = None) -> Conversion:
    """A number with any count of decimals; zeros at their end say nothing and are left out."""
    style = Style(mark, group)
    return lambda text, kind: _shortest(read_number(text, kind, style, "decimal", "a number"))


def percent(mark: str = ".", group: str | None = None, *, has_percents: bool = False) -> Conversion:
    """
    A rate in percent, with or without the sign: `12.02` and `12.02%` are both 12.02.

    Args:
        mark: The decimal mark, `.` or `,`.
        group: What stands between thousands; see `Style`.
        has_percents: Whether some cells of the column are percentages, by their format in a workbook or by their sign. A plain
            number up to one is refused then: 0.1202 may be 12.02% that has lost its format.
    """
    style = Style(mark, group)

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        number = _rate(text, kind, style, "percent", "a rate in percent")
        if has_percents and isinstance(number, Decimal) and 0 < abs(number) <= 1 and not _has_sign(text):
            return _lost_format("percent", "a fraction that has lost its format")
        return number

    return convert


def fraction(mark: str = ".", group: str | None = None, *, has_percents: bool = False) -> Conversion:
    """
    A rate as a fraction of one, which becomes percent: `0.1202` is 12.02, exactly; with a percent sign it is percent already.

    Args:
        mark: The decimal mark, `.` or `,`.
        group: What stands between thousands; see `Style`.
        has_percents: Whether some cells of the column are percentages, by their format in a workbook or by their sign. A plain
            number from one on is refused then: 12.02 may be percent.
    """
    style = Style(mark, group)

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        wanted = "a fraction of one, such as 0.1202"
        if _has_sign(text):
            return _rate(text, kind, style, "fraction", wanted)
        number = read_number(text, kind, style, "fraction", wanted)
        if isinstance(number, Refusal):
            return number
        if has_percents and abs(number) >= 1:
            return _lost_format("fraction", "a rate in percent already")
        return _shortest(number.scaleb(2, EXACT))

    return convert


def basis_points(mark: str = ".", group: str | None = None) -> Conversion:
    """A rate in hundredths of a percent, with or without its unit, which becomes percent: `1202` and `1202 bps` are 12.02."""
    style = Style(mark, group)

    def convert(text: str, kind: Kind) -> Decimal | Refusal:
        bare = _UNIT.sub("", text)
        number = read_number(bare, kind, style, "basis_points", "a rate in basis points, such as 1202")
        return number if isinstance(number, Refusal) else _shortest(number.scaleb(-2, EXACT))

    return convert


def _rate(text: str, kind: Kind, style: Style, rule: str, wanted: str) -> Decimal | Refusal:
    """A number with a percent sign or without; a cell that is formatted as a percentage has a decimal point in any country."""
    bare = text.strip().removesuffix("%")
    return _shortest(read_number(bare, Kind.NUMBER if kind is Kind.PERCENT else kind, style, rule, wanted))


def _has_sign(text: str) -> bool:
    return text.rstrip().endswith("%")


def _lost_format(rule: str, perhaps: str) -> Refusal:
    return Refusal(
        f"{rule}.mixed-column",
        f"is a plain number in a column in which other cells are percentages; it may be {perhaps}",
        "write it with a percent sign, or format the cell of the workbook as a percentage; "
        "`as: fraction` takes plain numbers below one as fractions",
    )


def integer(mark: str = ".", group: str | None = None) -> Conversion:
    """A whole number; `36.0` is one, `36.5` is not."""
    style = Style(mark, group)

    def convert(text: str, kind: Kind) -> int | Refusal:
        number = read_number(text, kind, style, "integer", "a whole number")
        if isinstance(number, Refusal):
            return number
        if number != number.to_integral_value():
            return Refusal("integer.not-whole", "is not a whole number", "write it without decimals")
        return int(number)

    return convert


def _in_cents(number: Decimal) -> Decimal:
    """With exactly two decimals, so that `7` of one kind of file and `7.00` of another are the same amount to the byte."""
    return number.quantize(_CENT, None, EXACT)


def _shortest(number: Decimal | Refusal) -> Decimal | Refusal:
    """Without zeros at the end and without an exponent, for the same reason."""
    return number if isinstance(number, Refusal) else without_zeros(number)
