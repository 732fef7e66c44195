"""Rules over a customer. The limits are those of the LoanPro reference; where LoanPro states none, the rule warns only."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from loader.models.customer import COMPANY_TYPES
from loader.models.issue import Severity
from loader.source.shapes import ZERO
from loader.source.texts import Texts
from loader.validation.conditions import is_after, none_after
from loader.validation.rule import TODAY, Condition, Finding, Rule

_EMAIL = r"[^@\s.]++(?:\.[^@\s.]++)*+@[^@\s.]++(?:\.[^@\s.]++)++"
_IS_EMAIL: Final = re.compile(_EMAIL)
_ARE_EMAILS: Final = re.compile(rf"(?:{_EMAIL}\n)*+")
_SHAPES_REMEMBERED: Final = 4_096
_SSN_DIGITS: Final = 9
_NINE_DIGITS: Final = frozenset((b"9" * _SSN_DIGITS, ZERO + b"9" * (_SSN_DIGITS - 1)))
_ZEROS: Final = b"0" * _SSN_DIGITS


def _is_of_person(name: str | None, kind: str | None) -> bool:
    return bool(name) and kind not in COMPANY_TYPES


def company_name_of_person(_name: str, kind: str | None) -> Finding:
    """A company name on an individual is probably a missing customer type (2.4)."""
    message = f"there is a company name, but the customer's type is {kind or 'not given'}"
    return Finding("customerType", message, "Send customerType: customer.type.company for companies", kind)


def _is_zeros(ssn: str | None) -> bool:
    return ssn is not None and "0" in ssn and not set(ssn) - set("0- ")


def ssn_all_zeros(ssn: str) -> Finding:
    """A number of zeros stands for no number, and would make duplicates of all who have it."""
    return Finding(
        "ssn", "the number consists of zeros", "Correct it, or leave the cell blank", ssn, sensitive=True
    )


def _is_not_nine_digits(ssn: str | None) -> bool:
    return ssn is not None and ssn != "" and not _are_nine_digits((ssn,))


def _are_nine_digits(numbers: Sequence[str]) -> bool:
    if isinstance(numbers, Texts):
        return _NINE_DIGITS.issuperset(numbers.shapes.shapes)
    digits = "".join(numbers)
    return digits.isascii() and digits.isdigit() and {_SSN_DIGITS} == set(map(len, numbers))


def _none_zeros(numbers: Sequence[str]) -> bool:
    if isinstance(numbers, Texts) and _are_nine_digits(numbers):
        return not len(numbers.holding((_ZEROS,)))
    # Of zeros, spaces and hyphens no text of a length stands behind that of zeros alone, nor does a shorter one.
    return min(numbers) > "0" * max(map(len, numbers))


def ssn_not_nine_digits(ssn: str) -> Finding:
    """The samples use nine bare digits; no rule was found, so that this warns only (2.4)."""
    advice = "Map the column with `as: digits`, `length: 9`, `pad: true`: spreadsheets strip leading zeros"
    return Finding(
        "ssn",
        f"the number has {len(ssn)} characters; nine bare digits are expected",
        advice,
        ssn,
        sensitive=True,
    )


def birth_date_in_future(born: date, _today: date) -> Finding:
    """Nobody is born tomorrow; a two-digit year is the usual cause."""
    return Finding("birthDate", "the birth date is in the future", "Check the century", born, sensitive=True)


def _is_no_email(email: str | None) -> bool:
    return email is not None and email != "" and not _IS_EMAIL.fullmatch(email)


@lru_cache(_SHAPES_REMEMBERED)
def _is_shape_of_email(shape: bytes) -> bool:
    """Whether texts of a shape (`Shapes`), in which all signs that matter stand as they are, are e-mail addresses; may say no to some."""
    return _IS_EMAIL.fullmatch(shape.decode()) is not None


def _are_emails(emails: Sequence[str]) -> bool:
    if isinstance(emails, Texts) and emails.is_ascii:
        return all(map(_is_shape_of_email, emails.shapes.shapes))
    lines = "\n".join((*emails, ""))
    return lines.count("\n") == len(emails) and _ARE_EMAILS.fullmatch(lines) is not None


def email_shape(email: str) -> Finding:
    """LoanPro refuses an e-mail address that is not valid (2.4)."""
    return Finding("email", f'"{email}" is not an e-mail address', "Write it like name@example.com", email)


def _is_not_flooring(limit: Decimal | None, kind: str | None) -> bool:
    return bool(limit) and kind is not None and kind != "customer.type.flooringCustomer"


def flooring_credit_limit(limit: Decimal, kind: str) -> Finding:
    """A customer's credit limit is for flooring customers (2.4)."""
    return Finding(
        "creditLimit", f"a credit limit is for flooring customers, and this is {kind}", value=limit
    )


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_KIND: Final = "customerType"
_OF_PERSON = Condition(("companyName", _KIND), _is_of_person)
_ALL_ZEROS = Condition(("ssn",), _is_zeros, _none_zeros)
_NOT_NINE = Condition(("ssn",), _is_not_nine_digits, _are_nine_digits)
_UNBORN = Condition(("birthDate", TODAY), is_after, none_after)
_NOT_FLOORING = Condition(("creditLimit", _KIND), _is_not_flooring)

CUSTOMER_RULES: Final = (
    Rule("customer.company-name-of-person", _WARNING, _OF_PERSON, company_name_of_person),
    Rule("customer.ssn-all-zeros", _ERROR, _ALL_ZEROS, ssn_all_zeros),
    Rule("customer.ssn-not-nine-digits", _WARNING, _NOT_NINE, ssn_not_nine_digits),
    Rule("customer.birth-date-in-future", _ERROR, _UNBORN, birth_date_in_future),
    Rule("customer.email-shape", _ERROR, Condition(("email",), _is_no_email, _are_emails), email_shape),
    Rule("customer.flooring-credit-limit", _WARNING, _NOT_FLOORING, flooring_credit_limit),
)
"""The rules of a customer, in the order in which people read its fields."""
