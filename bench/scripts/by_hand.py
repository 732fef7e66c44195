"""
A good script for one evening: csv, aiohttp on uvloop, 64 requests in flight, results written as they come. No check, no journal.

    python bench/scripts/by_hand.py FILE URL RESULTS
"""

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

IN_FLIGHT = 64
CLASSES = {"Car": "loan.class.carLoan", "Consumer": "loan.class.consumer", "Mortgage": "loan.class.mortgage"}
FREQUENCIES = {
    "Monthly": "loan.frequency.monthly",
    "Biweekly": "loan.frequency.biWeekly",
    "Weekly": "loan.frequency.weekly",
}


def payload(row: dict[str, str]) -> bytes:
    """A row's request."""
    setup: dict[str, Any] = {
        "loanClass": CLASSES[row["Loan Class"]],
        "loanType": "loan.type.installment",
        "loanAmount": float(row["Loan Amount"]),
        "loanRate": float(row["Interest Rate"]),
        "loanRateType": "loan.rateType.annually",
        "loanTerm": int(row["Term"]),
        "contractDate": row["Contract Date"],
        "firstPaymentDate": row["First Payment Date"],
        "paymentFrequency": FREQUENCIES[row["Payment Frequency"]],
        "calcType": "loan.calcType.simpleInterest",
        "daysInYear": "loan.daysInYear.actual",
        "interestApplication": "loan.interestApplication.betweenTransactions",
    }
    return json.dumps(
        {"displayId": row["Loan Number"], "title": row["Loan Title"], "LoanSetup": setup}
    ).encode()


async def main() -> None:
    """Send each row once and write what came back."""
    source, url, target = sys.argv[1:]
    sent = 0
    with Path(source).open(newline="") as file, Path(target).open("w", newline="") as results:  # noqa: ASYNC230
        rows, writer = csv.DictReader(file), csv.writer(results)
        writer.writerow(["loan", "status", "id"])
        in_flight = asyncio.Semaphore(IN_FLIGHT)
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def send(row: dict[str, str]) -> None:
                nonlocal sent
                try:
                    async with session.post(url + "Loans", data=payload(row)) as answer:
                        entity = (await answer.json())["d"]
                        writer.writerow([row["Loan Number"], answer.status, entity["id"]])
                        sent += 1
                finally:
                    in_flight.release()

            async with asyncio.TaskGroup() as tasks:
                for row in rows:
                    await in_flight.acquire()
                    tasks.create_task(send(row))
    print(sent, "rows")


if __name__ == "__main__":
    uvloop.run(main())
