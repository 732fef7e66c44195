"""What `loader fields` shows, and how a wrong path is answered."""

import pytest

from loader.models.catalogue import Required, field_at, fields_of
from loader.models.customer import Customer
from loader.models.loan import Loan
from loader.models.structure import UnknownField


def test_money_says_its_limits():
    """The limits of decimal(11,2) in plain words."""
    doc = field_at(Loan, "LoanSetup.loanAmount")

    assert (doc.type_name, doc.limits) == ("money", "at most 2 decimals, up to 999,999,999.99")
    assert doc.source == "LoanPro reference 2.2"
    assert Required.UNLESS_DEFAULTS is doc.required


def test_lengths_are_those_of_the_reference():
    """Display id 50, title and custom text 255; no other length is known."""
    known = {
        doc.path: doc.max_length for model in (Loan, Customer) for doc in fields_of(model) if doc.max_length
    }

    assert known == {
        "displayId": 50,
        "title": 255,
        "LoanSetup.CustomFieldValues[1].customFieldValue": 255,
        "LoanSettings.CustomFieldValues[1].customFieldValue": 255,
        "CustomFieldValues[1].customFieldValue": 255,
    }


def test_an_enumeration_lists_its_values_with_meanings():
    """Drop-downs and help are made from it."""
    doc = field_at(Loan, "LoanSetup.lateFeeType")

    assert doc.group == "loan.lateFee"
    assert ("loan.lateFee.3", "percentage") in doc.values


def test_sensitive_fields_are_marked():
    """What must be masked is known from the model alone."""
    sensitive = {doc.path for model in (Loan, Customer) for doc in fields_of(model) if doc.sensitive}

    assert {"ssn", "birthDate", "driverLicense", "accessUserName", "accessPassword"} <= sensitive
    assert "PaymentAccounts" in sensitive
    assert "email" not in sensitive


@pytest.mark.parametrize(
    "path",
    [
        "id",
        "modId",
        "created",
        "deleted",
        "LoanSetup.apr",
        "LoanSetup.tilLoanAmount",
        "LoanSetup.modId",
        "Payments",
    ],
)
def test_what_must_not_be_sent_is_read_only(path):
    """Computed figures, ids and nested records that another request adds."""
    assert field_at(Loan, path).read_only


def test_the_twelve_of_the_safe_set_are_required_without_defaults():
    """Section 2.2 names the fields of a creator that leans on no default; two of them always stay."""
    setup = [doc for doc in fields_of(Loan) if doc.path.startswith("LoanSetup.")]
    required = [doc.path for doc in setup if doc.required is not Required.NO and doc.path.count(".") == 1]

    assert len(required) == 12
    assert [path for path in required if field_at(Loan, path).required is Required.ALWAYS] == [
        "LoanSetup.loanClass",
        "LoanSetup.loanType",
    ]


@pytest.mark.parametrize(
    ("path", "required"),
    [
        ("firstName", Required.BY_KIND),
        ("companyName", Required.BY_KIND),
        ("email", Required.UNLESS_DEFAULTS),
        ("MailAddress.zipcode", Required.ALWAYS),
        ("Phones[1].phone", Required.ALWAYS),
        ("middleName", Required.NO),
    ],
)
def test_requirements_of_a_customer(path, required):
    """Names depend on the kind of customer, the e-mail address on the edition of the page."""
    assert required is field_at(Customer, path).required


def test_any_item_of_a_list_can_be_asked_for():
    """The path stays as it was asked for."""
    assert field_at(Customer, "Phones[3].type").path == "Phones[3].type"


@pytest.mark.parametrize(
    ("model", "path", "nearest"),
    [
        (Loan, "loanAmount", "LoanSetup.loanAmount"),
        (Loan, "LoanSetup.loanamout", "LoanSetup.loanAmount"),
        (Customer, "fristName", "firstName"),
        (Customer, "PrimaryAddress.zip", "PrimaryAddress.zipcode"),
        (Customer, "dob", None),
    ],
)
def test_an_unknown_field_names_the_nearest(model, path, nearest):
    """The commonest slips: the object left out, a letter, a shorter word."""
    with pytest.raises(UnknownField) as caught:
        field_at(model, path)

    assert path == caught.value.path
    assert nearest is None or nearest == caught.value.nearest[0]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Phones.phone", "is a list: number the item, as in Phones[1]"),
        ("Phones[0].phone", "is not a payload path"),
        ("firstName[1]", "is not a list: leave out [1]"),
        ("firstName.x", "has no fields of its own"),
        ("PrimaryAddress", "is an object: name one of its fields"),
        ("PrimaryAddress[1].city", "is not a list"),
        ("", "is not a payload path"),
        ("Phones[1]", "is an object: name one of its fields"),
    ],
)
def test_a_path_of_the_wrong_form_says_what_is_wrong(path, message):
    """A list without a number, a number without a list, a path that stops too soon."""
    with pytest.raises(UnknownField, match=message.replace("[", r"\[").replace("]", r"\]")):
        field_at(Customer, path)


def test_nothing_read_only_is_ever_suggested():
    """A suggestion that would be refused again helps nobody."""
    with pytest.raises(UnknownField) as caught:
        field_at(Loan, "LoanSetup.tilLoanAmoun")

    assert not [path for path in caught.value.nearest if field_at(Loan, path).read_only]
