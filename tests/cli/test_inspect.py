"""`loader check FILE` without a template: a report for people, without a secret, and what runs tell of their file."""

import pytest
from cli.commands import sample, write
from rich.cells import cell_len

SECRETS = ("SSN", "DOB")


@pytest.mark.parametrize("width", [80, 120])
def test_each_column_stands_on_one_line(loader, good, monkeypatch, width):
    """Letter, header, kinds, how many are different, what it holds; in the width of the terminal."""
    monkeypatch.setenv("COLUMNS", str(width))
    said = loader("check", good)
    lines = said.out.splitlines()

    assert 0 == said.code
    assert max(map(cell_len, lines)) <= width
    assert [" Read as     CSV, UTF-8, comma between cells"] == [
        line.rstrip() for line in lines if "Read as" in line
    ]
    for at, header in enumerate(sample()[0]):
        assert [
            line
            for line in lines
            if line.split("   ")[0].strip() == "ABCDEFGHIJKLMNOPQRSTUV"[at] and header in line
        ]
    assert "loader template list" in said.err
    assert "-t TEMPLATE" in said.err


def test_no_secret_is_shown(loader, good):
    """Not on the screen, not in JSON."""
    header, *rows = sample()
    secrets = {row[header.index(name)] for name in SECRETS for row in rows}
    shown = loader("check", good).out + loader("check", good, "--json").out

    assert [] == [secret for secret in secrets if secret in shown]


def test_notes_are_told_with_their_columns(loader):
    """Before the plan of a run, in its JSON and in its summary too."""
    header, *rows = sample()
    at = header.index("Last Name")
    rows[3][at] = "Anna\u00a0Maria"
    write("loans.csv", [header, *rows])
    first = loader("check", "loans.csv")
    checked = loader("check", "loans.csv", "-t", "portfolio", "--json")
    sent = loader("submit", "loans.csv", "-t", "portfolio", "--sandbox", "--yes", "--rate", "none", "--json")

    assert "no-break spaces" in " ".join(first.out.split())
    for said in (checked, sent):
        (note,) = [note for note in said.json["source"]["notes"] if note["column"] == "Last Name"]
        assert (1, "D", 5) == (note["count"], note["letter"], note["first_row"])
        assert note["message"].split()[0] in said.err
    assert 0 == sent.code


def test_columns_that_the_template_does_not_use_are_told(loader, good):
    """What is in the file and goes nowhere; an undo of such a run tells nothing of the file."""
    header, *rows = sample()
    write("loans.csv", [[*header, "Branch", "Agent"], *([*row, "North", "Kim"] for row in rows)])
    sent = loader("submit", "loans.csv", "-t", "portfolio", "--sandbox", "--yes", "--rate", "none", "--json")
    undone = loader(
        "undo",
        sent.json["run"]["name"],
        "--how",
        "delete",
        "--confirm-tenant",
        sent.json["run"]["tenant"],
        "--json",
    )
    (note,) = [note for note in sent.json["source"]["notes"] if note["rule"] == "columns.unused"]

    assert note["message"].endswith("W Branch, X Agent")
    assert "W Branch, X Agent" in " ".join(sent.err.split())
    assert (0, []) == (undone.code, undone.json["source"]["notes"])


def test_a_guessed_encoding_is_shown_with_words_and_kept_without(loader):
    """What lets a person judge is for the screen alone."""
    header, *rows = sample()
    rows[0][header.index("City")] = "Cañon City"
    path = write("loans.csv", [header, *rows])
    path.write_text(path.read_text("utf-8"), "cp1252")
    checked = loader("check", path, "-t", "portfolio")
    sent = loader("submit", path, "-t", "portfolio", "--sandbox", "--yes", "--rate", "none")
    reported = loader("report", "--json")

    assert "Windows-1252" in checked.err
    assert "Cañon" in checked.err
    assert "Cañon" in sent.err
    assert {""} == {note["sample"] for note in reported.json["source"]["notes"]}


def test_standard_input(loader, good, monkeypatch):
    """The same report of what comes through a pipe."""
    with good.open(encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        said = loader("check", "-", "--json")

    assert 0 == said.code
    assert 12 == said.json["source"]["rows_read"]


def test_a_file_that_cannot_be_read(loader):
    assert 4 == loader("check", "nowhere.csv").one_message("nowhere.csv").code
