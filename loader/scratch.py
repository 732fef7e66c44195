"""Folders for the time of a block, of which an interruption leaves nothing behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from types import FrameType


class ScratchFolder(TemporaryDirectory[str]):
    """
    A new folder of the user's own among the system's temporary ones; as a context manager it gives its path, and is gone with the block.

    A Ctrl-C or SIGTERM that comes while it is made is heeded once it is sure to be removed: what it is to hold may be personal data.

    Args:
        name: Stands in the folder's name, for who finds it after a power cut.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, name: str) -> None:
        is_made = False
        try:
            with _signals_held():
                super().__init__(prefix=f"loader-{name}-")
                is_made = True
        except KeyboardInterrupt:
            if is_made:
                self.cleanup()
            raise


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have both signals wait until the end of the block; other threads than the main one are never interrupted by them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    former = {number: signal.signal(number, keep) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
