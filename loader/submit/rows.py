"""Sends the open rows of a run, wave after wave, until nothing is left to send."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from loader.journal.known import Links
from loader.journal.runs import RunHandle
from loader.journal.store import Journal
from loader.models.warnings import WarningPolicy
from loader.open_rows import OpenRow
from loader.submit.client import Address
from loader.submit.finish import Finish
from loader.submit.observer import Observer, Refusals
from loader.submit.pace import Pace
from loader.submit.runner import Runner, Wave
from loader.submit.sender import StepSender
from loader.submit.sitting import Sitting, sit
from loader.submit.stop import Stop


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
        heard = Refusals(observer, sitting.stop, pace.max_refused, to_send)
        sender = StepSender(sitting, run.record.started_at, pace.settle_after_s)
        links = Links(journal, run)
        given_up: set[tuple[int, int]] = set()

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
                given_up=given_up,
                last=last,
            )
            return await runner.wave(rows())

        await _waves(wave, sitting.stop)

    return sit(address, pace, journal, send)


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
