"""Makes samples/portfolio.csv: invented loans with their borrowers, some rows wrong on purpose. Seeded."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

ROWS = 560
HEADERS = (
    "Loan No", "Borrower No", "First Name", "Last Name", "DOB", "SSN", "Email", "Cell Phone", "Street", "City", "State",
    "ZIP", "Employer", "Monthly Income", "Product", "Principal", "Rate", "Term", "Freq", "Contract Date", "First Due",
    "Status",
)  # fmt: skip
FIRST = [
    "Ada",
    "Ben",
    "Cleo",
    "Dara",
    "Eli",
    "Fay",
    "Gus",
    "Hana",
    "Ivo",
    "June",
    "Kai",
    "Lena",
    "Milo",
    "Nora",
    "Otto",
    "Pia",
    "Quinn",
    "Rosa",
    "Sol",
    "Tess",
    "Uma",
    "Vic",
    "Wren",
    "Yara",
]
LAST = [
    "Abbott",
    "Bright",
    "Castell",
    "Dunmore",
    "Everly",
    "Foxton",
    "Grange",
    "Hollis",
    "Ingram",
    "Jessop",
    "Kestrel",
    "Lorimer",
    "Marlow",
    "Nettle",
    "Oakes",
    "Penrose",
    "Quill",
    "Rowan",
    "Sayer",
    "Thorne",
    "Underhill",
    "Vale",
    "Westby",
    "Yarrow",
]
STREETS = [
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Hazel",
    "Juniper",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
    "Spruce",
    "Willow",
]
PLACES = (
    ("Farmington", "UT", "84025"), ("Boise", "Idaho", "83702"), ("Mobile", "AL", "36602"), ("Reno", "NV", "89501"),
    ("Salem", "Oregon", "97301"), ("Trenton", "NJ", "08608"), ("Hartford", "CT", "06103"), ("Tulsa", "OK", "74103"),
)  # fmt: skip
PRODUCTS = ("Auto", "Auto", "Personal", "Personal", "Personal", "Home")
FREQUENCIES = (("M", 30), ("M", 30), ("M", 30), ("BW", 14), ("W", 7))


def borrower(number: int, chance: random.Random) -> dict[str, str]:
    """One invented borrower; numbers beginning with 9 were never given out as social security numbers."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    city, state, zipcode = PLACES[number % len(PLACES)]
    employer = chance.choice(("", "Northwind Mills", "Harbor Clinic", "Tallgrass Schools", "Copper & Sons"))
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(18_000))
    return {
        "Borrower No": f"B{number:05}",
        "First Name": first,
        "Last Name": last,
        "DOB": f"{born:%m/%d/%Y}",
        "SSN": f"9{number:08}"[:3] + f"-{number % 90 + 10:02}-{number:04}",
        "Email": f"{first}.{last}.{number}@example.com".lower(),
        "Cell Phone": f"({200 + number % 700}) 555-{number:04}",
        "Street": f"{number + 10} {chance.choice(STREETS)} Street",
        "City": city,
        "State": state,
        "ZIP": zipcode,
        "Employer": employer,
        "Monthly Income": f"{chance.randrange(2_200, 9_800)}.00" if employer else "",
    }


def loan(number: int, chance: random.Random) -> dict[str, str]:
    """One invented loan, its amounts and dates written as people write them."""
    contract = date(2022, 1, 3) + timedelta(days=chance.randrange(1_300))
    frequency, days = chance.choice(FREQUENCIES)
    principal = chance.randrange(150_000, 4_800_000) / 100
    return {
        "Loan No": f"L{number:06}",
        "Product": chance.choice(PRODUCTS),
        "Principal": f"${principal:,.2f}" if number % 3 else f"{principal:.2f}",
        "Rate": f"{chance.randrange(39_900, 249_900) / 10_000:.4f}".rstrip("0").rstrip(".")
        + ("%" if number % 4 else ""),
        "Term": str(chance.choice((12, 24, 36, 48, 60, 72))),
        "Freq": frequency,
        "Contract Date": f"{contract:%m/%d/%Y}",
        "First Due": f"{contract + timedelta(days=days):%m/%d/%Y}",
        "Status": "Active",
    }


def spoil(rows: list[dict[str, str]]) -> None:
    """What goes wrong in every real portfolio."""
    rows[17]["Principal"] = "12,50.00"
    rows[41]["Principal"] = "to be confirmed"
    rows[63]["Contract Date"] = "02/30/2024"
    rows[88]["State"] = "Utha"
    rows[104]["Freq"] = "fortnight"
    rows[131]["First Due"] = rows[131]["Contract Date"].replace("/20", "/19", 1)
    rows[150]["Email"] = "not known"
    rows[177]["Rate"] = "7.12345%"
    rows[203]["Last Name"] = ""
    rows[230]["Loan No"] = rows[229]["Loan No"]  # two loans under one number
    rows[262].update(rows[261])  # the same row twice: sent once
    rows[290]["Email"] = rows[289]["Email"]  # LoanPro warns: another customer has it
    rows[315]["SSN"], rows[315]["DOB"] = rows[314]["SSN"], rows[314]["DOB"]
    rows[340]["Status"] = rows[341]["Status"] = "Cancelled"
    rows[380]["Term"] = "0"
    rows[420]["Employer"], rows[420]["Monthly Income"] = "", "3100.00"
    rows[455]["Loan No"] = ""
    rows[470]["DOB"] = "05/05/2031"
    rows[499]["First Name"] = "Zoë-Ångström"


def main() -> None:
    """Write the file beside this script."""
    chance = random.Random(20_240_229)
    borrowers = [borrower(number, chance) for number in range(1, ROWS + 1)]
    rows = []
    for number in range(1, ROWS + 1):
        of = borrowers[number - 3] if number % 9 == 0 else borrowers[number - 1]  # some borrow twice
        rows.append(of | loan(number, chance))
    spoil(rows)
    target = Path(__file__).with_name("portfolio.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADERS)
        for number, row in enumerate(rows):
            cells = [row[header] for header in HEADERS]
            writer.writerow(cells[:-1] if number == 530 else cells)  # noqa: PLR2004  one row lacks a cell


if __name__ == "__main__":
    main()
