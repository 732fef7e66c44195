"""One step of one row: intent, request, verdict, outcome, and the look-up of what is unknown between them."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, assert_never

from loader.errors import NotAuthorisedError, ServiceError
from loader.journal.known import OpenStep
from loader.journal.schema import State
from loader.journal.writer import StepId, Writer
from loader.masking import masked_text
from loader.models.comparison import differences
from loader.models.encoding import encode
from loader.models.operations import Operation
from loader.models.outcome import Outcome, StepResult
from loader.submit import settle
from loader.submit.answers import (
    Accepted,
    Rejected,
    Throttled,
    Unauthorised,
    Unclear,
    Warned,
    judge,
)
from loader.submit.asking import Asker
from loader.submit.client import AnswerLost, Client, NeverSent, Reply
from loader.submit.pacing import Clock, Pacer, backoff
from loader.submit.stop import Stop

MOST_ATTEMPTS = 5
"""So often at most is one step's request sent."""

_ADVICE_UNKNOWN = "run `loader resume`: it looks the entity up before anything is sent again"
_HINT_UNREACHED = "check the address (--base-url) and the network; what has not left can be sent later"
_ADVICE_REJECTED = "mend the cell in the source (or the template), then submit the file again"
_ADVICE_HELD = "look at the entity that LoanPro names and decide whether this row is the same"


@dataclass(frozen=True, slots=True)
class StepTask:
    """
    A step that is ready to be sent.

    Attributes:
        id: Its place in the journal.
        operation: From the catalogue.
        key: Natural key.
        payload: With its links.
        opened: What the journal says of earlier tries.
        secrets: Sensitive values of the payload, to be hidden in any message.
    """

    id: StepId
    operation: Operation
    key: str
    payload: dict[str, Any]
    opened: OpenStep
    secrets: tuple[str, ...]


@dataclass(slots=True)
class _Try:
    """What is known of a step while it is being sent."""

    result: StepResult
    unclear_before: bool


class StepSender:
    """
    Sends steps to one tenant and records what became of each.

    Args:
        client: The connection.
        asker: Sends look-ups.
        pacer: The run's one limiter.
        writer: The journal's writer.
        stop: The run's stop signal.
        clock: For waiting.
        chance: For jitter.
    """

    def __init__(
        self,
        client: Client,
        asker: Asker,
        pacer: Pacer,
        writer: Writer,
        stop: Stop,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self._client = client
        self._asker = asker
        self._pacer = pacer
        self._writer = writer
        self._stop = stop
        self._clock = clock
        self._chance = chance

    async def send(self, task: StepTask) -> StepResult:
        """
        Bring one step to its outcome; the outcome is durable on return.

        A result with the outcome `not_sent` means that the run was stopped before the request left.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        attempt = _Try(
            StepResult(
                task.operation.name,
                task.operation.method,
                task.operation.path,
                task.key,
                Outcome.NOT_SENT,
                attempts=task.opened.attempts,
            ),
            unclear_before=task.opened.state is not State.PLANNED,
        )
        if attempt.unclear_before and await self._settled(task, attempt):
            return attempt.result
        while not self._stop.asked():
            if await self._tried(task, attempt):
                return attempt.result
        if attempt.unclear_before:
            await self._left_unknown(task, attempt)
        return attempt.result

    async def _tried(self, task: StepTask, attempt: _Try) -> bool:
        """Send the request once; True when the step has its outcome."""
        await self._writer.intent(task.id)
        await self._pacer.wait()
        if self._stop.asked():
            await self._take_back(task, attempt)
            return True
        sent_at = datetime.now(UTC)
        received = await self._client.send(
            task.operation.method, task.operation.path, body=encode(task.payload)
        )
        if isinstance(received, NeverSent):
            await self._take_back(task, attempt)
            self._stop.failed(
                received.reason,
                ServiceError(f"the service cannot be reached: {received.reason}", hint=_HINT_UNREACHED),
            )
            await self._rest(attempt.result.attempts + 1)
            return False
        attempt.result = replace(
            attempt.result,
            attempts=attempt.result.attempts + 1,
            sent_at=sent_at,
            elapsed_ms=received.elapsed_ms,
            status=received.status if isinstance(received, Reply) else None,
        )
        return await self._judged(task, attempt, received)

    async def _judged(self, task: StepTask, attempt: _Try, received: Reply | AnswerLost) -> bool:
        """Act on what came back; True when the step has its outcome."""
        verdict = judge(received) if isinstance(received, Reply) else Unclear(received.reason)
        if not isinstance(verdict, Unclear | Throttled):
            self._stop.answered()
        match verdict:
            case Accepted(remote_id=remote_id):
                await self._record(task, attempt, Outcome.ACCEPTED, remote_id=remote_id)
                return True
            case Rejected(message=message):
                await self._record(task, attempt, Outcome.REJECTED, message, _ADVICE_REJECTED)
                return True
            case Warned(message=message):
                # After an unclear try the duplicate may be our own first request.
                if attempt.unclear_before and await self._settled(task, attempt):
                    return True
                await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD)
                return True
            case Throttled(pause_s=pause_s):
                self._pacer.pause(
                    pause_s if pause_s is not None else backoff(attempt.result.attempts, self._chance)
                )
                return await self._given_up(task, attempt, verdict.message)
            case Unauthorised(message=message):
                await self._refused_altogether(task, attempt, message)
                return True
            case Unclear(reason=reason, pause_s=pause_s):
                return await self._unclear(task, attempt, reason, pause_s)
            case _:
                assert_never(verdict)

    async def _unclear(self, task: StepTask, attempt: _Try, reason: str, pause_s: float | None) -> bool:
        attempt.unclear_before = True
        attempt.result = replace(attempt.result, message=masked_text(reason, task.secrets))
        self._stop.failed(reason, ServiceError(f"the service fails: {masked_text(reason, task.secrets)}"))
        if pause_s is not None:
            self._pacer.pause(pause_s)
        if self._stop.asked():
            await self._left_unknown(task, attempt)
            return True
        await self._rest(attempt.result.attempts)
        return await self._settled(task, attempt) or await self._given_up(task, attempt, reason)

    async def _given_up(self, task: StepTask, attempt: _Try, reason: str) -> bool:
        """After the last try the step stays unknown; before it, it is sent again."""
        if attempt.result.attempts < MOST_ATTEMPTS:
            return False
        message = f"after {attempt.result.attempts} tries: {reason}"
        await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
        return True

    async def _settled(self, task: StepTask, attempt: _Try) -> bool:
        """Look the step's entity up; False where it is not there and the request may be sent again."""
        looked_up = await settle.look_up(task.operation, task.key, self._asker.ask, self._clock.sleep)
        match looked_up:
            case settle.NotThere():
                return False
            case settle.Found(remote_id=remote_id, entity=entity):
                await self._compared(task, attempt, remote_id, entity)
            case settle.Several(remote_ids=remote_ids):
                ids = ", ".join(map(str, remote_ids))
                message = f"LoanPro holds several entities with the key {task.key}: {ids}"
                await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD)
            case settle.CannotLook(reason=reason):
                message = f"{attempt.result.message or 'no answer'}; looking it up failed: {reason}"
                await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
            case _:
                assert_never(looked_up)
        return True

    async def _compared(self, task: StepTask, attempt: _Try, remote_id: int, entity: dict[str, Any]) -> None:
        other = differences(task.payload, entity)
        if other:
            message = f"found in LoanPro with other values: {', '.join(other)}"
            await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_id)
        else:
            await self._record(
                task,
                attempt,
                Outcome.ACCEPTED,
                "no answer came; found in LoanPro afterwards",
                remote_id=remote_id,
            )

    async def _refused_altogether(self, task: StepTask, attempt: _Try, message: str) -> None:
        """401 or 403: the request had no effect, the row is not to blame, and no other may be tried."""
        status = attempt.result.status
        await self._take_back(task, attempt)
        text = f"LoanPro refuses the token or the tenant id (status {status}): {masked_text(message, task.secrets)}"
        hint = "check LOANPRO_TOKEN and the tenant id (Settings > Company > API in LoanPro), then run `loader resume`"
        self._stop.ask(text, NotAuthorisedError(text, hint=hint))

    async def _take_back(self, task: StepTask, attempt: _Try) -> None:
        """The request announced last did not take effect; an earlier one of unclear fate keeps the step unknown."""
        if attempt.unclear_before:
            await self._left_unknown(task, attempt)
            return
        await self._writer.take_back(task.id)
        attempt.result = replace(
            attempt.result, outcome=Outcome.NOT_SENT, status=None, sent_at=None, elapsed_ms=None, message=""
        )

    async def _left_unknown(self, task: StepTask, attempt: _Try) -> None:
        message = attempt.result.message or "the run was stopped before it could be looked up"
        await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)

    async def _record(
        self,
        task: StepTask,
        attempt: _Try,
        outcome: Outcome,
        message: str = "",
        advice: str = "",
        *,
        remote_id: int | None = None,
    ) -> None:
        attempt.result = replace(
            attempt.result,
            outcome=outcome,
            message=masked_text(message, task.secrets),
            advice=advice,
            remote_id=remote_id,
        )
        await self._writer.outcome(task.id, attempt.result)

    async def _rest(self, attempt: int) -> None:
        await self._clock.sleep(backoff(attempt, self._chance))
