"""Ctrl-C and SIGTERM, which end a command alike."""

import _thread
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_AGAIN_AFTER_S: Final = 0.01
"""By then the clean-up in which an interruption was lost is over, as a rule; else it comes once more."""


@contextmanager
def heard_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """
    Have both signals call a handler inside the block; in other threads than the main one none can be taken, nor ever interrupts.

    Args:
        handler: Called with the signal's number and the frame it came in.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back from this thread until the end of the block, and for good from processes begun inside; where systems know no such mask, do nothing."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def interruptions_kept() -> Iterator[None]:
    """
    Have a `KeyboardInterrupt` inside the block come again that was raised where Python can only drop it.

    That is so while an object is cleared away, as happens all the time while modules are loaded: the user has asked for the end, and a
    command that went on would begin to send.
    """
    former = sys.unraisablehook

    def drop(unraisable: "sys.UnraisableHookArgs") -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            former(unraisable)
            return
        again = threading.Timer(_AGAIN_AFTER_S, _interrupt)
        again.daemon = True
        again.start()

    sys.unraisablehook = drop
    try:
        yield
    finally:
        sys.unraisablehook = former


def _interrupt() -> None:
    """Have the main thread interrupted, from another one, even while it waits for the system."""
    main = threading.main_thread().ident
    if main is None or not hasattr(signal, "pthread_kill"):
        _thread.interrupt_main()
    else:
        signal.pthread_kill(main, signal.SIGINT)
