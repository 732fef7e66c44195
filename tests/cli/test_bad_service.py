"""Tenants that refuse or do not answer, journals that are damaged, runs that cannot be resumed: nothing is lost."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from cli.commands import changed, sample, write

from loader.journal.lock import sole_sender
from loader.sandbox.process import SandboxProcess

FAST = ("--yes", "--rate", "none", "--concurrency", "12")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run directory with one finished run."""
    from loader.cli.app import run

    folder = tmp_path_factory.mktemp("finished")
    source = write(folder / "loans.csv", sample(4))
    runs = folder / "runs"
    assert 0 == run(
        ["submit", str(source), "-t", "portfolio", "--sandbox", "--run-dir", str(runs), *FAST, "--json"]
    )
    return runs


@pytest.fixture
def journal(finished, tmp_path):
    """A copy of its journal that may be spoilt."""
    shutil.copytree(finished, tmp_path / "loader-runs")
    return tmp_path / "loader-runs" / "journal.sqlite"


@pytest.fixture
def stopped(loader, good, monkeypatch):
    """A run that reached nobody: all of its rows are still to be sent."""
    monkeypatch.setenv("LOANPRO_TENANT", "123")
    monkeypatch.setenv("LOANPRO_TOKEN", "canary-token")
    monkeypatch.setenv("LOANPRO_BASE_URL", "http://127.0.0.1:9/")
    return loader("submit", good, "-t", "portfolio", *FAST, "--json")


class TestService:
    def test_a_wrong_token(self, loader, good, tenant, tmp_path):
        """401 stops the run at the first answer; with the right token it goes on from there."""
        with SandboxProcess(tmp_path / "t.sqlite", token="right") as process:
            tenant(process, token="wrong-canary")
            said = loader("submit", good, "-t", "portfolio", *FAST, "--json")
            told = said.one_message("status 401", "LOANPRO_TOKEN", "loader resume")

            assert 6 == told.code == told.json["exit_code"]
            assert 12 == told.json["outcomes"]["not_sent"]
            assert "wrong-canary" not in said.out + said.err
            assert {} == process.counts()["created"]

            tenant(process)
            assert 0 == loader("resume", *FAST).code
            assert {"Loans": 12, "Customers": 11} == process.counts()["created"]

    def test_a_wrong_tenant(self, loader, good, tenant, tmp_path):
        """Nothing is sent to a tenant that the token does not open."""
        with SandboxProcess(tmp_path / "t.sqlite", token="right") as process:
            tenant(process)
            said = loader("submit", good, "-t", "portfolio", *FAST, "--tenant", "77")

            assert 6 == said.one_message("the tenant id").code
            assert {} == process.counts()["created"]

    def test_an_address_without_its_path(self, loader, good, tenant, tmp_path, monkeypatch):
        """The host answers, and no row is refused for it; with the right address the run goes on."""
        with SandboxProcess(tmp_path / "t.sqlite", token="right") as process:
            tenant(process)
            right = os.environ["LOANPRO_BASE_URL"]
            monkeypatch.setenv("LOANPRO_BASE_URL", right.partition("/api/")[0] + "/")
            said = loader("submit", good, "-t", "portfolio", *FAST, "--json")

            assert 6 == said.one_message("status 404", "--base-url").code
            assert 12 == said.json["outcomes"]["not_sent"]

            monkeypatch.setenv("LOANPRO_BASE_URL", right)
            assert 0 == loader("resume", *FAST).code

    def test_nobody_answers(self, loader, stopped):
        """The run ends by itself soon, and everything is still to be sent."""
        assert 6 == stopped.one_message("no connection to 127.0.0.1:9", "carry on with: loader resume").code
        assert 12 == stopped.json["outcomes"]["not_sent"]
        assert "cannot be reached" in stopped.json["error"]

        started = time.monotonic()
        again = loader("resume", *FAST, "--json")

        assert 6 == again.code
        assert 12 == again.json["outcomes"]["not_sent"]
        assert time.monotonic() - started < 15

    def test_a_second_sender(self, loader, good, stopped):
        """One at a time sends to a tenant; the second leaves no run behind."""
        with sole_sender(Path("loader-runs"), "127.0.0.1:9", "123", at="127.0.0.1:9"):
            for arguments in (("submit", good, "-t", "portfolio"), ("resume",)):
                said = loader(*arguments, *FAST)
                assert 7 == said.one_message("another loader is sending to tenant 123", "wait until").code

        assert 1 == len(loader("runs", "--json").json)


class TestJournal:
    COMMANDS = (
        ("runs",),
        ("report",),
        ("resume", *FAST),
        ("submit", "good.csv", "-t", "portfolio", "--sandbox", *FAST),
    )

    @pytest.mark.parametrize("arguments", COMMANDS)
    @pytest.mark.parametrize(
        "spoil",
        [lambda whole: b"\x8f\x01 nothing" * 500, lambda whole: whole[:9000], lambda whole: whole[:50]],
        ids=["random", "cut", "stump"],
    )
    def test_a_damaged_journal(self, loader, good, journal, arguments, spoil):
        """It is named, told apart from a missing one, and left as it is."""
        spoilt = spoil(journal.read_bytes())
        journal.write_bytes(spoilt)
        said = loader(*arguments)

        assert 7 == said.one_message(str(Path("loader-runs/journal.sqlite")), "cannot be used").code
        assert spoilt == journal.read_bytes()

    @pytest.mark.parametrize("arguments", COMMANDS)
    def test_a_journal_of_a_later_version(self, loader, good, journal, arguments):
        with closing(sqlite3.connect(journal)) as connection, connection:
            connection.execute("UPDATE about SET value = '99' WHERE name = 'schema'")
        assert 7 == loader(*arguments).one_message("later version of loader", "newest loader").code

    @pytest.mark.parametrize("arguments", [("runs",), ("report",), ("resume", *FAST)])
    def test_no_journal(self, loader, arguments):
        assert 7 == loader(*arguments).one_message("there is no journal in loader-runs", "--run-dir").code
        assert not Path("loader-runs").exists()

    def test_a_journal_without_runs(self, loader, tmp_path):
        (tmp_path / "loader-runs").mkdir()
        (tmp_path / "loader-runs" / "journal.sqlite").touch()

        assert (0, "there is no run yet\n") == (loader("runs").code, loader("runs").err)
        assert 7 == loader("report").one_message("no run to report on").code

    @pytest.mark.parametrize("command", [("report",), ("resume", *FAST)])
    def test_a_run_that_is_not_there(self, loader, journal, command):
        assert 7 == loader(*command, "2020").one_message("no run named 2020", "loader runs").code


class TestResume:
    def test_nothing_to_resume(self, loader, journal):
        assert 7 == loader("resume", *FAST).one_message("no unfinished run to resume").code

    def test_a_changed_file(self, loader, stopped):
        write("good.csv", changed(sample(), 1, "Principal", "1.00"))
        said = loader("resume", *FAST)
        assert 4 == said.one_message("good.csv has changed since run", "put the file back").code

    def test_a_file_that_is_gone(self, loader, stopped):
        Path("good.csv").unlink()
        assert 4 == loader("resume", *FAST).one_message("good.csv").code

    def test_a_changed_template(self, loader, stopped, monkeypatch):
        text = loader("template", "show", "portfolio").out + "# mine\n"
        Path("mine.yaml").write_text(text)
        assert 6 == loader("submit", "good.csv", "-t", "mine.yaml", *FAST).code
        Path("mine.yaml").write_text(text + "# changed\n")
        said = loader("resume", *FAST)
        assert 5 == said.one_message("has changed since run", "put the template back").code

    def test_another_tenant(self, loader, stopped):
        said = loader("resume", *FAST, "--tenant", "124")
        assert 2 == said.one_message("belongs to tenant 123", "not to tenant 124").code

    def test_another_host(self, loader, stopped):
        said = loader("resume", *FAST, "--base-url", "http://127.0.0.1:10/")
        assert 2 == said.one_message("at 127.0.0.1:9", "at 127.0.0.1:10").code
