"""Ctrl-C and SIGTERM while requests are sent, from before the event loop begins until it is closed."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self

from loader.signals import heard_by
from loader.submit.stop import Stop


class Interruptions:
    """
    The first Ctrl-C or SIGTERM drains, the second ends at once.

    Ending at once leaves intents without outcomes in the journal: unknown, which a resumed run settles. One that comes while the event
    loop closes has nothing more to end: whoever let it through would end the process before its reports are written.
    """

    def __init__(self) -> None:
        self._pass_on: Callable[[], object] | None = None
        self._missed = False

    @classmethod
    @contextlib.contextmanager
    def caught(cls) -> Iterator[Self]:
        """
        Take both signals inside the block, whatever the event loop does meanwhile.

        On Windows, or elsewhere than in the main thread, none is taken: Ctrl-C ends at once, which the journal survives.
        """
        interruptions = cls()
        if sys.platform == "win32":
            yield interruptions
            return
        with heard_by(interruptions._came):
            yield interruptions

    @contextlib.contextmanager
    def told_to(self, stop: Stop) -> Iterator[None]:
        """
        Ask for the stop when the first signal comes, and cancel the present task when the second does, while the block lasts.

        Args:
            stop: The run's stop signal. A signal that came before the block asks for it at once.
        """
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def heed() -> None:
            if self._pass_on is None:  # the block has come to its end since
                return
            if stop.asked() and task is not None:
                task.cancel()
            stop.ask("stopped by the user", interrupted=True)

        self._pass_on = lambda: loop.call_soon_threadsafe(heed)
        try:
            if self._missed:
                heed()
            yield
        finally:
            self._pass_on = None

    def _came(self, _number: int, _frame: FrameType | None) -> None:
        if self._pass_on is None:
            self._missed = True
        else:
            self._pass_on()
