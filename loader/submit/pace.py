"""How fast, how wide and how long a run may send."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from loader.submit.adaptive import AdaptivePacer
from loader.submit.clock import Clock
from loader.submit.pacing import Pacer
from loader.submit.rate import Rate, slowest


@dataclass(frozen=True, slots=True)
class Share:
    """
    A number of steps, or a share of those that are to be sent.

    Attributes:
        number: The count, or the percentage.
        percent: True where it is a percentage.
    """

    number: float
    percent: bool

    @classmethod
    def parse(cls, text: str) -> "Share":
        """
        Read `20` or `5%`.

        Raises:
            ValueError: The text is neither.
        """
        bare = text.strip()
        digits = bare.removesuffix("%").strip()
        percent = bare.endswith("%")
        if not digits.isascii() or not digits.replace(".", "", 1 if percent else 0).isdecimal():
            raise ValueError(f"{text!r} is neither a count nor a share")
        return cls(float(digits), percent)

    def of(self, total: int) -> float:
        """The most of a total that is within the share."""
        return self.number * total / 100 if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number:g}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How fast and how wide a run may send.

    Attributes:
        rates: Limits, all of which are kept; empty for none.
        concurrency: Requests in flight at most.
        timeout_s: Seconds to wait for an answer.
        auto: Whether the tenant's own limit is looked for, below the given ones.
        until: When to stop, aware; None for no such time.
        settle_after_s: Seconds after a request in which LoanPro may still be working on it.
        max_refused: Steps that may end otherwise than accepted before sending stops; None for any number.
    """

    rates: tuple[Rate, ...]
    concurrency: int
    timeout_s: float
    auto: bool = False
    until: datetime | None = None
    max_refused: Share | None = None
    settle_after_s: float = 90.0

    @property
    def per_second(self) -> float | None:
        """Requests a second that keep all limits, None without one."""
        return slowest(self.rates)

    def pacer(self, clock: Clock, stopped: Callable[[], bool]) -> Pacer:
        """The one limiter of a run."""
        kind = AdaptivePacer if self.auto else Pacer
        return kind(self.per_second, clock, stopped)
