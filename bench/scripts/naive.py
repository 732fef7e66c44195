"""
The throw-away script of a hurried evening: pandas row by row, pydantic, and a task for every row through httpx.

    python bench/scripts/naive.py check FILE
    python bench/scripts/naive.py submit FILE URL

It checks a portfolio, or sends loans and writes what became of them. It keeps no record while it runs. Without the semaphore httpx
would look through all waiting requests again for each answer: 1,000 rows then take longer than a minute.
"""

import asyncio
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import httpx
import pandas as pd
from pydantic import BaseModel, Field

CLASSES = {
    "Car": "loan.class.carLoan", "Auto": "loan.class.carLoan", "Consumer": "loan.class.consumer",
    "Personal": "loan.class.consumer", "Mortgage": "loan.class.mortgage", "Home": "loan.class.mortgage",
}  # fmt: skip
FREQUENCIES = {
    "M": "loan.frequency.monthly", "Monthly": "loan.frequency.monthly", "BW": "loan.frequency.biWeekly",
    "Biweekly": "loan.frequency.biWeekly", "W": "loan.frequency.weekly", "Weekly": "loan.frequency.weekly",
}  # fmt: skip


class Setup(BaseModel):
    """Terms of a loan."""

    loanClass: Literal["loan.class.carLoan", "loan.class.consumer", "loan.class.mortgage"]  # noqa: N815
    loanType: Literal["loan.type.installment"] = "loan.type.installment"  # noqa: N815
    loanAmount: Decimal = Field(gt=0, max_digits=12, decimal_places=2)  # noqa: N815
    loanRate: Decimal = Field(ge=0, le=100)  # noqa: N815
    loanRateType: Literal["loan.rateType.annually"] = "loan.rateType.annually"  # noqa: N815
    loanTerm: int = Field(gt=0)  # noqa: N815
    paymentFrequency: Literal["loan.frequency.monthly", "loan.frequency.biWeekly", "loan.frequency.weekly"]  # noqa: N815
    contractDate: date  # noqa: N815
    firstPaymentDate: date  # noqa: N815
    calcType: Literal["loan.calcType.simpleInterest"] = "loan.calcType.simpleInterest"  # noqa: N815
    daysInYear: Literal["loan.daysInYear.actual"] = "loan.daysInYear.actual"  # noqa: N815


class Loan(BaseModel):
    """A loan."""

    displayId: str = Field(min_length=1)  # noqa: N815
    title: str | None = None
    LoanSetup: Setup


class Address(BaseModel):
    """Where a borrower lives."""

    address1: str
    city: str
    state: str
    zipcode: str = Field(pattern=r"^\d{5}$")


class Customer(BaseModel):
    """A borrower with the loan."""

    customId: str  # noqa: N815
    firstName: str  # noqa: N815
    lastName: str  # noqa: N815
    birthDate: date  # noqa: N815
    ssn: str = Field(pattern=r"^\d{9}$")
    email: str
    phone: str
    PrimaryAddress: Address
    loan: Loan


def customer_of(row: Any) -> Customer:
    """A row of the portfolio as one model."""
    return Customer(
        customId=row["Borrower No"], firstName=row["First Name"], lastName=row["Last Name"],
        birthDate=datetime.strptime(row["DOB"], "%m/%d/%Y").date(),  # noqa: DTZ007
        ssn=row["SSN"].replace("-", ""), email=row["Email"], phone=row["Cell Phone"],
        PrimaryAddress=Address(address1=row["Street"], city=row["City"], state=row["State"], zipcode=row["ZIP"]),
        loan=Loan(
            displayId=row["Loan No"],
            LoanSetup=Setup(
                loanClass=CLASSES[row["Product"]],
                loanAmount=Decimal(row["Principal"].replace("$", "").replace(",", "")),
                loanRate=Decimal(row["Rate"].rstrip("%")), loanTerm=int(row["Term"]),
                paymentFrequency=FREQUENCIES[row["Freq"]],
                contractDate=datetime.strptime(row["Contract Date"], "%m/%d/%Y").date(),  # noqa: DTZ007
                firstPaymentDate=datetime.strptime(row["First Due"], "%m/%d/%Y").date(),  # noqa: DTZ007
            ),
        ),
    )  # fmt: skip


def loan_of(row: Any) -> Loan:
    """A row of loans as a model."""
    return Loan(
        displayId=row["Loan Number"], title=row["Loan Title"],
        LoanSetup=Setup(
            loanClass=CLASSES[row["Loan Class"]], loanAmount=Decimal(row["Loan Amount"]),
            loanRate=Decimal(row["Interest Rate"]), loanTerm=int(row["Term"]),
            paymentFrequency=FREQUENCIES[row["Payment Frequency"]], contractDate=row["Contract Date"],
            firstPaymentDate=row["First Payment Date"],
        ),
    )  # fmt: skip


def check(path: Path) -> None:
    """Make a model of each row and its JSON."""
    checked = []
    for _, row in pd.read_csv(path, dtype=str).iterrows():
        checked.append(customer_of(row).model_dump_json())
    print(len(checked), "rows")


async def submit(path: Path, url: str) -> None:
    """Send everything and write what came back."""
    frame = pd.read_csv(path, dtype=str)
    in_flight = asyncio.Semaphore(64)
    async with httpx.AsyncClient(timeout=60) as client:

        async def send(row: Any) -> tuple[str, int, Any]:
            body = json.loads(loan_of(row).model_dump_json())
            async with in_flight:
                answer = await client.post(url + "Loans", json=body)
            return row["Loan Number"], answer.status_code, answer.json()["d"]["id"]

        results = await asyncio.gather(*(send(row) for _, row in frame.iterrows()))
    pd.DataFrame(results, columns=["loan", "status", "id"]).to_excel("naive.xlsx", index=False)
    print(sum(status == HTTPStatus.OK for _, status, _ in results), "rows")


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(Path(sys.argv[2]))
    else:
        asyncio.run(submit(Path(sys.argv[2]), sys.argv[3]))
