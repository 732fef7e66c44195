"""Each rule over several fields: when it speaks and when it keeps silent."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.known_values import Repeated
from loader.models.customer import Customer
from loader.models.issue import Severity
from loader.models.loan import Loan
from loader.models.structure import locate
from loader.models.transactions import Charge, Credit, Payment
from loader.source.texts import Texts
from loader.validation import customer_rules, rules
from loader.validation.rule import findings

TODAY = date(2026, 1, 15)
DAY = date(2021, 5, 7)


def found(model, payload):
    return [issue.rule for issue in findings(rules.RULES[model], payload, TODAY)]


def of_setup(**setup):
    return found(Loan, {"LoanSetup": setup})


@pytest.mark.parametrize(
    ("setup", "rule"),
    [
        ({"loanAmount": Decimal(0)}, "loan.amount-not-positive"),
        ({"loanAmount": Decimal("-0.01")}, "loan.amount-not-positive"),
        ({"loanRate": Decimal("-0.0001")}, "loan.rate-negative"),
        ({"loanTerm": Decimal(0)}, "loan.term-not-positive"),
        (
            {"contractDate": DAY, "firstPaymentDate": DAY - timedelta(days=1)},
            "loan.first-payment-before-contract",
        ),
        (
            {"loanRate": Decimal("0.085"), "loanRateType": "loan.rateType.annually"},
            "loan.rate-looks-like-fraction",
        ),
        ({"loanType": "loan.type.installment", "residual": Decimal(1)}, "loan.lease-field"),
        ({"loanType": "loan.type.flooring", "moneyFactor": Decimal("0.002")}, "loan.lease-field"),
        ({"loanType": "loan.type.installment", "creditLimit": Decimal(1)}, "loan.credit-limit-field"),
        ({"active": 1}, "loan.active-at-creation"),
    ],
)
def test_a_rule_speaks(setup, rule):
    """The interplay rules of section 2.2."""
    assert of_setup(**setup) == [rule]


@pytest.mark.parametrize(
    "setup",
    [
        {},
        {"loanAmount": Decimal("0.01"), "loanRate": Decimal(0), "loanTerm": Decimal("0.5")},
        {
            "loanAmount": None,
            "loanRate": None,
            "loanTerm": None,
            "contractDate": None,
            "firstPaymentDate": DAY,
        },
        {"contractDate": DAY, "firstPaymentDate": DAY},
        {
            "contractDate": DAY,
            "firstPaymentDate": date(2021, 5, 8),
            "paymentFrequency": "loan.frequency.weekly",
        },
        {"loanRate": Decimal("0.5"), "loanRateType": "loan.rateType.monthly"},
        {"loanRate": Decimal(1), "loanRateType": "loan.rateType.annually"},
        {"loanRate": Decimal(0), "loanRateType": "loan.rateType.annually"},
        {"loanType": "loan.type.lease", "residual": Decimal(1)},
        {"loanType": "loan.type.installment", "creditLimit": Decimal(0), "residual": Decimal(0)},
        {"loanType": "loan.type.creditLimit", "creditLimit": Decimal(9)},
        {
            "contractDate": DAY,
            "firstPaymentDate": date(2030, 1, 1),
            "paymentFrequency": "loan.frequency.single",
        },
        {"active": 0},
    ],
)
def test_the_rules_keep_silent(setup):
    """Limits are included; absent values and null say nothing; LoanPro's own samples pass."""
    assert of_setup(**setup) == []


@pytest.mark.parametrize(
    ("frequency", "days"),
    [
        ("weekly", 14),
        ("biWeekly", 28),
        ("semimonthly", 32),
        ("monthly", 62),
        ("quarterly", 184),
        ("semiannually", 368),
        ("annually", 732),
    ],
)
def test_more_than_two_periods_are_far_away(frequency, days):
    """The last day of the second period is not; the next one is."""
    terms = {"contractDate": DAY, "paymentFrequency": f"loan.frequency.{frequency}"}

    assert of_setup(**terms, firstPaymentDate=DAY + timedelta(days=days)) == []
    assert of_setup(**terms, firstPaymentDate=DAY + timedelta(days=days + 1)) == [
        "loan.first-payment-far-away"
    ]


def test_ignoring_warnings_on_a_loan_is_a_warning():
    """It is what keeps a second loan with the same display id out (section 4.3)."""
    assert found(Loan, {"__ignoreWarnings": True}) == ["loan.duplicates-accepted"]
    assert found(Loan, {"__ignoreWarnings": False}) == []


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ({"ssn": "012345678"}, []),
        ({"ssn": "12345678"}, ["customer.ssn-not-nine-digits"]),
        ({"ssn": "012-34-5678"}, ["customer.ssn-not-nine-digits"]),
        ({"ssn": "٠١٢٣٤٥٦٧٨"}, ["customer.ssn-not-nine-digits"]),
        ({"ssn": "000000000"}, ["customer.ssn-all-zeros"]),
        ({"ssn": "000-00-0000"}, ["customer.ssn-all-zeros", "customer.ssn-not-nine-digits"]),
        ({"ssn": ""}, []),
        ({"birthDate": TODAY}, []),
        ({"birthDate": TODAY + timedelta(days=1)}, ["customer.birth-date-in-future"]),
        (
            {"creditLimit": Decimal(5), "customerType": "customer.type.individual"},
            ["customer.flooring-credit-limit"],
        ),
        ({"creditLimit": Decimal(5), "customerType": "customer.type.flooringCustomer"}, []),
        ({"companyName": "Acme"}, ["customer.company-name-of-person"]),
        ({"companyName": "Acme", "customerType": "customer.type.company"}, []),
    ],
)
def test_rules_of_a_customer(customer, expected):
    """Numbers, dates and kinds of section 2.4."""
    assert found(Customer, customer) == expected


@pytest.mark.parametrize(
    "email", ["a@b.co", "first.last+tag@mail.example.com", "o'brien@example.co.uk", "ü@bücher.de"]
)
def test_an_email_address(email):
    """The shape only: whether it exists is LoanPro's to say."""
    assert found(Customer, {"email": email}) == []


@pytest.mark.parametrize(
    "email",
    ["a", "a@b", "a@@b.co", "a b@c.co", "a@b..co", ".a@b.co", "a.@b.co", "a@b.co.", "a@.co", "a@b.co\n"],
)
def test_no_email_address(email):
    """LoanPro refuses the customer for it."""
    assert found(Customer, {"email": email}) == ["customer.email-shape"]


@given(
    st.lists(
        st.text(alphabet="aé7.@ \x1c\0U", max_size=9).map("{}b@c.co".format)
        | st.sampled_from(["USD@c.co", "a@€.co"]),
        min_size=1,
    )
)
def test_columns_of_email_addresses(emails):
    """What is said of all of them at once is true of each, and it is said where they are usual ones."""
    are_right = [found(Customer, {"email": email}) == [] for email in emails]
    for column in (emails, Texts.of(emails)):
        assert not customer_rules._are_emails(column) or all(are_right)
    assert customer_rules._are_emails(Texts.of(["o'b.2@c.co", "0@x.y.z"]))


@given(st.text(alphabet="a.@ -", max_size=3000))
def test_the_email_rule_takes_no_time_over_any_text(text):
    """No input makes the pattern search for ever."""
    assert found(Customer, {"email": text}) in ([], ["customer.email-shape"])


def test_personal_data_stay_out_of_the_messages():
    """Only the value of the issue has them, and it is marked."""
    payload = {"ssn": "12345", "birthDate": date(2045, 3, 9)}

    issues = findings(rules.RULES[Customer], payload, TODAY)

    assert [(issue.value, issue.sensitive) for issue in issues] == [("12345", True), ("2045-03-09", True)]
    assert "12345" not in issues[0].message
    assert "2045" not in issues[1].message


@pytest.mark.parametrize("model", list(rules.RULES))
def test_every_rule_has_its_own_name_and_a_reason(model):
    """Summaries count by name; the name begins with the entity."""
    names = [rule.name for rule in rules.RULES[model]]

    assert len(names) == len(set(names))
    assert all(name.startswith(f"{model.__name__.lower()}.") for name in names)
    assert all(rule.find.__doc__ for rule in rules.RULES[model])


def test_findings_point_at_fields_that_exist():
    """The caller marks the cell by the field."""
    loan = {
        "LoanSetup": {
            "loanAmount": Decimal(0),
            "loanRate": Decimal("0.1"),
            "loanRateType": "loan.rateType.annually",
            "loanTerm": Decimal(0),
            "contractDate": DAY,
            "firstPaymentDate": DAY + timedelta(days=400),
            "paymentFrequency": "loan.frequency.monthly",
            "loanType": "loan.type.installment",
            "residual": Decimal(1),
            "creditLimit": Decimal(1),
            "active": 1,
        },
        "__ignoreWarnings": True,
    }

    issues = findings(rules.RULES[Loan], loan, TODAY)

    assert len(issues) == 8
    assert all(locate(Loan, issue.field) for issue in issues)
    assert {issue.severity for issue in issues} == {Severity.ERROR, Severity.WARNING}


@pytest.mark.parametrize("model", [Payment, Charge, Credit])
def test_what_is_recorded_is_positive_and_has_happened(model):
    """Both only warn: LoanPro states no limit."""
    issues = findings(rules.RULES[model], {"amount": Decimal(0), "date": TODAY + timedelta(days=1)}, TODAY)

    assert [Severity.WARNING] * 2 == [issue.severity for issue in issues]
    assert ["amount", "date"] == [issue.field for issue in issues]
    assert [] == findings(rules.RULES[model], {"amount": Decimal("0.01"), "date": TODAY}, TODAY)


NINE_DIGITS = st.sampled_from(["012345678", "123456789", "000000001"])
TEXTS = NINE_DIGITS | st.sampled_from(
    [
        *("", "000000000", "000-00-0000", "00 1", "0", "- 0", "12345", "x"),
        *("a@b.co", "a@b.co\na@b.co", "a@b", "ü@b.co"),
    ]
)
NUMBERS = st.sampled_from(["-1", "0", "0.00", "0.5", "0.9999", "1", "12.5"]).map(Decimal)
DAYS = st.dates(date(2020, 1, 1), TODAY + timedelta(days=9))


def repeated(values):
    """The same column, by its different values."""
    different = {repr(value): value for value in values}
    codes = [list(different).index(repr(value)) for value in values]
    return Repeated(list(different.values()), np.array(codes, np.int32))


@given(st.sampled_from([rule for of in rules.RULES.values() for rule in of]), st.data())
def test_a_rule_asked_of_columns_finds_what_it_finds_in_each_row(rule, data):
    """The quick proof included: it is never given where a row is to be found; columns that repeat themselves, and values that lack."""
    condition = rule.condition
    kinds = {
        "ssn": TEXTS,
        "email": TEXTS,
        "LoanSetup.loanRateType": st.just("loan.rateType.annually"),
        "LoanSetup.loanType": st.sampled_from(
            [f"loan.type.{n}" for n in ("lease", "creditLimit", "installment")]
        ),
        "birthDate": DAYS,
        "LoanSetup.contractDate": st.dates(DAY, DAY + timedelta(days=20)),
        "LoanSetup.firstPaymentDate": st.dates(DAY, DAY + timedelta(days=80)),
        "LoanSetup.paymentFrequency": st.sampled_from(
            [f"loan.frequency.{n}" for n in ("weekly", "monthly", "single")]
        ),
    }
    count = data.draw(st.integers(1, 6))
    columns = []
    for path in condition.reads:
        values = kinds.get(path, DAYS if path == "date" else NUMBERS)
        if path == "(today)":
            columns.append((TODAY,))
        else:
            columns.append(
                data.draw(
                    st.lists(values, min_size=count, max_size=count)
                    | st.lists(values, min_size=count, max_size=count).map(repeated)
                    | values.map(lambda v: (v,))
                    | st.just((None,))
                )
            )
            if (
                values is TEXTS
                and type(columns[-1]) is not Repeated
                and None not in columns[-1]
                and data.draw(st.booleans())
            ):
                columns[-1] = Texts.of(columns[-1])
    each = [[column[0] if len(column) == 1 else column[at] for column in columns] for at in range(count)]

    assert [at for at, values in enumerate(each) if condition.holds(*values)] == condition.met_by(
        columns, count
    )


@pytest.mark.parametrize("model", list(rules.RULES))
def test_rules_read_fields_that_exist(model):
    """And none in a list, of which there may be several."""
    for rule in rules.RULES[model]:
        for path in rule.condition.reads:
            assert path == "(today)" or not any(step.number for step in locate(model, path).steps)
