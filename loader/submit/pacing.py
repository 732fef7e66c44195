"""
The pace of a run: when the next request may leave, and how long to wait after a refusal.

Requests are spaced evenly, never in bursts: a limit that the server counts in any window of a second is kept only so.
"""

import asyncio
import math
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*/\s*([smh])\s*$")

MARGIN = 1.01
"""Requests are spaced 1% wider than the limit asks."""

WINDOW_MARGIN = 1.015
"""As many requests as the limit allows in a second are spread over so much more than it, whatever delays some of them: what
the network then shifts by a hundredth of a second makes no window too full."""

LEAD_S = 0.05
"""An intent is written so long before its request may leave: time for the disk, and little that a kill could leave open."""

_ANY_SLOT = 0.0
"""Of a request that no limit holds back; a pause that comes before it leaves is later than this."""

_LATE_S = 0.005
"""Where requests are this close or closer, one that the machine has delayed by no more than this holds back none of those behind it:
timers and a busy machine are late by milliseconds again and again, and the limit would never be reached."""

LONGEST_PAUSE_S = 900.0
"""The longest wait that a Retry-After header is believed."""


class Clock(Protocol):
    """Time as the pacing needs it; tests pass one that they move by hand."""

    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        ...

    def wall(self) -> float:
        """Seconds since 1970, as another process would give them."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """
        Wait so long, or a millisecond longer, without blocking the event loop.

        uvloop's timers count whole milliseconds and round: who is woken too early would go to sleep again and again.
        """
        await asyncio.sleep(math.ceil(seconds * 1000) / 1000)


@dataclass(frozen=True, slots=True)
class Rate:
    """
    A limit such as 5 requests a second.

    Attributes:
        count: Requests, above 0.
        seconds: In so many seconds.
    """

    count: float
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """
        Read `5/s`, `200/m` or `3600/h`.

        Raises:
            ValueError: The text is no rate, or the count is 0.
        """
        found = _RATE.match(text)
        if found is None or float(found[1]) == 0:
            raise ValueError(f"{text!r} is no rate; write it as 5/s, 200/m or 3600/h")
        return cls(float(found[1]), _SECONDS[found[2]])

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.count / self.seconds


def slowest(rates: Iterable[Rate]) -> float | None:
    """
    Requests a second that keep all limits at once, None without any limit.

    Evenly spaced requests at the lowest of the rates keep the others too.
    """
    return min((rate.per_second for rate in rates), default=None)


class Pacer:
    """
    One limiter for the whole run, whatever the concurrency: it waits and never fails.

    Args:
        per_second: Requests a second, None for no limit.
        clock: Where time comes from.
        stopped: Says that nothing more is to be sent; those who wait then stop waiting.
    """

    def __init__(
        self, per_second: float | None, clock: Clock, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self._left: deque[float] = deque()
        self._set_interval(per_second)
        self._clock = clock
        self._stopped = stopped
        self._next_slot = 0.0
        self._paused_until = 0.0
        self._was_due = 0.0
        self._first_in_line = asyncio.Lock()

    def answered(self, elapsed_ms: float) -> None:
        """An answer came after so long; a pace that was set by the user does not care."""

    def refused(self) -> None:
        """The tenant refused for now (429 or 503); likewise."""

    def found(self) -> str:
        """What was found about the tenant's own limit, "" where nobody looked for it."""
        return ""

    def _set_interval(self, per_second: float | None) -> None:
        self._interval_s = MARGIN / per_second if per_second else 0.0
        in_a_second = max(1, int(per_second)) if per_second else 1
        self._window_s = WINDOW_MARGIN * in_a_second / per_second if per_second else 0.0
        self._late_s = _LATE_S if self._interval_s <= 2 * _LATE_S else 0.0
        self._left = deque(self._left, maxlen=in_a_second)

    async def wait(self) -> bool:
        """Return True when the next request may leave, False when none may leave any more."""
        slot = await self.near()
        return slot is not None and await self.reach(slot)

    async def near(self) -> float | None:
        """
        Take the next slot, and return it shortly before its time: there is still something to do before sending.

        Returns:
            The slot for `reach`; None when nothing may leave any more.
        """
        if self._boundless:
            return None if self._stopped() else _ANY_SLOT
        while not self._stopped():
            now = self._clock.now()
            slot = max(now, self._next_slot, self._paused_until)
            self._next_slot = slot + self._interval_s
            await self._sleep_until(slot - LEAD_S)
            if slot >= self._paused_until:
                return slot
        return None

    async def reach(self, slot: float) -> bool:
        """
        Wait for the slot itself; False where a pause or a stop has come between, and nothing may be sent now.

        Slots that a stall of the disk has left in the past do not leave all at once: they queue, and only the first is woken.
        """
        if self._boundless:
            return not self._stopped()
        await self._sleep_until(slot)
        async with self._first_in_line:
            while not self._stopped() and slot >= self._paused_until:
                if (now := self._clock.now()) >= (earliest := self._earliest()):
                    self._left.append(now)
                    self._was_due = max(earliest, now - self._late_s)
                    return True
                await self._sleep_until(earliest)
        return False

    @property
    def _boundless(self) -> bool:
        """Without a limit, and as long as nobody has asked for a pause, there is nothing to wait for and nothing to count."""
        return not self._interval_s and not self._paused_until

    def _earliest(self) -> float:
        """When the limit lets the next request leave, by when those before it really left."""
        if not self._left:
            return 0.0
        spaced = self._was_due + self._interval_s / 2
        return max(spaced, self._left[0] + self._window_s) if len(self._left) == self._left.maxlen else spaced

    def pause(self, seconds: float) -> None:
        """Let no request leave for so long, whoever waits already."""
        self._paused_until = max(self._paused_until, self._clock.now() + min(seconds, LONGEST_PAUSE_S))

    async def _sleep_until(self, moment: float) -> None:
        while not self._stopped() and (left := moment - self._clock.now()) > 0:
            await self._clock.sleep(left)


def backoff(attempt: int, chance: random.Random) -> float:
    """
    Seconds to wait before the next try of one step.

    Doubles from 1 s up to 60 s, with full jitter between half of it and the whole, so that workers do not come back
    together.

    Args:
        attempt: The try that has just failed; the first is 1.
        chance: Where jitter comes from.
    """
    ceiling: float = min(60.0, 2.0 ** (attempt - 1))
    return ceiling * (0.5 + chance.random() / 2)
