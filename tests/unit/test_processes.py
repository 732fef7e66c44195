"""Work done by several processes: in order, whole, and never left running."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from select import select
from textwrap import dedent

import pytest

from loader.errors import SourceError
from loader.processes import ProcessLostError, cores, hands


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


@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces_and_each_piece_is_done_once(count):
    with hands(partial(Squares, add=1), count) as workers:
        results = list(workers.results(iter(range(20))))
        gathered = workers.gathered()

    assert [result for result, _ in results] == [n * n + 1 for n in range(20)]
    assert len({process for _, process in results}) == count
    assert sorted(n for part in gathered for n in part) == list(range(20))
    assert all(part == sorted(part) for part in gathered)


def test_one_process_is_this_one():
    with hands(Squares, 1) as workers:
        assert list(workers.results([3])) == [(9, os.getpid())]


@pytest.mark.parametrize("count", [1, 2])
def test_what_the_work_raises_is_raised_here_with_its_hint(count):
    with hands(Squares, count) as workers, pytest.raises(SourceError, match="cannot be read") as raised:
        list(workers.results([1, "refuse", 3]))

    assert raised.value.hint == "try another"


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
def test_processes_end_when_the_first_one_is_killed():
    script = dedent(
        """
        import sys
        sys.path.insert(0, {folder!r})
        if __name__ == "__main__":
            from test_processes import Squares
            from loader.processes import hands
            with hands(Squares, 2) as workers:
                print(*{{process for _, process in workers.results(range(4))}}, flush=True)
                sys.stdin.read()
        """
    ).format(folder=str(Path(__file__).parent))
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
