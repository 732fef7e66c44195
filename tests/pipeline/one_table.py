"""
One table, and how each format holds it: identifiers with zeros, amounts, percentages, dates, flags, blanks, names of many scripts.

`python tests/pipeline/one_table.py`, which needs LibreOffice, makes the files anew that are kept for where there is none.
"""

import csv
import gzip
import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from cases.make_cases import saved_by_libreoffice
from pyarrow import parquet

KEPT = Path(__file__).parent / "files"
KEPT_ROWS = 200
NAMES = (
    "Loan Number", "Loan Class", "Loan Type", "Loan Amount", "Interest Rate", "Term", "Contract Date", "First Payment Date",
    "Payment Frequency", "Loan Title", "Autopay",
)  # fmt: skip
RATE = NAMES.index("Interest Rate")
TITLES = (
    None, "Zoë Çelik", "O'Brien € Ltd, Inc.", 'a "quoted" one', "two\nlines", "日本", "007", "1e5", "NA", "=1+1", "-5",
    "2017-03-09", "TRUE", "Ærøskøbing " * 23,
)  # fmt: skip


def rows_of(count):
    """So many rows of Python values, one of them blank."""
    chance = random.Random(7)
    rows = []
    for number in range(count):
        begin = date(2024, 1, 1) + timedelta(days=chance.randrange(600))
        rows.append([
            f"{number:08}", "Consumer", "Installment", Decimal(chance.randrange(100_000, 9_999_999)) / 100,
            Decimal(chance.randrange(10_000, 240_000)) / 10_000, chance.randrange(12, 72), begin, begin + timedelta(days=31),
            "Monthly", chance.choice(TITLES), chance.choice((True, False, None)),
        ])  # fmt: skip
    rows[count // 2] = None
    return rows


def _text(column, value):
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case _ if column == RATE:
            return f"{value}%"
        case _:
            return str(value)


def _lines(rows):
    """The table as a person types it."""
    yield NAMES
    for row in rows:
        yield [_text(column, value) for column, value in enumerate(row or [None] * len(NAMES))]


def as_csv(path, rows, **dialect):
    with path.open("w", encoding=dialect.pop("encoding", "utf-8"), newline="") as file:
        csv.writer(file, **dialect).writerows(_lines(rows))


def as_gzip(path, rows):
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_lines(rows))


def as_workbook(path, rows):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day, rate = (book.add_format({"num_format": code}) for code in ("m/d/yyyy", "0.00%"))
        sheet.write_row(0, 0, NAMES)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row or ()):
                match value:
                    case None:
                        continue
                    case bool():
                        sheet.write_boolean(at, column, value)
                    case date():
                        moment = datetime(value.year, value.month, value.day, tzinfo=UTC).replace(tzinfo=None)
                        sheet.write_datetime(at, column, moment, day)
                    case str():
                        sheet.write_string(at, column, value)
                    case _ if column == RATE:
                        sheet.write_number(at, column, float(value / 100), rate)
                    case _:
                        sheet.write_number(at, column, float(value))


def as_parquet(path, rows, amount=None):
    """Each column in the type that a program would choose."""
    money = amount or pa.decimal128(12, 2)
    types = [
        pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.string(), money, pa.decimal128(8, 4), pa.int16(),
        pa.date32(), pa.timestamp("ns"), pa.large_string(), pa.string(), pa.bool_(),
    ]  # fmt: skip
    columns = list(zip(*(row or [None] * len(NAMES) for row in rows), strict=True))
    if amount is not None:
        columns[3] = [None if value is None else float(value) for value in columns[3]]
    arrays = [
        pa.array(column, pa.date32()).cast(kind) if pa.types.is_timestamp(kind) else pa.array(column, kind)
        for column, kind in zip(columns, types, strict=True)
    ]
    parquet.write_table(pa.table(arrays, names=list(NAMES)), path, row_group_size=150)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder, "one.xlsx")
        as_workbook(book, rows_of(KEPT_ROWS))
        for kind in ("xls", "ods"):
            saved_by_libreoffice(book.read_bytes(), kind, KEPT / f"one_table.{kind}")
