"""What the sending process of a rehearsal goes through, and the moments at which it is killed."""

import random
import time
from dataclasses import dataclass

_LATE_S = 0.05
_EARLY_S = (0.3, 4.0)
_EARLY = 0.25


@dataclass(frozen=True, slots=True)
class Ordeal:
    """
    What the sending process goes through.

    Attributes:
        kills: How often it is killed.
        seed: Of the moments.
        rate: Its pace, as `--rate` takes it.
        concurrency: Requests in flight at most.
        timeout_s: How long it waits for an answer.
    """

    kills: int = 5
    seed: int = 0
    rate: str = "none"
    concurrency: int = 24
    timeout_s: float = 5.0


@dataclass(slots=True)
class Moments:
    """
    When to kill: most often when so many requests have arrived, and now and then while the process starts and looks up.

    Attributes:
        shares: Of the requests to be sent, ascending.
        chance: For the rest.
        begun: When the present process was started.
        early: So many seconds after that it is killed whatever has arrived; None for no such kill.
    """

    shares: list[float]
    chance: random.Random
    begun: float = 0.0
    early: float | None = None

    def begin(self) -> None:
        """A process has been started."""
        self.begun = time.monotonic()
        self.early = self.chance.uniform(*_EARLY_S) if self.chance.random() < _EARLY else None

    def come(self, written: int, to_send: int) -> bool:
        """Whether it is time; the first time never comes before there was something to lose."""
        if not self.shares or not to_send:
            return False
        early = self.early is not None and time.monotonic() - self.begun >= self.early
        if not early and written < self.shares[0] * to_send:
            return False
        self.shares.pop(0)
        if not early:
            time.sleep(self.chance.uniform(0, _LATE_S))
        return True
