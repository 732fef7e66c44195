"""How sending ended, for those who did not send: nothing of the network is imported with it."""

from dataclasses import dataclass

from loader.errors import LoaderError


@dataclass(frozen=True, slots=True)
class Finish:
    """
    How sending ended.

    Attributes:
        stopped: Why it ended before the last row, "" if it did not.
        error: The failure behind that, None if there was none.
        interrupted: True where the user stopped it at the keyboard, or declined the plan.
        declined: True where nothing was to be sent at all: the user said no, or rows are invalid.
        found_pace: What `--rate auto` found, "" without it.
    """

    stopped: str = ""
    error: LoaderError | None = None
    interrupted: bool = False
    declined: bool = False
    found_pace: str = ""
