"""One problem in one cell, row or file: a value, never an exception."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether an issue keeps the row from being sent."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Issue:
    """
    One problem, with its place and its remedy.

    Attributes:
        rule: Stable name of the rule, such as `money.not-a-number` or `loan.first-payment-before-contract`;
            summaries count by it.
        message: What was found and what was expected, as a sentence without a final stop. It quotes the value
            only where `sensitive` is false.
        advice: What to do about it, as an order; "" where the message says it all.
        severity: An error keeps the row from being sent; a warning does not.
        field: Payload path as templates write it, such as `LoanSetup.loanAmount`; "" where none applies.
        column: Header of the column, "" where the issue is of the row or of a constant.
        letter: The column's letter, "" likewise.
        value: The cell as it was read, unmasked; "" likewise. Only the rejected workbook shows it in full when
            `sensitive` is true.
        sensitive: True where the value is personal data that nothing but the rejected workbook may show.
    """

    rule: str
    message: str
    advice: str = ""
    severity: Severity = Severity.ERROR
    field: str = ""
    column: str = ""
    letter: str = ""
    value: str = ""
    sensitive: bool = False
