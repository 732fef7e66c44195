"""
Finds the pace that a tenant bears (`--rate auto`).

LoanPro publishes no limit (LoanPro reference 4.4). The pace begins low, climbs while answers come as quickly as before, is halved by a
refusal, and then climbs in small steps: additive care after a multiplicative cut, as in TCP.
"""

from collections.abc import Callable
from statistics import median

from loader.submit.clock import Clock
from loader.submit.pacing import Pacer

FIRST_PER_S = 2.0
LOWEST_PER_S = 0.5
ANSWERS_TO_JUDGE = 10
"""So many answers are looked at before the pace is changed."""
SECONDS_TO_JUDGE = 2.0
"""And for so long: what a pace does to the tenant shows only after a while."""
_QUICK_CLIMB, _CAREFUL_CLIMB, _GIVE_WAY = 1.25, 1.05, 0.9
_SLOWER_BY = 2.0
"""Answers that take so many times as long as the quickest ones say that the tenant is busy."""


class AdaptivePacer(Pacer):
    """
    A pacer that looks for the tenant's own limit.

    Args:
        ceiling: Requests a second that are never exceeded, None for no ceiling.
        clock: Where time comes from.
        stopped: As in `Pacer`.
    """

    def __init__(
        self, ceiling: float | None, clock: Clock, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self._ceiling = ceiling
        self._per_s = min(FIRST_PER_S, ceiling) if ceiling else FIRST_PER_S
        super().__init__(self._per_s, clock, stopped)
        self._highest = self._per_s
        self._refusals = 0
        self._latencies: list[float] = []
        self._quickest_ms: float | None = None
        self._changed_at = float("-inf")

    def answered(self, elapsed_ms: float) -> None:
        """An answer came: as long as they are as quick as ever the pace climbs, and gives way a little when they are not."""
        self._latencies.append(elapsed_ms)
        now = self._clock.now()
        if len(self._latencies) < ANSWERS_TO_JUDGE or now - self._changed_at < SECONDS_TO_JUDGE:
            return
        typical = median(self._latencies)
        self._latencies.clear()
        if self._quickest_ms is None or typical < self._quickest_ms:
            self._quickest_ms = typical
        if typical <= _SLOWER_BY * self._quickest_ms:
            self._set(self._per_s * (_CAREFUL_CLIMB if self._refusals else _QUICK_CLIMB))
        else:
            self._set(self._per_s * _GIVE_WAY)

    def refused(self) -> None:
        """The tenant refused for now: half the pace, once for all requests that left at the same one."""
        self._refusals += 1
        self._latencies.clear()
        if self._clock.now() - self._changed_at >= 1.0 / self._per_s:
            self._set(self._per_s / 2)

    def found(self) -> str:
        """What was found, in words."""
        times = "once" if self._refusals == 1 else f"{self._refusals} times"
        refused = f", refused {times}" if self._refusals else ", never refused"
        return f"auto: {self._per_s:.1f}/s at the end, at most {self._highest:.1f}/s{refused}"

    def _set(self, per_s: float) -> None:
        self._changed_at = self._clock.now()
        self._per_s = max(LOWEST_PER_S, min(per_s, self._ceiling) if self._ceiling else per_s)
        self._highest = max(self._highest, self._per_s)
        self._set_interval(self._per_s)
