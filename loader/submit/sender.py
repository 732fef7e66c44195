"""
One step of one row: what is sent, what its answer means, and how its entity is looked up.

Before anything is added to a loan, the loan is looked at: LoanPro would take it twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from loader.errors import ServiceError
from loader.journal.schema import State
from loader.masking import masked_text
from loader.models.concealed import shown_key
from loader.models.encoding import encode
from loader.models.guarded import is_guarded
from loader.models.outcome import Outcome, StepResult
from loader.models.warnings import Cause, causes_of, in_spite_of
from loader.submit import settle
from loader.submit.answers import Accepted, Misdirected, Rejected, Unclear, Verdict, Warned, message_of
from loader.submit.attempt import Attempt
from loader.submit.client import Reply
from loader.submit.sitting import Sitting
from loader.submit.step_task import StepTask
from loader.submit.there_before import ThereBefore

_NO_ENDPOINT_STATUSES = {404, 405}
_ADVICE_REJECTED = "mend the cell in the source (or the template), then submit the file again"
_ADVICE_NOT_SHOWN = "look at the loan in LoanPro before anything is sent again: nothing stops a second one"
_ADVICE_HELD = "look at the entity that LoanPro names and decide whether this row is the same"


class StepSender:
    """
    Sends steps to one tenant and records what became of each.

    Args:
        sitting: The connection and all that goes with it.
        begun_at: When the run began, aware UTC: an entity that is older is not the run's own.
        settle_after_s: So long after a request LoanPro may still be working on it: what is not there before then is not yet
            known to have had no effect.
    """

    def __init__(self, sitting: Sitting, begun_at: datetime, settle_after_s: float) -> None:
        self._with = sitting
        self._begun_at = begun_at
        self._settle_after_s = settle_after_s
        self._before = ThereBefore(sitting.asker.ask, sitting.clock.sleep)

    async def send(self, task: StepTask) -> StepResult:
        """
        Bring one step to its outcome; see `Attempt.settle`.

        Raises:
            JournalError: Something could not be recorded; nothing more may be sent.
        """
        return await _Sending(self._with, task, self._before, self._begun_at, self._settle_after_s).settle()


class _Sending(Attempt):
    """
    A step while it is being sent.

    Args:
        sitting: The connection and all that goes with it.
        task: The step.
        before: Knows what the tenant holds already.
        begun_at: When the run began.
        settle_after_s: As in `StepSender`.
    """

    _advice_unknown = "run `loader resume`: it looks the entity up before anything is sent again"
    _not_looked = "the run was stopped before it could be looked up"

    def __init__(
        self,
        sitting: Sitting,
        task: StepTask,
        before: ThereBefore,
        begun_at: datetime,
        settle_after_s: float,
    ) -> None:
        super().__init__(
            sitting, task.id, task.untouched(), open_before=task.opened.state is not State.PLANNED
        )
        # What is tried once more may be on the loan already, and LoanPro would take it twice (LoanPro reference 4.3).
        if task.parent_id is not None and task.opened.attempts > 0:
            self.unclear = True
        # The time of an earlier sitting is compared once: whoever sets the machine's clock back must not make a run wait for hours.
        if task.opened.sent_at is not None:
            self._last_left = sitting.clock.now() - max(0.0, sitting.clock.wall() - task.opened.sent_at)
        self._task = task
        self._doubted = self.unclear
        self._before = before
        self._to_look_before = not is_guarded(task.operation.entity_group, task.payload)
        self._begun_at = begun_at
        self._settle_after_s = settle_after_s
        self._ask, self._pause = sitting.asker.ask, sitting.clock.sleep
        self._in_spite_of: frozenset[Cause] = frozenset()

    async def _known(self) -> bool:
        """What is in doubt is looked up; what another journal may have sent and LoanPro would take again, before anything is sent."""
        if self._doubted:
            self._doubted = False
            return await self._settled()
        if self._to_look_before and not self.unclear:
            self._to_look_before = False
            return await self._there_before()
        return False

    def _request(self) -> tuple[str, str, bytes | None]:
        operation, payload = self._task.operation, self._task.payload
        if self._in_spite_of:
            payload = in_spite_of(payload, self._in_spite_of)
        return operation.method, operation.path, encode(operation.body(payload))

    def _judged(self, reply: Reply) -> Verdict:
        """
        An answer about another entity is no answer to this request.

        Nor is a status 404 or 405 the row's fault where the address is the same for all rows: LoanPro means by it a wrong endpoint
        (LoanPro reference 4.1).
        """
        verdict = super()._judged(reply)
        if reply.status in _NO_ENDPOINT_STATUSES and self._task.parent_id is None:
            return Misdirected(message_of(reply))
        personal = self._task.operation.personal
        if isinstance(verdict, Accepted) and not personal and self._contradicts(verdict):
            return Unclear("the answer is about another entity")
        return verdict

    def _contradicts(self, verdict: Accepted) -> bool:
        return self._task.operation.contradicts(verdict.entity, self._task.key)

    async def _not_clear(self, verdict: Unclear) -> None:
        """Every unclear answer is looked up anew."""
        self._doubted = True
        await super()._not_clear(verdict)

    def _masked(self, text: str) -> str:
        return masked_text(text, self._task.secrets)

    async def _decided(self, verdict: Accepted | Rejected | Warned) -> bool:
        """After an unclear try a refusal may be about our own first request, which took effect late: it is looked up first."""
        if isinstance(verdict, Accepted):
            causes = self._in_spite_of
            told = f"sent in spite of warnings about {_named(causes)}" if causes else ""
            if self._task.operation.personal and self._contradicts(verdict):
                # How LoanPro shows such a number is not documented: a look-up would go wrong as well, and then send it twice.
                message = "LoanPro accepted the request, but its answer shows another person"
                await self._record(Outcome.HELD, message, _ADVICE_HELD, remote_id=verdict.remote_id)
            elif self._task.parent_id is None:
                await self._record(Outcome.ACCEPTED, told, remote_id=verdict.remote_id)
            else:
                await self._added(told)
        elif self.unclear and await self._settled():
            return True
        elif isinstance(verdict, Rejected):
            await self._record(Outcome.REJECTED, verdict.message, _ADVICE_REJECTED)
        else:
            return await self._warned(verdict)
        return True

    async def _added(self, told: str) -> None:
        """
        Record what was added to a loan: the answer is the loan, so the new one's own id is read (LoanPro reference 3.3).

        What cannot be read leaves the id empty. What is not there in spite of the answer, or there more than once, is for a person.
        """
        looked_up = await self._looked_up()
        match looked_up:
            case settle.Found(remote_id=remote_id):
                await self._record(Outcome.ACCEPTED, told, remote_id=remote_id)
            case settle.CannotLook(reason=reason):
                unread = f"added to the loan; its own id could not be read: {reason}"
                await self._record(Outcome.ACCEPTED, "; ".join(filter(None, (told, unread))))
            case settle.NotThere():
                message = "LoanPro accepted the request, but the loan does not show what was added"
                await self._record(Outcome.HELD, message, _ADVICE_NOT_SHOWN)
            case settle.Several(remote_ids=remote_ids):
                await self._several(remote_ids)
            case _:
                assert_never(looked_up)

    async def _there_before(self) -> bool:
        """Skip or hold what another journal has sent; without a look nothing is sent, and the run stops."""
        found = await self._before.ids(self._task.operation, self._task.key)
        if isinstance(found, settle.CannotLook):
            text = f"what {self._task.operation.path} holds already cannot be looked up: {found.reason}"
            hint = "run `loader resume` later: nothing is sent without that look"
            self._with.stop.ask(text, ServiceError(text, hint=hint))
            return False
        if len(found) > 1:
            await self._several(found)
        elif found:
            place = "in LoanPro" if self._task.parent_id is None else "on the loan"
            why = await self._difference(found[0])
            if why == "":
                message = f"already {place} with the same values, from another journal"
                await self._record(Outcome.SKIPPED, message, remote_id=found[0])
            else:
                said = (
                    f"it could not be compared: {why.reason}" if isinstance(why, settle.CannotLook) else why
                )
                message = f"already {place} under this key, but {said}"
                await self._record(Outcome.HELD, message, _ADVICE_HELD, remote_id=found[0])
        return bool(found)

    async def _warned(self, verdict: Warned) -> bool:
        """Do about a transaction warning what the template says; False where the request is sent again."""
        causes = causes_of(verdict.warnings)
        actions = {self._task.warnings.action(cause) for cause in causes}
        if actions == {"send"} and not causes <= self._in_spite_of:
            if self.unclear:  # the warning may be about our own lost request: never insist on a double
                await self._left()
                return True
            # Another journal may have made it under this row's own key: to insist would make a second one.
            looked_up = settle.NotThere() if Cause.DISPLAY_ID in causes else await self._looked_up(enough=1)
            if isinstance(looked_up, settle.NotThere):
                self._in_spite_of |= causes
                return False
            if self._with.stop.asked():
                await self._left()
            else:
                await self._not_insisted(verdict, causes, looked_up)
        elif actions == {"skip"}:
            await self._not_insisted(verdict, causes, await self._looked_up())
        else:
            await self._held(verdict, causes)
        return True

    async def _held(self, verdict: Warned, causes: frozenset[Cause], *why: str) -> None:
        message = "; ".join((f"possible duplicate ({_named(causes)}): {verdict.message}", *why))
        await self._record(Outcome.HELD, message, _ADVICE_HELD)

    async def _not_insisted(self, verdict: Warned, causes: frozenset[Cause], found: settle.LookedUp) -> None:
        """Skip what is there under the step's key with the same values; else hold it, with the reason."""
        same = await self._identical(found)
        if isinstance(same, int):
            told = f"already in LoanPro with the same values ({_named(causes)})"
            await self._record(Outcome.SKIPPED, told, remote_id=same)
        else:
            await self._held(verdict, causes, same)

    async def _identical(self, looked_up: settle.LookedUp) -> int | str:
        """LoanPro's id of what is there under the step's key with the same values, or why it is not the same."""
        if isinstance(looked_up, settle.CannotLook):
            return f"it could not be looked up: {looked_up.reason}"
        if not isinstance(looked_up, settle.Found):
            return f"what is there has not the key {shown_key(self._task.key)}"
        why = await self._difference(looked_up.remote_id)
        if isinstance(why, settle.CannotLook):
            return f"it could not be compared: {why.reason}"
        return f"with the key {shown_key(self._task.key)}, {why}" if why else looked_up.remote_id

    async def _settled(self) -> bool:
        """Look the step's entity up; False where it is not there and the request may be sent again."""
        looked_up = await self._looked_up()
        match looked_up:
            case settle.NotThere():
                return await self._never_came()
            case settle.Found(remote_id=remote_id):
                await self._compared(remote_id)
            case settle.Several(remote_ids=remote_ids):
                await self._several(remote_ids)
            case settle.CannotLook(reason=reason):
                await self._not_looked_up(reason)
            case _:
                assert_never(looked_up)
        return True

    async def _never_came(self) -> bool:
        """
        Nothing is there: false where the request may be sent again, since it had no effect.

        A request that is still being worked on is not there either; until it cannot be any more, the worker waits and looks again.
        """
        left_s = self._last_left + self._settle_after_s - self._with.clock.now()
        if left_s <= 0 or self._with.stop.asked():
            return False
        await self._pause(left_s)
        return not self._with.stop.asked() and await self._settled()

    async def _compared(self, remote_id: int) -> None:
        why = await self._difference(remote_id, self._begun_at)
        if isinstance(why, settle.CannotLook):
            await self._not_looked_up(why.reason)
        elif why:
            message = f"found in LoanPro after no answer came, but {why}"
            await self._record(Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_id)
        else:
            message = "no answer came; found in LoanPro afterwards"
            await self._record(Outcome.ACCEPTED, message, remote_id=remote_id)

    async def _not_looked_up(self, reason: str) -> None:
        message = f"{self.result.message or 'no answer came'}; looking it up failed: {reason}"
        await self._record(Outcome.UNKNOWN, message, self._advice_unknown)

    async def _several(self, remote_ids: Sequence[int]) -> None:
        ids = ", ".join(map(str, remote_ids))
        message = f"LoanPro holds several entities with the key {shown_key(self._task.key)}: {ids}"
        await self._record(Outcome.HELD, message, _ADVICE_HELD, remote_id=remote_ids[0])

    async def _looked_up(self, enough: int = settle.LOOKS_BEFORE_NOT_THERE) -> settle.LookedUp:
        task = self._task
        return await settle.look_up(task.operation, task.key, self._ask, self._pause, enough=enough)

    async def _difference(self, remote_id: int, begun_at: datetime | None = None) -> str | settle.CannotLook:
        """How what is there differs from what is sent, "" where it does not."""
        return await settle.compare(self._task.operation, remote_id, self._task.payload, begun_at, self._ask)


def _named(causes: Iterable[Cause]) -> str:
    return ", ".join(sorted(causes)).replace("_", " ")
