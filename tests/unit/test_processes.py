"""Work done by several processes: in order, whole, and never left running."""

import multiprocessing
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from select import select
from textwrap import dedent
from threading import Event, Timer, get_ident

import pytest

from loader.errors import SourceError
from loader.processes.hand import Hand, ProcessLostError
from loader.processes.hands import cores, hands


class Squares:
    """Squares numbers; gathers them; does odd things where it is told to."""

    def __init__(self, add=0):
        self.add = add
        self.seen = []

    def do(self, piece):
        if piece == "refuse":
            raise SourceError("cannot be read", hint="try another")
        if piece == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen.append(piece)
        return piece * piece + self.add, os.getpid()

    def gathered(self):
        return self.seen


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_pieces_and_each_piece_is_done_once(count):
    with hands(partial(Squares, add=1), count) as workers:
        results = list(workers.results(iter(range(20))))
        gathered = workers.gathered()

    assert [result for result, _ in results] == [n * n + 1 for n in range(20)]
    assert len({process for _, process in results}) == max(count, 1)
    assert (os.getpid() in {process for _, process in results}) == (count == 0)
    assert sorted(n for part in gathered for n in part) == list(range(20))
    assert all(part == sorted(part) for part in gathered)


@pytest.mark.parametrize("count", [0, 2])
def test_what_the_work_raises_is_raised_here_with_its_hint(count):
    with hands(Squares, count) as workers, pytest.raises(SourceError, match="cannot be read") as raised:
        list(workers.results([1, "refuse", 3]))

    assert raised.value.hint == "try another"


def refuses():
    raise SourceError("cannot begin", hint="try another")


@pytest.mark.parametrize("is_first", [True, False])
def test_what_cannot_even_begin_is_told_to_who_asks(is_first):
    """At each question: none of them is done."""
    hand = Hand(refuses, is_first=is_first)
    for piece in (1, 2):
        hand.say(piece)
        with pytest.raises(SourceError, match="cannot begin") as raised:
            hand.heard()
        assert raised.value.hint == "try another"
    hand.dismiss()
    hand.end()


class Echoes:
    """Gives back what it is given; ends while it is at the piece that says so."""

    def do(self, piece):
        if piece[:4] == b"die!":
            os.kill(os.getpid(), signal.SIGKILL)
        return bytes(reversed(piece))

    def gathered(self):
        return None


class Waits:
    """Tells which signals cannot come to it, or waits for ever."""

    def do(self, piece):
        return signal.pthread_sigmask(signal.SIG_BLOCK, ()) if piece == "mask" else Event().wait()

    def gathered(self):
        return None


@pytest.fixture(params=[True, False], ids=["first", "later"])
def waits(request):
    """A process that waits."""
    hand = Hand(Waits, is_first=request.param)
    yield hand
    hand.dismiss()
    hand.end()


@pytest.mark.skipif(
    not hasattr(signal, "pthread_sigmask"), reason="systems without masks have no such process"
)
def test_the_keyboard_is_kept_from_a_process_before_it_runs_anything(waits):
    """An interrupted one would print its own traceback beside what the first one says; SIGTERM still ends it."""
    waits.say("mask")

    assert {signal.SIGINT} == waits.heard()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_process_is_heard_no_more_after_an_interruption(waits):
    """Part of an answer may have been taken in."""
    waits.say("wait")
    Timer(0.05, signal.pthread_kill, (get_ident(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        waits.heard()

    for use in (partial(waits.say, "mask"), waits.heard):
        with pytest.raises(ProcessLostError):
            use()


LARGE = 3 << 20  # bytes, far more than a pipe takes in at once


@pytest.mark.parametrize("count", [1, 2])
def test_large_pieces_with_large_results_do_not_wait_for_each_other(count):
    pieces = [bytes([n]) * LARGE for n in range(12)]

    with hands(Echoes, count) as workers:
        assert list(workers.results(iter(pieces))) == pieces
        assert list(workers.gathered()) == [None] * count


def test_a_process_that_is_killed_at_large_pieces_is_told_of():
    with hands(Echoes, 1) as workers, pytest.raises(ProcessLostError, match="signal 9"):
        list(workers.results([b"1" * LARGE, b"die!" + b"2" * LARGE, *[b"3" * LARGE] * 4]))


def test_large_results_that_nobody_takes_keep_no_process_alive():
    before = set(multiprocessing.active_children())
    with hands(Echoes, 2) as workers:
        results = workers.results([b"1" * LARGE] * 8)
        next(results)
        processes = set(multiprocessing.active_children()) - before
        assert len(processes) == 2

    assert not processes.intersection(multiprocessing.active_children())


def test_a_process_that_is_killed_is_told_of_and_nothing_hangs():
    with hands(Squares, 2) as workers, pytest.raises(ProcessLostError, match="signal 9"):
        list(workers.results([1, 2, "die", 4, 5, 6, 7, 8]))


def test_no_more_is_asked_for_than_is_worked_on():
    taken = []

    def pieces():
        for n in range(100):
            taken.append(n)
            yield n

    with hands(Squares, 2) as workers:
        results = workers.results(pieces())
        next(results)
        assert len(taken) <= 6


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a way to wait for processes of others")
@pytest.mark.parametrize("untaken", [0, 6], ids=["idle", "at large results"])
def test_processes_end_when_the_first_one_is_killed(untaken):
    script = dedent(
        """
        import multiprocessing, sys
        sys.path.insert(0, {folder!r})
        if __name__ == "__main__":
            from test_processes import LARGE, Echoes
            from loader.processes.hands import hands
            with hands(Echoes, 2) as workers:
                results = workers.results([b"1" * LARGE] * 8)
                for _ in range(8 - {untaken}):
                    next(results)
                print(*[process.pid for process in multiprocessing.active_children()], flush=True)
                sys.stdin.read()
        """
    ).format(folder=str(Path(__file__).parent), untaken=untaken)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        others = [int(number) for number in first.stdout.readline().split()]
        pipes = [os.pidfd_open(number) for number in others]
        first.kill()
    for pipe in pipes:
        ready, _, _ = select([pipe], [], [], 20)
        assert ready, "a process lives on"
        os.close(pipe)


def test_there_is_at_least_one_core():
    assert cores() >= 1
