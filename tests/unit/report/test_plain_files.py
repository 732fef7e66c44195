"""Results for programs: CSV that no spreadsheet executes, JSON with exact numbers."""

import csv
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from loader.journal.records import ControlTotal
from loader.models.outcome import Outcome
from loader.report.plain import json_text, summary_json, write_csv, write_json
from loader.report.summary import OutcomesDisagreeError


def _csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_has_one_line_for_each_row_with_its_steps_beside(view, tmp_path):
    """Every row once, in order, with status and id of each step under the step's name."""
    write_csv(view, tmp_path / "r.csv")
    lines = _csv(tmp_path / "r.csv")
    for row, line in zip(view.results, lines, strict=True):
        assert (str(row.ref.row), row.outcome.value) == (line["row"], line["outcome"])
        for step in row.steps:
            assert ("" if step.status is None else str(step.status)) == line[f"{step.operation}.status"]
    assert lines[0]["loans.create.sent_at"] == "2026-11-22T10:15:00.250000Z"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'quoted"])
def test_csv_cells_that_a_spreadsheet_would_execute_are_prefixed(text, make_view, tmp_path):
    """One apostrophe before them, and only before them."""
    view = make_view([Outcome.REJECTED])
    view.results = [replace(view.results[0], message=text)]
    write_csv(view, tmp_path / "r.csv")
    assert f"'{text}" == _csv(tmp_path / "r.csv")[0]["message"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=1, max_size=10))
def test_csv_text_comes_back_without_the_apostrophe(tmp_path_factory, make_view, texts):
    """Taking one apostrophe off gives the text of the journal back, whatever it was."""
    path = tmp_path_factory.mktemp("csv") / "r.csv"
    view = make_view([Outcome.ACCEPTED] * len(texts))
    view.results = [replace(row, keys=(text, "k")) for row, text in zip(view.results, texts, strict=True)]
    write_csv(view, path)
    assert texts == [line["Borrower No"].removeprefix("'") for line in _csv(path)]


def test_csv_columns_are_unique(make_view, tmp_path):
    """A key column named like one of ours, and one operation used twice, keep columns of their own."""
    view = make_view([], key_columns=("Row", "Loan"))
    view.operations = ("notes.create", "notes.create")
    write_csv(view, tmp_path / "r.csv")
    head = (tmp_path / "r.csv").read_text().split(",")
    assert head[:6] == ["row", "line", "original_row", "sheet", "Row (2)", "Loan"]
    assert len(head) == len(set(head))


def test_json_nests_the_steps(view, tmp_path):
    """The file is one object; rows carry their steps and issues their places."""
    write_json(view, tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {"run", "source", "outcomes", "exit_code", "totals", "rules", "rows", "issues"} == document.keys()
    assert [row.ref.row for row in view.results] == [row["row"] for row in document["rows"]]
    rejected = next(row for row in document["rows"] if row["outcome"] == "rejected")
    assert [(s["operation"], s["status"]) for s in rejected["steps"]] == [
        ("customers.create", 200),
        ("loans.create", 409),
    ]
    assert document["rows"][0]["keys"] == {"Borrower No": "C-1000", "Loan Number": "00000"}
    assert len(view.found) == len(document["issues"])


def test_json_numbers_are_exact(make_view, tmp_path):
    """A control total leaves with all its digits, as a number."""
    view = make_view([Outcome.ACCEPTED])
    amount = Decimal("12345678901234567.8901")
    view.sums = (ControlTotal("loans.create", "LoanSetup.loanAmount", amount, amount, Decimal("0.10")),)
    write_json(view, tmp_path / "r.json")
    (total,) = json.loads((tmp_path / "r.json").read_text(), parse_float=Decimal)["totals"]
    assert (amount, "0.10") == (total["of_read"], str(total["of_accepted"]))
    assert '"of_read":12345678901234567.8901' in json_text(summary_json(view))


def test_json_of_a_run_without_rows_is_sound(make_view, tmp_path):
    """Empty lists, not missing ones."""
    write_json(make_view([]), tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text())
    assert (document["rows"], document["issues"], document["run"]["rows_read"]) == ([], [], 0)


def test_lone_surrogates_break_neither_file(make_view, tmp_path):
    """Text that UTF-8 cannot hold is written as its escape."""
    view = make_view([Outcome.REJECTED])
    view.results = [replace(view.results[0], message="a\ud800b")]
    write_csv(view, tmp_path / "r.csv")
    write_json(view, tmp_path / "r.json")
    assert _csv(tmp_path / "r.csv")[0]["message"] == "a\\ud800b"
    assert json.loads((tmp_path / "r.json").read_text())["rows"][0]["message"] == "a\\ud800b"


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_plain_files_of_rows_that_do_not_add_up_are_never_published(write, view, tmp_path):
    """The guard of the workbook holds here too."""
    view.results[5] = view.results[4]
    with pytest.raises(OutcomesDisagreeError):
        write(view, tmp_path / "r.out")
    assert list(tmp_path.iterdir()) == []
