"""
Invented files, all of whose rows are valid: loans with their borrowers in the columns of `doubling.yaml`, and payments in those of
the shipped template `payments`.
"""

import csv
import random
from pathlib import Path

TEMPLATE = Path(__file__).with_name("doubling.yaml")
HEADERS = ("Loan No", "Borrower No", "First Name", "Last Name", "Email", "Street", "Principal", "Rate")
PAYMENT_HEADERS = ("Payment No", "Loan Number", "Amount", "Payment Date", "Memo", "Method ID", "Type ID")


def write_portfolio(path: Path, rows: int, *, prefix: str = "", seed: int = 1) -> Path:
    """
    Write a CSV file of loans; every ninth borrower borrows a second time.

    Args:
        path: The file.
        rows: How many loans.
        prefix: Begins every number, so that several files can go to one tenant.
        seed: Of amounts and rates.
    """
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number in range(1, rows + 1):
            who = number - 3 if number % 9 == 0 else number
            person = (
                f"{prefix}B{who:05}",
                f"First{who}",
                f"Last{who}",
                f"b{who}@example.com",
                f"{who} Elm St",
            )
            principal = f"{chance.randrange(150_000, 4_800_000) / 100:.2f}"
            writer.writerow((f"{prefix}L{number:06}", *person, principal, f"{chance.randrange(1, 24)}.5%"))
    return path


def write_payments(path: Path, rows: int, *, seed: int = 1) -> Path:
    """
    Write a CSV file of payments on a quarter as many loans; every fifth is like the one before but for its number.

    Args:
        path: The file.
        rows: How many payments.
        seed: Of loans, amounts and days.
    """
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PAYMENT_HEADERS)
        payment: tuple[str, ...] = ()
        for number in range(1, rows + 1):
            if number % 5 or not payment:
                loan, cents, day = (
                    chance.randrange(1 + rows // 4),
                    chance.randrange(100, 500_000),
                    chance.randrange(28),
                )
                payment = (f"L{loan:06}", f"{cents / 100:.2f}", f"2024-03-{1 + day:02}", "Rent", "4", "1")
            writer.writerow((f"{number:06}", *payment))
    return path
