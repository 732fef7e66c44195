"""What is added to a loan that exists: payments, charges, credits and notes (LoanPro reference 2.6-2.9)."""

from typing import ClassVar

from loader.models.custom_fields import CustomFieldValue
from loader.models.fields import (
    Date,
    Elsewhere,
    Flag,
    Id,
    Money,
    Number,
    ReadOnly,
    Text,
    Whole,
    described,
)
from loader.models.payload import Payload, Results
from loader.models.transaction_values import (
    ChargeApplication,
    FeeType,
    NachaReturnCode,
    NoteParent,
    NoteType,
    OnlyCredit,
    OnlyTrue,
    OnlyZero,
    PaymentExtra,
    ReverseReason,
)

_PROCESSED = "Of processed payments, which move money; this program only records payments"
_UPDATE = "Of changes to what exists"


class Payment(Payload):
    """
    A payment that is recorded and moves no money (LoanPro reference 2.6).

    `__logOnly: true` is sent with each, whatever a template says. LoanPro does not stop a second payment like the first.
    """

    required: ClassVar[tuple[str, ...]] = ("amount", "date", "info", "paymentMethodId", "paymentTypeId")
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    amount: Money | None = described("2.6")
    date: Date | None = described("2.6", "The day on which the payment applies")
    info: Text | None = described("2.6", "What people read; the marker is appended")
    paymentMethodId: Id | None = described(
        "2.6", "The tenant's id of the method: Settings > Loan > Payments > Methods"
    )
    paymentTypeId: Id | None = described(
        "2.6", "The tenant's id of the waterfall: Settings > Loan > Payments > Types"
    )
    log_only: OnlyTrue | None = described("1.7", "Record only, move no money; always sent", alias="__logOnly")
    selectedProcessor: OnlyZero | None = described("2.6", "0 where a payment is only recorded")
    extra: PaymentExtra | None = described("2.6", "Where surplus goes")
    early: Flag | None = described("2.6", "The early-payment setting")
    active: Flag | None = described("2.6")
    displayId: Whole | None = described("2.6", "Own payment number, a whole number")
    resetPastDue: Flag | None = described("2.6")
    payoffPayment: Flag | None = described("2.6")
    payoffFlag: Flag | None = described("2.6")
    chargeOffRecovery: Flag | None = described("2.6")
    isOneTimeOnly: Flag | None = described("2.6")
    cardFeeType: FeeType | None = described("2.6", "How a fee for paying by card is charged")
    cardFeeAmount: Money | None = described("2.6")
    cardFeePercent: Number | None = described("2.6")
    chargeFeeType: FeeType | None = described("2.6", "Another spelling of cardFeeType; the sources disagree")
    chargeFeeAmount: Money | None = described("2.6", "Another spelling of cardFeeAmount")
    chargeFeePercentage: Number | None = described("2.6", "Another spelling of cardFeePercent")
    comments: Text | None = described("2.6")
    reverseReason: ReverseReason | None = described("2.6", "Why a payment was reversed")
    nachaReturnCode: NachaReturnCode | None = described(
        "2.6", "With a reversal for payment.reverse.nachaErrorCode"
    )
    CustomFieldValues: Results[CustomFieldValue] | None = described("2.6", "Custom fields of the payment")
    status: ReadOnly = described("2.6")
    paymentAccountId: Elsewhere = described("2.6", _PROCESSED)
    echeckAuthType: Elsewhere = described("2.6", _PROCESSED)
    cardTypeFee: Elsewhere = described("2.6", "Looks like a slip in LoanPro's sample: it is cardFeeType")
    metadata: Elsewhere = described("2.6", "A free object, for which the reference names no fields")


class Charge(Payload):
    """A charge (LoanPro reference 2.7). Reversals and changes are requests of their own."""

    required: ClassVar[tuple[str, ...]] = (
        "amount",
        "date",
        "info",
        "chargeTypeId",
        "chargeApplicationType",
        "interestBearing",
    )
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    amount: Money | None = described("2.7")
    date: Date | None = described("2.7")
    info: Text | None = described("2.7", "What people read; the marker is appended")
    chargeTypeId: Id | None = described("2.7", "The tenant's id of the charge type")
    chargeApplicationType: ChargeApplication | None = described("2.7", "When the charge is due")
    interestBearing: Flag | None = described("2.7")
    displayId: Whole | None = described("2.7")
    order: Whole | None = described("2.7")
    active: Flag | None = described("2.7")
    priorcutoff: Flag | None = described("2.7")
    paidAmount: Money | None = described("2.7")
    paidPercent: Number | None = described("2.7")
    editComment: Elsewhere = described("2.7", _UPDATE)
    isReversal: Elsewhere = described("2.7", _UPDATE)


class Credit(Payload):
    """A credit (LoanPro reference 2.8)."""

    required: ClassVar[tuple[str, ...]] = ("title", "date", "amount", "category")
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    title: Text | None = described("2.8", "What people read; the marker is appended")
    date: Date | None = described("2.8")
    amount: Money | None = described("2.8")
    category: Id | None = described("2.8", "The tenant's id of the category")
    modalType: OnlyCredit | None = described("2.8", "`credit`")
    paymentType: Id | None = described("2.8", "The tenant's id of the payment type")
    resetPastDue: Flag | None = described("2.8")
    customApplication: Text | None = described(
        "2.8", "A JSON text with amounts for principal, interest, fees, payoffFees, escrow_N and discount"
    )
    importId: Id | None = described("2.8")
    chargeOffFlag: Flag | None = described("2.8")
    loanId: Elsewhere = described("2.8", "The template's link names the loan")


class Note(Payload):
    """A note on a loan (LoanPro reference 2.9)."""

    required: ClassVar[tuple[str, ...]] = ("subject", "body", "categoryId")
    required_with_defaults: ClassVar[tuple[str, ...]] = required

    subject: Text | None = described("2.9", "What people read; the marker is appended")
    body: Text | None = described("2.9", "HTML")
    categoryId: Id | None = described("2.9", "The tenant's id of the note category")
    authorId: Id | None = described("2.9", "User id")
    type: NoteType | None = described("2.9", "NOTICE pops up")
    expirationDate: Date | None = described("2.9", "Until when a NOTICE pops up")
    parentType: NoteParent | None = described("2.9", "`Entity.Loan`")
    parentId: Elsewhere = described("2.9", "The template's link names the loan")
