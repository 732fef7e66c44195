"""
Rules over several fields of one payload, and over what a type cannot say.

Each is a pure function of a payload whose values have the right types; a field may be absent or None. The limits are those
of the LoanPro reference; where LoanPro states none, the rule warns only.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from loader.models.customer import COMPANY_TYPES, Customer
from loader.models.issue import Issue, Severity
from loader.models.loan import Loan
from loader.models.payload import Payload
from loader.models.transactions import Charge, Credit, Payment

_EMAIL = re.compile(r"[^@\s.]+(?:\.[^@\s.]+)*@[^@\s.]+(?:\.[^@\s.]+)+")
_SSN_DIGITS = 9

_LONGEST_PERIOD_DAYS = {
    "loan.frequency.weekly": 7,
    "loan.frequency.biWeekly": 14,
    "loan.frequency.semimonthly": 16,
    "loan.frequency.monthly": 31,
    "loan.frequency.quarterly": 92,
    "loan.frequency.semiannually": 184,
    "loan.frequency.annually": 366,
}
"""Days of the longest period; custom and single payments have no period."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a rule found.

    Attributes:
        field: Path of the field to look at first.
        message: What was found and what was expected; without the value where that is sensitive.
        advice: What to do about it, as an order; "" where the message says it all.
        value: The value of the field.
        sensitive: True where the value must be masked.
    """

    field: str
    message: str
    advice: str = ""
    value: Any = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule.

    Attributes:
        name: Stable name, such as `loan.first-payment-before-contract`.
        severity: An error keeps the row from being sent.
        find: The finding in a payload on a given day, or None.
    """

    name: str
    severity: Severity
    find: Callable[[Mapping[str, Any], date], Finding | None]


def findings(rules: Iterable[Rule], payload: Mapping[str, Any], today: date) -> list[Issue]:
    """Everything that the rules find in a payload."""
    issues = []
    for rule in rules:
        found = rule.find(payload, today)
        if found is not None:
            value = "" if found.value is None else str(found.value)
            issues.append(
                Issue(
                    rule.name,
                    found.message,
                    found.advice,
                    rule.severity,
                    found.field,
                    value=value,
                    sensitive=found.sensitive,
                )
            )
    return issues


def _setup(loan: Mapping[str, Any]) -> Mapping[str, Any]:
    setup: Mapping[str, Any] = loan.get("LoanSetup") or {}
    return setup


def first_payment_before_contract(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """The first payment is due on the contract date at the earliest (LoanPro reference 2.2, interplay rules)."""
    contract, first = _setup(loan).get("contractDate"), _setup(loan).get("firstPaymentDate")
    if contract is None or first is None or first >= contract:
        return None
    message = f"the first payment, {first}, is due before the contract date, {contract}"
    return Finding("LoanSetup.firstPaymentDate", message, "Correct one of the two dates", first)


def first_payment_far_away(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """A first payment more than two periods after the contract date is probably a slip (2.2, interplay rules)."""
    setup = _setup(loan)
    contract, first = setup.get("contractDate"), setup.get("firstPaymentDate")
    period = _LONGEST_PERIOD_DAYS.get(setup.get("paymentFrequency") or "")
    if contract is None or first is None or period is None or first - contract <= timedelta(days=2 * period):
        return None
    message = f"the first payment, {first}, is due {(first - contract).days} days after the contract date, {contract}"
    return Finding(
        "LoanSetup.firstPaymentDate", f"{message}: more than two periods", "Check both dates", first
    )


def amount_not_positive(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """A loan has an amount (2.2, interplay rules)."""
    return _unless(_setup(loan), "loanAmount", lambda value: value > 0, "the amount must be more than 0")


def rate_negative(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """A rate is 0 or more (2.2, interplay rules)."""
    return _unless(_setup(loan), "loanRate", lambda value: value >= 0, "the rate must be 0 or more")


def term_not_positive(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """A loan has at least a part of a payment (2.2, interplay rules)."""
    return _unless(_setup(loan), "loanTerm", lambda value: value > 0, "the term must be more than 0")


def _unless(
    setup: Mapping[str, Any], name: str, fits: Callable[[Decimal], bool], message: str
) -> Finding | None:
    value = setup.get(name)
    if value is None or fits(value):
        return None
    return Finding(f"LoanSetup.{name}", f"{message}, not {value}", value=value)


def rate_looks_like_fraction(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """A yearly rate below one percent is probably a fraction: LoanPro takes 12.0212 for 12.0212% (2.2)."""
    rate = _setup(loan).get("loanRate")
    if rate is None or not 0 < rate < 1 or _setup(loan).get("loanRateType") != "loan.rateType.annually":
        return None
    message = f"{rate} means {rate}% a year; it looks like a fraction"
    return Finding(
        "LoanSetup.loanRate", message, "If it is a fraction, map the column with `as: fraction`", rate
    )


def lease_field(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """Money factor and residual belong to leases (2.2, interplay rules)."""
    return _only_for(loan, ("moneyFactor", "residual"), frozenset({"loan.type.lease"}), "leases")


def credit_limit_field(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """Credit limits belong to credit-limit and flooring loans (2.2, interplay rules)."""
    kinds = frozenset({"loan.type.creditLimit", "loan.type.flooring"})
    return _only_for(loan, ("creditLimit", "reportingCreditLimit"), kinds, "credit-limit and flooring loans")


def _only_for(
    loan: Mapping[str, Any], names: tuple[str, ...], kinds: frozenset[str], of_whom: str
) -> Finding | None:
    """Zero is passed over: LoanPro's own samples send it for any type of loan."""
    setup = _setup(loan)
    kind = setup.get("loanType")
    if kind is None or kind in kinds:
        return None
    for name in names:
        if setup.get(name):
            message = f"{name} belongs to {of_whom}, and this loan is {kind}"
            return Finding(f"LoanSetup.{name}", message, "Check the type of the loan", setup[name])
    return None


def active_at_creation(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """LoanPro advises its Activate() call over sending the flag (2.2, `active`)."""
    if not _setup(loan).get("active"):
        return None
    message = "active: 1 activates the loan while it is created; LoanPro advises to activate it afterwards"
    return Finding("LoanSetup.active", message, "Leave the field out unless you have tried it", 1)


def duplicates_accepted(loan: Mapping[str, Any], _today: date) -> Finding | None:
    """With warnings ignored, LoanPro may hold two loans with one display id (4.3)."""
    if not loan.get("__ignoreWarnings"):
        return None
    message = (
        "transaction warnings are ignored: LoanPro may then create a second loan with the same display id"
    )
    return Finding("__ignoreWarnings", message, "Remove __ignoreWarnings from the loan")


def ssn_not_nine_digits(customer: Mapping[str, Any], _today: date) -> Finding | None:
    """The samples use nine bare digits; no rule was found, so that this warns only (2.4)."""
    ssn = customer.get("ssn")
    if not ssn or (len(ssn) == _SSN_DIGITS and ssn.isascii() and ssn.isdigit()):
        return None
    advice = "Map the column with `as: digits`, `length: 9`, `pad: true`: spreadsheets strip leading zeros"
    return Finding(
        "ssn",
        f"the number has {len(ssn)} characters; nine bare digits are expected",
        advice,
        ssn,
        sensitive=True,
    )


def ssn_all_zeros(customer: Mapping[str, Any], _today: date) -> Finding | None:
    """A number of zeros stands for no number, and would make duplicates of all who have it."""
    ssn = customer.get("ssn")
    if not ssn or set(ssn) - set("0- ") or "0" not in ssn:
        return None
    return Finding(
        "ssn", "the number consists of zeros", "Correct it, or leave the cell blank", ssn, sensitive=True
    )


def birth_date_in_future(customer: Mapping[str, Any], today: date) -> Finding | None:
    """Nobody is born tomorrow; a two-digit year is the usual cause."""
    born = customer.get("birthDate")
    if born is None or born <= today:
        return None
    return Finding("birthDate", "the birth date is in the future", "Check the century", born, sensitive=True)


def email_shape(customer: Mapping[str, Any], _today: date) -> Finding | None:
    """LoanPro refuses an e-mail address that is not valid (2.4)."""
    email = customer.get("email")
    if not email or _EMAIL.fullmatch(email):
        return None
    return Finding("email", f'"{email}" is not an e-mail address', "Write it like name@example.com", email)


def flooring_credit_limit(customer: Mapping[str, Any], _today: date) -> Finding | None:
    """A customer's credit limit is for flooring customers (2.4)."""
    limit, kind = customer.get("creditLimit"), customer.get("customerType")
    if not limit or kind is None or kind == "customer.type.flooringCustomer":
        return None
    return Finding(
        "creditLimit", f"a credit limit is for flooring customers, and this is {kind}", value=limit
    )


def company_name_of_person(customer: Mapping[str, Any], _today: date) -> Finding | None:
    """A company name on an individual is probably a missing customer type (2.4)."""
    name, kind = customer.get("companyName"), customer.get("customerType")
    if not name or kind in COMPANY_TYPES:
        return None
    message = f"there is a company name, but the customer's type is {kind or 'not given'}"
    return Finding("customerType", message, "Send customerType: customer.type.company for companies", kind)


def added_amount_not_positive(added: Mapping[str, Any], _today: date) -> Finding | None:
    """Payments, charges and credits are positive; LoanPro states no limit, so that this warns only (2.6-2.8)."""
    amount = added.get("amount")
    if amount is None or amount > 0:
        return None
    return Finding(
        "amount", f"an amount of more than 0 is expected, not {amount}", "Check the amount", amount
    )


def added_date_in_future(added: Mapping[str, Any], today: date) -> Finding | None:
    """What is recorded has happened (2.6); a two-digit year is the usual cause."""
    when = added.get("date")
    if when is None or when <= today:
        return None
    return Finding("date", f"the date, {when}, is in the future", "Check the date", when)


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

RULES: Mapping[type[Payload], tuple[Rule, ...]] = {
    Loan: (
        Rule("loan.amount-not-positive", _ERROR, amount_not_positive),
        Rule("loan.rate-negative", _ERROR, rate_negative),
        Rule("loan.rate-looks-like-fraction", _WARNING, rate_looks_like_fraction),
        Rule("loan.term-not-positive", _ERROR, term_not_positive),
        Rule("loan.first-payment-before-contract", _ERROR, first_payment_before_contract),
        Rule("loan.first-payment-far-away", _WARNING, first_payment_far_away),
        Rule("loan.lease-field", _WARNING, lease_field),
        Rule("loan.credit-limit-field", _WARNING, credit_limit_field),
        Rule("loan.active-at-creation", _WARNING, active_at_creation),
        Rule("loan.duplicates-accepted", _WARNING, duplicates_accepted),
    ),
    Customer: (
        Rule("customer.company-name-of-person", _WARNING, company_name_of_person),
        Rule("customer.ssn-all-zeros", _ERROR, ssn_all_zeros),
        Rule("customer.ssn-not-nine-digits", _WARNING, ssn_not_nine_digits),
        Rule("customer.birth-date-in-future", _ERROR, birth_date_in_future),
        Rule("customer.email-shape", _ERROR, email_shape),
        Rule("customer.flooring-credit-limit", _WARNING, flooring_credit_limit),
    ),
    **{
        model: (
            Rule(f"{model.__name__.lower()}.amount-not-positive", _WARNING, added_amount_not_positive),
            Rule(f"{model.__name__.lower()}.date-in-future", _WARNING, added_date_in_future),
        )
        for model in (Payment, Charge, Credit)
    },
}
"""The rules of each root object, in the order in which people read its fields."""
