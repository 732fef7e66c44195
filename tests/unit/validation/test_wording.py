"""Messages for people who do not know the program: the value, what is expected, the way out."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from loader.models.customer import Customer
from loader.models.loan import Loan
from loader.validation.payload import PayloadCheck
from loader.validation.wording import payload_path


def said(model, payload):
    issues = PayloadCheck(model, relaxed=True, today=date(2026, 1, 15)).check(payload)[1]
    return [(issue.message, issue.advice) for issue in issues if issue.rule != "field.required"]


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ((), ""),
        (("displayId",), "displayId"),
        (("Phones", "results", 0, "phone"), "Phones[1].phone"),
        (
            ("LoanSettings", "CustomFieldValues", "results", 1, "customFieldId"),
            "LoanSettings.CustomFieldValues[2].customFieldId",
        ),
        (("Phones", "results", 2), "Phones[3]"),
        (("Phones", "results"), "Phones"),
        (("results",), "results"),
    ],
)
def test_places_are_written_as_in_templates(location, path):
    """The wrapper of a list is no step of a path."""
    assert payload_path(location) == path


@pytest.mark.parametrize(
    ("setup", "message", "advice"),
    [
        (
            {"loanAmount": "12,000"},
            '"12,000" is text; money is expected',
            "Choose a conversion in the template that gives it (`as:`)",
        ),
        (
            {"loanAmount": Decimal("1.005")},
            "1.005 has more than 2 decimals, the most that LoanPro keeps",
            "Round it to 2 decimals in the file",
        ),
        (
            {"loanAmount": Decimal("1E+9")},
            "1000000000 is larger than 999,999,999.99, the most that LoanPro keeps",
            "",
        ),
        (
            {"loanType": "loan.type.instalment"},
            '"loan.type.instalment" is not a value of loan.type',
            "Use one of loan.type.creditLimit, loan.type.flooring, loan.type.installment, loan.type.lease",
        ),
        (
            {"paymentFrequency": "monthly"},
            '"monthly" is not a value of loan.frequency',
            "Use loan.frequency.monthly or loan.frequency.semimonthly",
        ),
        (
            {"loanamount": 1},
            "LoanPro has no field LoanSetup.loanamount here and might drop it silently",
            "Use LoanSetup.loanAmount",
        ),
        (
            {"apr": 1},
            "LoanSetup.apr cannot be sent: Computed by LoanPro",
            "Remove the field from the template",
        ),
        (
            {"contractDate": "01/02/2021"},
            '"01/02/2021" is text; a date without a time is expected',
            "Choose a conversion in the template that gives it (`as:`)",
        ),
    ],
)
def test_a_message_in_our_own_words(setup, message, advice):
    """Nothing of pydantic's is left in it."""
    assert said(Loan, {"LoanSetup": setup}) == [(message, advice)]


def test_a_long_text_is_cut_in_its_message():
    """A cell may hold a novel."""
    ((message, _),) = said(Loan, {"displayId": "x" * 5000})

    assert len(message) < 150
    assert "has 5000 characters; LoanPro keeps 50" in message


def test_what_belongs_to_another_request_says_where():
    """Custom fields of a loan and card data."""
    assert said(Loan, {"CustomFieldValues": 1})[0][0].endswith(
        "Loan custom fields sit in LoanSettings.CustomFieldValues"
    )
    assert "Secure Payments" in said(Customer, {"PaymentAccounts": {"results": []}})[0][0]


def test_every_error_that_the_models_can_meet_has_words():
    """Our words say nothing of a type that pydantic does not have, so that a new version's renaming is seen here."""
    from loader.models.fields import DATE_OR_BLANK, ELSEWHERE, EXACT_NUMBER, READ_ONLY
    from loader.validation.wording import _WORDS

    known = set(get_args(ErrorType))

    assert set(_WORDS) - known == {EXACT_NUMBER, DATE_OR_BLANK, READ_ONLY, ELSEWHERE}
