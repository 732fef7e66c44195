"""One sitting at a tenant: the event loop, the signals, and the waves of rows until nothing is left to send."""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from loader.errors import LoaderError, ServiceError
from loader.intake import OpenRow
from loader.journal.known import Links
from loader.journal.runs import RunHandle
from loader.journal.store import Journal
from loader.journal.writer import Writer
from loader.models.operations import operation_of
from loader.models.outcome import Outcome, StepResult
from loader.models.warnings import WarningPolicy
from loader.submit import settle
from loader.submit.adaptive import AdaptivePacer
from loader.submit.asking import Asker
from loader.submit.client import Address, Client
from loader.submit.pacing import Clock, Pacer, Rate, SystemClock, slowest
from loader.submit.runner import Observer, Runner, Wave
from loader.submit.sender import StepSender
from loader.submit.stop import Stop

_T = TypeVar("_T")
_NOTHING_SENT = "nothing has been sent; check the address, the token and the tenant id, then try again"


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
        max_refused: Steps that may end otherwise than accepted before sending stops; None for any number.
    """

    rates: tuple[Rate, ...]
    concurrency: int
    timeout_s: float
    auto: bool = False
    until: datetime | None = None
    max_refused: Share | None = None

    @property
    def per_second(self) -> float | None:
        """Requests a second that keep all limits, None without one."""
        return slowest(self.rates)

    def pacer(self, clock: Clock, stopped: Callable[[], bool]) -> Pacer:
        """The one limiter of a run."""
        kind = AdaptivePacer if self.auto else Pacer
        return kind(self.per_second, clock, stopped)


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


class _StoppableClock:
    """The machine's clock, whose sleepers wake when the run is stopped."""

    def __init__(self, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._stop = stop

    def now(self) -> float:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0 or self._stop.asked():
            await asyncio.sleep(0)
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
    warnings: Sequence[WarningPolicy],
    to_send: int,
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
        warnings: What each step of the template does about transaction warnings.
        to_send: Requests in all.
        observer: Hears of each outcome.

    Returns:
        How it ended. A failure of service, source or journal is in it, not raised: the reports are drawn all the same.
    """

    async def send(sitting: Sitting) -> None:
        heard = _Refusals(observer, sitting.stop, pace.max_refused, to_send)
        sender = StepSender(
            sitting.client,
            sitting.asker,
            sitting.pacer,
            sitting.writer,
            sitting.stop,
            sitting.clock,
            sitting.chance,
            run.record.started_at,
        )
        links = Links(journal, run)

        async def wave(*, last: bool) -> Wave:
            runner = Runner(
                run,
                sender,
                sitting.writer,
                links,
                sitting.stop,
                heard,
                warnings,
                concurrency=pace.concurrency,
                last=last,
            )
            return await runner.wave(rows())

        await _waves(wave, sitting.stop)

    return sit(address, pace, journal, send)


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
    return _run(_sit(address, pace, journal, work))


async def _sit(
    address: Address, pace: Pace, journal: Journal, work: Callable[[Sitting], Coroutine[Any, Any, None]]
) -> Finish:
    stop = Stop()
    clock = _StoppableClock(SystemClock(), stop)
    pacer = pace.pacer(clock, stop.asked)
    chance = random.Random()  # noqa: S311  jitter, no secret
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)
    with _signals(stop), _alarm(stop, pace.until), Writer(journal) as writer:
        async with client:
            asker = Asker(client, pacer, stop, clock, chance)
            try:
                await work(Sitting(client, asker, pacer, writer, stop, clock, chance))
            except asyncio.CancelledError:  # a second Ctrl-C: what is in flight stays unknown in the journal
                stop.ask("stopped at once by the user", interrupted=True)
    return Finish(stop.reason, stop.error, interrupted=stop.interrupted, found_pace=pacer.found())


class _Refusals:
    """Passes on what it hears, and asks for the stop when too much of it is no success."""

    def __init__(self, observer: Observer, stop: Stop, most: Share | None, to_send: int) -> None:
        self._observer = observer
        self._stop = stop
        self._most = most
        self._to_send = to_send
        self._refused = 0

    def step_done(self, result: StepResult) -> None:
        self._observer.step_done(result)
        self._refused += result.outcome in {Outcome.REJECTED, Outcome.HELD, Outcome.UNKNOWN}
        if self._most is not None and self._refused > self._most.of(self._to_send):
            self._stop.ask(f"more than {self._most} of the requests were not accepted (--max-errors)")


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


class _SendWave(Protocol):
    async def __call__(self, *, last: bool) -> Wave: ...


async def _waves(wave: _SendWave, stop: Stop) -> None:
    """Send until no row waits for another; those that get nowhere are told so in a last wave."""
    while not stop.asked():
        result = await wave(last=False)
        if not result.deferred:
            return
        if not result.done:
            await wave(last=True)
            return


def look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[str, str, int], None],
) -> list[tuple[str, str, str]]:
    """
    Ask the tenant for entities that rows link to.

    Args:
        address: The tenant.
        pace: Limits.
        wanted: Entity group and natural key.
        found: Called for each that is there, with LoanPro's id.

    Returns:
        Entity group, key and reason of those that are not there, or are there more than once.

    Raises:
        ServiceError: The tenant does not answer; nothing has been sent that changes anything.
    """
    return _run(_look_up_links(address, pace, wanted, found))


async def _look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[str, str, int], None],
) -> list[tuple[str, str, str]]:
    stop, clock = Stop(), SystemClock()
    pacer = pace.pacer(clock, stop.asked)
    missing: list[tuple[str, str, str]] = []
    waiting = iter(wanted)
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)

    async def work(asker: Asker) -> None:
        for entity, key in waiting:
            match await settle.look_up(operation_of(entity), key, asker.ask, clock.sleep):
                case settle.Found(remote_id=remote_id):
                    found(entity, key, remote_id)
                case settle.NotThere():
                    missing.append((entity, key, "is not in LoanPro"))
                case settle.Several(remote_ids=remote_ids):
                    missing.append((entity, key, f"is in LoanPro {len(remote_ids)} times"))
                case settle.CannotLook(reason=reason):
                    text = f"{entity} {key} cannot be looked up: {reason}"
                    stop.ask(text, ServiceError(text, hint=_NOTHING_SENT))
            if stop.asked():
                return

    async with client:
        asker = Asker(client, pacer, stop, clock, random.Random())  # noqa: S311  jitter, no secret
        await asyncio.gather(*(work(asker) for _ in range(min(pace.concurrency, len(wanted)))))
    if stop.error is not None:
        raise stop.error
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
        stop.ask("stopped by the user", interrupted=True)

    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in former:
            loop.add_signal_handler(number, asked)
    except (NotImplementedError, RuntimeError, ValueError):
        # Windows, or not the main thread: Ctrl-C ends at once, which the journal survives.
        yield
        return
    try:
        yield
    finally:
        for number, handler in former.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
