"""`loader rehearse` on a small file, and what its count would make of a tenant that tells another story."""

import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from loader.cli.app import run
from loader.cli.rehearse import LocalTenant, local_tenant
from loader.journal import runs
from loader.journal.store import FILE_NAME
from loader.journal.view import JournalView
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.rehearsal.ledger import Ledger
from loader.rehearsal.ordeal import Ordeal
from loader.rehearsal.proof import prove
from loader.rehearsal.rehearse import rehearse
from loader.rehearsal.sender import opened
from loader.rehearsal.tenant import Entity
from loader.reopening import reopen
from loader.sandbox.inventory import inventory
from loader.sandbox.process import SandboxProcess

from .conftest import ROOT, TEMPLATE, Portfolio

JSON_PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
FIGURES = ("rows", "created", "beforehand", "doubled", "lost", "wrong", "untrue", "kills", "holds")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the figures are those of POSIX kills")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No settings, and a folder in which nothing is to be left."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.chdir(tmp_path)
    return scratch


def test_a_file_is_rehearsed(tmp_path, capsys, elsewhere):
    """Killed once, failing now and then: everything is there once, and nothing is left on this machine."""
    path = Portfolio(tmp_path / "loans.csv", rows=4).path
    code = run(["rehearse", str(path), "-t", str(TEMPLATE), "--kills", "1", "--faults", "500=0.1", "--json"])
    said = capsys.readouterr()
    told = json.loads(said.out)

    assert 0 == code, said.err
    assert (4, 8, 0, 0, 0, 0, 0, 1, True) == tuple(told[name] for name in FIGURES)
    assert 4 == told["outcomes"]["accepted"] == sum(told["outcomes"].values())
    assert set(told) == set(re.findall(r"`([a-z_]+)`", JSON_PAGE.split("## `rehearse`")[1].split("\n## ")[0]))
    assert [] == list(elsewhere.iterdir())
    assert not Path("loader-runs").exists()


class Liar(LocalTenant):
    """Has lost one loan, holds another twice, and knows a borrower of whom nobody told it."""

    def held(self, group):
        found = sorted(super().held(group), key=lambda entity: entity.id)
        if group == "loans":
            return [*found[1:], Entity(77, None, found[-1].fields)]
        return [*found, Entity(78, None, {"customId": "nobody"})]


def test_the_count_is_the_tenants(tmp_path):
    """What the tenant does not hold is lost, what it holds twice is doubled, what nobody reports is untrue."""

    @contextmanager
    def serve(beforehand):
        assert [] == list(beforehand)
        with SandboxProcess(tmp_path / "tenant.sqlite") as process:
            yield Liar(process)

    folder = tmp_path / "run"
    folder.mkdir()
    path = Portfolio(tmp_path / "loans.csv", rows=3).path
    done = rehearse(Source(path, str(TEMPLATE)), serve, Ordeal(kills=0), folder, lambda *_: None)
    proof = done.proof

    assert (1, 1, 0, 1, 7) == (proof.lost, proof.doubled, proof.wrong, proof.untrue, proof.created)
    assert (3, 0, 1) == (proof.outcomes[Outcome.ACCEPTED], done.kills, done.starts)
    assert not proof.holds


PAYMENTS = """Payment No,Loan Number,Amount,Payment Date,Memo,Method ID,Type ID
1,L1,10.50,2024-03-01,Rent,4,1
2,L1,10.50,2024-03-01,Rent,4,1
3,L2,10.50,2024-03-01,Rent,4,1
4,L2,20.00,2024-03-01,Rent,4,1
5,,20.00,2024-03-01,Rent,4,1
6,L1,20.00,2024-03-01,Rent,4,1,more,cells,than,headers
1,L1,10.50,2024-03-01,Rent,4,1
7,L4,1.00,2024-03-01,Test,4,1
"""
LEAVING_OUT = "rows: {skip_if: {column: Memo, is: [Test]}}"


def of_payments(folder):
    """Of eight rows four are payments; two cannot be sent, one comes twice, one is left out."""
    path, template = folder / "payments.csv", folder / "payments.yaml"
    path.write_text(PAYMENTS, encoding="utf-8")
    shipped = (ROOT / "templates" / "payments.yaml").read_text("utf-8")
    template.write_text(f"{shipped}{LEAVING_OUT}\n", encoding="utf-8")
    return path, template


def test_payments_are_rehearsed(tmp_path, capsys, elsewhere):
    """The loans that they belong to are taken to be there; a row without one is invalid and nothing is sent for it."""
    path, template = of_payments(tmp_path)
    code = run(["rehearse", str(path), "-t", str(template), "--kills", "1", "--faults", "500=0.2", "--json"])
    said = capsys.readouterr()
    told = json.loads(said.out)

    assert 0 == code, said.err
    assert (8, 4, 2, 0, 0, 0, 0, 1, True) == tuple(told[name] for name in FIGURES)
    assert (4, 2, 2) == tuple(told["outcomes"][name] for name in ("accepted", "invalid", "skipped"))
    assert "taken to be there before" in said.err
    assert [] == list(elsewhere.iterdir())


class Evidence:
    """A rehearsal that has ended well, and what a count would make of its tenant after somebody was at it."""

    def __init__(self, folder, path, template):
        self.folder, self.file = folder, folder / "tenant.sqlite"
        (folder / "run").mkdir()
        self.source = Source(path, str(template))
        serve = local_tenant(self.file)
        self.proof = rehearse(self.source, serve, Ordeal(kills=0), folder / "run", lambda *_: None).proof

    def after(self, scratch, of_tenant="", of_journal=""):
        copy = shutil.copy(self.file, scratch / "tenant.sqlite")
        run_folder = shutil.copytree(self.folder / "run", scratch / "run")
        for file, statement in ((copy, of_tenant), (run_folder / FILE_NAME, of_journal)):
            if statement:
                with closing(sqlite3.connect(file)) as tampered, tampered:
                    assert 0 < tampered.execute(statement).rowcount

        class Tampered:
            def held(self, group):
                for parent_id, fields in inventory(copy, group):
                    yield Entity(fields["id"], parent_id, fields)

        with opened(run_folder) as journal, Ledger(self.source.open()) as ledger:
            ledger.enter_file()
            found = runs.last_run(journal)
            return prove(Tampered(), ledger, reopen(found), JournalView(journal, found))


@pytest.fixture(scope="module")
def payments_sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payments")
    return Evidence(folder, *of_payments(folder))


@pytest.fixture(scope="module")
def loans_sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loans")
    return Evidence(folder, Portfolio(folder / "loans.csv", rows=3).path, TEMPLATE)


LAST = "WHERE id = (SELECT max(id) FROM nested)"
COPIED = (
    f"INSERT INTO nested SELECT id + 1, owner, {{}}, list, json_set(body, '$.id', id + 1) FROM nested {LAST}"
)


@pytest.mark.parametrize(
    ("statement", "figures"),
    [
        ("UPDATE tenant SET id = id", (4, 0, 0, 0, 0)),
        (COPIED.format("owner_id"), (5, 1, 0, 0, 0)),
        (COPIED.format("20003 - owner_id"), (5, 1, 0, 0, 0)),
        (f"DELETE FROM nested {LAST}", (3, 0, 1, 0, 0)),
        ("UPDATE nested SET owner_id = 20003 - owner_id", (4, 0, 0, 4, 0)),
        (f"UPDATE nested SET body = json_set(body, '$.amount', '20.01') {LAST}", (4, 0, 0, 1, 0)),
        (f"UPDATE nested SET body = json_set(body, '$.date', '/Date(1709337600)/') {LAST}", (4, 0, 0, 1, 0)),
        (f"UPDATE nested SET body = json_set(body, '$.info', 'Rent') {LAST}", (4, 0, 1, 0, 1)),
        (f"UPDATE nested SET body = json_set(body, '$.comments', '[ldr:0123456789]') {LAST}", (4, 0, 1, 0, 1)),
        ("UPDATE loans SET display_id = 'L3', body = json_set(body, '$.displayId', 'L3') WHERE id = 10001", (4, 0, 0, 2, 1)),
    ],
    ids=["untouched", "doubled", "doubled-elsewhere", "lost", "moved", "amount", "date", "unmarked", "two-markers", "other-loan"],
)  # fmt: skip
def test_a_tampered_tenant_is_found_out(payments_sent, tmp_path, statement, figures):
    """Each payment once, by its marker, on its loan, with its values."""
    proof = payments_sent.after(tmp_path, statement)

    assert figures == (proof.created, proof.doubled, proof.lost, proof.wrong, proof.untrue)
    assert proof.holds == ("UPDATE tenant" in statement)


FIRST = "WHERE ordinal = 0 AND step = 0"


@pytest.mark.parametrize(
    ("statement", "figures", "unsettled"),
    [
        ("UPDATE steps SET remote_id = NULL", (4, 0, 0, 0, 0), 0),
        (f"UPDATE steps SET remote_id = remote_id + 1 {FIRST}", (4, 0, 1, 0, 1), 0),
        (f"UPDATE steps SET state = 'unknown', remote_id = NULL {FIRST}", (4, 0, 0, 0, 0), 1),
        (f"UPDATE steps SET state = 'rejected', remote_id = NULL {FIRST}", (4, 0, 0, 0, 1), 0),
        (f"UPDATE steps SET state = 'planned', remote_id = NULL, attempts = 0 {FIRST}", (4, 0, 0, 0, 1), 1),
    ],
    ids=["ids-not-known", "other-id", "unknown", "rejected", "not-sent"],
)
def test_a_journal_that_tells_another_story_is_found_out(
    payments_sent, tmp_path, statement, figures, unsettled
):
    """Only ids that were never learnt are nothing to complain of: LoanPro answers with the loan alone."""
    proof = payments_sent.after(tmp_path, of_journal=statement)

    assert figures == (proof.created, proof.doubled, proof.lost, proof.wrong, proof.untrue)
    assert unsettled == proof.unsettled
    assert proof.holds == ("SET remote_id = NULL" in statement)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE tenant SET id = id", 0),
        ("UPDATE loans SET body = json_set(body, '$.LoanSetup.loanAmount', '1.00') WHERE id = 10002", 1),
        ("UPDATE links SET target = 5001 WHERE target = 5002", 1),
        ("DELETE FROM links WHERE target = 5003", 1),
        ("UPDATE customers SET body = json_set(body, '$.lastName', 'King')", 3),
    ],
    ids=["untouched", "amount", "other-borrower", "no-borrower", "name"],
)
def test_loans_are_looked_at_as_well(loans_sent, tmp_path, statement, wrong):
    """A loan has its own borrower and its own amount."""
    proof = loans_sent.after(tmp_path, statement)

    assert (6, 0, 0, wrong, 0) == (proof.created, proof.doubled, proof.lost, proof.wrong, proof.untrue)
    assert proof.holds == (not wrong)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none.csv", "-t", "portfolio"], 4, "none.csv"),
        (["loans.csv", "-t", "portfolio"], 5, "column"),
        (["loans.csv", "-t", str(TEMPLATE), "--keep", "scratch/.."], 2, "is not empty"),
        (["loans.csv", "-t", str(TEMPLATE), "--faults", "frobs=1"], 2, "there is no fault"),
    ],
)
def test_what_cannot_be_rehearsed(tmp_path, capsys, arguments, code, words):
    """Wrong files and options end as in every command, and nothing is left."""
    Portfolio(tmp_path / "loans.csv", rows=1)

    assert code == run(["rehearse", *arguments])
    assert words in capsys.readouterr().err


def test_a_sender_that_cannot_be_used(tmp_path):
    """What the sending process says of a failure is told, not a count of nothing."""
    folder = tmp_path / "run"
    folder.mkdir()
    path = Portfolio(tmp_path / "loans.csv", rows=1).path
    with pytest.raises(Exception, match="ended with exit code 3"):
        rehearse(
            Source(path, str(TEMPLATE)),
            local_tenant(tmp_path / "tenant.sqlite"),
            Ordeal(rate="often"),
            folder,
            lambda *_: None,
        )
