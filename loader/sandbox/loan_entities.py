"""What the tenant keeps of a loan, and what it insists on (LoanPro reference 2.1-2.3, 2.6-2.11, 2.15)."""

from loader.sandbox.entities import CUSTOM, NOTE, OWNER, Entity, each, fields
from loader.sandbox.values import ANY, DATE, FLAG, INTEGER, MONEY, NUMBER, TEXT, enum, text

LOAN_SETUP = Entity(
    "LoanSetup",
    each(
        MONEY,
        "loanAmount discount lateFeeAmount underwriting amountDown reserve salesPrice gap warranty dealerProfit "
        "taxes creditLimit reportingCreditLimit residual payment origFinalPaymentAmount tilFinanceCharge "
        "tilLoanAmount tilSalesPrice tilTotalOfPayments regzAmountFinanced regzFinanceCharge regzTotalOfPayments",
    )
    | each(NUMBER, "loanRate loanTerm lateFeePercent apr scheduleRound moneyFactor regzApr")
    | each(INTEGER, "roundDecimals curtailmentTemplate graceDays scheduleTemplate")
    | each(DATE, "contractDate firstPaymentDate origFinalPaymentDate")
    | each(
        FLAG,
        "discountSplit regzCustomEnabled active aprForceSingle calcHistoryEnabled calcDatesEnabled dueDateOnLastDOM "
        "isSetupValid rollLastPayment useInterestTiers",
    )
    | {
        "firstDayInterest": enum("loan.firstdayinterest", flag=True),
        "lastAsFinal": enum("loan.lastasfinal", flag=True),
    }
    | fields(
        {},
        {
            "loanClass": "loan.class",
            "loanType": "loan.type",
            "loanRateType": "loan.rateType",
            "paymentFrequency": "loan.frequency",
            "calcType": "loan.calcType",
            "daysInYear": "loan.daysInYear",
            "interestApplication": "loan.interestApplication",
            "begEnd": "loan.begend",
            "firstPeriodDays": "loan.firstPeriodDays",
            "discountCalc": "loan.discountCalc",
            "diyAlt": "loan.diyAlt",
            "daysInPeriod": "loan.daysinperiod",
            "curtailPercentBase": "loan.curtailpercentbase",
            "nddCalc": "loan.nddCalc",
            "endInterest": "loan.endInterest",
            "feesPaidBy": "loan.feesPaidBy",
            "lateFeeType": "loan.lateFee",
            "lateFeeCalc": "loan.lateFeeCalc",
            "lateFeePercentBase": "loan.latefeepercentbase",
            "paymentDateApp": "loan.pmtdateapp",
            "dueDatesOnBusinessDays": "loan.businessduedates",
        },
    ),
    # The six of a creator that relies on the tenant's defaults (LoanPro reference 2.2, Minimum).
    required={
        "loanClass": "Loan Class",
        "loanType": "Loan Type",
        "loanAmount": "Loan Amount",
        "loanRate": "Loan Rate",
        "contractDate": "Contract Date",
        "firstPaymentDate": "First Payment Date",
    },
    lists=CUSTOM,
    ours=fields({"loanId modId": INTEGER}),
    # This tenant's "Loan Creation Defaults" (LoanPro reference 2.2).
    defaults={
        "loanRateType": "loan.rateType.annually",
        "loanTerm": "12",
        "paymentFrequency": "loan.frequency.monthly",
        "calcType": "loan.calcType.simpleInterest",
        "daysInYear": "loan.daysInYear.frequency",
        "interestApplication": "loan.interestApplication.betweenTransactions",
        "active": 0,
    },
)

LOAN_SETTINGS = Entity(
    "LoanSettings",
    fields(
        {
            "loanStatusId loanSubStatusId agent sourceCompany paymentTypeDefault merchantProcessorGroupId": INTEGER,
            "secured autopayEnabled isStoplightManuallySet": FLAG,
            "eBilling": ANY,  # 0/1 or an enumeration: the sources disagree (LoanPro reference 2.3)
            "cardFeeAmount": MONEY,
            "cardFeePercent": NUMBER,
            "repoDate closedDate liquidationDate followUpDate": DATE,
        },
        {
            "ECOACode": "loan.ecoacodes",
            "coBuyerECOACode": "loan.ecoacodes",
            "creditStatus": "loan.creditstatus",
            "creditBureau": "loan.creditbureau",
            "reportingType": "loan.reportingtype",
            "cardFeeType": "loan.cardfee.types",
        },
    ),
    lists=CUSTOM,
    ours=fields({"loanId": INTEGER}),
)

PAYMENT = Entity(
    "Payment",
    fields(
        {
            "amount cardFeeAmount chargeFeeAmount": MONEY,
            "cardFeePercent chargeFeePercentage": NUMBER,
            "date": DATE,
            "info comments": TEXT,
            "paymentMethodId paymentTypeId selectedProcessor displayId paymentAccountId": INTEGER,
            "early active resetPastDue payoffPayment payoffFlag chargeOffRecovery isOneTimeOnly": FLAG,
            "metadata": ANY,
        },
        {
            "extra": "payment.extra",
            "cardFeeType": "loan.cardfee.types",
            "chargeFeeType": "loan.cardfee.types",
            "status": "payment.status",
            "reverseReason": "payment.reverse",
            "nachaReturnCode": "nacha.returnCode",
            "echeckAuthType": "payment.echeckauth",
        },
    ),
    required={
        "amount": "Amount",
        "date": "Date",
        "info": "Info",
        "paymentMethodId": "Payment Method",
        "paymentTypeId": "Payment Type",
    },
    lists=CUSTOM,
    ours=OWNER,
    defaults={"active": 1},
)

CHARGE = Entity(
    "Charge",
    fields(
        {
            "amount paidAmount": MONEY,
            "paidPercent": NUMBER,
            "date": DATE,
            "info editComment": TEXT,
            "chargeTypeId displayId order": INTEGER,
            "interestBearing active priorcutoff isReversal": FLAG,
        },
        {"chargeApplicationType": "loan.latefeeapp"},
    ),
    required={
        "amount": "Amount",
        "date": "Date",
        "info": "Info",
        "chargeTypeId": "Charge Type",
        "chargeApplicationType": "Charge Application Type",
        "interestBearing": "Interest Bearing",
    },
    ours=OWNER,
    defaults={"active": 1},
)

_TITLED = {"title": "Title", "date": "Date", "amount": "Amount", "category": "Category"}
ADVANCEMENT = Entity(
    "Advancement",
    fields({"title": TEXT, "date": DATE, "amount": MONEY, "category": INTEGER, "resetPastDue": FLAG}),
    required=_TITLED,
    ours=OWNER,
)
CREDIT = Entity(
    "Credit",
    fields(
        {
            "title customApplication": TEXT,
            "date": DATE,
            "amount": MONEY,
            "category paymentType importId": INTEGER,
            "resetPastDue chargeOffFlag": FLAG,
        }
    ),
    required=_TITLED,
    ours=OWNER,
)
COLLATERAL = Entity(
    "Collateral",
    fields(
        {
            "vin a b c d additional color licensePlate gpsCode": TEXT,
            "bookValue gap warranty": MONEY,
            "distance": NUMBER,
        },
        {"collateralType": "collateral.type", "gpsStatus": "collateral.gpsstatus"},
    ),
    lists=CUSTOM,
    ours=OWNER,
)
INSURANCE = Entity(
    "Insurance",
    fields(
        {
            "companyName insured agentName policyNumber phone": TEXT,
            "deductible": MONEY,
            "startDate endDate": DATE,
        }
    ),
)
_SMALL_LISTS = {
    "DueDateChanges": Entity(
        "DueDateChange",
        fields({"originalDate newDate": DATE, "dueDateOnLastDOM": FLAG}),
        required={"originalDate": "Original Date", "newDate": "New Date"},
        ours=OWNER,
    ),
    "StopInterestDates": Entity(
        "StopInterestDate",
        fields({"date": DATE}, {"type": "loan.stopInterestType"}),
        required={"date": "Date", "type": "Type"},
        ours=OWNER,
    ),
    "APDAdjustments": Entity(
        "APDAdjustment",
        fields({"date": DATE, "dollarAmount": MONEY}, {"type": "loan.apd.adjust.type"}),
        required={"date": "Date", "dollarAmount": "Dollar Amount", "type": "Type"},
        ours=OWNER,
    ),
    "DPDAdjustments": Entity("DPDAdjustment", fields({"date": DATE}), required={"date": "Date"}, ours=OWNER),
    "ScheduleRolls": Entity(
        "ScheduleRoll",
        fields(
            {
                "term rate percent": NUMBER,
                "amount balance": MONEY,
                "displayOrder": INTEGER,
                "forceBalloon basicRevert isCurtailment": FLAG,
            },
            {"solveFor": "loan.rollScheduleSolveFor", "solveUsing": "loan.rollScheduleSolve"},
        ),
        ours=OWNER,
    ),
    "Promises": Entity(
        "Promise",
        fields(
            {"subject note": TEXT, "dueDate": DATE, "amount": MONEY, "fulfilled": FLAG},
            {"type": "loanpromise.type"},
        ),
        required={
            "subject": "Subject",
            "note": "Note",
            "dueDate": "Due Date",
            "amount": "Amount",
            "fulfilled": "Fulfilled",
        },
        ours=OWNER,
    ),
    "EscrowTransactions": Entity(
        "EscrowTransaction",
        fields(
            {"subset category vendorId": INTEGER, "date": DATE, "amount": MONEY, "description": TEXT},
            {"type": "transaction.type"},
        ),
        required={
            "subset": "Subset",
            "category": "Category",
            "date": "Date",
            "type": "Type",
            "amount": "Amount",
        },
        ours=OWNER,
    ),
}

LOAN = Entity(
    "Loan",
    fields(
        {
            "displayId": text(50),
            "title": text(255),
            "loanAlert": TEXT,
            "active archived temporaryAccount": FLAG,
            "linkedLoan": INTEGER,
        }
    ),
    required={"displayId": "Display Id", "LoanSetup": "Loan Setup"},
    objects={"LoanSetup": LOAN_SETUP, "LoanSettings": LOAN_SETTINGS, "Insurance": INSURANCE},
    lists={
        "Payments": PAYMENT,
        "Charges": CHARGE,
        "Credits": CREDIT,
        "Advancements": ADVANCEMENT,
        "Notes": NOTE,
        "Collateral": COLLATERAL,
        **_SMALL_LISTS,
    },
    links={"Customers": "Customers", "Portfolios": "Portfolios", "SubPortfolios": "SubPortfolios"},
    ours=fields(
        {
            "setupId settingsId collateralId insurancePolicyId modId modTotal createdBy": INTEGER,
            "deleted": FLAG,
            "deletedAt created lastMaintRun humanActivityDate": DATE,
        }
    ),
    defaults={"active": 1, "archived": 0, "modTotal": 0, "createdBy": 1, "collateralId": 0, "linkedLoan": 0},
)
