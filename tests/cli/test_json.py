"""`--json`: one document on standard output, whatever happens; its fields are those of docs/json.md."""

import json
import re
from pathlib import Path

import openpyxl
import pytest
from cli.commands import ROOT, changed, sample, write

PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
OUTCOMES = {"accepted", "invalid", "rejected", "held", "unknown", "skipped", "not_sent"}


def documented(heading):
    """The names in backticks below a heading, up to the next one."""
    section = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"`([a-z_0-9]+)`", section))


def test_a_check(loader):
    """The whole result, and the talk elsewhere; every member is documented."""
    write("loans.csv", changed(sample(), 1, "Principal", "abc"))
    said = loader("check", "loans.csv", "-t", "portfolio", "--json")
    names = documented("`check`")

    assert 1 == said.code == said.json["exit_code"]
    assert {"run", "source", "outcomes", "exit_code", "totals", "rules", "written", "error", "hint"} == set(
        said.json
    )
    assert OUTCOMES == set(said.json["outcomes"])
    assert 12 == sum(said.json["outcomes"].values()) == said.json["run"]["rows_read"]
    assert set() == set(said.json) - names
    assert set() == set(said.json["run"]) - names
    assert set() == set(said.json["source"]) - names
    assert set() == {name for column in said.json["source"]["columns"] for name in column} - names
    assert ["F", "SSN", True, []] == [
        said.json["source"]["columns"][5][name] for name in ("letter", "header", "sensitive", "examples")
    ]
    assert set() == set(said.json["totals"][0]) - names
    assert set() == set(said.json["rules"][0]) - names
    assert (None, "") == (said.json["error"], said.json["hint"])
    assert all(Path(path).is_file() for path in said.json["written"])
    assert "Check of loans.csv" in said.err


def test_a_check_without_a_template(loader, good):
    """What is in the file; every member is documented."""
    said = loader("check", good, "--json")
    names = documented("`check`") | documented("`check` without")
    source = said.json["source"]

    assert 0 == said.code == said.json["exit_code"]
    assert {"source", "exit_code", "error", "hint"} == set(said.json)
    assert set() == set(source) - names
    assert set() == set(source["columns"][0]) - names
    assert set() == {kind for column in source["columns"] for kind in column["kinds"]} - names
    assert set() == set(source["notes"][0]) - names
    assert (12, 1, True) == (source["rows_read"], source["header_row"], source["header_guessed"])
    assert not Path("loader-runs").exists(), "nothing is left behind"


def test_a_run_and_what_follows_it(loader, good):
    """`submit`, `report` and `runs` agree with each other."""
    sent = loader("submit", good, "-t", "portfolio", "--sandbox", "--yes", "--rate", "none", "--json")
    reported = loader("report", "--json", "--format", "csv")
    listed = loader("runs", "--json")

    assert [0, 0, 0] == [sent.code, reported.code, listed.code]
    assert 12 == sent.json["outcomes"]["accepted"]
    assert sent.json["outcomes"] == reported.json["outcomes"] == listed.json[0]["outcomes"]
    assert sent.json["run"] == reported.json["run"]
    assert sent.json["run"]["name"] == listed.json[0]["run"]
    assert '"of_accepted":302815.92' in sent.out, "exact, as a number"
    assert set() == set(listed.json[0]) - documented("`runs`") - documented("`check`")


def test_a_mended_workbook(loader, mended_runs):
    """Both runs tell of each other, in JSON and on the terminal."""
    first, second = mended_runs
    told = loader("report", first, "--json").json
    mends = loader("report", second, "--json").json["source"]["origin"]
    listed = {run["run"]: run for run in loader("runs", "--json").json}

    assert {"runs": [second], "outcomes": {"accepted": 1}} == told["run"]["mended"] == listed[first]["mended"]
    assert 1 == told["outcomes"]["invalid"]
    assert (first, "loans.csv") == (mends["run"], mends["name"])
    assert (None, first) == (listed[first]["mends"], listed[second]["mends"])
    assert f"mended since: 1 invalid row in run {second}: accepted 1" in loader("report", first).err
    assert "mended since: accepted 1" in loader("runs").out


@pytest.fixture
def mended_runs(loader):
    """The names of a run with one invalid row, and of the run in which that was mended."""
    write("loans.csv", changed(sample(), 1, "Principal", "abc"))
    arguments = ("-t", "portfolio", "--sandbox", "--yes", "--rate", "none", "--json")
    loader("submit", "loans.csv", *arguments, "--rejected", "rejected.xlsx")
    book = openpyxl.load_workbook("rejected.xlsx")
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "Principal")
    sheet.cell(2, column).value = 12000
    book.save("mended.xlsx")
    loader("submit", "mended.xlsx", *arguments)
    return [run["run"] for run in loader("runs", "--json").json]


def test_fields(loader):
    said = loader("fields", "--json")
    assert {"loan", "customer", "payment", "charge", "credit", "note"} == set(said.json)
    assert set(said.json["loan"][0]) == documented("`fields`")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "nowhere.csv", "-t", "loan"), 4),
        (("check", "good.csv", "-t", "lone"), 5),
        (("check", "good.csv", "--rejected", "r.xlsx"), 2),
        (("check", "nowhere.csv"), 4),
        (("submit", "good.csv", "--yes"), 2),
        (("submit", "good.csv", "-t", "portfolio", "--concurrency", "0"), 2),
        (("submit", "good.csv", "-t", "portfolio", "--sandbox"), 2),
        (("submit", "good.csv", "-t", "portfolio", "--yes"), 3),
        (("runs",), 7),
        (("report",), 7),
        (("chek",), 2),
        (("runs", "--shet"), 2),
    ],
)
def test_failures(loader, good, arguments, code):
    """Three members, and the exit code that the shell sees."""
    said = loader(*arguments, "--json")

    assert code == said.code == said.json["exit_code"]
    assert {"error", "hint", "exit_code"} == set(said.json)
    assert said.json["error"].splitlines()[0] in said.err


def test_a_fault_of_the_program(loader, good, monkeypatch):
    """It is owned up to, without a traceback; `--debug` shows one."""

    def fail(*arguments, **options):
        raise RuntimeError("a fault in the making")

    monkeypatch.setattr("loader.pipeline.check", fail)
    said = loader("check", good, "-t", "portfolio", "--json")

    assert 70 == said.code == said.json["exit_code"]
    assert "a fault of loader itself: RuntimeError" in said.err
    assert "Traceback" not in said.err

    shown = loader("check", good, "-t", "portfolio", "--debug")
    assert "Traceback" in shown.err
    assert "a fault in the making" in shown.err


def test_a_report_on_standard_output(loader, good):
    """`--output -` puts the file itself there, and nothing else."""
    loader("submit", good, "-t", "portfolio", "--sandbox", "--yes", "--rate", "none")
    as_csv = loader("report", "--format", "csv", "--output", "-")
    as_json = loader("report", "--format", "json", "--output", "-")

    assert 13 == len(as_csv.out.splitlines())
    assert 12 == len(json.loads(as_json.out)["rows"])
    assert not Path("-").exists()
