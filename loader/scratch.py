"""Folders for the time of a block, of which an interruption leaves nothing behind."""

import signal
from tempfile import TemporaryDirectory

from loader.signals import heard_by


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
        came: list[int] = []
        with heard_by(lambda number, _frame: came.append(number)):
            super().__init__(prefix=f"loader-{name}-")
        if came:
            try:
                signal.raise_signal(came[0])
            except KeyboardInterrupt:
                self.cleanup()
                raise
