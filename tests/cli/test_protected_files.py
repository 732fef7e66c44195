"""Workbooks with a password, and what they hide, at the command line."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from cli.commands import contents, sample
from msoffcrypto.format.ooxml import OOXMLFile

PASSWORD = "Geheim und lang 1"


@pytest.fixture
def secret():
    """The sample as a workbook with a password."""
    book = openpyxl.Workbook()
    for row in sample(6):
        book.active.append(row)
    book.save("plain.xlsx")
    with Path("plain.xlsx").open("rb") as source, Path("loans.xlsx").open("wb") as target:
        OOXMLFile(source).encrypt(PASSWORD, target)
    Path("plain.xlsx").unlink()
    return "loans.xlsx"


@pytest.fixture
def password_file():
    Path("password.txt").write_text(f"{PASSWORD}\nanother line\n", encoding="utf-8")
    return "password.txt"


def test_the_password_comes_from_a_file(loader, secret, password_file):
    told = loader("check", secret, "-t", "portfolio", "--password-file", password_file)

    assert told.code == 0, told.err


def test_without_a_terminal_a_file_is_asked_for(loader, secret):
    told = loader("check", secret, "-t", "portfolio").one_message(
        "protected by a password", "--password-file"
    )

    assert told.code == 2


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [("", 3, "is empty"), ("wrong", 4, "the password does not open loans.xlsx"), (None, 3, "cannot be read")],
)
def test_a_password_file_that_does_not_help(loader, secret, content, code, words):
    if content is not None:
        Path("p.txt").write_text(content, encoding="utf-8")
    told = loader("check", secret, "-t", "portfolio", "--password-file", "p.txt").one_message(words)

    assert told.code == code


def test_at_a_terminal_it_is_asked_for_and_not_shown(secret):
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", "check", secret, "-t", "portfolio"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown, answered = b"", False
    with suppress(OSError):  # the other end is closed when the process has ended
        while part := os.read(ours, 65536):
            shown += part
            if b"Password of the workbook" in shown and not answered:
                os.write(ours, f"{PASSWORD}\n".encode())
                answered = True
    os.close(ours)

    assert process.wait(20) == 0
    assert answered
    assert PASSWORD not in shown.decode()


def test_a_resumed_run_asks_again_and_keeps_it_nowhere(loader, secret, password_file):
    """Journal, reports and manifest hold no password."""
    first = loader(
        "submit", secret, "-t", "portfolio", "--sandbox", "--yes", "--limit", "2", "--rate", "none",
        "--password-file", password_file,
    )  # fmt: skip
    assert "run" in first.err, first
    loader("resume", "--yes", "--rate", "none").one_message("--password-file")
    told = loader("resume", "--yes", "--rate", "none", "--password-file", password_file)

    assert told.code == 0, told.err
    files = [path for path in Path("loader-runs").rglob("*") if path.is_file()]
    assert files
    assert [] == [path for path in files if PASSWORD.encode() in contents(path)]


def test_a_rehearsal_hands_the_password_to_its_sender(loader, secret, password_file):
    told = loader(
        "rehearse",
        secret,
        "-t",
        "portfolio",
        "--kills",
        "1",
        "--keep",
        "kept",
        "--password-file",
        password_file,
    )

    assert told.code == 0, told.err
    assert [] == [
        path for path in Path("kept").rglob("*") if path.is_file() and PASSWORD.encode() in contents(path)
    ]


def test_hidden_rows_are_asked_for_and_the_answer_is_kept(loader):
    """Default is to stop; what was said holds for the resumed run too."""
    book = openpyxl.Workbook()
    for row in sample(6):
        book.active.append(row)
    for row in (3, 5):
        book.active.row_dimensions[row].hidden = True
    book.save("loans.xlsx")
    told = loader("check", "loans.xlsx", "-t", "portfolio").one_message("hides 2 rows", "--hidden include")
    assert told.code == 4
    sent = loader(
        "submit", "loans.xlsx", "-t", "portfolio", "--sandbox", "--yes", "--hidden", "skip", "--limit", "2",
        "--rate", "none", "--json",
    )  # fmt: skip
    assert sum(sent.json["outcomes"].values()) == 4
    assert loader("resume", "--yes", "--rate", "none", "--json").json["outcomes"]["accepted"] == 4
