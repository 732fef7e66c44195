"""A customer as it is created, with addresses, phones, employer and references (LoanPro reference 2.4)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from loader.models.custom_fields import CustomFieldValue
from loader.models.customer_values import (
    Country,
    CustomerIdType,
    CustomerType,
    Gender,
    GenerationCode,
    IncomeFrequency,
    PayDateFrequency,
    PhoneType,
    Relation,
    State,
)
from loader.models.fields import Date, Elsewhere, Flag, Id, Money, Number, ReadOnly, Switch, Text, described
from loader.models.payload import Payload, Results

COMPANY_TYPES = frozenset({"customer.type.company", "customer.type.flooringCustomer"})
"""Customers that have a company name instead of a first and a last name (LoanPro reference 2.4)."""


class Address(Payload):
    """
    A postal address.

    LoanPro's page names country, state, city and address1 as validated, its SDK state and zipcode: all five are
    required, and no tenant default is known that fills one (LoanPro reference 2.4).
    """

    required: ClassVar[tuple[str, ...]] = ("address1", "city", "state", "zipcode", "country")
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    address1: Text | None = described("2.4", "Street and number")
    address2: Text | None = described("2.4")
    city: Text | None = described("2.4")
    state: State | None = described("2.4", "State, territory or military address")
    zipcode: Text | None = described("2.4", "Text, so that leading zeros stay")
    country: Country | None = described("2.4")
    geoLat: Number | None = described("2.4", "Latitude")
    geoLon: Number | None = described("2.4", "Longitude")
    active: Flag | None = described("2.4")
    isVerified: Flag | None = described("2.4")
    isStandardized: Flag | None = described("2.4")
    verify: Flag | None = described("2.4", "Newer than LoanPro's SDK")
    created: ReadOnly = described("2.4")
    ignore_warnings: Switch | None = described(
        "1.7", "Accept an address that another customer has", alias="__ignoreWarnings"
    )


class Phone(Payload):
    """A telephone number."""

    required: ClassVar[tuple[str, ...]] = ("phone",)
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    phone: Text | None = described("2.4", "The number; LoanPro warns of duplicates")
    type: PhoneType | None = described("2.4", "What kind of line it is")
    isPrimary: Flag | None = described("2.4")
    isSecondary: Flag | None = described("2.4")
    active: Flag | None = described("2.4")
    carrierName: Text | None = described("2.4")
    carrierVerified: Flag | None = described("2.4")
    isLandLine: Flag | None = described("2.4")
    dndEnabled: Flag | None = described("2.4", "Do not disturb")
    sbtMktVerifyPending: Flag | None = described("2.4", "Text messages, marketing")
    sbtMktVerified: Flag | None = described("2.4", "Text messages, marketing")
    sbtActVerifyPending: Flag | None = described("2.4", "Text messages, account")
    sbtActVerified: Flag | None = described("2.4", "Text messages, account")
    sbtMktVerifyPIN: ReadOnly = described("2.4", "A secret between LoanPro and the phone", sensitive=True)
    sbtActVerifyPIN: ReadOnly = described("2.4", "A secret between LoanPro and the phone", sensitive=True)
    ignore_warnings: Switch | None = described(
        "1.7", "Accept a number that another customer has", alias="__ignoreWarnings"
    )


class Employer(Payload):
    """The customer's employer."""

    required: ClassVar[tuple[str, ...]] = ("companyName",)
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    companyName: Text | None = described("2.4")
    title: Text | None = described("2.4", "The customer's position")
    phone: Text | None = described("2.4")
    income: Money | None = described("2.4")
    incomeFrequency: IncomeFrequency | None = described("2.4", "How often the income is earned")
    hireDate: Date | None = described("2.4")
    payDate: Date | None = described("2.4")
    payDateFrequency: PayDateFrequency | None = described("2.4", "How often the employer pays")
    address: Address | None = described("2.4", alias="Address")


class Reference(Payload):
    """A person who knows the customer."""

    required: ClassVar[tuple[str, ...]] = ("name",)
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    name: Text | None = described("2.4")
    relation: Relation | None = described("2.4", "What the person is to the customer")
    primaryPhone: Text | None = described("2.4")
    secondaryPhone: Text | None = described("2.4")
    address: Address | None = described("2.4", alias="Address")


class Customer(Payload):
    """
    The root object of a customer (LoanPro reference 2.4).

    Both addresses are required: without MailAddress LoanPro answers 409. The e-mail address is required in one edition
    of LoanPro's page and not in others, so `tenant_defaults: true` waives it and nothing else.
    """

    required: ClassVar[tuple[str, ...]] = ("email", "PrimaryAddress", "MailAddress")
    required_with_defaults: ClassVar[tuple[str, ...]] = ("PrimaryAddress", "MailAddress")
    required_by_kind: ClassVar[tuple[str, ...]] = ("companyName", "firstName", "lastName")
    deciding: ClassVar[tuple[str, ...]] = ("customerType",)

    customId: Text | None = described("2.4", "The lender's own id of the customer; the natural key")
    customerType: CustomerType | None = described("2.4", "A person, a company, or a dealer on a floor plan")
    firstName: Text | None = described("2.4")
    middleName: Text | None = described("2.4")
    lastName: Text | None = described("2.4")
    companyName: Text | None = described("2.4", "For company and flooring customers")
    contactName: Text | None = described("2.4", "For company and flooring customers")
    customerIdType: CustomerIdType | None = described("2.4", "What the number in ssn is")
    ssn: Text | None = described("2.4", "Digits of the SSN, SIN or EIN, with leading zeros", sensitive=True)
    birthDate: Date | None = described("2.4", sensitive=True)
    email: Text | None = described("2.4", "A valid address; LoanPro warns of duplicates")
    gender: Gender | None = described("2.4")
    generationCode: GenerationCode | None = described("2.4", "Suffix of the name")
    status: Text | None = described("2.4", "Text that the tenant defines, such as Active")
    driverLicense: Text | None = described("2.4", sensitive=True)
    accessUserName: Text | None = described("2.4", "Login of the borrower web site", sensitive=True)
    accessPassword: Text | None = described("2.4", "Login of the borrower web site", sensitive=True)
    creditLimit: Money | None = described("2.4", "For flooring customers")
    creditScoreId: Id | None = described("2.4")
    mcId: Id | None = described("2.4")
    active: Flag | None = described("2.4")
    hasAvatar: Flag | None = described("2.4")
    ofacMatch: Flag | None = described("2.4")
    ofacTested: Flag | None = described("2.4")
    primary_address: Address | None = described("2.4", "Required", alias="PrimaryAddress")
    mail_address: Address | None = described("2.4", "Required, even if it is the same", alias="MailAddress")
    Phones: Results[Phone] | None = described("2.4")
    employer: Employer | None = described("2.4", alias="Employer")
    References: Results[Reference] | None = described("2.4", "People who know the customer")
    CustomFieldValues: Results[CustomFieldValue] | None = described("2.11", "Custom fields of the customer")
    ignore_warnings: Switch | None = described(
        "1.7", "Accept duplicates of this customer", alias="__ignoreWarnings"
    )
    id: ReadOnly = described("2.1", "LoanPro's own id, given when the customer is created")
    created: ReadOnly = described("2.4")
    PaymentAccounts: Elsewhere = described(
        "2.14", "Card and bank data go through Secure Payments only", sensitive=True
    )
    CreditScore: Elsewhere = described("2.4", "Its fields are not documented")
    Documents: Elsewhere = described("2.4", "Its fields are not documented")
    SocialProfiles: Elsewhere = described("2.4", "Its fields are not documented")
    Notes: Elsewhere = described("2.9", "Added to the customer after it exists, by a request of its own")

    @classmethod
    def required_fields(cls, payload: Mapping[str, Any], *, relaxed: bool) -> tuple[str, ...]:
        """A company or flooring customer has a company name, any other a first and a last name (2.4)."""
        of_company = payload.get("customerType") in COMPANY_TYPES
        names = ("companyName",) if of_company else ("firstName", "lastName")
        return names + (cls.required_with_defaults if relaxed else cls.required)
