"""Invented loans with their borrowers, all valid, each with values of its own, in the columns of `doubling.yaml`."""

import csv
import random
from pathlib import Path

TEMPLATE = Path(__file__).with_name("doubling.yaml")
HEADERS = ("Loan No", "Borrower No", "First Name", "Last Name", "Email", "Street", "Principal", "Rate")


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
