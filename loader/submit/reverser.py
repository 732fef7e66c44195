"""
Takes back what a run has created: each entity is read back, then deleted or archived, then known to be so.

Nothing is touched that is not certainly the run's own, and nothing counts as done before LoanPro shows it: a request whose answer was
lost, or whose answer proves nothing, is settled by reading the entity back.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from loader.errors import LoaderError, ServiceError
from loader.journal.runs import RunHandle
from loader.journal.schema import State
from loader.journal.store import Journal
from loader.journal.undoing import OpenReversal, open_reversals
from loader.journal.writer import StepId
from loader.masking import masked_text
from loader.models.outcome import Outcome, StepResult
from loader.models.reversals import Fate, Reversal, fate_of, foreign, is_active
from loader.submit.answers import (
    Accepted,
    Rejected,
    Throttled,
    Unauthorised,
    Unclear,
    Verdict,
    Warned,
    judge,
    message_of,
)
from loader.submit.asking import MOST_TRIES
from loader.submit.client import NeverSent, Reply
from loader.submit.observer import Observer
from loader.submit.pacing import backoff
from loader.submit.sender import MOST_THROTTLED, MOST_UNCLEAR
from loader.submit.settle import CLOCKS_MAY_DIFFER, LOOKS_BEFORE_NOT_THERE, PAUSE_BETWEEN_LOOKS_S
from loader.submit.sitting import Sitting

_FOR_NOW = {429, 503}
_ADVICE_UNKNOWN = "run `loader resume`: it reads the entity back before anything is sent again"
_ADVICE_LOOK = "look at the entity in LoanPro and decide what is to become of it"
_ADVICE_ACTIVE = "undo it with --even-active if that is meant, or deactivate it in LoanPro first"
_ADVICE_ARCHIVED = "resurrect it in LoanPro, then undo it again; archived it is neither processed nor billed"


@dataclass(frozen=True, slots=True)
class _Refused:
    """LoanPro answered, but does not show the entity."""

    message: str

    @property
    def missing(self) -> bool:
        return "not found" in self.message.casefold()


_Decision = tuple[Outcome, str, str, Fate | None]
"""Outcome, message, advice, and what has become of the entity."""


@dataclass(slots=True)
class _Try:
    """
    What is known of an entity's undoing while it is under way.

    Attributes:
        result: As it would be recorded now.
        unclear: True once a request may have taken effect.
        announced: True while the journal says `sending`.
        claimed: True once LoanPro has said that it did what was asked.
        unclear_tries: Requests of this sitting whose answer was unclear.
        throttled: Requests of this sitting that were refused for now.
    """

    result: StepResult
    unclear: bool
    announced: bool
    claimed: bool = False
    unclear_tries: int = 0
    throttled: int = 0


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
        Bring the undoing of one entity to its outcome; the outcome is durable on return.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        sent_before = task.state is not State.PLANNED
        attempt = _Try(self._untouched(task), unclear=sent_before, announced=sent_before)
        pacer = self._with.pacer
        while not self._with.stop.asked():
            if await self._seen(task, attempt):
                return attempt.result
            if self._with.stop.asked() or (slot := await pacer.near()) is None:
                break
            if not attempt.announced:
                await self._with.writer.intent(self._id(task))
                attempt.announced = True
            if await pacer.reach(slot) and await self._sent(task, attempt):
                return attempt.result
        await self._left(task, attempt)
        return attempt.result

    async def _seen(self, task: OpenReversal, attempt: _Try) -> bool:
        """Read the entity back; True when that gives the outcome, False when it is ours and still to be undone."""
        for number in range(LOOKS_BEFORE_NOT_THERE if attempt.unclear else 1):
            if number:
                await self._with.clock.sleep(PAUSE_BETWEEN_LOOKS_S)
            entity = await self._entity(task)
            if isinstance(entity, dict):
                decided = self._decided(task, attempt, entity)
            elif self._with.stop.asked():
                return False
            else:
                decided = self._unseen(attempt, entity)
            if decided is not None:
                if decided[0] is Outcome.ACCEPTED:
                    self._with.stop.answered()
                await self._record(task, attempt, *decided)
                return True
        if attempt.claimed:
            done = self._reversal.fate
            message = f"LoanPro answered with status {attempt.result.status}, yet does not show it as {done}"
            await self._record(task, attempt, Outcome.HELD, message, _ADVICE_LOOK)
        return attempt.claimed

    async def _entity(self, task: OpenReversal) -> dict[str, Any] | _Refused | str:
        """The entity; or LoanPro's refusal to show it; or why neither could be had."""
        reason = ""
        for number in range(1, MOST_TRIES + 1):
            answer = await self._with.asker.ask(self._reversal.look(task.remote_id))
            if isinstance(answer, str):
                return answer
            match judge(answer):
                case Accepted(entity=entity):
                    return entity
                case Rejected() | Warned():
                    return _Refused(masked_text(f"status {answer.status}: {message_of(answer)}"))
                case _:  # what is not the promised JSON says nothing about the entity
                    reason = masked_text(f"status {answer.status}: {message_of(answer)}")
                    await self._rest(number)
        return reason

    def _unseen(self, attempt: _Try, why: _Refused | str) -> _Decision:
        """What it means that the entity cannot be read back."""
        if isinstance(why, _Refused):
            if attempt.unclear and why.missing and self._reversal.fate is Fate.DELETED:
                # It was read back before the request was sent: what is gone now went with it.
                return Outcome.ACCEPTED, "deleted: LoanPro does not know it any more", "", Fate.DELETED
            if not attempt.unclear:
                return Outcome.HELD, f"LoanPro does not show it: {why.message}", _ADVICE_LOOK, None
        reason = why.message if isinstance(why, _Refused) else why
        if attempt.unclear:
            before = attempt.result.message or "no answer came"
            return Outcome.UNKNOWN, f"{before}; reading it back failed: {reason}", _ADVICE_UNKNOWN, None
        return Outcome.NOT_SENT, f"it could not be read back: {reason}", "", None

    def _decided(self, task: OpenReversal, attempt: _Try, entity: dict[str, Any]) -> _Decision | None:
        """What the entity itself shows to be its outcome; None where it is ours and still to be undone."""
        why = foreign(self._reversal, entity, task.key, task.remote_id, self._not_before)
        fate = fate_of(entity)
        if why and not (fate is Fate.DELETED and str(entity.get("id")) == str(task.remote_id)):
            return Outcome.HELD, why, _ADVICE_LOOK, None
        if fate is self._reversal.fate and attempt.unclear:
            told = "" if attempt.claimed else f"no clear answer came; found {fate} afterwards"
            return Outcome.ACCEPTED, told, "", fate
        if fate is self._reversal.fate or (fate is Fate.DELETED and not attempt.unclear):
            return Outcome.SKIPPED, f"{fate} already", "", fate
        if fate is Fate.DELETED:
            return Outcome.HELD, "it was to be archived, but is deleted", _ADVICE_LOOK, fate
        if fate is Fate.ARCHIVED:
            return (
                Outcome.HELD,
                "it is archived, and LoanPro deletes no archived loan",
                _ADVICE_ARCHIVED,
                fate,
            )
        active = is_active(entity)
        if active is None and not self._even_active:
            return Outcome.HELD, "LoanPro does not show whether it is active", _ADVICE_LOOK, None
        if active and not self._even_active:
            return Outcome.HELD, "it is active", _ADVICE_ACTIVE, None
        return None

    async def _sent(self, task: OpenReversal, attempt: _Try) -> bool:
        """Send the request once; True when it has its outcome."""
        sent_at = datetime.now(UTC)
        path = self._reversal.path_of(task.remote_id)
        received = await self._with.client.send(self._reversal.method, path, body=self._reversal.body)
        if isinstance(received, NeverSent):
            self._with.stop.failed(f"the service cannot be reached: {received.reason}")
            await self._rest(1)
            return False
        before = attempt.result
        attempt.result = replace(
            before,
            attempts=before.attempts + 1,
            sent_at=sent_at,
            elapsed_ms=received.elapsed_ms,
            status=received.status if isinstance(received, Reply) else None,
        )
        if isinstance(received, Reply):
            if received.status in _FOR_NOW:
                self._with.pacer.refused()
            else:
                self._with.pacer.answered(received.elapsed_ms)
        verdict: Verdict = judge(received) if isinstance(received, Reply) else Unclear(received.reason)
        match verdict:
            case Accepted():
                self._with.stop.answered()
                return await self._claimed(task, attempt, verdict)
            case Rejected() | Warned():
                self._with.stop.answered()
                return await self._refused(task, attempt, verdict)
            case Unclear():
                return await self._unclear(task, attempt, verdict)
            case Throttled():
                self._throttled(attempt, verdict)
            case Unauthorised(message=message):
                attempt.result = before  # it took no effect, and the row is not to blame
                self._with.stop.ask_unauthorised(getattr(received, "status", 0), masked_text(message))
        return False

    async def _claimed(self, task: OpenReversal, attempt: _Try, verdict: Accepted) -> bool:
        """A status 200 proves nothing (LoanPro reference 1.6): the entity must show what it has become."""
        attempt.unclear = attempt.claimed = True
        if verdict.remote_id != task.remote_id or fate_of(verdict.entity) is not self._reversal.fate:
            return False
        await self._record(task, attempt, Outcome.ACCEPTED, fate=self._reversal.fate)
        return True

    async def _refused(self, task: OpenReversal, attempt: _Try, verdict: Rejected | Warned) -> bool:
        """After an unclear try a refusal may be about our own first request, which took effect late."""
        if attempt.unclear and await self._seen(task, attempt):
            return True
        outcome = Outcome.REJECTED if isinstance(verdict, Rejected) else Outcome.HELD
        await self._record(task, attempt, outcome, verdict.message, _ADVICE_LOOK)
        return True

    async def _unclear(self, task: OpenReversal, attempt: _Try, verdict: Unclear) -> bool:
        reason = masked_text(verdict.reason)
        attempt.unclear = True
        attempt.unclear_tries += 1
        attempt.result = replace(attempt.result, message=reason)
        self._with.stop.failed(reason)
        if verdict.pause_s is not None:
            self._with.pacer.pause(verdict.pause_s)
        await self._rest(attempt.unclear_tries)
        if attempt.unclear_tries < MOST_UNCLEAR or self._with.stop.asked():
            return False
        if not await self._seen(task, attempt):
            message = f"after {attempt.unclear_tries} tries: {reason}"
            await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
        return True

    def _throttled(self, attempt: _Try, verdict: Throttled) -> None:
        attempt.throttled += 1
        pause_s = (
            verdict.pause_s if verdict.pause_s is not None else backoff(attempt.throttled, self._with.chance)
        )
        self._with.pacer.pause(pause_s)
        if attempt.throttled >= MOST_THROTTLED:
            text = f"LoanPro refused one request {attempt.throttled} times for now (status 429)"
            self._with.stop.ask(
                text, ServiceError(text, hint="run `loader resume` later, with a lower --rate")
            )

    async def _left(self, task: OpenReversal, attempt: _Try) -> None:
        """The run stops: what is unclear stays unknown, what certainly took no effect is planned as before."""
        if attempt.unclear:
            message = attempt.result.message or "the run was stopped before it could be read back"
            await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
        elif attempt.announced:
            attempt.result = replace(self._untouched(task), attempts=attempt.result.attempts)
            await self._with.writer.outcome(self._id(task), attempt.result)

    async def _record(
        self,
        task: OpenReversal,
        attempt: _Try,
        outcome: Outcome,
        message: str = "",
        advice: str = "",
        fate: Fate | None = None,
    ) -> None:
        attempt.result = replace(attempt.result, outcome=outcome, message=masked_text(message), advice=advice)
        await self._with.writer.outcome(self._id(task), attempt.result, fate)

    async def _rest(self, attempt: int) -> None:
        await self._with.clock.sleep(backoff(attempt, self._with.chance))

    def _untouched(self, task: OpenReversal) -> StepResult:
        reversal = self._reversal
        return StepResult(
            reversal.name,
            reversal.method,
            reversal.path,
            task.key,
            Outcome.NOT_SENT,
            remote_id=task.remote_id,
            attempts=task.attempts,
        )

    def _id(self, task: OpenReversal) -> StepId:
        return StepId(self._run.number, task.ordinal, self._step)


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
