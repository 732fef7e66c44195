"""What runs in another process: pieces come in, each is worked on, and what came of it goes back."""

import pickle
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Protocol, TypeVar

Piece_contra = TypeVar("Piece_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Rest_co = TypeVar("Rest_co", covariant=True)


class Work(Protocol[Piece_contra, Result_co, Rest_co]):
    """What is done to each piece, by an object that may gather something over all that it is given."""

    def do(self, piece: Piece_contra) -> Result_co:
        """The result of one piece."""
        ...

    def gathered(self) -> Rest_co:
        """What came together over all pieces so far."""
        ...


class NoMore:
    """Says that there are no more pieces."""


NO_MORE: Final = NoMore()


def serve(connection: Connection, make: Callable[[], Work[Any, Any, Any]]) -> None:
    """Work until there are no more pieces, or nobody who waits for results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where systems know no mask: see `interrupts_held`
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
        return True, work.gathered() if isinstance(piece, NoMore) else work.do(piece)
    except Exception as error:  # noqa: BLE001  (handed over, and raised by who waits for the result)
        return False, _told(error)


def _told(error: Exception) -> Exception:
    """A failure that is being handled, with the place in this process where it came up."""
    error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
    return error


def _take_in(connection: Connection, arrived: "SimpleQueue[bytes | None]") -> None:
    """Receive pieces, of which there are never more than `AHEAD`; None once nobody sends any."""
    try:
        while True:
            arrived.put(connection.recv_bytes())
    except (EOFError, OSError):
        return
    finally:
        arrived.put(None)
