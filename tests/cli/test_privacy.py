"""Canaries in file and environment: only the rejected workbook may hold them, and only its owner may read it."""

import json
import stat
import sys
from pathlib import Path

import pytest
from cli.commands import ROOT, changed, contents, sample, write
from fakes.personal import personal_template
from fakes.scripted_server import Answer, ScriptedServer, listed

TOKEN = "canary-token-7Qz"
PASSWORD = "canary-Pa55word"
SSN, SHOWN_SSN = "912-83-7465", "912837465"
BORN, SHOWN_BORN = "07/23/1961", "1961-07-23"
BAD_SSN, BAD_BORN = "912-83-746x", "02/30/1961"
CANARIES = [text.encode() for text in (TOKEN, PASSWORD, SSN, SHOWN_SSN, BORN, SHOWN_BORN, BAD_SSN, BAD_BORN)]
"""What stands in file and environment, as it is written there and as it is sent."""


def planted(*, twice):
    """
    A portfolio whose first row is valid and whose second and third are not, with a column of passwords.

    *twice* lets the person of the first row stand in the fourth too, which is one row too many where that is the key.
    """
    rows = [[*row, "Password" if number == 0 else PASSWORD] for number, row in enumerate(sample(8))]
    changed(rows, 1, "SSN", SSN)
    changed(rows, 1, "DOB", BORN)
    changed(rows, 2, "SSN", BAD_SSN)
    changed(rows, 3, "DOB", BAD_BORN)
    if twice:
        changed(rows, 4, "DOB", BORN)
        changed(rows, 4, "SSN", SSN)
    changed(rows, 5, "SSN", SSN)
    return rows


def with_password(text):
    """The portfolio template with the password, which LoanPro takes in the clear."""
    return text.replace("      email: Email\n", "      email: Email\n      accessPassword: Password\n", 1)


def leaks(data):
    """The canaries in it."""
    return [canary for canary in CANARIES if canary in data]


def commands():
    """Every command that touches the file, most of them with `--debug`."""
    source = ("portfolio.csv", "-t", "mine.yaml", "--run-dir", "runs")
    sending = ("--yes", "--rate", "none", "--concurrency", "8", "--debug")
    return (
        ("check", *source, "--debug"),
        ("check", *source, "--json"),
        ("submit", *source, *sending, "--json"),
        ("resume", "--run-dir", "runs", *sending),
        ("submit", *source, *sending),
        ("runs", "--run-dir", "runs", "--json"),
        *(("report", "--run-dir", "runs", "--format", kind) for kind in ("csv", "json", "xlsx")),
        ("report", "--run-dir", "runs", "--format", "csv", "--output", "-"),
        ("submit", "portfolio.csv", "-t", "nowhere.yaml", *sending),
        ("submit", "nowhere.csv", "-t", "mine.yaml", *sending),
    )


@pytest.fixture
def echo(monkeypatch):
    """A service that refuses, and repeats whatever it was sent: body, token and all."""
    served = ScriptedServer()
    monkeypatch.setenv("LOANPRO_TENANT", "123")
    monkeypatch.setenv("LOANPRO_TOKEN", TOKEN)
    monkeypatch.setenv("LOANPRO_BASE_URL", served.base_url)
    monkeypatch.setattr("loader.submit.settle.PAUSE_BETWEEN_LOOKS_S", 0.01)
    monkeypatch.setattr("loader.submit.attempt.backoff", lambda *_: 0.01)

    def answer(request):
        if not request.body or "Search" in request.target:
            return listed()
        heard = f"{request.body.decode()} {request.headers['authorization']}"
        match len(served.posts()):
            case 1:
                return Answer(500, heard.encode(), {"Content-Type": "text/html"})
            case 2:
                return Answer(200, json.dumps({"said": heard}).encode())
            case odd if odd % 2:
                return Answer(
                    409, json.dumps({"error": {"message": heard, "type": "x", "code": 409}}).encode()
                )
            case _:
                return Answer(422, heard.encode())

    served.answer = answer
    yield served
    served.close()


@pytest.mark.parametrize("personal", [False, True], ids=["by number", "by person"])
def test_no_canary_leaves_the_rejected_workbook(loader, echo, personal):
    """Every byte of output, journal, log and report, with a service that repeats what it hears."""
    write("portfolio.csv", planted(twice=not personal))
    text = personal_template() if personal else (ROOT / "templates" / "portfolio.yaml").read_text("utf-8")
    Path("mine.yaml").write_text(with_password(text), "utf-8")
    told = [(arguments, loader(*arguments)) for arguments in commands()]

    assert SHOWN_SSN.encode() in b"".join(request.body for request in echo.posts()), "it was sent"
    outputs = {arguments: leaks((said.out + said.err).encode()) for arguments, said in told}
    assert {} == {arguments: found for arguments, found in outputs.items() if found}
    assert [] == [said.err for _, said in told if "a fault of loader itself" in said.err]

    files = [path for path in Path("runs").rglob("*") if path.is_file()]
    rejected = [path for path in files if path.name == "rejected.xlsx"]
    assert {"journal.sqlite", "results.xlsx", "results.csv", "results.json"} <= {path.name for path in files}
    assert [] == [
        (path, leaks(contents(path))) for path in files if path not in rejected and leaks(contents(path))
    ]
    assert rejected
    assert all(BAD_SSN.encode() in contents(path) for path in rejected), "it must be mended, so it shows all"
    assert not any(TOKEN.encode() in contents(path) for path in rejected)
    if sys.platform != "win32":
        assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in rejected}


@pytest.mark.parametrize(
    "text",
    [
        f"a,b\n1,2\n{SSN},{BORN},{PASSWORD},too,many\n",
        f'a,b\n"{SSN},{BORN}\n',
        f"Loan No,Borrower No\n{SSN}\n",
    ],
    ids=["ragged", "unclosed", "short"],
)
def test_a_file_that_cannot_be_read_is_not_quoted(loader, text):
    """Libraries like to repeat the line that they stumble over."""
    Path("bad.csv").write_text(text)
    said = loader("check", "bad.csv", "-t", "portfolio", "--debug")

    assert said.code in {4, 5}
    assert [] == leaks((said.out + said.err).encode())


def test_a_token_that_cannot_be_one_is_not_repeated(loader, good, monkeypatch):
    """Neither with its line break nor without."""
    monkeypatch.setenv("LOANPRO_TENANT", "123")
    monkeypatch.setenv("LOANPRO_TOKEN", f"{TOKEN} \n{TOKEN}")
    said = loader("submit", good, "-t", "portfolio", "--yes", "--debug")

    assert 3 == said.code
    assert "API token holds a space" in said.err
    assert [] == leaks((said.out + said.err).encode())
