"""
What a field of the tenant accepts, how it is kept, and how it comes back.

A value is kept in the form in which LoanPro returns it (LoanPro reference 1.6 and 1.8): money as text with two
decimals, other numbers as text, flags as 0 or 1, dates as `/Date(seconds)/`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from typing import Any

from loader.sandbox.vocabulary import VOCABULARY

_MOST_MONEY = Decimal("999999999.99")  # decimal(11,2), LoanPro reference 2.2
_MOST_RATE = Decimal("9999999.9999")  # decimal(11,4), LoanPro reference 2.2
MOST_INTEGER = 2**63 - 1
_CENT = Decimal("0.01")
_RETURNED_DATE = re.compile(r"/Date\((-?\d+)\)/")
_NO_DATE = {"", "0000-00-00"}


class BadValue(ValueError):  # noqa: N818 - becomes one line of a refusal
    """The value does not fit its field; the text says what was expected."""


class Family(Enum):
    """How a kept value compares and sorts."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Kind:
    """
    The kind of a field.

    Attributes:
        family: How it compares.
        keep: The request's value to the kept one; raises BadValue. It never sees None.
        unset: What comes back where nothing was ever set.
    """

    family: Family
    keep: Callable[[Any], Any]
    unset: Any = None


def instant(seconds: float) -> str:
    """A moment in LoanPro's notation: seconds since 1970, not milliseconds."""
    return f"/Date({int(seconds)})/"


def seconds_of(text: str) -> int:
    """
    Seconds since 1970 of an ISO date or of a UTC time of a day.

    Raises:
        BadValue: It is neither.
    """
    try:
        if len(text) == len("YYYY-MM-DD"):
            day = date.fromisoformat(text)
            return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        moment = datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - times are UTC
        return int(moment.replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise BadValue("is not a date: expected YYYY-MM-DD or YYYY-MM-DD hh:mm:ss") from error


def decimal_of(value: object) -> Decimal:
    """
    The exact number of a JSON number or of its text.

    Raises:
        BadValue: It is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadValue("is not a number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise BadValue("is not a number") from error
    if not number.is_finite():
        raise BadValue("is not a number")
    return number


def _keep_money(value: object) -> str:
    number = decimal_of(value)
    if abs(number) > _MOST_MONEY:
        raise BadValue(f"is beyond {_MOST_MONEY}")
    return f"{number.quantize(_CENT, ROUND_HALF_UP):f}"


def _keep_number(value: object) -> str:
    number = decimal_of(value)
    if abs(number) > _MOST_RATE:
        raise BadValue(f"is beyond {_MOST_RATE}")
    text = f"{number.quantize(Decimal('0.0001'), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".")


def _keep_integer(value: object) -> int:
    number = decimal_of(value)
    if abs(number) > MOST_INTEGER:
        raise BadValue(f"is beyond {MOST_INTEGER}")
    if number != number.to_integral_value():
        raise BadValue("is not a whole number")
    return int(number)


def _keep_flag(value: object) -> int:
    flags = {"1": 1, "0": 0, "true": 1, "false": 0}
    kept = flags.get(str(value).lower())
    if kept is None:
        raise BadValue("is neither 0 nor 1")
    return kept


def _keep_date(value: object) -> str | None:
    if not isinstance(value, str):
        raise BadValue("is not a date: expected YYYY-MM-DD")
    if value in _NO_DATE:
        return None
    return value if _RETURNED_DATE.fullmatch(value) else instant(seconds_of(value))


def _keep_any(value: object) -> object:
    return value


def text(limit: int | None = None) -> Kind:
    """Text of at most *limit* characters; numbers become their text."""

    def keep(value: object) -> str:
        if isinstance(value, dict | list | bool):
            raise BadValue("is not text")
        kept = str(value)
        if limit is not None and len(kept) > limit:
            raise BadValue(f"has {len(kept)} characters, more than {limit}")
        return kept

    return Kind(Family.TEXT, keep)


def enum(group: str, *, flag: bool = False) -> Kind:
    """
    One value of the enumeration *group*.

    Args:
        group: Group of `VOCABULARY`; the groups below it belong to it (`payment.extra` holds `payment.extra.tx`).
        flag: Whether 0 and 1 are accepted as well (LoanPro reference 2.2, firstDayInterest).
    """
    below = f"{group}."
    allowed = frozenset(
        value
        for name, values in VOCABULARY.items()
        if name == group or name.startswith(below)
        for value in values
    )
    # The documentation itself writes the country in two ways (LoanPro reference 2.4).
    loose = {value.lower(): value for value in allowed} if group == "company.country" else {}

    def keep(value: object) -> str:
        if flag and value in (0, 1, "0", "1"):
            return f"{group}.{'yes' if str(value) in {'1', 'True'} else 'no'}"
        kept = loose.get(str(value).lower(), value)
        if isinstance(kept, str) and kept in allowed:
            return kept
        raise BadValue(f"is not a value of {group}")

    return Kind(Family.TEXT, keep)


TEXT = text()
MONEY = Kind(Family.NUMBER, _keep_money, "0.00")
NUMBER = Kind(Family.NUMBER, _keep_number)
INTEGER = Kind(Family.INTEGER, _keep_integer)
FLAG = Kind(Family.INTEGER, _keep_flag, 0)
DATE = Kind(Family.DATE, _keep_date)
ANY = Kind(Family.TEXT, _keep_any)
