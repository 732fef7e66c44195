"""The terms of a loan that drive its calculation (LoanPro reference 2.2)."""

from typing import ClassVar

from loader.models.custom_fields import CustomFieldValue
from loader.models.fields import (
    Date,
    Flag,
    Id,
    Money,
    Number,
    Percent,
    Rate,
    ReadOnly,
    Term,
    Whole,
    described,
)
from loader.models.payload import Payload, Results
from loader.models.setup_values import (
    BegEnd,
    BusinessDueDates,
    CalcType,
    CurtailPercentBase,
    DaysInPeriod,
    DaysInYear,
    DiscountCalc,
    DiyAlt,
    EndInterest,
    FeesPaidBy,
    FirstDayInterest,
    FirstPeriodDays,
    InterestApplication,
    LastAsFinal,
    LateFeeCalc,
    LateFeePercentBase,
    LateFeeType,
    LoanClass,
    LoanRateType,
    LoanType,
    NddCalc,
    PaymentDateApp,
    PaymentFrequency,
)


class LoanSetup(Payload):
    """
    The terms of a loan. They cannot be changed while the loan is active (LoanPro reference 2.2).

    The required twelve are those of a creator that does not lean on the tenant's Loan Creation Defaults; with such
    defaults, two remain, the ones that LoanPro's SDK demands (LoanPro reference 2.2, "Minimum").
    """

    required: ClassVar[tuple[str, ...]] = (
        "loanClass",
        "loanType",
        "loanAmount",
        "loanRate",
        "loanRateType",
        "loanTerm",
        "contractDate",
        "firstPaymentDate",
        "paymentFrequency",
        "calcType",
        "daysInYear",
        "interestApplication",
    )
    required_with_defaults: ClassVar[tuple[str, ...]] = ("loanClass", "loanType")

    loanClass: LoanClass | None = described("2.2", "What was financed; usually matches the collateral's type")
    loanType: LoanType | None = described("2.2", "The kind of contract")
    loanAmount: Money | None = described("2.2", "Principal without the underwriting fee")
    loanRate: Rate | None = described("2.2", "Interest rate in percent, such as 12.0212; not the APR")
    loanRateType: LoanRateType | None = described("2.2", "The time that the rate is for")
    loanTerm: Term | None = described("2.2", "Number of payments, such as 36")
    contractDate: Date | None = described("2.2", "The day from which interest accrues")
    firstPaymentDate: Date | None = described("2.2", "The first due date")
    paymentFrequency: PaymentFrequency | None = described("2.2", "How often a payment is due")
    calcType: CalcType | None = described("2.2", "How interest is calculated")
    daysInYear: DaysInYear | None = described("2.2", "Days of the year in the daily rate")
    interestApplication: InterestApplication | None = described(
        "2.2", "Between which events interest is applied"
    )
    begEnd: BegEnd | None = described("2.2", "Payments at the beginning or the end of a period")
    firstPeriodDays: FirstPeriodDays | None = described("2.2", "How the days of the first period are counted")
    firstDayInterest: FirstDayInterest | None = described("2.2", "Whether the first day bears interest")
    discount: Money | None = described("2.2", "Lender fee")
    discountCalc: DiscountCalc | None = described("2.2", "How the lender fee is earned")
    discountSplit: Flag | None = described("2.2")
    diyAlt: DiyAlt | None = described("2.2")
    daysInPeriod: DaysInPeriod | None = described(
        "2.2", "Used with custom frequencies; what the number counts is not documented"
    )
    roundDecimals: Whole | None = described(
        "2.2", "LoanPro's sample sends 5; the allowed range is not documented"
    )
    lastAsFinal: LastAsFinal | None = described("2.2", "Whether the last payment is the final one")
    curtailPercentBase: CurtailPercentBase | None = described("2.2")
    curtailmentTemplate: Id | None = described("2.2", "Curtailment template of the tenant; 0 is none")
    nddCalc: NddCalc | None = described("2.2", "How the next due date is calculated")
    endInterest: EndInterest | None = described("2.2", "When interest stops")
    feesPaidBy: FeesPaidBy | None = described("2.2", "In which order fees are paid")
    graceDays: Whole | None = described("2.2", "Days after the due date without a late fee")
    lateFeeType: LateFeeType | None = described("2.2", "How a late fee is charged")
    lateFeeAmount: Money | None = described("2.2")
    lateFeePercent: Percent | None = described("2.2")
    lateFeeCalc: LateFeeCalc | None = described("2.2")
    lateFeePercentBase: LateFeePercentBase | None = described("2.2")
    paymentDateApp: PaymentDateApp | None = described("2.2")
    dueDatesOnBusinessDays: BusinessDueDates | None = described(
        "2.2", "What happens to due dates that are not business days"
    )
    underwriting: Money | None = described("2.2", "Fee financed into the principal")
    amountDown: Money | None = described("2.2", "Down payment")
    reserve: Money | None = described("2.2")
    salesPrice: Money | None = described("2.2")
    gap: Money | None = described("2.2")
    warranty: Money | None = described("2.2")
    dealerProfit: Money | None = described("2.2")
    taxes: Money | None = described("2.2")
    creditLimit: Money | None = described("2.2", "For credit-limit and flooring loans")
    reportingCreditLimit: Money | None = described("2.2", "For credit-limit and flooring loans")
    residual: Money | None = described("2.2", "For leases")
    payment: Money | None = described("2.2", "Scheduled payment, normally computed by LoanPro")
    apr: ReadOnly = described("2.2", "Computed by LoanPro")
    origFinalPaymentAmount: ReadOnly = described("2.2", "Computed by LoanPro")
    scheduleRound: Number | None = described("2.2")
    moneyFactor: Number | None = described("2.2", "For leases: interest rate / 2400")
    origFinalPaymentDate: ReadOnly = described("2.2", "Computed by LoanPro (inferred from its amount)")
    tilFinanceCharge: ReadOnly = described("2.2", "Truth-in-lending figure, computed by LoanPro")
    tilLoanAmount: ReadOnly = described("2.2", "Truth-in-lending figure, computed by LoanPro")
    tilSalesPrice: ReadOnly = described("2.2", "Truth-in-lending figure, computed by LoanPro")
    tilTotalOfPayments: ReadOnly = described("2.2", "Truth-in-lending figure, computed by LoanPro")
    regzCustomEnabled: Flag | None = described("2.2", "Whether the regz figures override the disclosed ones")
    regzApr: Number | None = described("2.2", "Override of the disclosed figure")
    regzAmountFinanced: Money | None = described("2.2", "Override of the disclosed figure")
    regzFinanceCharge: Money | None = described("2.2", "Override of the disclosed figure")
    regzTotalOfPayments: Money | None = described("2.2", "Override of the disclosed figure")
    active: Flag | None = described(
        "2.2", "Activation; LoanPro advises its Activate() call instead of sending 1"
    )
    aprForceSingle: Flag | None = described("2.2")
    calcHistoryEnabled: Flag | None = described("2.2")
    calcDatesEnabled: Flag | None = described("2.2")
    dueDateOnLastDOM: Flag | None = described("2.2", "Due on the last day of the month")
    isSetupValid: ReadOnly = described("2.2", "LoanPro's own finding")
    rollLastPayment: Flag | None = described("2.2")
    useInterestTiers: Flag | None = described("2.2")
    scheduleTemplate: Id | None = described("2.2", "Schedule template of the tenant")
    modId: ReadOnly = described("2.2", "Id of a modification")
    loanId: ReadOnly = described("2.2", "Id of the loan itself")
    CustomFieldValues: Results[CustomFieldValue] | None = described("2.11", "Custom fields of the setup")
