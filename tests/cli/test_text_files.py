"""Text files through the commands, as people have them."""

import csv
import gzip
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from cli.commands import Said, sample


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


def piped(content, *arguments):
    """A command with these bytes on its standard input."""
    process = subprocess.run(
        [sys.executable, "-m", "loader", *map(str, arguments)],
        input=content,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Said(process.returncode, process.stdout.decode(), process.stderr.decode())


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_check_of_standard_input(tmp_path, monkeypatch, pack):
    """Nothing of it is left on disk; its digest is that of the bytes that came."""
    content = pack(written(tmp_path / "x.csv", sample()).read_bytes())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    said = piped(content, "check", "-", "-t", "portfolio", "--json")

    assert 0 == said.code, said.err
    assert (12, hashlib.sha256(content).hexdigest()) == (
        said.json["run"]["rows_read"],
        said.json["source"]["sha256"],
    )
    assert [] == list(scratch.iterdir())


def test_submission_of_standard_input_can_be_resumed(loader, tmp_path):
    """What came through the pipe lies in the run's folder, for its owner alone, since payloads are made from it again."""
    content = written(tmp_path / "x.csv", sample(), delimiter=";").read_bytes()
    arguments = ("--sandbox", "--rate", "none", "--json")
    said = piped(content, "submit", "-", "-t", "portfolio", "--yes", "--limit", "5", *arguments)
    kept = Path("loader-runs", said.json["run"]["name"], "source.csv")

    assert 7 == said.json["outcomes"]["not_sent"], said.err
    assert content == kept.read_bytes()
    if os.name == "posix":
        assert 0o600 == kept.stat().st_mode & 0o777
    resumed = loader("resume", "--yes", *arguments)
    assert (0, 12) == (resumed.code, resumed.json["outcomes"]["accepted"])
    again = piped(content, "submit", "-", "-t", "portfolio", "--yes", *arguments)
    assert (said.json["run"]["name"], 12) == (
        again.json["run"]["name"],
        again.json["outcomes"]["accepted"],
    ), "the same bytes are the same file"


def test_standard_input_that_is_empty_or_needs_an_answer(tmp_path):
    piped(b"", "check", "-", "-t", "portfolio").one_message("is empty")
    said = piped(b"a\n1\n", "submit", "-", "-t", "portfolio", "--sandbox")

    assert 2 == said.code
    said.one_message("--yes")


def test_options_reach_the_reader_and_are_kept(loader, tmp_path):
    """A code page that cannot be guessed, a separator of its own, the member of an archive; resumed with the same."""
    rows = sample()
    rows[1][rows[0].index("First Name")] = "Zoë"
    text = "\r\n".join("^".join(row) for row in rows)
    with zipfile.ZipFile(tmp_path / "loans.zip", "w") as archive:
        archive.writestr("may.csv", text.encode("cp850"))
        archive.writestr("june.csv", "x")
    said = ("--delimiter", "^", "--encoding", "cp850", "--member", "may.csv")
    rest = ("--sandbox", "--rate", "none", "--yes", "--json")
    sent = loader("submit", tmp_path / "loans.zip", "-t", "portfolio", *said, "--limit", 5, *rest)
    resumed = loader("resume", *rest)

    assert (12, "may.csv") == (sent.json["run"]["rows_read"], sent.json["source"]["sheet"])
    assert 12 == resumed.json["outcomes"]["accepted"]


def test_wrong_options_are_usage(loader, good):
    loader("check", good, "-t", "portfolio", "--delimiter", "ab").one_message("--delimiter", "tab")
    said = loader("check", good, "-t", "portfolio", "--encoding", "nonsense")

    said.one_message("no encoding that can be read", "cp1252")
    assert 2 == said.code
