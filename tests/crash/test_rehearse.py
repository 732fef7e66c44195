"""`loader rehearse` on a small file, and what its count would make of a tenant that tells another story."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from loader.cli.app import run
from loader.cli.rehearse import LocalTenant, local_tenant
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.rehearsal import Ordeal, rehearse
from loader.sandbox.process import SandboxProcess

from .conftest import TEMPLATE, Portfolio

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
    assert (4, 8, 0, 0, 0, 1, True) == tuple(
        told[name] for name in ("rows", "created", "doubled", "lost", "untrue", "kills", "holds")
    )
    assert 4 == told["outcomes"]["accepted"] == sum(told["outcomes"].values())
    assert [] == list(elsewhere.iterdir())
    assert not Path("loader-runs").exists()


class Liar(LocalTenant):
    """Has lost one loan, holds another twice, and knows a borrower of whom nobody told it."""

    def held(self, group, key_field):
        found = sorted(super().held(group, key_field))
        if group == "loans":
            return [*found[1:], (found[-1][0], 77)]
        return [*found, ("nobody", 78)]


def test_the_count_is_the_tenants(tmp_path):
    """What the tenant does not hold is lost, what it holds twice is doubled, what nobody reports is untrue."""

    @contextmanager
    def serve():
        with SandboxProcess(tmp_path / "tenant.sqlite") as process:
            yield Liar(process)

    folder = tmp_path / "run"
    folder.mkdir()
    path = Portfolio(tmp_path / "loans.csv", rows=3).path
    proof = rehearse(Source(path, str(TEMPLATE)), serve, Ordeal(kills=0), folder, lambda *_: None)

    assert (1, 1, 1, 7) == (proof.lost, proof.doubled, proof.untrue, proof.created)
    assert (3, 0, 1) == (proof.outcomes[Outcome.ACCEPTED], proof.kills, proof.starts)
    assert not proof.holds


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
