"""
Rows to outcomes: some workers, each taking one row at a time through its steps.

Rows start in the order of the file. A row may wait for an earlier row that makes what it links to, never for a later one,
so the workers cannot wait for each other in a circle; a row whose link is made further down is left for the next wave.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from loader.errors import LoaderError
from loader.journal.known import Links
from loader.journal.runs import RunHandle
from loader.journal.schema import State
from loader.journal.writer import StepId, Writer
from loader.models.concealed import shown_key
from loader.models.outcome import Outcome, StepResult
from loader.models.warnings import WarningPolicy
from loader.open_rows import OpenRow
from loader.submit.makers import Makers
from loader.submit.observer import Observer
from loader.submit.sender import StepSender
from loader.submit.step_task import StepTask, parent_id_of, with_links
from loader.submit.stop import Stop
from loader.validation.checked import CheckedStep, WantedLink


@dataclass(slots=True)
class Wave:
    """What one pass over the rows came to: steps that came to an outcome, and rows left for the next pass."""

    done: int = 0
    deferred: int = 0


@dataclass(frozen=True, slots=True)
class _Linked:
    """What has become of a link: an id, or the reason why there is none; `later` if the next wave may know more."""

    remote_id: int | None = None
    missing: str = ""
    later: bool = False


_Key = tuple[str, str]
"""Entity group and natural key."""

_SUCCEEDED = (State.ACCEPTED, State.SKIPPED)


class Runner:
    """
    Sends the open rows of one run, once through the file.

    Args:
        run: The run in the journal.
        sender: Sends one step.
        writer: The journal's writer.
        links: Natural keys to ids.
        stop: The run's stop signal.
        observer: Hears of each outcome.
        warnings: What each step of the template does about transaction warnings.
        concurrency: Rows under way at once.
        given_up: Steps that ended unknown in an earlier wave of this sitting, by ordinal and number: they are not tried
            again in it. This wave adds its own.
        last: True in the last wave, in which no row is left for another.
    """

    def __init__(
        self,
        run: RunHandle,
        sender: StepSender,
        writer: Writer,
        links: Links,
        stop: Stop,
        observer: Observer,
        warnings: Sequence[WarningPolicy],
        *,
        concurrency: int,
        given_up: set[tuple[int, int]],
        last: bool = False,
    ) -> None:
        self._run = run
        self._sender = sender
        self._writer = writer
        self._links = links
        self._stop = stop
        self._observer = observer
        self._warnings = warnings
        self._concurrency = concurrency
        self._given_up = given_up
        self._last = last
        self._wave = Wave()
        self._makers = Makers()
        self._queue: asyncio.Queue[OpenRow | None] = asyncio.Queue(maxsize=2 * concurrency)

    async def wave(self, batches: Iterator[Sequence[OpenRow]]) -> Wave:
        """
        Send every open step of the rows, as far as their links are known.

        A failure of journal, source or service asks for the stop; what is in flight then comes to its end.

        Args:
            batches: Rows in the order of the file; read in a thread of its own.
        """
        tasks = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]
        tasks.append(asyncio.create_task(self._feed(batches)))
        try:
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        for fault in ended:
            if isinstance(fault, BaseException):
                raise fault
        return self._wave

    async def _feed(self, batches: Iterator[Sequence[OpenRow]]) -> None:
        """Queue the rows; while one batch is sent the next is read."""
        ahead = _read_ahead(batches)
        try:
            while not self._stop.asked() and (batch := await ahead):
                ahead = _read_ahead(batches)
                for task in batch:
                    if self._stop.asked():
                        return
                    self._makers.announce(task)
                    await self._queue.put(task)
        except LoaderError as error:
            self._stop.ask(error.message, error)
        finally:
            ahead.cancel()  # what is read then is not wanted; the thread itself comes to its end before the loop does
            feeder = asyncio.current_task()
            if (
                feeder is None or not feeder.cancelling()
            ):  # else the workers are cancelled too: nobody takes anything
                for _ in range(self._concurrency):
                    await self._queue.put(None)

    async def _work(self) -> None:
        """Take rows until the end; a fault is kept for the end too, since the feeder needs every worker."""
        fault: Exception | None = None
        while (task := await self._queue.get()) is not None:
            try:
                if not self._stop.asked():
                    await self._row(task)
            except LoaderError as error:
                self._stop.ask(error.message, error)
            except Exception as error:  # noqa: BLE001  raised again once the queue is empty
                self._stop.ask("a fault of loader itself")
                fault = error
            finally:
                self._makers.withdraw(task)
        if fault is not None:
            raise fault

    async def _row(self, task: OpenRow) -> None:
        """Take a row through its steps, until one of them has not succeeded."""
        made: dict[_Key, int] = {}
        for number, step in enumerate(task.row.steps):
            state = task.states[number]
            if (task.row.ref.ordinal, number) in self._given_up:
                await self._not_sent_from(task, number + 1, f"its {step.operation.name} is unknown")
                return
            if number in task.open:
                result = await self._step(task, number, step, made)
                if result is None:
                    return
                if result.remote_id is not None:
                    made[step.operation.entity_group, step.key] = result.remote_id
            elif state is State.SKIPPED and step.operation.parent is None:
                # What another row makes, or an earlier run has made, must be there as if this row had made it.
                own = WantedLink("", step.operation.entity_group, step.key, "")
                linked = await self._linked(own, task.row.ref.ordinal, made, own=True)
                if linked.later:
                    self._wave.deferred += 1
                    return
                if linked.remote_id is None:
                    await self._not_sent_from(task, number, linked.missing)
                    return
            elif state not in _SUCCEEDED:
                await self._not_sent_from(task, number, f"its {step.operation.name} is {state}")
                return

    async def _step(
        self, task: OpenRow, number: int, step: CheckedStep, made: Mapping[_Key, int]
    ) -> StepResult | None:
        """Send one step; its result, or None where the row ends here for now."""
        ids: list[int] = []
        for link in step.links:
            linked = await self._linked(link, task.row.ref.ordinal, made)
            if linked.later:
                self._wave.deferred += 1
                return None
            if linked.remote_id is None:
                await self._not_sent_from(task, number, linked.missing)
                return None
            ids.append(linked.remote_id)
        result = await self._sender.send(self._task(task, number, step, ids))
        if result.outcome is Outcome.NOT_SENT:
            return None
        self._observer.step_done(result)
        if result.outcome is Outcome.UNKNOWN:
            self._given_up.add((task.row.ref.ordinal, number))
        else:
            self._wave.done += 1
        if result.outcome is Outcome.ACCEPTED or result.outcome is Outcome.SKIPPED:
            return result
        reason = f"its {step.operation.name} is {result.outcome}"
        await self._not_sent_from(task, number + 1, reason)
        return None

    def _task(self, task: OpenRow, number: int, step: CheckedStep, ids: Sequence[int]) -> StepTask:
        if step.payload is None:
            raise AssertionError(f"{task.row.ref} is planned, but its check failed")
        payload = with_links(step.operation, step.payload, step.links, ids)
        parent_id = parent_id_of(step, ids)
        operation = step.operation.of(payload)
        return StepTask(
            id=StepId(self._run.number, task.row.ref.ordinal, number),
            operation=operation if parent_id is None else operation.within(parent_id),
            key=step.key,
            payload=payload,
            opened=task.open[number],
            warnings=self._warnings[number],
            parent_id=parent_id,
        )

    async def _linked(
        self, link: WantedLink, ordinal: int, made: Mapping[_Key, int], *, own: bool = False
    ) -> _Linked:
        """
        The id behind a link: from this row, from an earlier row under way, from the journal.

        With *own* it is what this row would have made itself: a refusal of the row that stands for it counts as its own.
        """
        wanted = (link.entity, link.key)
        if wanted in made:
            return _Linked(made[wanted])
        await self._makers.ended_above(ordinal, *wanted)
        known = await asyncio.to_thread(self._links.of, *wanted)
        refused = own and not known.may_come and known.state is not None
        if known.remote_id is not None and not refused:
            return _Linked(known.remote_id)
        what = f"{link.entity} {shown_key(link.key)}, which it links to,"
        if known.may_come and not self._last:
            return _Linked(later=True)
        if known.may_come:
            return _Linked(missing=f"{what} waits for this row, or was not sent")
        return _Linked(missing=f"{what} is {known.state or 'not in LoanPro'}")

    async def _not_sent_from(self, task: OpenRow, first: int, reason: str) -> None:
        """The row's planned steps from one on stay planned, with the reason; what may have been sent stays as it is."""
        for number in range(first, len(task.row.steps)):
            if task.states[number] is not State.PLANNED:
                continue
            operation, key = task.row.steps[number].operation, task.row.steps[number].key
            attempts = task.open[number].attempts
            result = StepResult(
                operation.name, "", "", key, Outcome.NOT_SENT, attempts=attempts, message=reason
            )
            await self._writer.outcome(StepId(self._run.number, task.row.ref.ordinal, number), result)
            self._observer.step_done(result)


def _read_ahead(batches: Iterator[Sequence[OpenRow]]) -> "asyncio.Task[Sequence[OpenRow]]":
    """The next batch, read in a thread of its own from now on."""
    ahead = asyncio.create_task(asyncio.to_thread(_next_of, batches))
    ahead.add_done_callback(
        lambda read: read.cancelled() or read.exception()
    )  # nobody may ask: the stop came first
    return ahead


def _next_of(batches: Iterator[Sequence[OpenRow]]) -> Sequence[OpenRow]:
    """The next batch that holds anything, empty at the end."""
    return next((batch for batch in batches if batch), ())
