"""The enumerations of payments, charges and notes (LoanPro reference 2.3, 2.6, 2.7 and 2.9)."""

from typing import Annotated, Literal

from loader.models.enumerations import Group
from loader.models.fields import Plain
from loader.models.settings_values import CardFeeType

FeeType = CardFeeType
"""`loan.cardfee.types`: payments and loan settings share it (2.6)."""

PaymentExtra = Annotated[
    Literal[
        "payment.extra.periods.next",
        "payment.extra.periods.principalonly",
        "payment.extra.tx.principal",
        "payment.extra.tx.classic",
        "payment.extra.tx.principalonly",
    ],
    Group("payment.extra"),
]

ReverseReason = Annotated[
    Literal[
        "payment.reverse.checkBounce",
        "payment.reverse.clericalError",
        "payment.reverse.nachaErrorCode",
        "payment.reverse.nsf",
        "payment.reverse.other",
    ],
    Group("payment.reverse"),
]

NachaReturnCode = Annotated[
    Literal[
        "nacha.returnCode.r01",
        "nacha.returnCode.r02",
        "nacha.returnCode.r03",
        "nacha.returnCode.r04",
        "nacha.returnCode.r05",
        "nacha.returnCode.r06",
        "nacha.returnCode.r07",
        "nacha.returnCode.r08",
        "nacha.returnCode.r09",
        "nacha.returnCode.r10",
        "nacha.returnCode.r11",
        "nacha.returnCode.r12",
        "nacha.returnCode.r13",
        "nacha.returnCode.r14",
        "nacha.returnCode.r15",
        "nacha.returnCode.r16",
        "nacha.returnCode.r17",
        "nacha.returnCode.r18",
        "nacha.returnCode.r19",
        "nacha.returnCode.r20",
        "nacha.returnCode.r21",
        "nacha.returnCode.r22",
        "nacha.returnCode.r23",
        "nacha.returnCode.r24",
        "nacha.returnCode.r25",
        "nacha.returnCode.r26",
        "nacha.returnCode.r27",
        "nacha.returnCode.r28",
        "nacha.returnCode.r29",
        "nacha.returnCode.r30",
        "nacha.returnCode.r31",
        "nacha.returnCode.r32",
        "nacha.returnCode.r33",
        "nacha.returnCode.r34",
        "nacha.returnCode.r35",
    ],
    Group("nacha.returnCode"),
]
"""The reference gives the codes as the range `r01`-`r35` (2.6)."""

ChargeApplication = Annotated[
    Literal["loan.latefeeapp.standard", "loan.latefeeapp.payoff"],
    Group("loan.latefeeapp", {"standard": "due on its date", "payoff": "due at payoff"}),
]

NoteType = Annotated[Literal["STANDARD", "NOTICE"], Plain("STANDARD or NOTICE")]
NoteParent = Annotated[Literal["Entity.Loan"], Plain("Entity.Loan")]

OnlyTrue = Annotated[Literal[True], Plain("switch (true only)")]
OnlyZero = Annotated[Literal[0], Plain("number (0 only)")]
OnlyCredit = Annotated[Literal["credit"], Plain("text (credit only)")]
"""Fields with one value that this program sends."""
