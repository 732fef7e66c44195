"""Cells of workbooks, from file to payload value: the same as those of a text file, or refused."""

import csv

import openpyxl
import pytest

from loader.mapping.binding import bind
from loader.mapping.columns import joined, parted
from loader.mapping.conversions import GIVES, conversion_of
from loader.mapping.field_spec import FieldSpec
from loader.mapping.refusal import Refusal
from loader.source.open import open_table
from loader.source.table import Kind

FIELDS = "LoanSetup.loanRate: {column: Rate, as: %s}\n"


@pytest.fixture
def mapped(tmp_path, loan_template):
    """Values and rules of the issues, by row, of a column of rates in a workbook; a rate is a number and its format."""

    def read(cells, conversion, path=None):
        if path is None:
            path = tmp_path / "loans.xlsx"
            book = openpyxl.Workbook()
            book.active.append(["Loan", "Rate"])
            for row, (number, code) in enumerate(cells, start=2):
                book.active.append([f"00{row}", number])
                book.active.cell(row, 2).number_format = code
            book.save(path)
        table = open_table(path)
        (batch,) = table.batches()
        found = bind(loan_template(FIELDS % conversion), table.headers).map(batch)
        (step,) = found.steps
        rules = {batch.rows[at]: [issue.rule for issue in issues] for at, issues in found.issues.items()}
        return next(field.values for field in step.fields if field.path == "LoanSetup.loanRate"), rules

    return read


@pytest.mark.parametrize("conversion", ["percent", "fraction", "decimal", "money"])
def test_workbook_and_text_file_give_the_same(mapped, tmp_path, conversion):
    """A percentage of a workbook is what a text file writes with a percent sign: the same value, or the same refusal."""
    numbers = [(0.1202, "0.00%"), (0.0825, "0%"), (-0.05, "0.0%"), (0.120225, "0.00%;-0.00%"), (1, "0%")]
    with (tmp_path / "loans.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["Loan", "Rate"], *(["x", text] for text in ("12.02%", "8.25%", "-5%", "12.0225%", "100%"))]
        )

    in_workbook = mapped(numbers, conversion)
    assert in_workbook == mapped((), conversion, path=tmp_path / "loans.csv")
    values, rules = in_workbook
    if conversion in {"percent", "fraction"}:
        assert ([str(value) for value in values], rules) == (["12.02", "8.25", "-5", "12.0225", "100"], {})


def test_lost_format_is_refused_in_its_row(mapped):
    """0.1202 beside 12.02% is 12.02% or 0.1202%; nothing tells. The others are as clear as they were."""
    cells = [(0.1202, "0.00%"), (0.1202, "General"), (8.25, "General"), (0, "General")]
    values, rules = mapped(cells, "percent")

    assert [str(value) for value in (values[0], *values[2:])] == ["12.02", "8.25", "0"]
    assert rules == {3: ["percent.mixed-column"]}
    values, rules = mapped(cells, "fraction")
    assert [str(values[at]) for at in (0, 1, 3)] == ["12.02", "12.02", "0"]
    assert rules == {4: ["fraction.mixed-column"]}


def test_lost_format_of_a_text_file_is_refused_as_in_a_workbook(mapped, tmp_path):
    """What the workbook's format says there, the percent sign says here; the cells around it need not be near."""
    lines = ["Loan,Rate", "1,0.1202", *(f"{n},8.25" for n in range(2, 6_000)), "6000,12.02%", "6001,0"]
    (tmp_path / "loans.csv").write_text("\n".join(lines))
    headers = open_table(tmp_path / "loans.csv").headers

    assert [header.has_percents for header in headers] == [False, True]
    (tmp_path / "short.csv").write_text("Loan,Rate\n1,0.1202\n2,12.02%\n3,8.25\n4,0\n")
    values, rules = mapped((), "percent", path=tmp_path / "short.csv")
    assert ([str(value) for value in values[1:]], rules) == (
        ["12.02", "8.25", "0"],
        {2: ["percent.mixed-column"]},
    )


def test_plain_numbers_alone_are_taken_at_their_word(mapped):
    """Without any percentage in the column the template's word is all there is, and enough."""
    values, rules = mapped([(0.1202, "General"), (0.99, "0.00")], "percent")

    assert ([str(value) for value in values], rules) == (["0.1202", "0.99"], {})


@pytest.mark.parametrize("name", GIVES)
def test_number_that_lost_digits_is_refused_by_every_conversion(name):
    """A card number of 16 digits typed as a number ends in a zero that nobody typed."""
    options = {"choices": {"1234567890123450": 1}} if name == "choice" else {}
    convert = conversion_of(FieldSpec.model_validate({"column": "A", "as": name} | options))
    refusal = convert("1234567890123450", Kind.LOSSY)

    assert isinstance(refusal, Refusal)
    assert refusal.rule == "cell.beyond-15-digits"
    assert "as text in the file" in refusal.advice


@pytest.mark.parametrize(
    ("cell", "key", "rules"),
    [
        ("12345678901234567890", "12345678901234567890", []),
        (12345678901234567890, None, ["cell.beyond-15-digits"]),
        (123456789012345, "123456789012345", []),
    ],
)
def test_long_number_as_a_key(tmp_path, loan_template, cell, key, rules):
    """All twenty digits of a text are there; of a number cell they are not."""
    book = openpyxl.Workbook()
    for row in (["Loan", "Rate"], [cell, 1]):
        book.active.append(row)
    book.save(tmp_path / "loans.xlsx")
    table = open_table(tmp_path / "loans.xlsx")
    (batch,) = table.batches()
    found = bind(loan_template(FIELDS % "percent"), table.headers).map(batch)
    (step,) = found.steps

    assert [issue.rule for issue in found.issues.get(0, ())] == rules
    assert key is None or next(field.values for field in step.fields if field.path == "displayId") == [key]


def test_lost_digits_stay_lost_in_parts_and_joins():
    kinds = bytes([Kind.LOSSY, Kind.NUMBER])
    cells = ["1234567890123450", "7"]

    assert parted(cells, kinds, "-", 1) == (cells, bytes([Kind.LOSSY, Kind.TEXT]))
    assert joined([cells, ["a", "b"]], [kinds, None], "-")[1] == bytes([Kind.LOSSY, Kind.TEXT])
