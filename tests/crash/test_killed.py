"""The sending process is killed at each of its steps, then resumed: the tenant holds everything once, and all outcomes are true."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loader.sandbox.process import SandboxProcess

from .conftest import ROWS, TEMPLATE, Portfolio, Witness

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


def true_outcomes(loader, witness, portfolio):
    """Every row is accepted, with the ids that the tenant has, and the tenant has each once."""
    _, told = loader("report", "--format", "json", "--output", "all.json")
    held = witness.held(portfolio)
    rows = json.loads(Path("all.json").read_text())["rows"]

    assert {"accepted": ROWS} == {name: count for name, count in told["outcomes"].items() if count}
    assert {1} == {len(ids) for of_keys in held.values() for ids in of_keys.values()}
    wanted = zip(held["Customers"].values(), held["Loans"].values(), strict=True)
    assert [(customer, loan) for (customer,), (loan,) in wanted] == [
        tuple(step["remote_id"] for step in row["steps"]) for row in rows
    ]
    return True


def settled(loader, witness, portfolio):
    """Resumed to its end, the run is true."""
    code, _ = loader("resume", "--yes")
    return code == 0 and true_outcomes(loader, witness, portfolio)


@pytest.mark.parametrize(
    "point",
    [
        "before-intent:1",
        "after-intent:2",
        "after-sending:9",
        "after-answer:11",
        "before-outcome:2",
        "inside-outcome:3",
        "before-finish:1",
    ],
)
def test_killed_while_sending(die, loader, witness, portfolio, point):
    """Whatever was under way is looked up; then the rest is sent."""
    killed = die(point, "submit", portfolio.path, "-t", TEMPLATE, "--yes")

    assert -signal.SIGKILL == killed.returncode, killed.stderr
    assert settled(loader, witness, portfolio)


def test_killed_again_and_again(die, loader, witness, portfolio):
    """The looking-up dies too, and what is sent after it."""
    assert -9 == die("after-sending:3", "submit", portfolio.path, "-t", TEMPLATE, "--yes").returncode
    for point in ("looking-up:2", "after-answer:2", "inside-outcome:1", "after-sending:2"):
        assert -9 == die(point, "resume", "--yes").returncode, point

    assert settled(loader, witness, portfolio)


def test_killed_while_checking(die, loader, witness, portfolio):
    """Nothing has been sent, there is nothing to resume, and the file is submitted anew."""
    assert -9 == die("checking:1", "submit", portfolio.path, "-t", TEMPLATE, "--yes").returncode

    code, told = loader("resume", "--yes")
    assert (7, "there is no unfinished run to resume") == (code, told["error"])
    assert [] == [ids for ids in witness.held(portfolio)["Loans"].values() if ids]
    assert 0 == loader("submit", portfolio.path, "-t", TEMPLATE, "--yes")[0]
    assert true_outcomes(loader, witness, portfolio)


@pytest.mark.parametrize("point", ["after-finish:1", "writing-report:1"])
def test_killed_while_reporting(die, loader, witness, portfolio, point):
    """No row is left, no half of a workbook lies there, and the report is drawn from the journal."""
    assert -9 == die(point, "submit", portfolio.path, "-t", TEMPLATE, "--yes").returncode
    assert [] == list(Path("loader-runs").glob("*/results.xlsx"))

    code, _ = loader("report")
    assert (0, 1) == (code, len(list(Path("loader-runs").glob("*/results.xlsx"))))
    assert true_outcomes(loader, witness, portfolio)


def test_a_killed_run_is_not_doubled_by_a_new_one(die, loader, witness, portfolio):
    """Whoever submits the file again instead of resuming doubles nothing."""
    assert -9 == die("after-sending:6", "submit", portfolio.path, "-t", TEMPLATE, "--yes").returncode
    code, _ = loader("submit", portfolio.path, "-t", TEMPLATE, "--yes")

    assert code in {0, 1}
    assert {0, 1} >= {len(ids) for of_keys in witness.held(portfolio).values() for ids in of_keys.values()}


def test_a_second_signal_ends_a_large_run_at_once(loader, monkeypatch, tmp_path):
    """Even while more rows wait than the sender takes at a time; what was in flight is settled by `resume`."""
    portfolio = Portfolio(tmp_path / "large.csv", rows=60)
    command = ("submit", str(portfolio.path), "-t", str(TEMPLATE), "--yes")
    # So slow that requests are in flight when the second signal comes.
    with SandboxProcess(tmp_path / "slow.sqlite", token="right", latency="400-500ms") as slow:
        monkeypatch.setenv("LOANPRO_BASE_URL", slow.base_url)
        monkeypatch.setenv("LOANPRO_TENANT", slow.tenant)
        process = subprocess.Popen(
            [sys.executable, "-m", "loader", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while sum(slow.counts()["created"].values()) < 6:
                assert process.poll() is None
                time.sleep(0.01)
            for _ in range(2):
                process.send_signal(signal.SIGINT)
                time.sleep(0.03)
            assert 130 == process.wait(10)
        finally:
            process.kill()
            process.wait()

        assert 0 == loader("resume", "--yes", "--concurrency", "60")[0]
        held = Witness(slow).held(portfolio)
    assert {1} == {len(ids) for of_keys in held.values() for ids in of_keys.values()}
