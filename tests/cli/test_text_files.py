"""Text files through the commands, as people have them."""

import csv

import openpyxl
from cli.commands import sample


def written(path, rows, **dialect):
    """A text file in the dialect asked for."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


def test_a_row_is_told_with_its_line(loader, tmp_path):
    """A note of three lines above the bad row: the row number counts rows, the line what a text editor shows."""
    rows = [[*row, "x"] for row in sample()]
    rows[0][-1] = "Note"
    rows[1][-1] = "call\nagain\ntomorrow"
    rows[3][rows[0].index("Principal")] = "abc"
    said = loader("check", written(tmp_path / "loans.csv", rows), "-t", "portfolio", "--json")
    book = openpyxl.load_workbook(said.json["written"][0])
    issue = dict(
        zip(*[[cell.value for cell in row] for row in book["Issues"].iter_rows(max_row=2)], strict=True)
    )

    assert 1 == said.code
    assert "4 (line 6)" in said.err
    assert (4, 6) == (issue["Row"], issue["Line"])


def test_results_tell_the_line_beside_the_row(loader, tmp_path):
    """In CSV and JSON, and in the workbook's list of issues; nothing where it is the row number."""
    rows = [[*row, "x"] for row in sample(3)]
    rows[0][-1] = "Note"
    rows[2][-1] = "two\nlines"
    file = written(tmp_path / "loans.csv", rows)
    sent = loader("submit", file, "-t", "portfolio", "--sandbox", "--yes", "--rate", "none", "--json")
    target = tmp_path / "results.csv"
    loader("report", "--format", "csv", "--output", target)

    assert 0 == sent.code
    with target.open(newline="") as results:
        assert [("2", ""), ("3", ""), ("4", "5")] == [
            (row["row"], row["line"]) for row in csv.DictReader(results)
        ]
