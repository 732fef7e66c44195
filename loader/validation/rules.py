"""
Rules over several fields of one payload, and over what a type cannot say.

Each is a pure function of values that have the right types; a field may be absent or None. The limits are those of the LoanPro
reference; where LoanPro states none, the rule warns only.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from loader.models.customer import Customer
from loader.models.issue import Severity
from loader.models.loan import Loan
from loader.models.payload import Payload
from loader.models.transactions import Charge, Credit, Payment
from loader.validation.conditions import all_positive, is_after, is_not_positive, none_after
from loader.validation.customer_rules import CUSTOMER_RULES
from loader.validation.loan_rules import LOAN_RULES
from loader.validation.rule import TODAY, Condition, Finding, Rule


def added_amount_not_positive(amount: Decimal) -> Finding:
    """Payments, charges and credits are positive; LoanPro states no limit, so that this warns only (2.6-2.8)."""
    return Finding(
        "amount", f"an amount of more than 0 is expected, not {amount}", "Check the amount", amount
    )


def added_date_in_future(when: date, _today: date) -> Finding:
    """What is recorded has happened (2.6); a two-digit year is the usual cause."""
    return Finding("date", f"the date, {when}, is in the future", "Check the date", when)


_NO_AMOUNT = Condition(("amount",), is_not_positive, all_positive)
_TO_COME = Condition(("date", TODAY), is_after, none_after)


def _of_added(model: type[Payload]) -> tuple[Rule, ...]:
    name = model.__name__.lower()
    return (
        Rule(f"{name}.amount-not-positive", Severity.WARNING, _NO_AMOUNT, added_amount_not_positive),
        Rule(f"{name}.date-in-future", Severity.WARNING, _TO_COME, added_date_in_future),
    )


RULES: Mapping[type[Payload], tuple[Rule, ...]] = {
    Loan: LOAN_RULES,
    Customer: CUSTOMER_RULES,
    **{model: _of_added(model) for model in (Payment, Charge, Credit)},
}
"""The rules of each root object, in the order in which people read its fields."""
