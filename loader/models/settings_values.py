"""The enumerations of a loan's settings, links and collateral (LoanPro reference 2.3, 2.5 and 2.9)."""

from typing import Annotated, Literal

from loader.models.enumerations import Group

Ebilling = Annotated[Literal["loan.ebilling.yes", "loan.ebilling.no", 1, 0], Group("loan.ebilling")]
"""Electronic billing; newer pages send 1 and 0, so both forms are taken."""

EcoaCode = Annotated[
    Literal[
        "loan.ecoacodes.0",
        "loan.ecoacodes.1",
        "loan.ecoacodes.2",
        "loan.ecoacodes.7",
        "loan.ecoacodes.T",
        "loan.ecoacodes.X",
        "loan.ecoacodes.Z",
        "loan.ecoacodes.A",
    ],
    Group(
        "loan.ecoacodes",
        {
            "0": "not specified",
            "1": "individual or primary",
            "2": "joint contract",
            "7": "maker",
            "T": "system managed (sources disagree)",
            "X": "deceased",
            "Z": "terminated",
            "A": "delete borrower, or system managed (sources disagree)",
        },
    ),
]
"""Who owes the loan, for credit reporting. The sources disagree about `A` and `T`."""

CreditStatus = Annotated[
    Literal[
        "loan.creditstatus.0",
        "loan.creditstatus.11",
        "loan.creditstatus.13",
        "loan.creditstatus.5",
        "loan.creditstatus.61",
        "loan.creditstatus.62",
        "loan.creditstatus.63",
        "loan.creditstatus.64",
        "loan.creditstatus.71",
        "loan.creditstatus.78",
        "loan.creditstatus.80",
        "loan.creditstatus.82",
        "loan.creditstatus.83",
        "loan.creditstatus.84",
        "loan.creditstatus.93",
        "loan.creditstatus.95",
        "loan.creditstatus.96",
        "loan.creditstatus.97",
        "loan.creditstatus.99",
        "loan.creditstatus.DA",
        "loan.creditstatus.DF",
    ],
    Group(
        "loan.creditstatus",
        {
            "0": "automatic",
            "11": "current",
            "13": "paid or closed",
            "5": "transferred",
            "61": "paid, surrender",
            "62": "paid, collection",
            "63": "paid, repossessed",
            "64": "paid, charge-off",
            "71": "30-59 days",
            "78": "60-89 days",
            "80": "90-119 days",
            "82": "120-149 days",
            "83": "150-179 days",
            "84": "180 days or more",
            "93": "collections",
            "95": "voluntary surrender",
            "96": "repossessed",
            "97": "charge-off",
            "99": "do not send",
            "DA": "delete",
            "DF": "delete, fraud",
        },
    ),
]
"""The account's status for credit reporting."""

CreditBureau = Annotated[
    Literal[
        "loan.creditbureau.00",
        "loan.creditbureau.01",
        "loan.creditbureau.02",
        "loan.creditbureau.03",
        "loan.creditbureau.04",
        "loan.creditbureau.06",
        "loan.creditbureau.08",
        "loan.creditbureau.0A",
        "loan.creditbureau.0G",
        "loan.creditbureau.11",
        "loan.creditbureau.12",
        "loan.creditbureau.13",
        "loan.creditbureau.15",
        "loan.creditbureau.17",
        "loan.creditbureau.18",
        "loan.creditbureau.1C",
        "loan.creditbureau.20",
        "loan.creditbureau.22",
        "loan.creditbureau.23",
        "loan.creditbureau.26",
        "loan.creditbureau.3A",
        "loan.creditbureau.47",
        "loan.creditbureau.5A",
        "loan.creditbureau.5B",
        "loan.creditbureau.6A",
        "loan.creditbureau.6B",
        "loan.creditbureau.6D",
        "loan.creditbureau.7A",
        "loan.creditbureau.89",
        "loan.creditbureau.90",
        "loan.creditbureau.91",
    ],
    Group(
        "loan.creditbureau",
        {
            "00": "auto loan",
            "01": "unsecured",
            "02": "secured",
            "03": "partially secured",
            "04": "home improvement",
            "06": "installment sales contract",
            "08": "real estate",
            "0A": "timeshare",
            "0G": "flexible spending credit card",
            "11": "recreational merchandise",
            "12": "education",
            "13": "lease other than auto",
            "15": "personal line of credit",
            "17": "manufactured housing",
            "18": "credit card",
            "1C": "household goods",
            "20": "note loan",
            "22": "secured by household goods",
            "23": "secured by household goods and other",
            "26": "conventional real estate mortgage",
            "3A": "auto lease",
            "47": "secured credit line",
            "5A": "real estate junior liens",
            "5B": "second mortgage",
            "6A": "commercial installment loan",
            "6B": "commercial mortgage loan",
            "6D": "home equity, installments",
            "7A": "commercial line of credit",
            "89": "home equity line of credit",
            "90": "medical debt",
            "91": "debt consolidation",
        },
    ),
]
"""The portfolio's kind for credit reporting."""

ReportingType = Annotated[
    Literal[
        "loan.reportingtype.C",
        "loan.reportingtype.I",
        "loan.reportingtype.M",
        "loan.reportingtype.O",
        "loan.reportingtype.R",
    ],
    Group(
        "loan.reportingtype",
        {"C": "line of credit", "I": "installment", "M": "mortgage", "O": "open", "R": "revolving"},
    ),
]
"""The kind of account for credit reporting."""

CardFeeType = Annotated[
    Literal[
        "loan.cardfee.types.0",
        "loan.cardfee.types.1",
        "loan.cardfee.types.2",
        "loan.cardfee.types.3",
        "loan.cardfee.types.4",
    ],
    Group(
        "loan.cardfee.types",
        {
            "0": "waive",
            "1": "flat",
            "2": "percentage",
            "3": "greater of flat and percentage",
            "4": "lesser of flat and percentage",
        },
    ),
]
"""How a fee for paying by card is charged."""

CustomerRole = Annotated[
    Literal[
        "loan.customerRole.primary",
        "loan.customerRole.secondary",
        "loan.customerRole.additional",
        "loan.customerRole.unassigned",
    ],
    Group("loan.customerRole"),
]
"""What a linked customer is to the loan (LoanPro reference 2.5)."""

CollateralType = Annotated[
    Literal[
        "collateral.type.car", "collateral.type.consumer", "collateral.type.mortgage", "collateral.type.other"
    ],
    Group("collateral.type"),
]
"""What secures the loan (LoanPro reference 2.9)."""

GpsStatus = Annotated[
    Literal[
        "collateral.gpsstatus.installed", "collateral.gpsstatus.notinstalled", "collateral.gpsstatus.none"
    ],
    Group("collateral.gpsstatus"),
]
"""Whether the collateral has a tracker (LoanPro reference 2.9)."""
