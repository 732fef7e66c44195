"""Ctrl-C and its relatives, sent to real processes: what was begun is recorded, and nothing is sent twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.commands import ended, sample, start, write

from loader.sandbox.process import SandboxProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

ALL = {"Loans": 12, "Customers": 11}


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Starts tenants, each in a file of its own."""
    started = []

    def begin(**options):
        file = tmp_path_factory.mktemp("tenant") / "t.sqlite"
        started.append(SandboxProcess(file, token="right", **options))
        started[-1].start()
        return started[-1]

    yield begin
    for process in started:
        process.stop()


def wait_until(condition, seconds=60):
    """Look again and again, for so long at most."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def interrupted(process, served, *signals, requests=4):
    """Send the signals, one after the other, once some requests have arrived."""
    wait_until(lambda: served.counts()["total"] >= requests or process.poll() is not None)
    for number, wanted in enumerate(signals):
        if number:
            time.sleep(0.2)  # the system may merge two signals that come at once
        process.send_signal(wanted)
    return ended(process)


class TestWhileSending:
    @pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
    def test_one_signal_drains(self, loader, good, tenant, serve, wanted):
        """Exit 130, no unknown outcome, the way on is named; `resume` completes, and nothing is there twice."""
        served = tenant(serve())
        said = interrupted(
            start("submit", good, "-t", "portfolio", "--yes", "--rate", "10/s", "--json"),
            served,
            wanted,
            requests=14,
        )

        assert 130 == said.code == said.json["exit_code"]
        assert 0 == said.json["outcomes"]["unknown"]
        assert 0 < said.json["outcomes"]["not_sent"] < 12
        assert "stopped: stopped by the user" not in said.err
        assert f"carry on with: loader resume {said.json['run']['name']}" in said.err
        assert "Traceback" not in said.err

        assert 0 == loader("resume", "--yes", "--rate", "none").code
        assert ALL == served.counts()["created"]
        assert {} == served.counts()["refused"]

    def test_a_second_signal_ends_at_once(self, loader, good, tenant, serve):
        """What was in flight is unknown, and `resume` looks it up before it sends anything."""
        served = tenant(serve(latency="500-600ms"))
        said = interrupted(
            start("submit", good, "-t", "portfolio", "--yes", "--rate", "none", "--json"),
            served,
            signal.SIGINT,
            signal.SIGINT,
        )

        assert 130 == said.code
        assert 0 < said.json["outcomes"]["unknown"]
        assert "Traceback" not in said.err
        assert "carry on with: loader resume" in said.err

        again = loader("resume", "--yes", "--rate", "none", "--concurrency", "12", "--json")
        assert {"accepted": 12} == {name: n for name, n in again.json["outcomes"].items() if n}
        assert ALL == served.counts()["created"]

    def test_a_killed_process(self, loader, good, tenant, serve):
        """A power cut leaves a journal from which `resume` goes on, under the run's own name."""
        served = tenant(serve())
        interrupted(
            start("submit", good, "-t", "portfolio", "--yes", "--rate", "24/s"), served, signal.SIGKILL
        )

        assert "sending" == loader("runs", "--json").json[0]["state"]
        assert 0 == loader("resume", "--yes", "--rate", "none").code
        assert ALL == served.counts()["created"]

    def test_two_senders(self, loader, good, tenant, serve):
        """The second one ends at once and sends nothing."""
        served = tenant(serve())
        first = start("submit", good, "-t", "portfolio", "--yes", "--rate", "1/s")
        wait_until(lambda: served.counts()["total"] >= 1)
        second = ended(start("submit", good, "-t", "portfolio", "--yes"))
        first.send_signal(signal.SIGINT)

        assert 7 == second.one_message("another loader is sending to tenant").code
        assert 130 == ended(first).code
        assert 0 == loader("resume", "--yes", "--rate", "none").code
        assert ALL == served.counts()["created"]


class TestWhileChecking:
    @pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_during_the_check(self, tmp_path, monkeypatch, wanted):
        """Exit 130 without a traceback, one JSON document, and no scratch file is left."""
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        monkeypatch.setenv("TMPDIR", str(scratch))
        rows = sample(20)
        write("large.csv", [rows[0], *rows[1:] * 3000])
        process = start("check", "large.csv", "-t", "portfolio", "--json")
        wait_until(lambda: list(scratch.glob("loader-check-*")) or process.poll() is not None)
        process.send_signal(wanted)
        said = ended(process)

        assert 130 == said.one_message("stopped by the user").code == said.json["exit_code"]
        assert [] == list(scratch.iterdir())
        assert not Path("loader-runs").exists()


def test_output_that_nobody_reads(good):
    """`loader fields | head` ends without a word of complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    process = start("fields")
    os.close(writing)
    process.stdout.close()
    process.stdout = None
    said = ended(process)

    assert "Traceback" not in said.err
    assert "Exception ignored" not in said.err
    assert "error" not in said.err


def test_a_signal_while_the_program_is_still_loading():
    """The first tenths of a second, in which nothing was begun: no traceback, and the exit code that scripts look for."""
    interrupted_while_loading = (
        "import sys, loader.__main__ as program\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'loader.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "program.main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", interrupted_while_loading], check=False, capture_output=True, timeout=60
    )

    assert (130, b"", b"") == (ended.returncode, ended.stdout, ended.stderr)
