"""
One step of one row: intent, request, verdict, outcome, and the look-up of what is unclear between them.

What may have taken effect is never sent again before it was looked up; what certainly took none may be.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, assert_never

from loader.errors import ServiceError
from loader.journal.schema import State
from loader.journal.standing import OpenStep
from loader.journal.writer import StepId, Writer
from loader.masking import masked_text
from loader.models.concealed import shown_key
from loader.models.encoding import encode
from loader.models.operations import Operation
from loader.models.outcome import Outcome, StepResult
from loader.models.warnings import Cause, WarningPolicy, causes_of, in_spite_of
from loader.submit import settle
from loader.submit.added import AddedBefore
from loader.submit.answers import Accepted, Rejected, Throttled, Unauthorised, Unclear, Verdict, Warned, judge
from loader.submit.asking import Asker
from loader.submit.client import AnswerLost, Client, NeverSent, Reply
from loader.submit.pacing import Clock, Pacer, backoff
from loader.submit.stop import Stop

MOST_UNCLEAR = 5
"""So often in one sitting is a step's request sent whose answer is unclear and whose entity is not there."""
MOST_THROTTLED = 10
"""After so many refusals for now (429) of one step the run stops: the rate is not the tenant's."""

_UNAVAILABLE = 503
_ADVICE_UNKNOWN = "run `loader resume`: it looks the entity up before anything is sent again"
_ADVICE_REJECTED = "mend the cell in the source (or the template), then submit the file again"
_ADVICE_NOT_SHOWN = "look at the loan in LoanPro before anything is sent again: nothing stops a second one"
_ADVICE_HELD = "look at the entity that LoanPro names and decide whether this row is the same"


@dataclass(frozen=True, slots=True)
class StepTask:
    """
    A step that is ready to be sent.

    Attributes:
        id: Its place in the journal.
        operation: From the catalogue; one that adds to a loan is bound to that loan (`Operation.within`).
        key: Natural key.
        payload: With its links.
        opened: What the journal says of earlier tries.
        secrets: Sensitive values of the payload, to be hidden in any message.
        warnings: What is done about transaction warnings.
        parent_id: LoanPro's id of the loan that the operation adds to, None where it adds to none.
    """

    id: StepId
    operation: Operation
    key: str
    payload: dict[str, Any]
    opened: OpenStep
    secrets: tuple[str, ...]
    warnings: WarningPolicy = field(default_factory=WarningPolicy)
    parent_id: int | None = None

    def masked(self, text: str) -> str:
        """Text of the service without the step's sensitive values."""
        return masked_text(text, self.secrets)


@dataclass(slots=True)
class _Try:
    """
    What is known of a step while it is being sent.

    Attributes:
        result: As it would be recorded now.
        unclear: True once a request may have taken effect that nobody has accounted for.
        announced: True while the journal says `sending`.
        unclear_tries: Requests of this sitting whose answer was unclear.
        throttled: Requests of this sitting that were refused for now.
        in_spite_of: Causes of warnings that LoanPro is told to ignore by now.
    """

    result: StepResult
    unclear: bool
    announced: bool
    unclear_tries: int = 0
    throttled: int = 0
    in_spite_of: frozenset[Cause] = frozenset()


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
        begun_at: When the run began, aware UTC: an entity that is older is not the run's own.
        settle_after_s: So long after a request LoanPro may still be working on it: what is not there before then is not yet
            known to have had no effect.
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
        begun_at: datetime,
        settle_after_s: float,
    ) -> None:
        self._client = client
        self._asker = asker
        self._pacer = pacer
        self._writer = writer
        self._stop = stop
        self._clock = clock
        self._chance = chance
        self._begun_at = begun_at
        self._settle_after_s = settle_after_s
        self._before = AddedBefore(asker.ask, clock.sleep)

    async def send(self, task: StepTask) -> StepResult:
        """
        Bring one step to its outcome; the outcome is durable on return.

        A result with the outcome `not_sent` means that the run was stopped before the request took effect.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        open_before = task.opened.state is not State.PLANNED
        # What is tried once more may be on the loan already, and LoanPro would take it twice (LoanPro reference 4.3).
        repeated = task.parent_id is not None and task.opened.attempts > 0
        attempt = _Try(_nothing_sent(task), unclear=open_before or repeated, announced=open_before)
        if attempt.unclear and await self._settled(task, attempt):
            return attempt.result
        if task.parent_id is not None and not attempt.unclear and await self._there_before(task, attempt):
            return attempt.result
        while not self._stop.asked() and (slot := await self._pacer.near()) is not None:
            if not attempt.announced:
                await self._writer.intent(task.id)
                attempt.announced = True
            if await self._pacer.reach(slot) and await self._sent(task, attempt):
                return attempt.result
        await self._left(task, attempt)
        return attempt.result

    async def _sent(self, task: StepTask, attempt: _Try) -> bool:
        """Send the request once; True when the step has its outcome."""
        sent_at = datetime.fromtimestamp(self._clock.wall(), UTC)
        payload = in_spite_of(task.payload, attempt.in_spite_of) if attempt.in_spite_of else task.payload
        body = encode(task.operation.body(payload))
        received = await self._client.send(task.operation.method, task.operation.path, body=body)
        if isinstance(received, NeverSent):
            self._stop.failed(f"the service cannot be reached: {received.reason}")
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
        verdict = _judged(task, received)
        if isinstance(verdict, Throttled) or (
            isinstance(received, Reply) and received.status == _UNAVAILABLE
        ):
            self._pacer.refused()
        elif isinstance(received, Reply):
            self._pacer.answered(received.elapsed_ms)
        if not isinstance(verdict, Unclear | Throttled | Unauthorised):
            self._stop.answered()
            return await self._decided(task, attempt, verdict)
        match verdict:
            case Unclear():
                return await self._unclear(task, attempt, verdict)
            case Throttled():
                await self._throttled(task, attempt, verdict)
            case Unauthorised(message=message):
                attempt.result = before  # it took no effect, and the row is not to blame
                self._stop.ask_unauthorised(getattr(received, "status", 0), task.masked(message))
            case _:
                assert_never(verdict)
        return False

    async def _decided(self, task: StepTask, attempt: _Try, verdict: Accepted | Rejected | Warned) -> bool:
        """
        Record a definite answer.

        After an unclear try a refusal may be about our own first request, which took effect late: it is looked up first.
        """
        if isinstance(verdict, Accepted):
            told = (
                f"sent in spite of warnings about {_named(attempt.in_spite_of)}"
                if attempt.in_spite_of
                else ""
            )
            if task.operation.personal and task.operation.contradicts(verdict.entity, task.key):
                # How LoanPro shows such a number is not documented: a look-up would go wrong as well, and then send it twice.
                message = "LoanPro accepted the request, but its answer shows another person"
                remote_id = verdict.remote_id
                await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_id)
            elif task.parent_id is None:
                await self._record(task, attempt, Outcome.ACCEPTED, told, remote_id=verdict.remote_id)
            else:
                await self._added(task, attempt, told)
        elif attempt.unclear and await self._settled(task, attempt):
            return True
        elif isinstance(verdict, Rejected):
            await self._record(task, attempt, Outcome.REJECTED, verdict.message, _ADVICE_REJECTED)
        else:
            return await self._warned(task, attempt, verdict)
        return True

    async def _added(self, task: StepTask, attempt: _Try, told: str) -> None:
        """
        Record what was added to a loan: the answer is the loan, so the new one's own id is read (LoanPro reference 3.3).

        What cannot be read leaves the id empty. What is not there in spite of the answer, or there more than once, is for a person.
        """
        looked_up = await settle.look_up(task.operation, task.key, self._asker.ask, self._clock.sleep)
        match looked_up:
            case settle.Found(remote_id=remote_id):
                await self._record(task, attempt, Outcome.ACCEPTED, told, remote_id=remote_id)
            case settle.CannotLook(reason=reason):
                unread = f"added to the loan; its own id could not be read: {reason}"
                await self._record(task, attempt, Outcome.ACCEPTED, "; ".join(filter(None, (told, unread))))
            case settle.NotThere():
                message = "LoanPro accepted the request, but the loan does not show what was added"
                await self._record(task, attempt, Outcome.HELD, message, _ADVICE_NOT_SHOWN)
            case settle.Several(remote_ids=remote_ids):
                await self._several(task, attempt, remote_ids)
            case _:
                assert_never(looked_up)

    async def _there_before(self, task: StepTask, attempt: _Try) -> bool:
        """Skip or hold what another journal has added to the loan; without a look nothing is sent, and the run stops."""
        found = await self._before.ids(task.operation, task.key)
        if isinstance(found, settle.CannotLook):
            text = f"what {task.operation.path} holds already cannot be looked up: {found.reason}"
            self._stop.ask(
                text, ServiceError(text, hint="run `loader resume` later: nothing is sent without that look")
            )
            return False
        if len(found) > 1:
            await self._several(task, attempt, found)
        elif found:
            why = await settle.compare(task.operation, found[0], task.payload, None, self._asker.ask)
            if why == "":
                message = "already on the loan with the same values, from another journal"
                await self._record(task, attempt, Outcome.SKIPPED, message, remote_id=found[0])
            else:
                said = (
                    f"it could not be compared: {why.reason}" if isinstance(why, settle.CannotLook) else why
                )
                message = f"already on the loan under this key, but {said}"
                await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD, remote_id=found[0])
        return bool(found)

    async def _several(self, task: StepTask, attempt: _Try, remote_ids: Sequence[int]) -> None:
        ids = ", ".join(map(str, remote_ids))
        message = f"LoanPro holds several entities with the key {shown_key(task.key)}: {ids}"
        await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_ids[0])

    async def _warned(self, task: StepTask, attempt: _Try, verdict: Warned) -> bool:
        """Do about a transaction warning what the template says; False where the request is sent again."""
        causes = causes_of(verdict.warnings)
        actions = {task.warnings.action(cause) for cause in causes}
        if actions == {"send"} and not causes <= attempt.in_spite_of:
            if attempt.unclear:  # the warning may be about our own lost request: never insist on a double
                await self._left(task, attempt)
                return True
            attempt.in_spite_of |= causes
            return False
        message = f"possible duplicate ({_named(causes)}): {verdict.message}"
        if actions == {"skip"}:
            same = await self._identical(task)
            if isinstance(same, int):
                told = f"already in LoanPro with the same values ({_named(causes)})"
                await self._record(task, attempt, Outcome.SKIPPED, told, remote_id=same)
                return True
            message = f"{message}; {same}"
        await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD)
        return True

    async def _identical(self, task: StepTask) -> int | str:
        """LoanPro's id of what is there under the step's key with the same values, or why it is not the same."""
        looked_up = await settle.look_up(task.operation, task.key, self._asker.ask, self._clock.sleep)
        if isinstance(looked_up, settle.CannotLook):
            return f"it could not be looked up: {looked_up.reason}"
        if not isinstance(looked_up, settle.Found):
            return f"what is there has not the key {shown_key(task.key)}"
        why = await settle.compare(task.operation, looked_up.remote_id, task.payload, None, self._asker.ask)
        if isinstance(why, settle.CannotLook):
            return f"it could not be compared: {why.reason}"
        return f"with the key {shown_key(task.key)}, {why}" if why else looked_up.remote_id

    async def _throttled(self, task: StepTask, attempt: _Try, verdict: Throttled) -> None:
        attempt.throttled += 1
        self._pacer.pause(max(verdict.pause_s or 0.0, backoff(attempt.throttled, self._chance)))
        if attempt.throttled >= MOST_THROTTLED:
            text = f"LoanPro refused one request {attempt.throttled} times for now (status 429): {task.masked(verdict.message)}"
            self._stop.ask(text, ServiceError(text, hint="run `loader resume` later, with a lower --rate"))

    async def _unclear(self, task: StepTask, attempt: _Try, verdict: Unclear) -> bool:
        reason = task.masked(verdict.reason)
        attempt.unclear = True
        attempt.unclear_tries += 1
        attempt.result = replace(attempt.result, message=reason)
        self._stop.failed(reason)
        if verdict.pause_s is not None:
            self._pacer.pause(verdict.pause_s)
        await self._rest(attempt.unclear_tries)
        if self._stop.asked():
            return False
        if await self._settled(task, attempt):
            return True
        if attempt.unclear_tries < MOST_UNCLEAR:
            return False
        message = f"after {attempt.unclear_tries} tries: {reason}"
        await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
        return True

    async def _settled(self, task: StepTask, attempt: _Try) -> bool:
        """Look the step's entity up; False where it is not there and the request may be sent again."""
        looked_up = await settle.look_up(task.operation, task.key, self._asker.ask, self._clock.sleep)
        match looked_up:
            case settle.NotThere():
                return await self._never_came(task, attempt)
            case settle.Found(remote_id=remote_id):
                await self._compared(task, attempt, remote_id)
            case settle.Several(remote_ids=remote_ids):
                await self._several(task, attempt, remote_ids)
            case settle.CannotLook(reason=reason):
                await self._not_looked_up(task, attempt, reason)
            case _:
                assert_never(looked_up)
        return True

    async def _never_came(self, task: StepTask, attempt: _Try) -> bool:
        """
        Nothing is there: false where the request may be sent again, since it had no effect.

        A request that is still being worked on is not there either; until it cannot be any more, the worker waits and looks again.
        """
        sent_at = attempt.result.sent_at.timestamp() if attempt.result.sent_at else task.opened.sent_at
        left_s = (sent_at or 0.0) + self._settle_after_s - self._clock.wall()
        if left_s <= 0 or self._stop.asked():
            return False
        await self._clock.sleep(left_s)
        return not self._stop.asked() and await self._settled(task, attempt)

    async def _compared(self, task: StepTask, attempt: _Try, remote_id: int) -> None:
        why = await settle.compare(task.operation, remote_id, task.payload, self._begun_at, self._asker.ask)
        if isinstance(why, settle.CannotLook):
            await self._not_looked_up(task, attempt, why.reason)
        elif why:
            message = f"found in LoanPro after no answer came, but {why}"
            await self._record(task, attempt, Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_id)
        else:
            message = "no answer came; found in LoanPro afterwards"
            await self._record(task, attempt, Outcome.ACCEPTED, message, remote_id=remote_id)

    async def _not_looked_up(self, task: StepTask, attempt: _Try, reason: str) -> None:
        message = f"{attempt.result.message or 'no answer came'}; looking it up failed: {reason}"
        await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)

    async def _left(self, task: StepTask, attempt: _Try) -> None:
        """The run stops: what is unclear stays unknown, what certainly took no effect is planned as before."""
        if attempt.unclear:
            message = attempt.result.message or "the run was stopped before it could be looked up"
            await self._record(task, attempt, Outcome.UNKNOWN, message, _ADVICE_UNKNOWN)
        elif attempt.announced:
            attempt.result = replace(_nothing_sent(task), attempts=attempt.result.attempts)
            await self._writer.outcome(task.id, attempt.result)

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
            message=task.masked(message),
            advice=advice,
            remote_id=remote_id,
        )
        await self._writer.outcome(task.id, attempt.result)

    async def _rest(self, attempt: int) -> None:
        await self._clock.sleep(backoff(attempt, self._chance))


def _nothing_sent(task: StepTask) -> StepResult:
    operation = task.operation
    return StepResult(
        operation.name,
        operation.method,
        operation.path,
        task.key,
        Outcome.NOT_SENT,
        attempts=task.opened.attempts,
        parent_id=task.parent_id,
    )


def _named(causes: Iterable[Cause]) -> str:
    return ", ".join(sorted(causes)).replace("_", " ")


def _judged(task: StepTask, received: Reply | AnswerLost) -> Verdict:
    """The meaning of what came back; an answer about another entity is no answer to this request."""
    if isinstance(received, AnswerLost):
        return Unclear(received.reason)
    verdict = judge(received)
    operation = task.operation
    if (
        isinstance(verdict, Accepted)
        and not operation.personal
        and operation.contradicts(verdict.entity, task.key)
    ):
        return Unclear("the answer is about another entity")
    return verdict
