"""
One step on its way to its outcome: announced, sent, judged, settled, recorded.

What may have taken effect is never sent again before it was looked up; what certainly took none may be. What is sent, and how it is
looked up, is for those that build on this: `sender` and `reverser`.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import ClassVar, assert_never

from msgspec.structs import replace

from loader.errors import ServiceError
from loader.journal.writer import StepId
from loader.masking import masked_text
from loader.models.outcome import Outcome, StepResult
from loader.models.reversals import Fate
from loader.submit.answers import (
    Accepted,
    Misdirected,
    Rejected,
    Throttled,
    Unauthorised,
    Unclear,
    Verdict,
    Warned,
    judge,
)
from loader.submit.client import AnswerLost, NeverSent, Reply
from loader.submit.pacing import backoff
from loader.submit.sitting import Sitting

MOST_UNCLEAR = 5
"""So often in one sitting is a step's request sent whose answer is unclear and whose entity is not there."""
MOST_THROTTLED = 10
"""After so many refusals for now (429) of one step the run stops: the rate is not the tenant's."""

_UNAVAILABLE = 503


class Attempt(ABC):
    """
    What is known of a step while it is under way.

    Args:
        sitting: The connection and all that goes with it.
        step: Its place in the journal.
        untouched: Its result if nothing is sent.
        open_before: True where the journal says that it may have been sent before this sitting.

    Attributes:
        result: As it would be recorded now.
        unclear: True once a request may have taken effect that nobody has accounted for.
        announced: True once this sitting has made the journal say `sending`.
    """

    _advice_unknown: ClassVar[str]
    """What is to be done about an unknown outcome."""
    _not_looked: ClassVar[str]
    """Why an outcome is unknown that was not looked up, where no answer has said why."""

    def __init__(self, sitting: Sitting, step: StepId, untouched: StepResult, *, open_before: bool) -> None:
        self._with = sitting
        self._step = step
        self._untouched = untouched
        self.result = untouched
        self.unclear = open_before
        self.announced = False
        self._last_left = float("-inf")  # when a request last left, by the clock that never goes back
        self._unclear_tries = 0
        self._throttled_tries = 0

    async def settle(self) -> StepResult:
        """
        Bring the step to its outcome; the outcome is durable on return.

        A result with the outcome `not_sent` means that the run was stopped before the request took effect.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        stop, pacer = self._with.stop, self._with.pacer
        while not stop.asked():
            if await self._known():
                return self.result
            if self._unclear_tries >= MOST_UNCLEAR:
                message = f"after {self._unclear_tries} tries: {self.result.message}"
                await self._record(Outcome.UNKNOWN, message, self._advice_unknown)
                return self.result
            if (slot := await pacer.near()) is None:
                break
            # Anew for each request: LoanPro may be late with the last one, and a resumed run waits from its time on.
            await self._with.writer.intent(self._step)
            self.announced = True
            if await pacer.reach(slot) and await self._sent():
                return self.result
        await self._left()
        return self.result

    @abstractmethod
    async def _known(self) -> bool:
        """Look, before a request leaves, for what gives the step its outcome; True when that is recorded."""

    @abstractmethod
    def _request(self) -> tuple[str, str, bytes | None]:
        """Method, path and body."""

    @abstractmethod
    async def _decided(self, verdict: Accepted | Rejected | Warned) -> bool:
        """Make of a definite answer what it means; True when the step has its outcome."""

    def _judged(self, reply: Reply) -> Verdict:
        """The meaning of an answer."""
        return judge(reply)

    def _masked(self, text: str) -> str:
        """Text of the service without sensitive values."""
        return masked_text(text)

    async def _sent(self) -> bool:
        """Send the request once; True when the step has its outcome."""
        stop = self._with.stop
        method, path, body = self._request()
        sent_at = datetime.fromtimestamp(self._with.clock.wall(), UTC)
        self._last_left = self._with.clock.now()
        received = await self._with.client.send(method, path, body=body)
        if isinstance(received, NeverSent):
            stop.failed(f"the service cannot be reached: {received.reason}")
            await self._rest(1)
            return False
        before = self.result
        status = received.status if isinstance(received, Reply) else None
        self.result = before.answered(status, sent_at, received.elapsed_ms)
        verdict = self._judged(received) if isinstance(received, Reply) else Unclear(received.reason)
        self._paced(received, verdict)
        match verdict:
            case Accepted() | Rejected() | Warned():
                stop.answered()
                return await self._decided(verdict)
            case Unclear():
                await self._not_clear(verdict)
            case Throttled():
                self._throttled(verdict)
            case Unauthorised(message=message):
                self.result = before  # it took no effect, and the row is not to blame
                stop.ask_unauthorised(getattr(received, "status", 0), self._masked(message))
            case Misdirected(message=message):
                self.result = before
                stop.ask_misdirected(path, getattr(received, "status", 0), self._masked(message))
            case _:
                assert_never(verdict)
        return False

    def _paced(self, received: Reply | AnswerLost, verdict: Verdict) -> None:
        """Tell the limiter how the tenant bears the pace; a lost answer says nothing of it."""
        if not isinstance(received, Reply):
            return
        if isinstance(verdict, Throttled) or received.status == _UNAVAILABLE:
            self._with.pacer.refused()
        else:
            self._with.pacer.answered(received.elapsed_ms)

    async def _not_clear(self, verdict: Unclear) -> None:
        """Take note that the request may have taken effect, and rest."""
        reason = self._masked(verdict.reason)
        self.unclear = True
        self._unclear_tries += 1
        self.result = replace(self.result, message=reason)
        self._with.stop.failed(reason)
        if verdict.pause_s is not None:
            self._with.pacer.pause(verdict.pause_s)
        await self._rest(self._unclear_tries)

    def _throttled(self, verdict: Throttled) -> None:
        self._throttled_tries += 1
        pause_s = max(verdict.pause_s or 0.0, backoff(self._throttled_tries, self._with.chance))
        self._with.pacer.pause(pause_s)
        if self._throttled_tries >= MOST_THROTTLED:
            refused = f"LoanPro refused one request {self._throttled_tries} times for now (status 429)"
            text = f"{refused}: {self._masked(verdict.message)}"
            hint = "run `loader resume` later, with a lower --rate"
            self._with.stop.ask(text, ServiceError(text, hint=hint))

    async def _left(self) -> None:
        """The run stops: what is unclear stays unknown, what certainly took no effect is planned as before."""
        if self.unclear:
            await self._record(Outcome.UNKNOWN, self.result.message or self._not_looked, self._advice_unknown)
        elif self.announced:
            self.result = replace(self._untouched, attempts=self.result.attempts)
            await self._with.writer.outcome(self._step, self.result)

    async def _record(
        self,
        outcome: Outcome,
        message: str = "",
        advice: str = "",
        *,
        remote_id: int | None = None,
        fate: Fate | None = None,
    ) -> None:
        """Make an outcome durable; LoanPro's id stays as it was known unless another is given."""
        known = self.result.remote_id if remote_id is None else remote_id
        self.result = self.result.ended(outcome, self._masked(message) if message else "", advice, known)
        await self._with.writer.outcome(self._step, self.result, fate)

    async def _rest(self, number: int) -> None:
        await self._with.clock.sleep(backoff(number, self._with.chance))
