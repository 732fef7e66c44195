"""The same table as text, as a workbook and as Parquet comes to the same payloads, byte for byte, under the same row numbers."""

import shutil
from datetime import date

import pyarrow as pa
import pytest
from cases.make_cases import saved_by_libreoffice
from pipeline.one_table import (
    KEPT,
    KEPT_ROWS,
    as_csv,
    as_gzip,
    as_parquet,
    as_workbook,
    rows_of,
)

from loader.intake.file import Intake
from loader.models.encoding import encode
from loader.source.reading import Reading

TODAY = date(2026, 11, 22)
ROWS = 10_000

DIALECTS = {
    "utf-16.csv": lambda path, rows: as_csv(path, rows, encoding="utf-16", delimiter="\t"),
    "quoted.csv": lambda path, rows: as_csv(path, rows, delimiter=";", quoting=1, lineterminator="\n"),
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
        for row in batch.rows()
    ]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The requests of so many rows, as a plain text file has them."""
    known = {}

    def of(count):
        if count not in known:
            path = tmp_path_factory.mktemp("one") / "plain.csv"
            as_csv(path, rows_of(count))
            found = known[count] = requests_of(path)
            assert [n + 2 for n in range(count) if n != count // 2] == [row for row, _, _ in found]
            assert [] == [(row, rules) for row, _, rules in found if rules]
        return known[count]

    return of


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_gives_the_same_requests(expected, tmp_path, name):
    DIALECTS[name](tmp_path / name, rows_of(400))

    assert expected(400) == requests_of(tmp_path / name)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A workbook of a whole portfolio."""
    path = tmp_path_factory.mktemp("book") / "one.xlsx"
    as_workbook(path, rows_of(ROWS))
    return path


def test_workbook_and_parquet_give_the_same_requests_of_a_portfolio(expected, book, tmp_path):
    as_parquet(tmp_path / "one.parquet", rows_of(ROWS))

    assert expected(ROWS) == requests_of(book) == requests_of(tmp_path / "one.parquet")


@pytest.mark.skipif(
    not (shutil.which("soffice") or shutil.which("libreoffice")),
    reason="LibreOffice is not here; two hundred rows that it has saved are kept and tested",
)
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_saved_by_libreoffice_it_gives_the_same_requests(expected, book, tmp_path, kind):
    saved_by_libreoffice(book.read_bytes(), kind, tmp_path / f"one.{kind}")

    assert expected(ROWS) == requests_of(tmp_path / f"one.{kind}")


@pytest.mark.parametrize("name", ["one_table.xls", "one_table.ods"])
def test_kept_files_give_the_same_requests(expected, name):
    assert expected(KEPT_ROWS) == requests_of(KEPT / name)
