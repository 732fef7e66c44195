"""Checks of whole payloads: what passes unchanged, and every issue of what does not."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.catalogue import enumerations_of
from loader.models.customer import Customer
from loader.models.encoding import encode
from loader.models.issue import Severity
from loader.models.loan import Loan
from loader.validation.payload import PayloadCheck

TODAY = date(2026, 1, 15)


def smallest_loan(**setup):
    """The payload of section 3.1 of the LoanPro reference."""
    return {
        "displayId": "L001000",
        "LoanSetup": {
            "loanClass": "loan.class.consumer",
            "loanType": "loan.type.installment",
            "loanAmount": Decimal("12000.00"),
            "loanRate": Decimal("12.0212"),
            "loanRateType": "loan.rateType.annually",
            "loanTerm": 36,
            "contractDate": date(2021, 5, 12),
            "firstPaymentDate": date(2021, 6, 12),
            "paymentFrequency": "loan.frequency.monthly",
            "calcType": "loan.calcType.simpleInterest",
            "daysInYear": "loan.daysInYear.actual",
            "interestApplication": "loan.interestApplication.betweenTransactions",
        }
        | setup,
    }


def address(**fields):
    return {
        "address1": "1 Main St",
        "city": "Reno",
        "state": "geo.state.NV",
        "zipcode": "01234",
        "country": "company.country.usa",
    } | fields


def person(**fields):
    return {
        "customId": "C1",
        "customerType": "customer.type.individual",
        "firstName": "Ann",
        "lastName": "Lee",
        "email": "ann@example.com",
        "PrimaryAddress": address(),
        "MailAddress": address(),
    } | fields


def check(model, payload, *, relaxed=False, known_bad=(), **more):
    return PayloadCheck(model, relaxed=relaxed, today=TODAY, **more).check(payload, known_bad)


def problems(model, payload, **more):
    return [(issue.rule, issue.field) for issue in check(model, payload, **more)[1]]


def test_the_smallest_useful_loan_is_sent_to_the_letter():
    """Section 3.1: every digit, every name."""
    valid, issues = check(Loan, smallest_loan())

    assert issues == []
    assert encode(valid) == (
        b'{"displayId":"L001000","LoanSetup":{"loanClass":"loan.class.consumer","loanType":"loan.type.installment",'
        b'"loanAmount":12000.00,"loanRate":12.0212,"loanRateType":"loan.rateType.annually","loanTerm":36,'
        b'"contractDate":"2021-05-12","firstPaymentDate":"2021-06-12","paymentFrequency":"loan.frequency.monthly",'
        b'"calcType":"loan.calcType.simpleInterest","daysInYear":"loan.daysInYear.actual",'
        b'"interestApplication":"loan.interestApplication.betweenTransactions"}}'
    )


def test_a_fuller_loan_passes():
    """Section 3.2: settings, links, collateral, portfolios, custom fields."""
    payload = smallest_loan(
        discount=Decimal("500.00"),
        underwriting=Decimal(0),
        creditLimit=Decimal(0),
        discountSplit=1,
        begEnd="loan.begend.end",
        firstDayInterest=0,
        lastAsFinal="loan.lastasfinal.no",
        roundDecimals=5,
        lateFeeType="loan.lateFee.4",
    ) | {
        "LoanSettings": {
            "loanStatusId": 2,
            "loanSubStatusId": 12,
            "closedDate": "",
            "repoDate": None,
            "CustomFieldValues": {"results": [{"customFieldId": 7, "customFieldValue": "1"}]},
        },
        "Customers": {"results": [{"__id": 36, "__setLoanRole": "loan.customerRole.primary"}]},
        "Collateral": {"results": [{"collateralType": "collateral.type.car", "vin": "1FT", "a": "2017"}]},
        "Portfolios": {
            "results": [
                {"__metadata": {"uri": "/api/1/odata.svc/Portfolios(id=39)", "type": "Entity.Portfolio"}}
            ]
        },
    }

    valid, issues = check(Loan, payload)

    assert issues == []
    assert valid == payload


def test_a_full_customer_passes():
    """Section 2.4 with everything that nests."""
    payload = person(
        ssn="012345678",
        birthDate=date(1980, 2, 29),
        Phones={"results": [{"phone": "7025550100", "type": "customer.phoneType.cell", "isPrimary": 1}]},
        Employer={"companyName": "Acme", "income": Decimal("5000.00"), "Address": address()},
        References={"results": [{"name": "Bo", "relation": "customerReference.relation.friend"}]},
        CustomFieldValues={"results": [{"customFieldId": 3, "customFieldValue": ""}]},
        __ignoreWarnings=True,
    )

    assert check(Customer, payload) == (payload, [])


def test_values_are_made_what_is_sent():
    """A whole number where a decimal is wanted, true as a flag, anything as custom text; exactly, and only there."""
    payload = smallest_loan(loanTerm=36, discountSplit=True) | {
        "LoanSettings": {
            "CustomFieldValues": {
                "results": [
                    {"customFieldId": 1, "customFieldValue": Decimal("1E+3")},
                    {"customFieldId": 2, "customFieldValue": date(2020, 1, 2)},
                    {"customFieldId": 3, "customFieldValue": True},
                    {"customFieldId": 4, "customFieldValue": 7},
                ]
            }
        }
    }

    valid, issues = check(Loan, payload)
    sent = json.loads(encode(valid))

    assert issues == []
    assert sent["LoanSetup"]["discountSplit"] == 1
    assert not isinstance(sent["LoanSetup"]["discountSplit"], bool)
    assert [item["customFieldValue"] for item in sent["LoanSettings"]["CustomFieldValues"]["results"]] == [
        "1000",
        "2020-01-02",
        "1",
        "7",
    ]


def test_the_payload_given_is_not_changed():
    """The same row may be checked again."""
    payload = smallest_loan(loanAmount=1.5, nonsense=1)
    before = json.dumps(payload, default=str)

    check(Loan, payload)

    assert json.dumps(payload, default=str) == before


def test_an_empty_loan_lacks_the_whole_safe_set():
    """Display id and the twelve of section 2.2, each by itself, so that each cell can be marked."""
    found = problems(Loan, {})

    assert len(found) == 13
    assert {rule for rule, _ in found} == {"field.required"}
    assert ("field.required", "displayId") in found
    assert ("field.required", "LoanSetup.interestApplication") in found


def test_with_tenant_defaults_a_loan_needs_three():
    """The two of LoanPro's SDK, and the natural key."""
    assert problems(Loan, {}, relaxed=True) == [
        ("field.required", "displayId"),
        ("field.required", "LoanSetup.loanClass"),
        ("field.required", "LoanSetup.loanType"),
    ]


def test_a_person_needs_two_names_and_a_company_one():
    """Names by type of customer; without a type LoanPro makes a person of it."""
    company = {"customerType": "customer.type.company"}

    assert ("field.required", "firstName") in problems(Customer, {})
    assert ("field.required", "companyName") not in problems(Customer, {})
    assert ("field.required", "companyName") in problems(Customer, company)
    assert ("field.required", "lastName") not in problems(Customer, company)


def test_both_addresses_need_five_fields_each():
    """Without MailAddress LoanPro answers 409; null and "" are no address either."""
    fields = ["address1", "city", "state", "zipcode", "country"]
    missing = [("field.required", f"MailAddress.{name}") for name in fields]
    payload = person()
    del payload["MailAddress"]

    assert problems(Customer, payload) == missing
    assert problems(Customer, person(MailAddress=None)) == missing
    assert problems(Customer, person(MailAddress={})) == missing
    assert problems(Customer, person(MailAddress=address(city=""))) == [
        ("field.required", "MailAddress.city")
    ]


def test_tenant_defaults_waive_the_email_and_nothing_else():
    """One edition of the page requires it, others do not (section 2.4)."""
    payload = person()
    del payload["email"]

    assert problems(Customer, payload) == [("field.required", "email")]
    assert problems(Customer, payload, relaxed=True) == []
    assert len(problems(Customer, {}, relaxed=True)) == 12


def test_what_nests_has_its_own_requirements():
    """A phone its number, an employer its name, a reference its name; each with its own path."""
    payload = person(
        Phones={"results": [{"phone": "1"}, {"type": "customer.phoneType.home"}]},
        Employer={"title": "Clerk", "Address": address(state=None)},
        References={"results": [{"relation": "customerReference.relation.son"}]},
    )

    assert problems(Customer, payload) == [
        ("field.required", "Phones[2].phone"),
        ("field.required", "Employer.companyName"),
        ("field.required", "Employer.Address.state"),
        ("field.required", "References[1].name"),
    ]


def test_a_refused_cell_is_not_missing_too():
    """Its own issue says more; but the payload is not sent."""
    payload = smallest_loan()
    del payload["LoanSetup"]["loanAmount"]

    assert check(Loan, payload, known_bad={"LoanSetup.loanAmount"}) == (None, [])


def test_all_problems_come_at_once():
    """Types, names, requirements and rules over what is left, nothing twice."""
    payload = smallest_loan(
        loanAmount=12000.0,
        loanRate=Decimal(-1),
        paymentFrequency="loan.frequency.monthy",
        firstPaymentDate=date(2021, 5, 11),
        apr=Decimal(9),
        loanTerms=36,
    )
    del payload["LoanSetup"]["calcType"]

    assert sorted(problems(Loan, payload)) == [
        ("field.read-only", "LoanSetup.apr"),
        ("field.required", "LoanSetup.calcType"),
        ("field.unknown", "LoanSetup.loanTerms"),
        ("loan.first-payment-before-contract", "LoanSetup.firstPaymentDate"),
        ("loan.rate-negative", "LoanSetup.loanRate"),
        ("number.wrong-type", "LoanSetup.loanAmount"),
        ("value.not-allowed", "LoanSetup.paymentFrequency"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("loanAmount", 12000.5, "number.wrong-type"),
        ("loanAmount", "12000.50", "number.wrong-type"),
        ("loanAmount", True, "number.wrong-type"),
        ("loanAmount", Decimal("12000.505"), "number.too-many-decimals"),
        ("loanAmount", Decimal("1000000000.00"), "number.too-large"),
        ("loanAmount", 1_000_000_000, "number.too-large"),
        ("loanAmount", Decimal("NaN"), "number.not-finite"),
        ("loanRate", Decimal("12.02125"), "number.too-many-decimals"),
        ("loanRate", Decimal(10_000_000), "number.too-large"),
        ("loanTerm", "36", "number.wrong-type"),
        ("lateFeePercent", Decimal("0.125"), "number.too-many-decimals"),
        ("moneyFactor", Decimal("1E+1000000"), "number.too-large"),
        ("roundDecimals", "5", "number.not-whole"),
        ("roundDecimals", True, "number.not-whole"),
        ("roundDecimals", 2**40, "number.out-of-range"),
        ("discountSplit", 2, "value.not-allowed"),
        ("discountSplit", "1", "value.not-allowed"),
        ("contractDate", "2021-05-12", "date.wrong-type"),
        ("contractDate", datetime(2021, 5, 12), "date.wrong-type"),  # noqa: DTZ001 - what a careless reader would give
        ("loanClass", "loan.class.Consumer", "value.not-allowed"),
        ("loanClass", 1, "value.not-allowed"),
        ("CustomFieldValues", [], "shape.wrong"),
    ],
)
def test_no_value_of_another_type_passes(field, value, rule):
    """No text becomes a number, no binary float money, no instant a day."""
    valid, issues = check(Loan, smallest_loan(**{field: value}))

    assert valid is None
    assert [(issue.rule, issue.field) for issue in issues] == [(rule, f"LoanSetup.{field}")]


@pytest.mark.parametrize("amount", ["999999999.99", "0.01", "100.000", "1E+3", "5"])
def test_money_within_the_limits_passes(amount):
    """decimal(11,2); zeros after the second decimal are no decimals."""
    valid, issues = check(Loan, smallest_loan(loanAmount=Decimal(amount)))

    assert issues == []
    assert valid["LoanSetup"]["loanAmount"] == Decimal(amount)


def test_a_display_id_has_fifty_characters():
    """The database keeps no more, and a cut key would match another loan."""
    assert check(Loan, smallest_loan() | {"displayId": "L" * 50})[1] == []
    assert problems(Loan, smallest_loan() | {"displayId": "L" * 51}) == [("text.too-long", "displayId")]
    assert problems(Loan, smallest_loan() | {"displayId": 1000}) == [("text.wrong-type", "displayId")]


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (smallest_loan() | {"LoanSetup": [1]}, "LoanSetup"),
        (smallest_loan() | {"Customers": {"results": [1]}}, "Customers[1]"),
        (smallest_loan() | {"Customers": [{"__id": 1}]}, "Customers"),
        (smallest_loan() | {"Customers": {}}, "Customers"),
    ],
)
def test_a_wrong_shape_is_one_issue(payload, field):
    """The silent-drop trap of section 1.7 is refused here."""
    assert problems(Loan, payload) == [("shape.wrong", field)]


def test_what_is_no_payload_at_all_is_refused():
    """Nothing can be checked any further."""
    valid, issues = check(Loan, ["x"])

    assert valid is None
    assert [issue.rule for issue in issues if issue.rule != "field.required"] == ["shape.wrong"]


def test_values_of_the_tenant_are_taken():
    """What `collections(geo.state)` told beyond the 62, such as a province; others are still refused."""
    payload = person(PrimaryAddress=address(state="geo.state.ON"), MailAddress=address(state="geo.state.QQ"))

    assert problems(Customer, payload, tenant_values={"geo.state": {"geo.state.ON"}}) == [
        ("value.not-allowed", "MailAddress.state")
    ]
    mended = payload | {"MailAddress": address(state="geo.state.ON")}
    assert check(Customer, mended, tenant_values={"geo.state": {"geo.state.ON"}}) == (mended, [])


def test_a_warning_does_not_keep_a_payload_back():
    """The gap is only probable to be a slip."""
    valid, issues = check(Loan, smallest_loan(firstPaymentDate=date(2021, 12, 1)))

    assert valid is not None
    assert [(issue.rule, issue.severity) for issue in issues] == [
        ("loan.first-payment-far-away", Severity.WARNING)
    ]


def test_sensitive_values_are_in_no_message():
    """Only `Issue.value` has them, and it is marked."""
    payload = person(ssn=123456789, birthDate="1980-01-31", driverLicense=55512345, accessPassword=99887766)

    issues = check(Customer, payload)[1]

    assert len(issues) == 4
    assert all(issue.sensitive for issue in issues)
    said = " ".join(issue.message + issue.advice for issue in issues)
    assert not [secret for secret in ("123456789", "1980", "55512345", "99887766") if secret in said]


@given(st.data())
def test_any_enumeration_value_passes_and_any_other_text_does_not(data):
    """Over all enumerations of the setup that are no flags."""
    fields = {"loanClass": "loan.class", "daysInPeriod": "loan.daysinperiod", "calcType": "loan.calcType"}
    field = data.draw(st.sampled_from(sorted(fields)))
    values = enumerations_of(Loan)[fields[field]].values
    value = data.draw(st.sampled_from(values) | st.text(max_size=20))

    valid, _ = check(Loan, smallest_loan(**{field: value}))

    assert (valid is not None) == (value in values)


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.decimals()
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["results", "phone", "state", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "firstName",
                "ssn",
                "birthDate",
                "email",
                "PrimaryAddress",
                "Phones",
                "Employer",
                "creditLimit",
                "gender",
                "q",
            ]
        ),
        junk,
        max_size=5,
    )
)
def test_nothing_makes_a_check_fail(fields):
    """Whatever stands in a payload, there is a payload or an error issue, never an exception, never both."""
    valid, issues = check(Customer, person(**fields))

    refused = any(issue.severity is Severity.ERROR for issue in issues)
    assert refused == (valid is None)
    assert all(issue.message for issue in issues)
