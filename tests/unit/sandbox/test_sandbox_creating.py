"""What the tenant accepts and refuses when a loan or a customer is created (LoanPro reference 2-4)."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_a_loan_answers_with_its_ids_and_echo(desk):
    """`d` carries id, setupId and settingsId, all different, and the display id (LoanPro reference 3.3)."""
    loan = desk.loan("L001000")
    assert loan["displayId"] == "L001000"
    assert loan["title"] == "L001000"
    assert loan["created"] == "/Date(1600000000)/"
    assert loan["__metadata"] == {"uri": f"/api/1/odata.svc/Loans(id={loan['id']})", "type": "Entity.Loan"}
    assert loan["LoanSetup"] == {"__deferred": {"uri": f"/api/1/odata.svc/Loans(id={loan['id']})/LoanSetup"}}
    assert len({loan["id"], loan["setupId"], loan["settingsId"]}) == 3
    assert (loan["archived"], loan["deleted"]) == (0, 0)


def test_values_come_back_as_loanpro_writes_them(desk):
    """Money has two decimals, a date is in seconds, an enumeration is itself (LoanPro reference 1.6, 1.8)."""
    loan = desk.loan(
        setup={"loanAmount": Decimal("7.5").__float__(), "graceDays": "10", "firstDayInterest": 1}
    )
    setup = desk.ask("GET", f"odata.svc/Loans({loan['id']})/LoanSetup")
    assert setup["loanAmount"] == "7.50"
    assert setup["loanRate"] == "12.0212"
    assert setup["loanTerm"] == "36"
    assert setup["contractDate"] == "/Date(1620777600)/"
    assert setup["firstDayInterest"] == "loan.firstdayinterest.yes"
    assert setup["graceDays"] == 10
    assert setup["active"] == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(amount=st.decimals(min_value="0.01", max_value="999999999.99", places=2, allow_nan=False))
def test_money_survives_to_the_cent(desk, amount):
    """An amount sent as a JSON number comes back digit by digit."""
    body = desk_payload(amount)
    loan = desk.ask("POST", "odata.svc/Loans", body)
    assert desk.ask("GET", f"odata.svc/Loans({loan['id']})/LoanSetup")["loanAmount"] == f"{amount:.2f}"
    desk.ask("DELETE", f"odata.svc/Loans({loan['id']})")


def desk_payload(amount):
    return (
        b'{"displayId": "M1", "LoanSetup": {"loanClass": "loan.class.consumer", "loanType": "loan.type.installment",'
        b' "loanRate": 12.0212, "contractDate": "2021-05-12", "firstPaymentDate": "2021-06-12",'
        b' "loanAmount": ' + str(amount).encode() + b"}}"
    )


def test_unknown_keys_are_dropped_without_a_word(desk):
    """A made-up key answers as if all were well and is nowhere to be found (LoanPro reference 1.7)."""
    loan = desk.loan(setup={"loanAmmount": "5.00"}, borrower="Ada")
    read = desk.ask("GET", f"odata.svc/Loans({loan['id']})", query="$expand=LoanSetup")
    assert "borrower" not in read
    assert "loanAmmount" not in read["LoanSetup"]


@pytest.mark.parametrize(
    ("label", "broken"),
    [
        ("Display Id is required", {"displayId": None}),
        ("Loan Setup is required", {"LoanSetup": None}),
    ],
)
def test_a_loan_without_its_required_parts_is_refused(desk, payloads, label, broken):
    """409 with the label of what is missing."""
    refusal = desk.refused("POST", "odata.svc/Loans", {**payloads.loan(), **broken})
    assert (refusal.status, refusal.reason) == (409, "missing")
    assert label in refusal.body["error"]["message"]["value"]


def test_a_customer_without_a_mail_address_is_refused_in_loanpros_words(desk, payloads):
    """The one literal message that is known (LoanPro reference 4.2)."""
    refusal = desk.refused("POST", "odata.svc/Customers", payloads.customer(MailAddress=None))
    assert refusal.status == 409
    assert refusal.body["error"]["message"]["value"] == "Mail Address is required"


def test_an_address_needs_all_five_of_its_fields(desk, payloads):
    """Country, state, city, address and zipcode are checked (LoanPro reference 2.4)."""
    refusal = desk.refused(
        "POST", "odata.svc/Customers", payloads.customer(PrimaryAddress={"address2": "Flat 3"})
    )
    message = refusal.body["error"]["message"]["value"]
    for label in ("Address", "City", "State", "Zipcode", "Country"):
        assert f"Primary Address: {label} is required" in message


def test_a_company_needs_its_name_and_no_first_name(desk, payloads):
    """Required names go by the customer type (LoanPro reference 2.4)."""
    company = payloads.customer(customerType="customer.type.company", firstName=None, lastName=None)
    assert (
        "Company Name is required"
        in desk.refused("POST", "odata.svc/Customers", company).body["error"]["message"]["value"]
    )
    assert desk.ask("POST", "odata.svc/Customers", {**company, "companyName": "Byron Ltd"})["id"]


@pytest.mark.parametrize(
    ("path", "setup"),
    [
        ("LoanSetup.loanClass", {"loanClass": "loan.class.boat"}),
        ("LoanSetup.loanAmount", {"loanAmount": "1,000.00"}),
        ("LoanSetup.loanAmount", {"loanAmount": "1000000000.00"}),
        ("LoanSetup.contractDate", {"contractDate": "05/12/2021"}),
        ("LoanSetup.active", {"active": "perhaps"}),
    ],
)
def test_a_bad_value_is_named_by_its_path(desk, path, setup):
    """409, with the path of each bad value in context.errors."""
    refusal = desk.refused("POST", "odata.svc/Loans", {"displayId": "L1", "LoanSetup": {**_setup(), **setup}})
    assert (refusal.status, refusal.reason) == (409, "invalid")
    assert list(refusal.body["context"]["errors"]) == [path]


def _setup():
    return {
        "loanClass": "loan.class.consumer",
        "loanType": "loan.type.installment",
        "loanAmount": "12000.00",
        "loanRate": "12.0212",
        "contractDate": "2021-05-12",
        "firstPaymentDate": "2021-06-12",
    }


def test_a_refused_loan_leaves_nothing_behind(desk, payloads):
    """No loan, no payment and no mark of a request that failed at its last check."""
    note = {"amount": 5, "date": "2021-01-01", "info": "x", "paymentMethodId": 1, "paymentTypeId": 1}
    body = payloads.loan(Payments={"results": [note]}, Customers={"results": [{"__id": 77}]})
    assert desk.refused("POST", "odata.svc/Loans", body).reason == "no-link"
    assert desk.ask("GET", "odata.svc/Loans")["results"] == []
    assert desk.ask("GET", "odata.svc/Payments")["results"] == []
    assert desk.loan(body["displayId"])["displayId"] == body["displayId"]


def test_a_second_loan_with_the_display_id_is_a_warning_that_can_be_ignored(desk, payloads):
    """409 with the list `warnings` beside `error`; the flag lets it through (LoanPro reference 4.3)."""
    desk.loan("L1")
    refusal = desk.refused("POST", "odata.svc/Loans", payloads.loan("L1"))
    assert (refusal.status, refusal.reason) == (409, "warning")
    assert refusal.body["warnings"] == ["A loan with this display ID already exists"]
    assert desk.loan("L1", __ignoreWarnings=True)["displayId"] == "L1"


def test_ssn_with_birth_date_blocks_whatever_the_flag_says(desk, payloads):
    """The pair always blocks; the number alone does not (LoanPro reference 2.4)."""
    desk.customer(1)
    twin = payloads.customer(2, ssn="000000001", __ignoreWarnings=True)
    refusal = desk.refused("POST", "odata.svc/Customers", twin)
    assert refusal.body["warnings"] == ["A customer with this SSN and date of birth already exists"]
    assert desk.ask("POST", "odata.svc/Customers", {**twin, "birthDate": "1976-12-10"})["id"]


@pytest.mark.parametrize(
    ("field", "value", "warning"),
    [
        ("email", "ADA1@example.com", "A customer with this email already exists"),
        ("email", "nowhere", "The email is not valid"),
        (
            "Phones",
            {"results": [{"phone": "(555) 000 0001"}]},
            "A customer with this phone number already exists",
        ),
        ("PrimaryAddress", "same", "A customer with this primary address already exists"),
        ("MailAddress", "same", "A customer with this mail address already exists"),
    ],
)
def test_what_resembles_another_customer_is_a_warning(desk, payloads, field, value, warning):
    """Each of the documented duplicates, and the flag that lets it through (LoanPro reference 4.3)."""
    desk.customer(1)
    value = {**payloads.address, "address1": "1 MAIN STREET"} if value == "same" else value
    second = payloads.customer(2, **{field: value})
    assert desk.refused("POST", "odata.svc/Customers", second).body["warnings"] == [warning]
    assert desk.ask("POST", "odata.svc/Customers", {**second, "__ignoreWarnings": True})["id"]


def test_an_address_ignores_its_own_warning_alone(desk, payloads):
    """`__ignoreWarnings` inside an address leaves the other warnings in force (LoanPro reference 1.7)."""
    desk.customer(1)
    address = {**payloads.address, "__ignoreWarnings": True}
    second = payloads.customer(2, PrimaryAddress=address, MailAddress=address)
    assert desk.ask("POST", "odata.svc/Customers", second)["id"]
    third = payloads.customer(3, PrimaryAddress=address, MailAddress=address, email="ada1@example.com")
    assert desk.refused("POST", "odata.svc/Customers", third).body["warnings"] == [
        "A customer with this email already exists"
    ]


def test_a_second_vin_is_a_warning(desk, payloads):
    """Both shapes of Collateral are understood, one object and a list (LoanPro reference 2.9)."""
    loan = desk.loan("L1", Collateral={"vin": "1FTEX1EM5EFD19075"})
    assert loan["collateralId"]
    twin = payloads.loan("L2", Collateral={"results": [{"vin": "1ftex1em5efd19075"}]})
    assert desk.refused("POST", "odata.svc/Loans", twin).body["warnings"] == [
        "A collateral with this VIN already exists"
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(desk, body):
    """409 with a plain message, never a failure of the server."""
    refusal = desk.refused("POST", "odata.svc/Loans", body)
    assert (refusal.status, refusal.reason) == (409, "malformed")
