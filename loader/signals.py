"""Ctrl-C and SIGTERM, which end a command alike."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


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
