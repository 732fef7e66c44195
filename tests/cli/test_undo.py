"""`loader undo` as a user meets it: confirmation, plan, JSON, and a power cut."""

import re
import signal
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from cli.commands import ended, start, write

from loader.sandbox.process import SandboxProcess

TEMPLATE = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: Loan
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
      LoanSetup.loanAmount: {value: 100}
      LoanSetup.loanRate: {value: 12}
      LoanSetup.loanRateType: {value: loan.rateType.annually}
      LoanSetup.loanTerm: {value: 36}
      LoanSetup.contractDate: {value: 2024-01-01}
      LoanSetup.firstPaymentDate: {value: 2024-02-01}
      LoanSetup.paymentFrequency: {value: loan.frequency.monthly}
      LoanSetup.calcType: {value: loan.calcType.simpleInterest}
      LoanSetup.daysInYear: {value: loan.daysInYear.actual}
      LoanSetup.interestApplication: {value: loan.interestApplication.betweenTransactions}
"""
NUMBERS = count(1)
DELETE = "DELETE odata.svc/Loans(id)"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One tenant for all tests of this file; each submits under numbers of its own."""
    with SandboxProcess(tmp_path_factory.mktemp("tenant") / "t.sqlite", token="right") as process:
        yield process


@pytest.fixture
def submitted(loader, tenant, served):
    """Submits twelve loans under numbers that no other test has; gives back the run's name."""
    tenant(served)
    write("loans.csv", [["Loan"], *([f"L{next(NUMBERS)}"] for _ in range(12))])
    Path("loans.yaml").write_text(TEMPLATE, "utf-8")
    said = loader("submit", "loans.csv", "-t", "loans.yaml", "--yes", "--rate", "none", "--json")
    assert 12 == said.json["outcomes"]["accepted"]
    return said.json["run"]["name"]


def deleted(served):
    """How many deletions have arrived."""
    return served.counts()["requests"].get(DELETE, 0)


def test_yes_is_not_enough(loader, submitted, served):
    """Without a terminal the tenant's id is wanted; another id, or no way, is a wrong usage. Nothing is sent."""
    before = served.counts()["total"]
    nothing = loader("undo", submitted, "--how", "delete", "--json")
    wrong = loader("undo", submitted, "--how", "delete", "--confirm-tenant", "1")
    no_way = loader("undo", submitted, "--confirm-tenant", served.tenant)
    yes = loader("undo", submitted, "--how", "delete", "--yes")

    assert [2, 2, 2, 2] == [nothing.code, wrong.code, no_way.code, yes.code]
    assert "--confirm-tenant" in nothing.json["hint"]
    wrong.one_message("is not the tenant of run")
    no_way.one_message("--how")
    assert before == served.counts()["total"]
    assert 1 == len(loader("runs", "--json").json)


def test_the_tenants_id_is_typed(loader, submitted, served, monkeypatch):
    """The plan names tenant and cost before the question; another id than the tenant's sends nothing."""
    asked = []

    def prompt(question, **_):
        asked.append(question)
        return "yes"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", prompt)
    before = deleted(served)
    said = loader("undo", submitted, "--how", "delete")

    assert [f"Type the tenant id {served.tenant} to delete 12 loans"] == asked
    assert re.search(rf"Tenant +{served.tenant} at 127", said.err)
    assert "restores them only for a fee" in " ".join(said.err.split())
    assert f"Undo of run {submitted}: delete" in said.err
    assert (130, before) == (said.code, deleted(served))
    assert "not confirmed" in said.err

    monkeypatch.setattr("click.prompt", lambda *_, **__: f" {served.tenant} ")
    assert 0 == loader("undo", submitted, "--how", "delete", "--rate", "none").code
    assert 12 == deleted(served) - before


def test_an_archive_in_json(loader, submitted, served):
    """One document; the plan says what archiving costs; `runs` and `report` know the undo."""
    arguments = ("--how", "archive", "--limit", "5", "--confirm-tenant", served.tenant, "--rate", "none")
    said = loader("undo", submitted[:-1], *arguments, "--json")
    listed = loader("runs", "--json").json
    reported = loader("report", "--format", "csv", "--output", "-")

    assert (0, 5, "undo") == (said.code, said.json["outcomes"]["accepted"], said.json["run"]["kind"])
    assert "one-time fee" in said.err
    assert [submitted, said.json["run"]["name"]] == [run["run"] for run in listed]
    assert 5 == listed[1]["outcomes"]["accepted"]
    assert 6 == len(reported.out.splitlines())
    assert "loans.archive.outcome" in reported.out.splitlines()[0]


def counted(said):
    """Outcomes of a run without those that it has not."""
    return {name: count for name, count in said.json["outcomes"].items() if count}


def test_an_undo_stops_by_itself_and_is_resumed_bit_by_bit(loader, submitted, served, monkeypatch):
    """`--until` and `--max-errors` of undo, `--limit` and `--retry` of its resume; the question names what is undone."""
    reported = loader("report", "--format", "json", "--output", "-").json
    for row in reported["rows"][-2:]:
        path = f"Loans({row['steps'][0]['remote_id']})/AutoPal.Activate()"
        headers = {"Authorization": f"Bearer {served.token}", "Autopal-Instance-Id": served.tenant}
        with urlopen(Request(served.base_url + path, b"", headers)) as answer:
            assert 200 == answer.status
    before, one_by_one = deleted(served), ("--rate", "none", "--concurrency", "1")
    undo = ("undo", submitted, "--how", "delete", "--confirm-tenant", served.tenant, *one_by_one, "--json")

    assert "is no time of day" in loader(*undo, "--until", "noon").json["error"]
    begun = loader(*undo, "--max-errors", "0")
    assert (1, {"held": 1, "not_sent": 11}) == (begun.code, counted(begun))
    assert "(--max-errors)" in begun.json["run"]["stopped"]

    asked = []
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        patch.setattr("click.confirm", lambda question, **_: asked.append(question))
        assert 130 == loader("resume", "--limit", "5").code
    (question,) = asked
    assert question.startswith(f"Delete 4 loans of tenant {served.tenant} at 127.0.0.1")

    few = loader("resume", "--yes", *one_by_one, "--limit", "5", "--json")
    assert {"held": 2, "accepted": 3, "not_sent": 7} == counted(few)
    with monkeypatch.context() as patch:
        patch.setattr("loader.cli.options._next", lambda _: datetime.now(UTC))
        late = loader("resume", "--yes", *one_by_one, "--until", "05:30", "--json")
    assert ({"held": 2, "accepted": 3, "not_sent": 7}, True) == (
        counted(late),
        "--until" in late.json["run"]["stopped"],
    )
    rest = loader("resume", "--yes", *one_by_one, "--retry", "held", "--json")
    assert (1, {"held": 2, "accepted": 10}, 10) == (rest.code, counted(rest), deleted(served) - before)
    assert re.search(r"to be undone +9\b", rest.err)


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("wanted", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_undo_is_resumed(loader, submitted, served, wanted):
    """Killed or stopped in the middle; `loader resume` carries on, and each loan is deleted once."""
    before = deleted(served)
    process = start("undo", submitted, "--how", "delete", "--confirm-tenant", served.tenant, "--rate", "24/s")
    until = time.monotonic() + 60
    while deleted(served) - before < 3:
        assert time.monotonic() < until, "it does not begin"
        time.sleep(0.02)
    process.send_signal(wanted)
    said = ended(process)
    again = loader("resume", "--yes", "--rate", "none", "--json")

    assert (-9 if wanted == signal.SIGKILL else 130) == said.code
    assert (0, 12) == (again.code, again.json["outcomes"]["accepted"])
    assert f"Undo of run {submitted}: delete" == again.json["run"]["template"]["title"]
    assert "restores them only for a fee" in " ".join(again.err.split())
    assert re.search(r"Requests loans.delete +\d+, each after its loan was read back", again.err)
    assert 12 == deleted(served) - before
