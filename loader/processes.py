"""
Several processes that do the same work, each on every so many-th piece, with the results in the order of the pieces.

Each has a pipe of its own and ends when the other end of it is gone, however this process ended.
"""

import multiprocessing
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Protocol, TypeVar

from loader.signals import interrupts_held

_AHEAD: Final = 2
"""Pieces that a process has before it: the one it is at, and one that it goes on with at once."""
_END_WITHIN_S: Final = 5.0

Piece_contra = TypeVar("Piece_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Rest_co = TypeVar("Rest_co", covariant=True)
_P = TypeVar("_P")
_R = TypeVar("_R")
_S = TypeVar("_S")


class Work(Protocol[Piece_contra, Result_co, Rest_co]):
    """What is done to each piece, by an object that may gather something over all that it is given."""

    def do(self, piece: Piece_contra) -> Result_co:
        """The result of one piece."""
        ...

    def gathered(self) -> Rest_co:
        """What came together over all pieces so far."""
        ...


class ProcessLostError(Exception):
    """
    A process ended before its work was done, as one does that is killed or has no memory left.

    Attributes:
        hint: What to do about it, as an order.
    """

    hint = (
        "if the computer ran out of memory, close other programs, or read with one process: `--processes 1`"
    )


class Hands(Protocol[Piece_contra, Result_co, Rest_co]):
    """Those who do the work: this process alone, or several."""

    def results(self, pieces: Iterable[Piece_contra]) -> Iterator[Result_co]:
        """The results, in the order of the pieces."""
        ...

    def gathered(self) -> Sequence[Rest_co]:
        """What each has gathered, once there are no more pieces."""
        ...


def cores() -> int:
    """How many processes can run at once here; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(allowed or 1, 1)


def get_ready(modules: Sequence[str]) -> None:
    """Have what processes need loaded while this one is still at something else; once for all of them, where they can share memory."""
    if _has_server():
        _context().set_forkserver_preload([*modules])
        with _left_alone():
            forkserver.ensure_running()


@contextmanager
def hands(make: Callable[[], Work[_P, _R, _S]], count: int) -> Iterator[Hands[_P, _R, _S]]:
    """
    Have the work done by some other processes, or by this one.

    Args:
        make: Makes what does the work, once in each process. It is handed over to processes, and so must be a function of a
            module, or a `partial` of one, with arguments that can be pickled; so must pieces and results, of any size.
        count: How many other processes; 0 for this one.

    Raises:
        ProcessLostError: From `results` or `gathered`: a process has ended. Whatever the work raises comes from there too.
    """
    if not count:
        yield _Alone(make())
        return
    several = _Several(make, count)
    try:
        yield several
    finally:
        several.dismiss()


class _Alone:
    def __init__(self, work: Work[Any, Any, Any]) -> None:
        self._work = work

    def results(self, pieces: Iterable[Any]) -> Iterator[Any]:
        return map(self._work.do, pieces)

    def gathered(self) -> Sequence[Any]:
        return [self._work.gathered()]


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
        self._process = context.Process(target=_serve, args=(theirs, make), daemon=True)
        with _left_alone():
            self._process.start()
        theirs.close()
        self.owed = 0

    def say(self, piece: Any) -> None:
        """
        Hand a piece over; there may be `_AHEAD` of them before it must be heard what came of the first.

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


class _Several:
    def __init__(self, make: Callable[[], Work[Any, Any, Any]], count: int) -> None:
        self._hands = [Hand(make) for _ in range(count)]

    def results(self, pieces: Iterable[Any]) -> Iterator[Any]:
        waited_for = deque[Hand]()
        for piece, hand in zip(pieces, cycle(self._hands), strict=False):
            if len(waited_for) == _AHEAD * len(self._hands):
                yield waited_for.popleft().heard()
            hand.say(piece)
            waited_for.append(hand)
        while waited_for:
            yield waited_for.popleft().heard()

    def gathered(self) -> Sequence[Any]:
        for hand in self._hands:
            hand.say(_NO_MORE)
        return [hand.heard() for hand in self._hands]

    def dismiss(self) -> None:
        """End the processes, whatever they are at."""
        for hand in self._hands:
            hand.dismiss()
        for hand in self._hands:
            hand.end()


class _NoMore:
    """Says that there are no more pieces."""


_NO_MORE: Final = _NoMore()


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


def _serve(connection: Connection, make: Callable[[], Work[Any, Any, Any]]) -> None:
    """Work until there are no more pieces, or nobody who waits for results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for systems on which `_left_alone` does nothing
    # Pieces are taken in while results are on their way: with both sides sending and neither receiving, both would wait for ever.
    arrived = SimpleQueue[bytes | None]()
    Thread(target=_take_in, args=(connection, arrived), daemon=True).start()
    work = _made(make)
    while (content := arrived.get()) is not None:
        answer = _answer(work, content)
        try:
            connection.send(answer)
        except OSError:
            return


def _made(make: Callable[[], Work[Any, Any, Any]]) -> Work[Any, Any, Any] | Exception:
    """What does the work, or why there is none: whoever asks first is told."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001  (handed over, and raised by who waits for a result)
        return _told(error)


def _answer(work: Work[Any, Any, Any] | Exception, content: bytes) -> tuple[bool, Any]:
    """What came of a piece, and whether that is a result."""
    if isinstance(work, Exception):
        return False, work
    try:
        piece = pickle.loads(content)  # noqa: S301  from the process that began this one
        return True, work.gathered() if isinstance(piece, _NoMore) else work.do(piece)
    except Exception as error:  # noqa: BLE001  (handed over, and raised by who waits for the result)
        return False, _told(error)


def _told(error: Exception) -> Exception:
    """A failure that is being handled, with the place in this process where it came up."""
    error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
    return error


def _take_in(connection: Connection, arrived: "SimpleQueue[bytes | None]") -> None:
    """Receive pieces, of which there are never more than `_AHEAD`; None once nobody sends any."""
    try:
        while True:
            arrived.put(connection.recv_bytes())
    except (EOFError, OSError):
        return
    finally:
        arrived.put(None)
