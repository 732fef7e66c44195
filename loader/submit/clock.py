"""Time, as what waits for it sees it."""

import asyncio
import math
import time
from typing import Protocol


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
