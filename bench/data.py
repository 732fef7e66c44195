"""
Invented files, the same whenever they are made: a portfolio of 30 columns and loans of 12. All of their rows are valid.

The portfolio has the columns of the sample portfolio and eight that no template uses; the loans have those of the
shipped template `loan`. Some columns repeat a few words, some have another text in every row, as files of lenders do.
"""

import csv
import gzip
import random
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from samples.make_portfolio import FIRST, HEADERS, LAST

SEED = 20261122
PORTFOLIO = (*HEADERS, "Branch", "Officer", "Dealer", "VIN", "Grade", "Channel", "Memo", "Score")
LOANS = (
    "Loan Number", "Loan Title", "Loan Class", "Loan Type", "Loan Amount", "Interest Rate", "Rate Type", "Term",
    "Contract Date", "First Payment Date", "Payment Frequency", "Calculation Type",
)  # fmt: skip
MONEY = {"Monthly Income", "Principal"}
PERCENT = {"Rate"}
DATES = {"DOB", "Contract Date", "First Due"}
WHOLE = {"Term", "Score"}

_ENDS = ["Hill", "Field", "Wood", "Brook", "Dale", "Ford", "Stone", "Moor", "Bridge", "Wick"]
_STREETS = [
    "Hazel Street",
    "Dogwood Drive",
    "Elm Avenue",
    "Juniper Lane",
    "Cedar Court",
    "Maple Road",
    "Birch Way",
]
_CITIES = (
    "Boise,Idaho", "Mobile,AL", "Provo,UT", "Tulsa,Oklahoma", "Salem,OR", "Fargo,ND", "Macon,Georgia", "Dover,DE",
)  # fmt: skip
PREPARED = ("number", "title", "class", "amount", "rate", "term", "contract", "first", "frequency")
LOANPRO = {
    "Car": "loan.class.carLoan", "Consumer": "loan.class.consumer", "Mortgage": "loan.class.mortgage",
    "Monthly": "loan.frequency.monthly", "Biweekly": "loan.frequency.biWeekly", "Weekly": "loan.frequency.weekly",
}  # fmt: skip

_FREQUENCIES = ("M", "M", "M", "BW", "W")
_WORDS = {"M": "Monthly", "BW": "Biweekly", "W": "Weekly"}
_DAYS_TO_FIRST_PAYMENT = {"M": 31, "BW": 14, "W": 7}
_DAYS = tuple(date(2015, 1, 1) + timedelta(days) for days in range(4_040))  # of contracts, and a month more
_SAME_BORROWER_EVERY = 20  # this one borrows a second time
_ROWS_BETWEEN = 7


def portfolio(rows: int) -> Iterator[tuple[str, ...]]:
    """
    The rows of a portfolio as texts, in the order of `PORTFOLIO`.

    Args:
        rows: How many.
    """
    chance = random.Random(SEED)
    pick, number = chance.choice, chance.randrange
    earlier: deque[tuple[str, ...]] = deque(maxlen=_ROWS_BETWEEN)
    for n in range(1, rows + 1):
        if n % _SAME_BORROWER_EVERY or len(earlier) < _ROWS_BETWEEN:
            first, last, place = pick(FIRST), f"{pick(LAST)}{pick(_ENDS).lower()}", pick(_CITIES).split(",")
            ssn = n * 7_919 % 100_000_000
            borrower = (
                f"B{n:07}", first, last, f"{number(1, 13):02}/{number(1, 29):02}/{number(1950, 2003)}",
                f"9{ssn // 1_000_000:02}-{ssn // 10_000 % 90 + 10:02}-{ssn % 9_000 + 1_000}",
                f"{first}.{last}.{n}@example.com".lower(), f"({number(201, 990)}) 555-{number(1_000, 10_000)}",
                f"{number(1, 9_999)} {pick(_STREETS)}", *place, f"{number(501, 99_951):05}",
                f"{pick(LAST)} {pick(_ENDS)} Co" if n % 3 else "", f"${number(2_000, 15_000):,}.00" if n % 3 else "",
            )  # fmt: skip
        else:
            borrower = earlier[0]
        earlier.append(borrower)
        frequency, contract = pick(_FREQUENCIES), number(4_000)
        due = _DAYS[contract + _DAYS_TO_FIRST_PAYMENT[frequency]]
        yield (
            f"L{n:07}", *borrower, pick(("Auto", "Personal", "Home")), f"${number(150_000, 9_999_999) / 100:,.2f}",
            f"{number(10_000, 240_000) / 10_000}%", pick(("12", "24", "36", "48", "60", "72")), frequency,
            f"{_DAYS[contract]:%m/%d/%Y}", f"{due:%m/%d/%Y}", "Active", f"Branch {number(40)}",
            f"Officer {number(300)}", f"D{number(900):03}", f"1HGCM8263{number(10**8):08}", pick("ABCDE"),
            pick(("web", "phone", "branch")), f"imported in batch {n // 500}", str(number(300, 851)),
        )  # fmt: skip


def loans(rows: int) -> Iterator[tuple[str, ...]]:
    """
    Rows of loans as texts, in the order of `LOANS`; each is one request.

    Args:
        rows: How many.
    """
    chance = random.Random(SEED)
    pick, number = chance.choice, chance.randrange
    for n in range(1, rows + 1):
        frequency, contract = pick(_FREQUENCIES), number(4_000)
        due = _DAYS[contract + _DAYS_TO_FIRST_PAYMENT[frequency]]
        yield (
            f"L{n:07}", f"Loan of {pick(LAST)} {pick(_ENDS)}", pick(("Car", "Consumer", "Mortgage")), "Installment",
            f"{number(150_000, 9_999_999) / 100:.2f}", f"{number(10_000, 240_000) / 10_000}", "Annual",
            pick(("12", "24", "36", "48", "60", "72")), str(_DAYS[contract]), str(due), _WORDS[frequency],
            "Simple Interest",
        )  # fmt: skip


def write_portfolio(path: Path, rows: int, encoding: str = "utf-8") -> None:
    """Write a portfolio as CSV, packed where its name ends so."""
    _write_csv(path, PORTFOLIO, portfolio(rows), encoding)


def write_loans(path: Path, rows: int) -> None:
    """Write loans as CSV."""
    _write_csv(path, LOANS, loans(rows))


def write_prepared(path: Path, rows: int) -> None:
    """Write the loans' columns that differ, with LoanPro's own words, as CSV for peers that cannot map."""
    _write_csv(
        path,
        PREPARED,
        (
            (number, title, LOANPRO[class_], amount, rate, term, contract, first, LOANPRO[frequency])
            for number, title, class_, _, amount, rate, _, term, contract, first, frequency, _ in loans(rows)
        ),
    )


def write_workbook(path: Path, rows: int) -> None:
    """Write a portfolio as a workbook, with amounts, rates and whole numbers as numbers and dates as dates."""
    with xlsxwriter.Workbook(path) as book:
        money, percent, day = (
            book.add_format({"num_format": code}) for code in ("$#,##0.00", "0.0000%", "mm/dd/yyyy")
        )
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, PORTFOLIO)
        for at, texts in enumerate(portfolio(rows), start=1):
            for column, (name, text) in enumerate(zip(PORTFOLIO, texts, strict=True)):
                if not text:
                    continue
                if name in MONEY:
                    sheet.write_number(at, column, float(text.lstrip("$").replace(",", "")), money)
                elif name in PERCENT:
                    sheet.write_number(at, column, round(float(text.rstrip("%")) / 100, 6), percent)
                elif name in DATES:
                    sheet.write_datetime(at, column, datetime.strptime(text, "%m/%d/%Y"), day)  # noqa: DTZ007
                elif name in WHOLE:
                    sheet.write_number(at, column, int(text))
                else:
                    sheet.write_string(at, column, text)


def _write_csv(
    path: Path, headers: tuple[str, ...], rows: Iterator[tuple[str, ...]], encoding: str = "utf-8"
) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
