"""One sitting at a tenant: the event loop, the signals, and the waves of rows until nothing is left to send."""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from loader.errors import LoaderError, ServiceError
from loader.intake import OpenRow
from loader.journal.known import Links
from loader.journal.runs import RunHandle
from loader.journal.store import Journal
from loader.journal.writer import Writer
from loader.models.operations import operation_of
from loader.submit import settle
from loader.submit.asking import Asker
from loader.submit.client import Address, Client
from loader.submit.pacing import Clock, Pacer, Rate, SystemClock, slowest
from loader.submit.runner import Observer, Runner
from loader.submit.sender import StepSender
from loader.submit.stop import Stop

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How fast and how wide a run may send.

    Attributes:
        rates: Limits, all of which are kept; empty for none.
        concurrency: Requests in flight at most.
        timeout_s: Seconds to wait for an answer.
    """

    rates: tuple[Rate, ...]
    concurrency: int
    timeout_s: float

    @property
    def per_second(self) -> float | None:
        """Requests a second that keep all limits, None without one."""
        return slowest(self.rates)


@dataclass(frozen=True, slots=True)
class Finish:
    """
    How sending ended.

    Attributes:
        stopped: Why it ended before the last row, "" if it did not.
        error: The failure behind that, None if there was none.
        interrupted: True where the user stopped it.
    """

    stopped: str = ""
    error: LoaderError | None = None
    interrupted: bool = False


class _StoppableClock:
    """The machine's clock, whose sleepers wake when the run is stopped."""

    def __init__(self, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._stop = stop

    def now(self) -> float:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0 or self._stop.asked():
            return
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds))
        stopper = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({sleeper, stopper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
            stopper.cancel()


def send_open_rows(
    address: Address,
    pace: Pace,
    journal: Journal,
    run: RunHandle,
    rows: Callable[[], Iterator[Sequence[OpenRow]]],
    observer: Observer,
) -> Finish:
    """
    Settle and send what a run still has open.

    Args:
        address: The tenant.
        pace: Limits.
        journal: Where the run is; intents and outcomes go there.
        run: Which one.
        rows: Gives the open rows anew, in the order of the file; called once a wave.
        observer: Hears of each outcome.

    Returns:
        How it ended. A failure of service, source or journal is in it, not raised: the reports are drawn all the same.
    """
    return _run(_send(address, pace, journal, run, rows, observer))


async def _send(
    address: Address,
    pace: Pace,
    journal: Journal,
    run: RunHandle,
    rows: Callable[[], Iterator[Sequence[OpenRow]]],
    observer: Observer,
) -> Finish:
    stop = Stop()
    clock = _StoppableClock(SystemClock(), stop)
    pacer = Pacer(pace.per_second, clock)
    chance = random.Random()  # noqa: S311  jitter, no secret
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)
    with _signals(stop), Writer(journal) as writer:
        async with client:
            asker = Asker(client, pacer, clock, chance)
            sender = StepSender(client, asker, pacer, writer, stop, clock, chance)
            links = Links(journal, run)
            try:
                await _waves(
                    lambda: Runner(
                        run, sender, writer, links, stop, observer, concurrency=pace.concurrency
                    ).wave(rows()),
                    stop,
                )
            except LoaderError as error:
                stop.ask(error.message, error)
            except asyncio.CancelledError:  # a second Ctrl-C: what is in flight stays unknown in the journal
                stop.ask("stopped at once by the user")
    return Finish(stop.reason, stop.error, interrupted=stop.asked() and stop.error is None)


async def _waves(wave: Callable[[], Coroutine[Any, Any, Any]], stop: Stop) -> None:
    """Send until no row waits for another, or those that wait get nowhere."""
    while not stop.asked():
        result = await wave()
        if not result.deferred or not result.done:
            return


def look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[str, str, int], None],
) -> list[tuple[str, str]]:
    """
    Ask the tenant for entities that rows link to.

    Args:
        address: The tenant.
        pace: Limits.
        wanted: Entity group and natural key.
        found: Called for each that is there, with LoanPro's id.

    Returns:
        Those that are not there, or are there more than once.

    Raises:
        ServiceError: The tenant does not answer; nothing has been sent that changes anything.
    """
    return _run(_look_up_links(address, pace, wanted, found))


async def _look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[str, str, int], None],
) -> list[tuple[str, str]]:
    clock = SystemClock()
    pacer = Pacer(pace.per_second, clock)
    missing: list[tuple[str, str]] = []
    waiting = iter(wanted)
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)

    async def work(asker: Asker) -> None:
        for entity, key in waiting:
            match await settle.look_up(operation_of(entity), key, asker.ask, clock.sleep):
                case settle.Found(remote_id=remote_id):
                    found(entity, key, remote_id)
                case settle.CannotLook(reason=reason):
                    raise ServiceError(
                        f"{entity} {key} cannot be looked up: {reason}",
                        hint="nothing has been sent; check the address, the token and the tenant id, then try again",
                    )
                case _:
                    missing.append((entity, key))

    async with client:
        asker = Asker(client, pacer, clock, random.Random())  # noqa: S311  jitter, no secret
        workers = [asyncio.create_task(work(asker)) for _ in range(min(pace.concurrency, len(wanted)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return sorted(missing)


def _run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end, on the faster event loop where there is one."""
    if sys.platform == "win32":
        return asyncio.run(coroutine)
    import uvloop  # noqa: PLC0415  not on Windows

    return uvloop.run(coroutine)


@contextlib.contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    """
    The first Ctrl-C or SIGTERM drains, the second ends at once.

    Ending at once leaves intents without outcomes in the journal: unknown, which a resumed run settles.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def asked() -> None:
        if stop.asked() and task is not None:
            task.cancel()
        stop.ask("stopped by the user")

    numbers = [signal.SIGINT, signal.SIGTERM]
    try:
        for number in numbers:
            loop.add_signal_handler(number, asked)
    except (NotImplementedError, RuntimeError, ValueError):
        # Windows, or not the main thread: Ctrl-C ends at once, which the journal survives.
        yield
        return
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
