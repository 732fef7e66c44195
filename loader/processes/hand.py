"""Another process, from the side of the one that begins it."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Any, Final

from loader.processes.serving import Work, serve
from loader.signals import interrupts_held

AHEAD: Final = 2
"""Pieces that a process has before it: the one it is at, and one that it goes on with at once."""
_END_WITHIN_S: Final = 5.0


class ProcessLostError(Exception):
    """
    A process ended before its work was done, as one does that is killed or has no memory left.

    Attributes:
        hint: What to do about it, as an order.
    """

    hint = (
        "if the computer ran out of memory, close other programs, or read with one process: `--processes 1`"
    )


def get_ready(modules: Sequence[str]) -> None:
    """Have what processes need loaded while this one is still at something else; once for all of them, where they can share memory."""
    if _has_server():
        _context().set_forkserver_preload([*modules])
        with _left_alone():
            forkserver.ensure_running()


class Hand:
    """
    Another process, at one piece of work after the other; it ends when nobody holds this any more.

    Args:
        make: Makes what does the work, at once; see `hands`.
        is_first: Whether the process is wanted before what processes need has been loaded for all of them.

    Attributes:
        owed: Of how many pieces it was not heard yet what came of them.
    """

    def __init__(self, make: Callable[[], Work[Any, Any, Any]], *, is_first: bool = False) -> None:
        context: Any = multiprocessing.get_context("spawn") if is_first else _context()
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, make), daemon=True)
        with _left_alone():
            self._process.start()
        theirs.close()
        self.owed = 0

    def say(self, piece: Any) -> None:
        """
        Hand a piece over; there may be `AHEAD` of them before it must be heard what came of the first.

        Raises:
            ProcessLostError: The process has ended.
        """
        with self._in_step():
            self._connection.send(piece)
            self.owed += 1

    def heard(self) -> Any:
        """
        What came of the earliest piece of which that was not heard yet.

        Raises:
            ProcessLostError: The process has ended. Whatever the work raises is raised here too.
        """
        with self._in_step():
            done, result = self._connection.recv()
            self.owed -= 1
        if not done:
            raise result
        return result

    def dismiss(self) -> None:
        """Tell the process to end, whatever it is at."""
        self._connection.close()
        self._process.terminate()

    def end(self) -> None:
        """See to it that the process, which was dismissed, has ended."""
        self._process.join(_END_WITHIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    @contextmanager
    def _in_step(self) -> Iterator[None]:
        """
        Let no result be taken for that of another piece: after an interruption in the middle of one, the process is heard no more.

        Raises:
            ProcessLostError: The process has ended.
        """
        try:
            yield
        except (EOFError, OSError) as error:
            self.owed = 0  # nothing comes any more
            raise self._lost() from error
        except BaseException:
            self.dismiss()
            raise

    def _lost(self) -> ProcessLostError:
        self._process.join(_END_WITHIN_S)
        code = self._process.exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return ProcessLostError(f"one of the processes that do the work has ended ({how})")


def _context() -> Any:
    """How processes are begun: never by a fork of this one, which has threads, and libraries that do not outlive a fork."""
    return multiprocessing.get_context("forkserver" if _has_server() else "spawn")


def _has_server() -> bool:
    return "forkserver" in multiprocessing.get_all_start_methods()


@contextmanager
def _left_alone() -> Iterator[None]:
    """The keyboard's signal goes to all processes, and the first one decides: those begun in the block do not hear it, not even while they load."""
    if _has_server():
        resource_tracker.ensure_running()  # else it is begun in the block, and ends that for what comes after it
    with interrupts_held():
        yield
