"""The same table as text, as a workbook and as Parquet comes to the same payloads, byte for byte, under the same row numbers."""

import csv
import gzip
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from loader.intake import Intake
from loader.models.encoding import encode
from loader.source.reading import Reading

ROWS = 400
NAMES = (
    "Loan Number", "Loan Class", "Loan Type", "Loan Amount", "Interest Rate", "Term", "Contract Date", "First Payment Date",
    "Payment Frequency", "Loan Title", "Autopay",
)  # fmt: skip
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def table():
    """Rows of Python values, one of them blank: identifiers with zeros, amounts, rates, dates, names of many scripts."""
    chance = random.Random(7)
    rows = []
    for number in range(ROWS):
        begin = date(2024, 1, 1) + timedelta(days=chance.randrange(600))
        title = chance.choice(
            ["", "Zoë Çelik", "O'Brien € Ltd, Inc.", 'a "quoted" one', "two\nlines", "日本", "007", "NA"]
        )
        rows.append([
            f"{number:08}", "Consumer", "Installment", Decimal(chance.randrange(100_000, 9_999_999)) / 100,
            Decimal(chance.randrange(10_000, 240_000)) / 10_000, chance.randrange(12, 72), begin, begin + timedelta(days=31),
            "Monthly", title, chance.random() < 0.5,
        ])  # fmt: skip
    rows[ROWS // 2] = None
    return rows


def texts(rows):
    """The table as a person types it."""
    flag = {True: "TRUE", False: "FALSE"}
    return [
        NAMES,
        *([""] * len(NAMES) if row is None else [*map(str, row[:-1]), flag[row[-1]]] for row in rows),
    ]


def as_csv(path, rows, **dialect):
    with path.open("w", encoding=dialect.pop("encoding", "utf-8"), newline="") as file:
        csv.writer(file, **dialect).writerows(texts(rows))


def as_gzip(path, rows):
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(texts(rows))


def as_workbook(path, rows):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "m/d/yyyy"})
    sheet.write_row(0, 0, NAMES)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row or ()):
            if isinstance(value, bool):
                sheet.write_boolean(at, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(
                    at,
                    column,
                    datetime(value.year, value.month, value.day, tzinfo=UTC).replace(tzinfo=None),
                    day,
                )
            elif isinstance(value, str):
                sheet.write_string(at, column, value)
            else:
                sheet.write_number(at, column, float(value))
    book.close()


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


FORMATS = {
    "utf-16.csv": lambda path, rows: as_csv(path, rows, encoding="utf-16", delimiter="\t"),
    "quoted.csv": lambda path, rows: as_csv(
        path, rows, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n"
    ),
    "packed.csv.gz": as_gzip,
    "book.xlsx": as_workbook,
    "exact.parquet": as_parquet,
    "floats.parquet": lambda path, rows: as_parquet(path, rows, pa.float64()),
}


def requests_of(path):
    """Row number and payload of every row, as it would be sent."""
    intake = Intake.open(path, "loan", Reading(), today=TODAY)
    return [
        (row.ref.row, [encode(step.payload) for step in row.steps], [issue.rule for issue in row.issues])
        for batch in intake.checked_batches(b"")
        for row in batch.rows
    ]


@pytest.fixture(scope="module")
def expected(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "plain.csv"
    as_csv(path, table)
    found = requests_of(path)
    assert [n + 2 for n in range(ROWS) if n != ROWS // 2] == [row for row, _, _ in found]
    assert [] == [(row, rules) for row, _, rules in found if rules]
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_requests(table, expected, tmp_path, name):
    FORMATS[name](tmp_path / name, table)

    assert expected == requests_of(tmp_path / name)
