"""How fast the sandbox lets itself be asked, and how late it answers."""

import math
import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from loader.errors import UsageError

_LATENCY = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?ms")
_RATE = re.compile(r"(\d+)(?:/s)?")
WINDOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The bounds of the service; LoanPro publishes none (LoanPro reference 4.4), so all are off by default.

    Attributes:
        requests_per_second: The most requests let in within any one second; None for no limit.
        retry_after_as_date: Whether `Retry-After` is an HTTP date rather than seconds (RFC 9110, 10.2.3).
        latency_ms: Shortest and longest extra delay of an answer.
        search_lag_s: How long a new record stays invisible to `Autopal.Search()`.
    """

    requests_per_second: int | None = None
    retry_after_as_date: bool = False
    latency_ms: tuple[float, float] = (0.0, 0.0)
    search_lag_s: float = 0.0

    @classmethod
    def parse(
        cls, *, throttle: str = "", latency: str = "", search_lag_s: float = 0.0, retry_after: str = "seconds"
    ) -> "Limits":
        """
        Read the limits from options such as `50/s` and `20-200ms`; blank text means none.

        Raises:
            UsageError: An option cannot be read; the message shows how to write it.
        """
        rate, delay = _RATE.fullmatch(throttle.strip()), _LATENCY.fullmatch(latency.strip())
        if throttle.strip() and (rate is None or int(rate[1]) == 0):
            raise UsageError(f"throttle {throttle!r} is not a rate", hint="write it as 50/s")
        if latency.strip() and delay is None:
            raise UsageError(f"latency {latency!r} is not a delay", hint="write it as 50ms or 20-200ms")
        if retry_after not in {"seconds", "date"}:
            raise UsageError(f"retry-after {retry_after!r} is not known", hint="write seconds or date")
        if search_lag_s < 0:
            raise UsageError("the search lag is below zero", hint="give it in seconds, from 0")
        low, high = (float(delay[1]), float(delay[2] or delay[1])) if delay else (0.0, 0.0)
        if low > high:
            raise UsageError(
                f"latency {latency!r} ends before it begins", hint="write the shorter delay first"
            )
        return cls(
            requests_per_second=int(rate[1]) if rate else None,
            retry_after_as_date=retry_after == "date",
            latency_ms=(low, high),
            search_lag_s=search_lag_s,
        )


class SlidingWindow:
    """The instants of the last second; the newest one counts, one exactly a second older does not."""

    def __init__(self) -> None:
        self._instants: deque[float] = deque()
        self.most = 0

    def room(self, instant: float, limit: int) -> float:
        """Seconds until one more fits below *limit*; 0 if it fits now."""
        self._forget(instant)
        if len(self._instants) < limit:
            return 0.0
        # In this order of subtraction it is above 0 for whatever `_forget` has left, to the last bit.
        return WINDOW_S - (instant - self._instants[len(self._instants) - limit])

    def add(self, instant: float) -> None:
        """Count one more at *instant*, which is not earlier than those before."""
        self._forget(instant)
        self._instants.append(instant)
        self.most = max(self.most, len(self._instants))

    def _forget(self, instant: float) -> None:
        while self._instants and instant - self._instants[0] >= WINDOW_S:
            self._instants.popleft()


def retry_after(limits: Limits, wait_s: float, now: float) -> str:
    """The `Retry-After` header for a wait of *wait_s*, rounded up to whole seconds, at least one."""
    seconds = max(1, math.ceil(wait_s))
    if not limits.retry_after_as_date:
        return str(seconds)
    return format_datetime(datetime.fromtimestamp(math.ceil(now) + seconds, UTC), usegmt=True)
