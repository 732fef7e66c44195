"""What is judged and repaired in cells is the same in a text file and in a workbook, each time the file is read."""

import csv
from dataclasses import replace
from datetime import date

import pytest
import xlsxwriter

from loader.errors import SourceError
from loader.intake.file import Intake
from loader.models.note import tallied
from loader.source.reading import Reading

TEMPLATE = """template: 1
null: [NA]
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: Loan
      title: Name
      LoanSetup.loanAmount: {column: Amount, as: money, group: " "}
      LoanSetup.contractDate: {column: Date, as: date, format: [MM/DD/YYYY, DD/MM/YYYY]}
"""
ROWS = [
    ("Loan", "Name", "Amount", "Date"),
    ("LN\u20131", "Ana\u00a0Mar\u00eda", "1\u00a0234.50", "03/09/2017"),
    ("LN-2", "NA", "NA", "25/12/2017"),
    ("LN-3", "None", "1 000", "\uff10\uff11/02/2017"),
]


@pytest.fixture
def opened(tmp_path):
    """Lays rows under the template, as text or as a workbook."""

    def lay(rows, suffix):
        (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
        path = tmp_path / f"loans{suffix}"
        if suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        else:
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet()
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
        return Intake.open(path, str(tmp_path / "t.yaml"), Reading(), today=date(2026, 11, 22))

    return lay


def read(intake):
    mapped = [intake.mapper.map(batch) for batch in intake.table.batches()]
    notes = tallied((*intake.mapper.notes, *(note for one in mapped for note in one.notes)))
    return [list(f.values) for one in mapped for f in one.steps[0].fields], [
        replace(n, sample="") for n in notes
    ]


def test_both_worlds_are_read_alike_again_and_again(opened):
    """The same values and the same notes."""
    values, notes = read(opened(ROWS, ".csv"))

    assert ["LN-1", "LN-2", "LN-3"] == values[0]
    assert [date(2017, 9, 3), date(2017, 12, 25), date(2017, 2, 1)] == values[3]
    assert {("date.format-judged", "D", 3, 2), ("text.dash", "A", 1, 2), ("text.null-word", "C", 1, 3)} < {
        (note.rule, note.letter, note.count, note.first_row) for note in notes
    }
    for suffix in (".csv", ".xlsx"):
        assert (values, notes) == read(opened(ROWS, suffix))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_dates_that_cannot_be_judged_stop_the_file(opened, suffix):
    """Before anything is mapped."""
    with pytest.raises(SourceError, match="both fit"):
        opened([ROWS[0], ROWS[1]], suffix)
