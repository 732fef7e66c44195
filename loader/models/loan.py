"""A loan as it is created: the root object with its settings and links (LoanPro reference 2.1, 2.3, 2.5, 2.9-2.11)."""

from typing import ClassVar

from loader.models.custom_fields import CustomFieldValue
from loader.models.fields import (
    Date,
    DateOrBlank,
    Elsewhere,
    Flag,
    Id,
    Money,
    Number,
    ReadOnly,
    Switch,
    Text,
    Text50,
    Text255,
    described,
)
from loader.models.loan_setup import LoanSetup
from loader.models.payload import Payload, Results
from loader.models.settings_values import (
    CardFeeType,
    CollateralType,
    CreditBureau,
    CreditStatus,
    CustomerRole,
    Ebilling,
    EcoaCode,
    GpsStatus,
    ReportingType,
)

_LATER = "Added to the loan after it exists, by a request of its own"


class LoanSettings(Payload):
    """Settings that may change while the loan is active; they may be nested in the request that creates it."""

    loanStatusId: Id | None = described("2.3", "The tenant's id of the loan status")
    loanSubStatusId: Id | None = described(
        "2.3", "The tenant's id of the sub-status, which belongs to a status"
    )
    agent: Id | None = described("2.3", "User id; 0 is none")
    sourceCompany: Id | None = described("2.3", "The tenant's id of the source company")
    secured: Flag | None = described("2.3")
    autopayEnabled: Flag | None = described("2.3")
    eBilling: Ebilling | None = described("2.3", "Electronic billing")
    ECOACode: EcoaCode | None = described("2.3", "Who owes the loan, for credit reporting")
    coBuyerECOACode: EcoaCode | None = described("2.3", "The same for the co-buyer")
    creditStatus: CreditStatus | None = described("2.3", "The account's status for credit reporting")
    creditBureau: CreditBureau | None = described("2.3", "The portfolio's kind for credit reporting")
    reportingType: ReportingType | None = described("2.3", "The kind of account for credit reporting")
    cardFeeType: CardFeeType | None = described("2.3", "How a fee for paying by card is charged")
    cardFeeAmount: Money | None = described("2.3")
    cardFeePercent: Number | None = described("2.3")
    repoDate: DateOrBlank | None = described("2.3", "Repossession")
    closedDate: DateOrBlank | None = described("2.3")
    liquidationDate: DateOrBlank | None = described("2.3")
    followUpDate: DateOrBlank | None = described("2.3")
    isStoplightManuallySet: Flag | None = described("2.3")
    paymentTypeDefault: Id | None = described("2.3", "The tenant's id of a payment type")
    merchantProcessorGroupId: Id | None = described("2.3", "The tenant's id of a processor group")
    CustomFieldValues: Results[CustomFieldValue] | None = described("2.11", "Custom fields of the loan")


class CustomerLink(Payload):
    """An existing customer of the loan (LoanPro reference 2.5); the program makes these from a template's `links`."""

    required: ClassVar[tuple[str, ...]] = ("__id", "__setLoanRole")
    required_with_defaults: ClassVar[tuple[str, ...]] = ("__id", "__setLoanRole")

    remote_id: Id | None = described("2.5", "LoanPro's id of the customer", alias="__id")
    role: CustomerRole | None = described("2.5", "What the customer is to the loan", alias="__setLoanRole")


class EntityReference(Payload):
    """The long form of a reference to something that exists (LoanPro reference 1.7)."""

    required: ClassVar[tuple[str, ...]] = ("uri", "type")
    required_with_defaults: ClassVar[tuple[str, ...]] = ("uri", "type")

    uri: Text | None = described("1.7", "Such as /api/1/odata.svc/Portfolios(id=39)")
    type: Text | None = described("1.7", "Such as Entity.Portfolio")


class PortfolioLink(Payload):
    """A portfolio or sub-portfolio to which the loan belongs (LoanPro reference 2.10)."""

    required: ClassVar[tuple[str, ...]] = ("__metadata",)
    required_with_defaults: ClassVar[tuple[str, ...]] = ("__metadata",)

    reference: EntityReference | None = described("2.10", "The portfolio", alias="__metadata")


class Collateral(Payload):
    """What secures the loan (LoanPro reference 2.9). Its custom fields take a second request and are not sent here."""

    collateralType: CollateralType | None = described("2.9", "Usually matches the loan's class")
    vin: Text | None = described("2.9", "Vehicle identification number; LoanPro warns of duplicates")
    a: Text | None = described("2.9", "Year, for cars (inferred)")
    b: Text | None = described("2.9", "Make, for cars (inferred)")
    c: Text | None = described("2.9", "Model, for cars (inferred)")
    d: Text | None = described("2.9", "Trim, for cars (inferred)")
    additional: Text | None = described("2.9")
    color: Text | None = described("2.9")
    licensePlate: Text | None = described("2.9")
    gpsCode: Text | None = described("2.9")
    gpsStatus: GpsStatus | None = described("2.9", "Whether there is a tracker")
    bookValue: Money | None = described("2.9")
    distance: Number | None = described("2.9", "Such as the mileage")
    gap: Money | None = described("2.9")
    warranty: Money | None = described("2.9")
    CustomFieldValues: Elsewhere = described("2.9", "LoanPro takes them only once the collateral has an id")
    ignore_warnings: Switch | None = described("1.7", "Accept a duplicate vin", alias="__ignoreWarnings")


class Insurance(Payload):
    """The insurance of what secures the loan (LoanPro reference 2.15)."""

    companyName: Text | None = described("2.15")
    insured: Text | None = described("2.15")
    agentName: Text | None = described("2.15")
    policyNumber: Text | None = described("2.15", sensitive=True)
    phone: Text | None = described("2.15")
    deductible: Money | None = described("2.15")
    startDate: Date | None = described("2.15")
    endDate: Date | None = described("2.15")


class Loan(Payload):
    """
    The root object of a loan (LoanPro reference 2.1).

    The display id is the lender's own number and the natural key. LoanPro's pages disagree whether it is required; it
    always is here, since without it a lost answer could not be settled.
    """

    required: ClassVar[tuple[str, ...]] = ("displayId", "LoanSetup")
    required_with_defaults: ClassVar[tuple[str, ...]] = ("displayId", "LoanSetup")

    displayId: Text50 | None = described("2.1", "The lender's own loan number; LoanPro warns of duplicates")
    title: Text255 | None = described("2.1", "LoanPro makes it the display id where it is absent")
    loanAlert: Text | None = described("2.1")
    active: Flag | None = described("2.1", "Not the activation, which is LoanSetup.active")
    setup: LoanSetup | None = described("2.2", "The terms", alias="LoanSetup")
    settings: LoanSettings | None = described("2.3", "The settings", alias="LoanSettings")
    insurance: Insurance | None = described("2.15", "The insurance", alias="Insurance")
    Customers: Results[CustomerLink] | None = described(
        "2.5", "Existing customers; a template's links fill it"
    )
    collateral: Results[Collateral] | None = described(
        "2.9", "A list in current code, one object in LoanPro's SDK", alias="Collateral"
    )
    Portfolios: Results[PortfolioLink] | None = described("2.10", "Existing portfolios")
    SubPortfolios: Results[PortfolioLink] | None = described("2.10", "Existing sub-portfolios")
    ignore_warnings: Switch | None = described(
        "1.7", "Accept duplicates; two loans may then share a display id", alias="__ignoreWarnings"
    )
    id: ReadOnly = described("2.1", "LoanPro's own id, given when the loan is created")
    archived: ReadOnly = described("2.1", "Archiving is a request of its own")
    deleted: ReadOnly = described("2.1", "Deleting is a request of its own")
    deletedAt: ReadOnly = described("2.1")
    temporaryAccount: ReadOnly = described("2.1")
    linkedLoan: ReadOnly = described("2.1")
    collateralId: ReadOnly = described("2.1")
    insurancePolicyId: ReadOnly = described("2.1")
    settingsId: ReadOnly = described("2.1")
    setupId: ReadOnly = described("2.1")
    modId: ReadOnly = described("2.1")
    modTotal: ReadOnly = described("2.1")
    createdBy: ReadOnly = described("2.1")
    created: ReadOnly = described("2.1")
    lastMaintRun: ReadOnly = described("2.1")
    humanActivityDate: ReadOnly = described("2.1")
    temporary: ReadOnly = described("2.1", alias="__temporary")
    CustomFieldValues: Elsewhere = described(
        "2.11", "Loan custom fields sit in LoanSettings.CustomFieldValues"
    )
    Payments: Elsewhere = described("2.1", _LATER)
    Charges: Elsewhere = described("2.1", _LATER)
    Credits: Elsewhere = described("2.1", _LATER)
    Advancements: Elsewhere = described("2.1", _LATER)
    Notes: Elsewhere = described("2.1", _LATER)
    Autopays: Elsewhere = described("2.1", _LATER)
    Promises: Elsewhere = described("2.1", _LATER)
    ScheduleRolls: Elsewhere = described("2.1", _LATER)
    DueDateChanges: Elsewhere = described("2.1", _LATER)
    StopInterestDates: Elsewhere = described("2.1", _LATER)
    APDAdjustments: Elsewhere = described("2.1", _LATER)
    DPDAdjustments: Elsewhere = described("2.1", _LATER)
    EscrowCalculators: Elsewhere = described("2.1", _LATER)
    EscrowTransactions: Elsewhere = described("2.1", _LATER)
    EscrowAdjustments: Elsewhere = described("2.1", _LATER)
    EscrowSubsets: Elsewhere = described("2.1", _LATER)
    ChecklistItemValues: Elsewhere = described("2.1", _LATER)
    Documents: Elsewhere = described("2.1", _LATER)
    LoanFunding: Elsewhere = described("2.1", _LATER)
    LinkedLoanValues: Elsewhere = described("2.1", _LATER)
    RecurrentCharges: Elsewhere = described("2.1", _LATER)
