"""A rejected workbook of a sheet with headers of several rows fits the same template again."""

import openpyxl

from loader.models.issue import Issue
from loader.models.row import RowRef
from loader.report.rejected_book import write_rejected
from loader.source.open import open_table
from loader.source.reading import Reading


def test_headers_of_two_rows_come_back(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Loan", "Borrower", None], [None, "First", "Last"], [1, "Ann", "Lee"], [2, "Bo", "Ray"]):
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    book.save(tmp_path / "loans.xlsx")
    reading = Reading(
        header_row=2, header_rows=2, headers_wanted=frozenset({"Borrower First", "Borrower Last"})
    )
    table = open_table(tmp_path / "loans.xlsx", reading)
    issues = [(RowRef(1, table.sheet, 4), Issue("x", "wrong"))]
    assert write_rejected(table, issues, tmp_path / "rejected.xlsx") == 1
    again = open_table(tmp_path / "rejected.xlsx", reading)

    assert [header.name for header in again.headers] == [header.name for header in table.headers]
    assert [column for batch in again.batches() for column in batch.columns] == [["2"], ["Bo"], ["Ray"]]
