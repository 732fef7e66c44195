"""Takes back what a run has created, step by step: some workers, each taking one entity at a time, the newest first."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime

from loader.errors import LoaderError
from loader.journal.runs import RunHandle
from loader.journal.store import Journal
from loader.journal.undoing import OpenReversal, open_reversals
from loader.journal.writer import StepId
from loader.models.outcome import Outcome, StepResult
from loader.models.reversals import Reversal
from loader.submit.observer import Observer
from loader.submit.reversal_attempt import ReversalAttempt
from loader.submit.settle import CLOCKS_MAY_DIFFER
from loader.submit.sitting import Sitting


class Reverser:
    """
    Undoes one step of a run, for all its rows.

    Args:
        sitting: The connection and all that goes with it.
        run: The undo in the journal.
        step: Number of its step.
        reversal: What is done to each entity.
        begun_at: When the run began that is undone: an entity that is older is not its own.
        even_active: Whether activated loans are undone too.
        observer: Hears of each outcome.
    """

    def __init__(
        self,
        sitting: Sitting,
        run: RunHandle,
        step: int,
        reversal: Reversal,
        *,
        begun_at: datetime,
        even_active: bool,
        observer: Observer,
    ) -> None:
        self._with = sitting
        self._run = run
        self._step = step
        self._reversal = reversal
        self._not_before = begun_at - CLOCKS_MAY_DIFFER
        self._even_active = even_active
        self._observer = observer

    async def reverse_all(self, journal: Journal, concurrency: int, limit: int | None) -> None:
        """
        Undo what the step has still open, the newest first; of the newest *limit* rows if it is given.

        A failure of journal or service asks for the stop; what is in flight then comes to its end.
        """
        pages = open_reversals(journal, self._run, self._step, limit)
        while not self._with.stop.asked() and (page := await asyncio.to_thread(next, pages, None)):
            waiting = iter(page)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(page))):
                    group.create_task(self._work(waiting))

    async def _work(self, waiting: Iterator[OpenReversal]) -> None:
        for task in waiting:
            if self._with.stop.asked():
                return
            try:
                result = await self.reverse(task)
            except LoaderError as error:
                self._with.stop.ask(error.message, error)
                return
            if result.outcome is not Outcome.NOT_SENT:
                self._observer.step_done(result)

    async def reverse(self, task: OpenReversal) -> StepResult:
        """
        Bring the undoing of one entity to its outcome; see `Attempt.settle`.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        step = StepId(self._run.number, task.ordinal, self._step)
        return await ReversalAttempt(
            self._with, step, task, self._reversal, self._not_before, even_active=self._even_active
        ).settle()


async def reverse_steps(
    sitting: Sitting,
    journal: Journal,
    run: RunHandle,
    reversals: Sequence[Reversal],
    *,
    begun_at: datetime,
    even_active: bool,
    concurrency: int,
    limit: int | None,
    observer: Observer,
) -> None:
    """
    Undo the steps one after the other, so that what links to an entity goes before the entity itself.

    Args:
        sitting: The connection and all that goes with it.
        journal: Where the undo is.
        run: Which one.
        reversals: How each of its steps is undone.
        begun_at: When the run began that is undone.
        even_active: Whether activated loans are undone too.
        concurrency: Requests in flight at most.
        limit: Only so many of the newest rows, None for all.
        observer: Hears of each outcome.
    """
    for step, reversal in enumerate(reversals):
        if reversal.fate is not None:
            reverser = Reverser(
                sitting,
                run,
                step,
                reversal,
                begun_at=begun_at,
                even_active=even_active,
                observer=observer,
            )
            await reverser.reverse_all(journal, concurrency, limit)
