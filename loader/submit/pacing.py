"""
The pace of a run: when the next request may leave, and how long to wait after a refusal.

No second, wherever it begins, holds more requests than the limit, rounded up: tenants that count so are kept within it
only by what really left, and when. Below 20 a second requests are spaced evenly; from there on those that are due within a tenth of a second leave together at the turn of the
first: processor and disk are then woken once for all of them. Nobody's turn comes later for it than it would alone.
"""

import asyncio
import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from loader.submit.clock import Clock

MARGIN = 1.015
"""Requests are spaced so much wider than the limit asks, as planned and as they really leave: what the network then shifts by a hundredth
of a second makes no window of a second too full."""

TOGETHER_S = 0.1
"""Requests that are due within so long leave together: 2 at 20/s, 5 at 50/s, each alone below that."""
MOST_TOGETHER = 5
"""More together save little, and at hundreds a second they would leave and be answered in waves, while workers wait."""

LEAD_S = 0.05
"""An intent is written so long before its request may leave: time for the disk, and little that a kill could leave open. A disk that needs
longer is given it."""
_LONGEST_LEAD_S = 1.0
_LEAD_AGAIN = 0.98
"""After a slow disk each request takes the lead back to this part of it."""

_LATE_S = 0.005
"""A request that the machine has delayed by no more than this holds back none of those behind it, where those are as close:
timers and a busy machine are late by milliseconds again and again, and the limit would never be reached."""

LONGEST_PAUSE_S = 900.0
"""The longest wait that a Retry-After header is believed."""


@dataclass(slots=True, eq=False)
class Slot:
    """
    When some requests may leave together.

    Attributes:
        at: By the clock, in seconds, had nothing held the run back so far.
        requests: How many have taken it.
        begun: Whether the first of them has left.
        near: Set when it is time to make ready.
        near_at: When that was.
    """

    at: float
    requests: int = 1
    begun: bool = False
    near: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    near_at: float = 0.0

    def __lt__(self, other: "Slot") -> bool:
        return self.at < other.at


_ANY_SLOT = Slot(0.0)
"""Of a request that no limit holds back; a pause that comes before it leaves is later than this."""


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
        self._left: deque[float] = deque()  # when requests really left, as many as a window may hold
        self._were_due: deque[float] = deque()  # the same of as many as leave together, but for small delays
        self._set_interval(per_second)
        self._clock = clock
        self._stopped = stopped
        self._next_at = 0.0
        self._last = Slot(0.0, requests=MOST_TOGETHER)  # nobody joins that
        self._behind_s = 0.0
        self._least_late_s, self._looked_at = math.inf, 0
        self._lead_s = LEAD_S
        self._paused_until = 0.0
        self._ready: list[Slot] = []
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
        self._late_s = _LATE_S if self._interval_s <= 2 * _LATE_S else 0.0
        self._together = max(1, min(MOST_TOGETHER, int((per_second or 0.0) * TOGETHER_S)))
        # A limit such as 3050/m leaves room for 51 in one second, and what it asks over a minute is kept by the spacing.
        self._in_a_second = max(1, math.ceil(per_second or 0.0))
        self._left = deque(self._left, maxlen=self._in_a_second)
        self._were_due = deque(self._were_due, maxlen=self._together)

    async def wait(self) -> bool:
        """Return True when the next request may leave, False when none may leave any more."""
        slot = await self.near()
        return slot is not None and await self.reach(slot)

    async def near(self) -> Slot | None:
        """
        Take the next slot, and return it shortly before its time: there is still something to do before sending.

        All who share a slot are woken in one turn of the event loop, by the first of them.

        Returns:
            The slot for `reach`; None when nothing may leave any more.
        """
        if self._boundless:
            return None if self._stopped() else _ANY_SLOT
        while not self._stopped():
            slot = self._next_slot()
            if slot.requests == 1:
                await self._sleep_until_near(slot)
            else:
                await slot.near.wait()
            if self._stands(slot) and not self._stopped():
                return slot
        return None

    def _next_slot(self) -> Slot:
        """The last slot, if it has room and is still to come; else a new one."""
        now = self._clock.now()
        at = max(self._next_at, max(now, self._paused_until) - self._behind_s)
        self._next_at = at + self._interval_s
        last = self._last
        if last.requests < self._together and self._stands(last) and self._due(last) >= now - _LATE_S:
            last.requests += 1
        else:
            self._last = Slot(at)
        return self._last

    async def _sleep_until_near(self, slot: Slot) -> None:
        try:
            while not self._stopped():
                left_s = self._due(slot) - self._lead_s - self._clock.now()
                if left_s <= 2 * _LATE_S:  # more than the run falls behind at a time
                    break
                await self._clock.sleep(left_s)
        finally:
            slot.near_at = self._clock.now()
            slot.near.set()

    async def reach(self, slot: Slot) -> bool:
        """
        Wait for the slot itself; False where a pause or a stop has come between, and nothing may be sent now.

        Slots that a stall of the disk has left in the past do not leave all at once: they queue, and only the first is woken.
        """
        if self._boundless:
            return not self._stopped()
        took_s = min(self._clock.now() - slot.near_at, _LONGEST_LEAD_S)
        self._lead_s = max(LEAD_S, took_s, self._lead_s * _LEAD_AGAIN)
        heapq.heappush(self._ready, slot)
        async with self._first_in_line:
            left = await self._leaves()
            heapq.heappop(self._ready)
            return left

    async def _leaves(self) -> bool:
        """Wait for the earliest slot of those who are ready: whoever is ready first leaves first, and nobody waits for who is not."""
        while not self._stopped() and self._stands(slot := self._ready[0]):
            now, earliest = self._clock.now(), self._earliest(slot)
            if (left_s := max(earliest, self._due(slot)) - now) <= 0:
                self._fall_behind(slot, earliest)
                slot.begun = True
                self._left.append(now)
                self._were_due.append(max(earliest, now - self._late_s))
                return True
            await self._clock.sleep(left_s)
        return False

    def leisure_s(self) -> float:
        """
        How long nobody will be missed who is waiting for something else, in seconds.

        Above 0 where so many are in line that the next two slots are taken: until then whoever joins the line loses nothing.
        """
        two_slots_s = 2 * self._together * self._interval_s
        ahead_s = self._next_at + self._behind_s - self._clock.now()
        return two_slots_s if self._together > 1 and ahead_s > self._lead_s + two_slots_s else 0.0

    @property
    def _boundless(self) -> bool:
        """Without a limit, and as long as nobody has asked for a pause, there is nothing to wait for and nothing to count."""
        return not self._interval_s and not self._paused_until

    def _stands(self, slot: Slot) -> bool:
        """Whether no pause has come between; the sum is the one by which slots are made."""
        return slot.at >= self._paused_until - self._behind_s

    def _due(self, slot: Slot) -> float:
        """When a slot comes, by how far the run is behind now."""
        return slot.at + self._behind_s

    def _earliest(self, slot: Slot) -> float:
        """
        When the limit lets the next request of a slot leave, by when those before it really left.

        The first of a slot waits for room for all, if that comes soon: those of a second ago may have left some milliseconds apart.
        """
        earliest = self._when_room_for(1)
        if slot.begun or slot.requests == 1:
            return earliest
        for_all = self._when_room_for(min(slot.requests, self._in_a_second))
        return for_all if for_all - earliest <= 2 * _LATE_S else earliest

    def _when_room_for(self, requests: int) -> float:
        full = len(self._were_due) == self._together
        spaced = self._were_due[0] + self._together * self._interval_s / 2 if full else 0.0
        makes_room = len(self._left) + requests - 1 - self._in_a_second
        if makes_room < 0:
            return spaced
        return max(spaced, self._left[makes_room] + self._in_a_second * self._interval_s)

    def _fall_behind(self, slot: Slot, earliest: float) -> None:
        """
        Where a second has let no slot begin when it was planned, move those that come: nobody is to make ready long before he can leave.

        One slot that was on time shows that there is room to catch up. A slot with room left is planned for its last request's own turn.
        """
        if slot.begun:
            return
        whole = slot.requests == self._together
        turn = slot.at if whole else slot.at + (slot.requests - 1) * self._interval_s
        self._least_late_s = min(self._least_late_s, earliest - turn - self._behind_s)
        self._looked_at += slot.requests
        if self._looked_at >= self._in_a_second:
            self._behind_s += max(0.0, self._least_late_s)
            self._least_late_s, self._looked_at = math.inf, 0

    def pause(self, seconds: float) -> None:
        """Let no request leave for so long, whoever waits already."""
        self._paused_until = max(self._paused_until, self._clock.now() + min(seconds, LONGEST_PAUSE_S))


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
