"""Signals around one sitting at a tenant, sent to this very process."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time

import pytest

from loader.journal.store import Journal
from loader.submit.client import Address
from loader.submit.pace import Pace
from loader.submit.sitting import sit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
NOWHERE = Address.checked("http://127.0.0.1:1/", "5200", "t")


@pytest.fixture
def journal(tmp_path):
    with contextlib.closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


@pytest.fixture(autouse=True)
def command():
    """Outside of a sitting a signal ends the command, as in the command line."""

    def end(_number, _frame):
        raise KeyboardInterrupt

    former = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    yield end
    for number, handler in former.items():
        signal.signal(number, handler)


def wait_until(condition):
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize("late", [signal.SIGINT, signal.SIGTERM])
def test_signals_while_the_loop_closes_end_nothing(journal, command, late):
    """The second signal ends the sending at once; whatever follows it waits for the reports."""
    left, stops = threading.Event(), []

    def press():
        """Runs in a thread of the loop, which cannot close before it ends."""
        os.kill(os.getpid(), signal.SIGINT)
        wait_until(lambda: stops and stops[0].asked())
        os.kill(os.getpid(), signal.SIGINT)
        left.wait(20)
        for _ in range(20):  # some of them while connection and writer are closed, some while the loop is
            os.kill(os.getpid(), late)
            time.sleep(0.01)

    async def work(sitting):
        stops.append(sitting.stop)
        pressing = asyncio.get_running_loop().run_in_executor(None, press)
        try:
            await asyncio.shield(pressing)
        finally:
            left.set()

    finish = sit(NOWHERE, Pace((), 1, 5.0), journal, work)

    assert finish.interrupted
    assert "stopped by the user" == finish.stopped
    assert command is signal.getsignal(late)


def test_a_signal_before_the_first_request_stops_it(journal, monkeypatch):
    """Nothing is lost between the command's handler and ours."""
    from loader.submit import sitting

    run_loop = sitting.run_loop

    def begun(coroutine):
        os.kill(os.getpid(), signal.SIGTERM)
        return run_loop(coroutine)

    monkeypatch.setattr(sitting, "run_loop", begun)
    seen = []

    async def work(at):
        seen.append(at.stop.asked())

    assert sit(NOWHERE, Pace((), 1, 5.0), journal, work).interrupted
    assert [True] == seen
