"""
Rows to outcomes: some workers, each taking one row at a time through its steps.

Rows start in the order of the file. A row may wait for an earlier row that makes what it links to, never for a later one,
so the workers cannot wait for each other in a circle; a row whose link is made further down is left for the next wave.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from loader.errors import LoaderError
from loader.intake import OpenRow
from loader.journal.known import Links, OpenStep
from loader.journal.runs import RunHandle
from loader.journal.writer import StepId, Writer
from loader.models.operations import Operation, link_value
from loader.models.outcome import Outcome, StepResult
from loader.models.sensitive import sensitive_values
from loader.submit.sender import StepSender, StepTask
from loader.submit.stop import Stop
from loader.validation.checked import CheckedStep, WantedLink


class Observer(Protocol):
    """Hears what happens while a run is sent; the terminal shows it."""

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        ...

    def row_done(self, ordinal: int) -> None:
        """A row needs nothing more in this wave."""
        ...


@dataclass(slots=True)
class Wave:
    """What one pass over the rows came to: steps sent or settled, and rows left for the next pass."""

    done: int = 0
    deferred: int = 0


@dataclass(frozen=True, slots=True)
class _Linked:
    """What has become of a link: an id, or the reason why there is none (yet)."""

    remote_id: int | None = None
    missing: str = ""
    later: bool = False


@dataclass(slots=True)
class _InFlight:
    """Entities that rows under way are making, so that later rows can wait for them."""

    makers: dict[tuple[str, str], tuple[int, "asyncio.Future[None]"]] = field(default_factory=dict)


class Runner:
    """
    Sends the open rows of one run.

    Args:
        run: The run in the journal.
        sender: Sends one step.
        writer: The journal's writer.
        links: Natural keys to ids.
        stop: The run's stop signal.
        observer: Hears of each outcome.
        concurrency: Rows under way at once.
    """

    def __init__(
        self,
        run: RunHandle,
        sender: StepSender,
        writer: Writer,
        links: Links,
        stop: Stop,
        observer: Observer,
        *,
        concurrency: int,
    ) -> None:
        self._run = run
        self._sender = sender
        self._writer = writer
        self._links = links
        self._stop = stop
        self._observer = observer
        self._concurrency = concurrency
        self._in_flight = _InFlight()
        self._queue: asyncio.Queue[OpenRow | None] = asyncio.Queue(maxsize=2 * concurrency)

    async def wave(self, batches: Iterator[Sequence[OpenRow]]) -> Wave:
        """
        Send every open step of the rows, as far as their links are known.

        Args:
            batches: Rows in the order of the file; read in a thread of its own, a batch ahead.

        Raises:
            LoaderError: The journal or the source failed; all that was recorded stands.
        """
        result = Wave()
        workers = [asyncio.create_task(self._work(result)) for _ in range(self._concurrency)]
        feeder = asyncio.create_task(self._feed(batches))
        try:
            await asyncio.gather(feeder, *workers)
        except BaseException as error:
            if isinstance(error, LoaderError):
                self._stop.ask(error.message, error)
            for task in (feeder, *workers):
                task.cancel()
            await asyncio.gather(feeder, *workers, return_exceptions=True)
            raise
        return result

    async def _feed(self, batches: Iterator[Sequence[OpenRow]]) -> None:
        while not self._stop.asked():
            batch = await asyncio.to_thread(_next_of, batches)
            if not batch:
                break
            for task in batch:
                if self._stop.asked():
                    break
                self._announce(task)
                await self._queue.put(task)
        for _ in range(self._concurrency):
            await self._queue.put(None)

    async def _work(self, wave: Wave) -> None:
        while (task := await self._queue.get()) is not None:
            try:
                if not self._stop.asked():
                    await self._row(task, wave)
            finally:
                self._withdraw(task)

    async def _row(self, task: OpenRow, wave: Wave) -> None:
        """Take a row through its open steps, until one of them does not succeed."""
        made: dict[tuple[str, str], int] = {}
        for number, step in enumerate(task.row.steps):
            opened = task.open.get(number)
            if opened is None:
                continue
            ids: list[int] = []
            for link in step.links:
                linked = await self._linked(link, task.row.ref.ordinal, made)
                if linked.later:
                    wave.deferred += 1
                    return
                if linked.remote_id is None:
                    await self._not_sent(task, number, step, linked.missing)
                    wave.done += 1
                    return
                ids.append(linked.remote_id)
            result = await self._sender.send(self._task(task, number, step, opened, ids))
            if result.outcome is Outcome.NOT_SENT:
                return
            wave.done += 1
            self._observer.step_done(result)
            if result.outcome is not Outcome.ACCEPTED or result.remote_id is None:
                await self._stop_after(task, number, result)
                break
            made[step.operation.entity_group, step.key] = result.remote_id
        self._observer.row_done(task.row.ref.ordinal)

    def _task(
        self, task: OpenRow, number: int, step: CheckedStep, opened: OpenStep, ids: Sequence[int]
    ) -> StepTask:
        if step.payload is None:
            raise AssertionError(f"{task.row.ref} is planned, but its check failed")
        payload = with_links(step.operation, step.payload, step.links, ids)
        return StepTask(
            id=StepId(self._run.number, task.row.ref.ordinal, number),
            operation=step.operation,
            key=step.key,
            payload=payload,
            opened=opened,
            secrets=sensitive_values(step.operation.model, payload),
        )

    async def _linked(self, link: WantedLink, ordinal: int, made: Mapping[tuple[str, str], int]) -> _Linked:
        """The id behind a link: from this row, from a row under way, from the journal."""
        wanted = (link.entity, link.key)
        if wanted in made:
            return _Linked(made[wanted])
        maker = self._in_flight.makers.get(wanted)
        if maker is not None and maker[0] < ordinal:
            await maker[1]
        found = await asyncio.to_thread(self._links.id_of, *wanted)
        if found is not None:
            return _Linked(found)
        failed = await asyncio.to_thread(self._links.failed_here, *wanted)
        if failed is not None:
            return _Linked(missing=f"{link.entity} {link.key}, which it links to, is {failed}")
        if await asyncio.to_thread(self._links.made_here, *wanted):
            return _Linked(later=True)
        return _Linked(missing=f"{link.entity} {link.key}, which it links to, is not in LoanPro")

    async def _not_sent(self, task: OpenRow, number: int, step: CheckedStep, reason: str) -> None:
        """Leave the step planned, with the reason why it waits."""
        opened = task.open[number]
        result = StepResult(
            step.operation.name,
            step.operation.method,
            step.operation.path,
            step.key,
            Outcome.NOT_SENT,
            attempts=opened.attempts,
            message=reason,
        )
        await self._writer.outcome(StepId(self._run.number, task.row.ref.ordinal, number), result)
        self._observer.step_done(result)

    async def _stop_after(self, task: OpenRow, number: int, result: StepResult) -> None:
        """The row's later steps are not sent after one that did not succeed."""
        for later in range(number + 1, len(task.row.steps)):
            if later in task.open:
                reason = f"its {result.operation} is {result.outcome.value.replace('_', ' ')}"
                await self._not_sent(task, later, task.row.steps[later], reason)

    def _announce(self, task: OpenRow) -> None:
        for number in task.open:
            step = task.row.steps[number]
            made = (step.operation.entity_group, step.key)
            if made not in self._in_flight.makers:
                future = asyncio.get_running_loop().create_future()
                self._in_flight.makers[made] = (task.row.ref.ordinal, future)

    def _withdraw(self, task: OpenRow) -> None:
        for number in task.open:
            step = task.row.steps[number]
            maker = self._in_flight.makers.get((step.operation.entity_group, step.key))
            if maker is not None and maker[0] == task.row.ref.ordinal:
                del self._in_flight.makers[step.operation.entity_group, step.key]
                if not maker[1].done():
                    maker[1].set_result(None)


def _next_of(batches: Iterator[Sequence[OpenRow]]) -> Sequence[OpenRow]:
    """The next batch that holds anything, empty at the end."""
    return next((batch for batch in batches if batch), ())


def with_links(
    operation: Operation, payload: Mapping[str, Any], links: Sequence[WantedLink], ids: Sequence[int]
) -> dict[str, Any]:
    """The payload with its links added, each as an item of the list that holds it."""
    linked = dict(payload)
    for link, remote_id in zip(links, ids, strict=True):
        held = linked.get(link.field)
        items = list(held["results"]) if isinstance(held, dict) else []
        linked[link.field] = {
            "results": [*items, link_value(operation.link(link.field), remote_id, link.role)]
        }
    return linked
