"""One sitting at a tenant: event loop, connection, limiter, journal's writer, and the signals that end it."""

import asyncio
import contextlib
import gc
import random
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from loader.journal.store import Journal
from loader.journal.writer import Writer
from loader.submit.asking import Asker
from loader.submit.client import Address, Client
from loader.submit.clock import Clock, SystemClock
from loader.submit.finish import Finish
from loader.submit.interruptions import Interruptions
from loader.submit.pace import Pace
from loader.submit.pacing import Pacer
from loader.submit.stop import Stop

_T = TypeVar("_T")

_CYCLES_LOOKED_FOR: Final = (10_000, 10, 100)
"""
Thresholds of the search for reference cycles (`gc.set_threshold`) while rows are sent. Python's own let it look through all rows that wait, again
and again, since they are all that is not frozen: a tenth of the processor time of a row.
"""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What requests are sent with: one connection, one limiter, one writer and one stop signal for all of them."""

    client: Client
    asker: Asker
    pacer: Pacer
    writer: Writer
    stop: Stop
    clock: Clock
    chance: random.Random


def sit(
    address: Address, pace: Pace, journal: Journal, work: Callable[[Sitting], Coroutine[Any, Any, None]]
) -> Finish:
    """
    Do work at a tenant, from the first request to the last; Ctrl-C and SIGTERM are heeded meanwhile.

    Args:
        address: The tenant.
        pace: Limits.
        journal: Where intents and outcomes go.
        work: What is to be done; it heeds the stop signal.
    """
    with _old_objects_frozen(), Interruptions.caught() as interruptions:
        return run_loop(_sit(address, pace, journal, work, interruptions))


@contextlib.contextmanager
def _old_objects_frozen() -> Iterator[None]:
    """
    Keep what is there already out of the search for reference cycles.

    Modules and templates are some hundred thousand objects that live as long as the process. Looking through all of them held
    the event loop for 0.14 s: a request that was due then left so much late, too near to those of the second after it. They are not looked
    through before either: what is garbage among them by now is little, and is found after the sitting.
    """
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(*_CYCLES_LOOKED_FOR)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _sit(
    address: Address,
    pace: Pace,
    journal: Journal,
    work: Callable[[Sitting], Coroutine[Any, Any, None]],
    interruptions: Interruptions,
) -> Finish:
    stop = Stop()
    clock = _StoppableClock(SystemClock(), stop)
    pacer = pace.pacer(clock, stop.asked)
    chance = random.Random()  # noqa: S311  jitter, no secret
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)
    with _alarm(stop, pace.until), Writer(journal, pacer.leisure_s) as writer:
        async with client:
            asker = Asker(client, pacer, stop, clock, chance)
            try:
                with interruptions.told_to(stop):
                    await work(Sitting(client, asker, pacer, writer, stop, clock, chance))
            except asyncio.CancelledError:  # a second Ctrl-C: what is in flight stays unknown in the journal
                stop.ask("stopped at once by the user", interrupted=True)
    return Finish(stop.reason, stop.error, interrupted=stop.interrupted, found_pace=pacer.found())


class _StoppableClock:
    """The machine's clock, whose sleepers wake when the run is stopped."""

    def __init__(self, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._stop = stop

    def now(self) -> float:
        return self._clock.now()

    def wall(self) -> float:
        return self._clock.wall()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0 or self._stop.asked():
            await asyncio.sleep(0)
            return
        await self._stop.heeded(self._clock.sleep(seconds))


@contextlib.contextmanager
def _alarm(stop: Stop, until: datetime | None) -> Iterator[None]:
    """Ask for the stop when the time has come."""
    if until is None:
        yield
        return
    left_s = max(0.0, (until - datetime.now(UTC)).total_seconds())
    reason = f"the time set by --until has come ({until:%H:%M})"
    handle = asyncio.get_running_loop().call_later(left_s, stop.ask, reason)
    try:
        yield
    finally:
        handle.cancel()


def run_loop(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end, on the faster event loop where there is one."""
    if sys.platform == "win32":
        return asyncio.run(coroutine)
    import uvloop  # noqa: PLC0415  not on Windows

    return uvloop.run(coroutine)
