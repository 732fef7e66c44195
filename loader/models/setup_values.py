"""The enumerations of a loan's setup: the terms that drive the calculation (LoanPro reference 2.2)."""

from typing import Annotated, Literal

from loader.models.enumerations import Group

LoanClass = Annotated[
    Literal["loan.class.carLoan", "loan.class.consumer", "loan.class.mortgage", "loan.class.other"],
    Group("loan.class"),
]
"""What was financed; usually matches the collateral's type."""

LoanType = Annotated[
    Literal["loan.type.creditLimit", "loan.type.flooring", "loan.type.installment", "loan.type.lease"],
    Group("loan.type"),
]
"""The kind of contract."""

LoanRateType = Annotated[
    Literal[
        "loan.rateType.annually",
        "loan.rateType.biweekly",
        "loan.rateType.monthly",
        "loan.rateType.semiannually",
        "loan.rateType.semimonthly",
        "loan.rateType.weekly",
    ],
    Group(
        "loan.rateType",
        {
            "biweekly": "1% is 26% a year",
            "monthly": "1% is 12% a year",
            "semiannually": "1% is 2% a year",
            "semimonthly": "1% is 24% a year",
            "weekly": "1% is 52% a year",
        },
    ),
]
"""The time that the rate is for. `biweekly` is all lower case here, unlike in `PaymentFrequency`."""

PaymentFrequency = Annotated[
    Literal[
        "loan.frequency.annually",
        "loan.frequency.biWeekly",
        "loan.frequency.custom",
        "loan.frequency.monthly",
        "loan.frequency.quarterly",
        "loan.frequency.semiannually",
        "loan.frequency.semimonthly",
        "loan.frequency.single",
        "loan.frequency.weekly",
    ],
    Group("loan.frequency"),
]
"""How often a payment is due. `biWeekly` has a capital here, unlike in `LoanRateType`."""

CalcType = Annotated[
    Literal[
        "loan.calcType.interestOnly",
        "loan.calcType.rule78",
        "loan.calcType.simpleInterest",
        "loan.calcType.simpleIntLocked",
    ],
    Group("loan.calcType"),
]
"""How interest is calculated."""

DaysInYear = Annotated[
    Literal["loan.daysInYear.actual", "loan.daysInYear.frequency"], Group("loan.daysInYear")
]
"""Days of the year in the daily rate."""

InterestApplication = Annotated[
    Literal["loan.interestApplication.betweenPeriods", "loan.interestApplication.betweenTransactions"],
    Group("loan.interestApplication"),
]
"""Between which events interest is applied."""

BegEnd = Annotated[Literal["loan.begend.beg", "loan.begend.end"], Group("loan.begend")]
"""Payments at the beginning or the end of a period; the field is `begEnd`, its values say `begend`."""

FirstPeriodDays = Annotated[
    Literal[
        "loan.firstPeriodDays.actual", "loan.firstPeriodDays.forceRegular", "loan.firstPeriodDays.frequency"
    ],
    Group("loan.firstPeriodDays"),
]
"""How the days of the first period are counted."""

FirstDayInterest = Annotated[
    Literal["loan.firstdayinterest.yes", "loan.firstdayinterest.no", 1, 0], Group("loan.firstdayinterest")
]
"""Whether the first day bears interest; LoanPro takes 1 and 0 as well."""

DiscountCalc = Annotated[
    Literal[
        "loan.discountCalc.full",
        "loan.discountCalc.percentage",
        "loan.discountCalc.percentFixed",
        "loan.discountCalc.rebalancing",
        "loan.discountCalc.straightLine",
    ],
    Group("loan.discountCalc"),
]
"""How a lender fee is earned."""

DiyAlt = Annotated[Literal["loan.diyAlt.yes", "loan.diyAlt.no"], Group("loan.diyAlt")]
"""The alternative way to count days in a year."""

DaysInPeriod = Annotated[
    Literal[
        "loan.daysinperiod.1",
        "loan.daysinperiod.1B",
        "loan.daysinperiod.2",
        "loan.daysinperiod.3",
        "loan.daysinperiod.4",
        "loan.daysinperiod.5",
        "loan.daysinperiod.6",
        "loan.daysinperiod.8",
        "loan.daysinperiod.9",
        "loan.daysinperiod.10",
        "loan.daysinperiod.12",
        "loan.daysinperiod.13",
        "loan.daysinperiod.15",
        "loan.daysinperiod.18",
        "loan.daysinperiod.20",
        "loan.daysinperiod.24",
        "loan.daysinperiod.26",
        "loan.daysinperiod.28",
        "loan.daysinperiod.30",
        "loan.daysinperiod.36",
        "loan.daysinperiod.40",
        "loan.daysinperiod.45",
        "loan.daysinperiod.52",
        "loan.daysinperiod.60",
        "loan.daysinperiod.72",
        "loan.daysinperiod.73",
        "loan.daysinperiod.90",
        "loan.daysinperiod.91",
        "loan.daysinperiod.120",
        "loan.daysinperiod.180",
        "loan.daysinperiod.182",
        "loan.daysinperiod.360",
        "loan.daysinperiod.364",
        "loan.daysinperiod.365",
    ],
    Group("loan.daysinperiod"),
]
"""Used with custom frequencies; what the number counts is not documented."""

LastAsFinal = Annotated[
    Literal["loan.lastasfinal.yes", "loan.lastasfinal.no", 1, 0], Group("loan.lastasfinal")
]
"""Whether the last payment is the final one; LoanPro takes 1 and 0 as well."""

CurtailPercentBase = Annotated[
    Literal["loan.curtailpercentbase.loanAmount"], Group("loan.curtailpercentbase")
]
"""What a curtailment's percentage is of."""

NddCalc = Annotated[Literal["loan.nddCalc.interestOnly", "loan.nddCalc.standard"], Group("loan.nddCalc")]
"""How the next due date is calculated."""

EndInterest = Annotated[Literal["loan.endInterest.no", "loan.endInterest.loanExp"], Group("loan.endInterest")]
"""When interest stops."""

FeesPaidBy = Annotated[Literal["loan.feesPaidBy.date", "loan.feesPaidBy.period"], Group("loan.feesPaidBy")]
"""In which order fees are paid."""

LateFeeType = Annotated[
    Literal["loan.lateFee.1", "loan.lateFee.2", "loan.lateFee.3", "loan.lateFee.4", "loan.lateFee.5"],
    Group(
        "loan.lateFee",
        {
            "1": "fixed amount",
            "2": "flat dollar",
            "3": "percentage",
            "4": "greater of flat and percent",
            "5": "lesser of flat and percent",
        },
    ),
]
"""How a late fee is charged."""

LateFeeCalc = Annotated[
    Literal["loan.lateFeeCalc.current", "loan.lateFeeCalc.standard", "loan.lateFeeCalc.standardFee"],
    Group("loan.lateFeeCalc"),
]
"""What a late fee is calculated from."""

LateFeePercentBase = Annotated[
    Literal[
        "loan.latefeepercentbase.escrow",
        "loan.latefeepercentbase.escrowHold",
        "loan.latefeepercentbase.hold",
        "loan.latefeepercentbase.regular",
    ],
    Group("loan.latefeepercentbase"),
]
"""What a late fee's percentage is of."""

PaymentDateApp = Annotated[
    Literal["loan.pmtdateapp.actual", "loan.pmtdateapp.last"], Group("loan.pmtdateapp")
]
"""The date to which a payment is applied."""

BusinessDueDates = Annotated[
    Literal[
        "loan.businessduedates.addDays",
        "loan.businessduedates.disabled",
        "loan.businessduedates.subtractDays",
    ],
    Group("loan.businessduedates"),
]
"""What happens to due dates that are not business days."""
