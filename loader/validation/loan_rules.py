"""Rules over a loan. The limits are those of the LoanPro reference; where LoanPro states none, the rule warns only."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np

from loader.mapping.known_values import Repeated, different_values, ordinals
from loader.models.issue import Severity
from loader.validation.conditions import all_positive, is_negative, is_not_positive, none_negative
from loader.validation.rule import Condition, Finding, Rule

_LONGEST_PERIOD_DAYS: Final = {
    "loan.frequency.weekly": 7,
    "loan.frequency.biWeekly": 14,
    "loan.frequency.semimonthly": 16,
    "loan.frequency.monthly": 31,
    "loan.frequency.quarterly": 92,
    "loan.frequency.semiannually": 184,
    "loan.frequency.annually": 366,
}
"""Days of the longest period; custom and single payments have no period."""

_TWO_PERIODS: Final = {name: timedelta(days=2 * days) for name, days in _LONGEST_PERIOD_DAYS.items()}


def _is_before(contract: date | None, first: date | None) -> bool:
    return contract is not None and first is not None and first < contract


def _none_before(contracts: Sequence[date], firsts: Sequence[date]) -> bool:
    return len(contracts) == len(firsts) and bool((ordinals(contracts) <= ordinals(firsts)).all())


def first_payment_before_contract(contract: date, first: date) -> Finding:
    """The first payment is due on the contract date at the earliest (LoanPro reference 2.2, interplay rules)."""
    message = f"the first payment, {first}, is due before the contract date, {contract}"
    return Finding("LoanSetup.firstPaymentDate", message, "Correct one of the two dates", first)


def _is_far_away(contract: date | None, first: date | None, frequency: str | None) -> bool:
    if contract is None or first is None or frequency is None:
        return False
    most = _TWO_PERIODS.get(frequency)
    return most is not None and first - contract > most


def _none_far_away(contracts: Sequence[date], firsts: Sequence[date], frequencies: Sequence[str]) -> bool:
    different = different_values(frequencies)
    most = np.array([_TWO_PERIODS.get(name, timedelta.max).days for name in different])
    if isinstance(frequencies, Repeated):
        most = most[frequencies.codes]
    return len(contracts) == len(firsts) and bool((ordinals(firsts) - ordinals(contracts) <= most).all())


def first_payment_far_away(contract: date, first: date, _frequency: str) -> Finding:
    """A first payment more than two periods after the contract date is probably a slip (2.2, interplay rules)."""
    message = f"the first payment, {first}, is due {(first - contract).days} days after the contract date, {contract}"
    return Finding(
        "LoanSetup.firstPaymentDate", f"{message}: more than two periods", "Check both dates", first
    )


def amount_not_positive(value: Decimal) -> Finding:
    """A loan has an amount (2.2, interplay rules)."""
    return Finding("LoanSetup.loanAmount", f"the amount must be more than 0, not {value}", value=value)


def rate_negative(value: Decimal) -> Finding:
    """A rate is 0 or more (2.2, interplay rules)."""
    return Finding("LoanSetup.loanRate", f"the rate must be 0 or more, not {value}", value=value)


def term_not_positive(value: Decimal) -> Finding:
    """A loan has at least a part of a payment (2.2, interplay rules)."""
    return Finding("LoanSetup.loanTerm", f"the term must be more than 0, not {value}", value=value)


def _is_below_one_percent(rate: Decimal | None, kind: str | None) -> bool:
    return rate is not None and 0 < rate < 1 and kind == "loan.rateType.annually"


def _none_below_one_percent(rates: Sequence[Decimal], _kinds: Sequence[str]) -> bool:
    return bool(min(different_values(rates)) >= 1)


def rate_looks_like_fraction(rate: Decimal, _kind: str) -> Finding:
    """A yearly rate below one percent is probably a fraction: LoanPro takes 12.0212 for 12.0212% (2.2)."""
    message = f"{rate} means {rate}% a year; it looks like a fraction"
    return Finding(
        "LoanSetup.loanRate", message, "If it is a fraction, map the column with `as: fraction`", rate
    )


def _only_for(
    names: tuple[str, str], kinds: frozenset[str], of_whom: str
) -> tuple[Condition, Callable[..., Finding]]:
    """When a rule about two fields of some types of loans has something to say, and what."""

    def holds(kind: str | None, *values: Decimal | None) -> bool:
        # Zero is passed over: LoanPro's own samples send it for any type of loan.
        return kind is not None and kind not in kinds and any(values)

    def find(kind: str, *values: Decimal | None) -> Finding:
        name, value = next(pair for pair in zip(names, values, strict=True) if pair[1])
        message = f"{name} belongs to {of_whom}, and this loan is {kind}"
        return Finding(f"LoanSetup.{name}", message, "Check the type of the loan", value)

    return Condition(("LoanSetup.loanType", *(f"LoanSetup.{name}" for name in names)), holds), find


_LEASE = _only_for(("moneyFactor", "residual"), frozenset({"loan.type.lease"}), "leases")
_CREDIT = _only_for(
    ("creditLimit", "reportingCreditLimit"),
    frozenset({"loan.type.creditLimit", "loan.type.flooring"}),
    "credit-limit and flooring loans",
)


def lease_field(*values: Any) -> Finding:
    """Money factor and residual belong to leases (2.2, interplay rules)."""
    return _LEASE[1](*values)


def credit_limit_field(*values: Any) -> Finding:
    """Credit limits belong to credit-limit and flooring loans (2.2, interplay rules)."""
    return _CREDIT[1](*values)


def active_at_creation(_active: int) -> Finding:
    """LoanPro advises its Activate() call over sending the flag (2.2, `active`)."""
    message = "active: 1 activates the loan while it is created; LoanPro advises to activate it afterwards"
    return Finding("LoanSetup.active", message, "Leave the field out unless you have tried it", 1)


def duplicates_accepted(_ignored: bool) -> Finding:  # noqa: FBT001 - a value of the payload
    """With warnings ignored, LoanPro may hold two loans with one display id (4.3)."""
    message = (
        "transaction warnings are ignored: LoanPro may then create a second loan with the same display id"
    )
    return Finding("__ignoreWarnings", message, "Remove __ignoreWarnings from the loan")


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_DATES: Final = ("LoanSetup.contractDate", "LoanSetup.firstPaymentDate")
_NO_AMOUNT = Condition(("LoanSetup.loanAmount",), is_not_positive, all_positive)
_NO_RATE = Condition(("LoanSetup.loanRate",), is_negative, none_negative)
_FRACTION = Condition(
    ("LoanSetup.loanRate", "LoanSetup.loanRateType"), _is_below_one_percent, _none_below_one_percent
)
_NO_TERM = Condition(("LoanSetup.loanTerm",), is_not_positive, all_positive)
_FAR_AWAY = Condition((*_DATES, "LoanSetup.paymentFrequency"), _is_far_away, _none_far_away)

LOAN_RULES: Final = (
    Rule("loan.amount-not-positive", _ERROR, _NO_AMOUNT, amount_not_positive),
    Rule("loan.rate-negative", _ERROR, _NO_RATE, rate_negative),
    Rule("loan.rate-looks-like-fraction", _WARNING, _FRACTION, rate_looks_like_fraction),
    Rule("loan.term-not-positive", _ERROR, _NO_TERM, term_not_positive),
    Rule(
        "loan.first-payment-before-contract",
        _ERROR,
        Condition(_DATES, _is_before, _none_before),
        first_payment_before_contract,
    ),
    Rule("loan.first-payment-far-away", _WARNING, _FAR_AWAY, first_payment_far_away),
    Rule("loan.lease-field", _WARNING, _LEASE[0], lease_field),
    Rule("loan.credit-limit-field", _WARNING, _CREDIT[0], credit_limit_field),
    Rule("loan.active-at-creation", _WARNING, Condition(("LoanSetup.active",), bool), active_at_creation),
    Rule("loan.duplicates-accepted", _WARNING, Condition(("__ignoreWarnings",), bool), duplicates_accepted),
)
"""The rules of a loan, in the order in which people read its fields."""
