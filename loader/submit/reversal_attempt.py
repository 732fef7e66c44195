"""
One entity that a run has created, on its way to being undone: read back, deleted or archived, then known to be so.

Nothing is touched that is not certainly the run's own, and nothing counts as done before LoanPro shows it: a request whose answer was
lost, or whose answer proves nothing, is settled by reading the entity back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loader.journal.schema import State
from loader.journal.undoing import OpenReversal
from loader.journal.writer import StepId
from loader.masking import masked_text
from loader.models.outcome import Outcome, StepResult
from loader.models.reversals import Fate, Reversal, fate_of, foreign, is_active
from loader.submit.answers import Accepted, Rejected, Warned, judge, reason_of
from loader.submit.asking import MOST_TRIES
from loader.submit.attempt import Attempt
from loader.submit.settle import LOOKS_BEFORE_NOT_THERE, PAUSE_BETWEEN_LOOKS_S
from loader.submit.sitting import Sitting

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


class ReversalAttempt(Attempt):
    """
    An entity while it is being undone.

    Args:
        sitting: The connection and all that goes with it.
        step: Its place in the journal.
        task: The entity.
        reversal: What is done to it.
        not_before: What was created before this moment is not the undone run's own.
        even_active: Whether an activated loan is undone too.
    """

    _advice_unknown = "run `loader resume`: it reads the entity back before anything is sent again"
    _not_looked = "the run was stopped before it could be read back"

    def __init__(
        self,
        sitting: Sitting,
        step: StepId,
        task: OpenReversal,
        reversal: Reversal,
        not_before: datetime,
        *,
        even_active: bool,
    ) -> None:
        open_before = task.state is not State.PLANNED
        super().__init__(sitting, step, _untouched(task, reversal), open_before=open_before)
        self._task = task
        self._reversal = reversal
        self._not_before = not_before
        self._even_active = even_active
        self._claimed = False  # True once LoanPro has said that it did what was asked

    async def _known(self) -> bool:
        """Read the entity back; True when that gives the outcome, False when it is ours and still to be undone."""
        for number in range(LOOKS_BEFORE_NOT_THERE if self.unclear else 1):
            if number:
                await self._with.clock.sleep(PAUSE_BETWEEN_LOOKS_S)
            entity = await self._entity()
            if isinstance(entity, dict):
                decided = self._shown(entity)
            elif self._with.stop.asked():
                return False
            else:
                decided = self._unseen(entity)
            if decided is not None:
                outcome, message, advice, fate = decided
                if outcome is Outcome.ACCEPTED:
                    self._with.stop.answered()
                await self._record(outcome, message, advice, fate=fate)
                return True
        if self._claimed:
            done = self._reversal.fate
            message = f"LoanPro answered with status {self.result.status}, yet does not show it as {done}"
            await self._record(Outcome.HELD, message, _ADVICE_LOOK)
        return self._claimed

    def _request(self) -> tuple[str, str, bytes | None]:
        reversal = self._reversal
        return reversal.method, reversal.path_of(self._task.remote_id), reversal.body

    async def _decided(self, verdict: Accepted | Rejected | Warned) -> bool:
        """
        Record a definite answer.

        A status 200 proves nothing (LoanPro reference 1.6): the entity must show what it has become. After an unclear try a refusal
        may be about our own first request, which took effect late.
        """
        if isinstance(verdict, Accepted):
            self.unclear = self._claimed = True
            fate = fate_of(verdict.entity)
            if verdict.remote_id != self._task.remote_id or fate is not self._reversal.fate:
                return False
            await self._record(Outcome.ACCEPTED, fate=fate)
        elif not (self.unclear and await self._known()):
            outcome = Outcome.REJECTED if isinstance(verdict, Rejected) else Outcome.HELD
            await self._record(outcome, verdict.message, _ADVICE_LOOK)
        return True

    async def _entity(self) -> dict[str, Any] | _Refused | str:
        """The entity; or LoanPro's refusal to show it; or why neither could be had."""
        reason = ""
        for number in range(1, MOST_TRIES + 1):
            answer = await self._with.asker.ask(self._reversal.look(self._task.remote_id))
            if isinstance(answer, str):
                return answer
            match judge(answer):
                case Accepted(entity=entity):
                    return entity
                case Rejected() | Warned():
                    return _Refused(masked_text(reason_of(answer)))
                case _:  # what is not the promised JSON says nothing about the entity
                    reason = masked_text(reason_of(answer))
                    await self._rest(number)
        return reason

    def _unseen(self, why: _Refused | str) -> _Decision:
        """What it means that the entity cannot be read back."""
        if isinstance(why, _Refused):
            if self.unclear and why.missing and self._reversal.fate is Fate.DELETED:
                # It was read back before the request was sent: what is gone now went with it.
                return Outcome.ACCEPTED, "deleted: LoanPro does not know it any more", "", Fate.DELETED
            if not self.unclear:
                return Outcome.HELD, f"LoanPro does not show it: {why.message}", _ADVICE_LOOK, None
        reason = why.message if isinstance(why, _Refused) else why
        if self.unclear:
            before = self.result.message or "no answer came"
            return Outcome.UNKNOWN, f"{before}; reading it back failed: {reason}", self._advice_unknown, None
        return Outcome.NOT_SENT, f"it could not be read back: {reason}", "", None

    def _shown(self, entity: dict[str, Any]) -> _Decision | None:
        """What the entity itself shows to be its outcome; None where it is ours and still to be undone."""
        why = foreign(self._reversal, entity, self._task.key, self._task.remote_id, self._not_before)
        fate = fate_of(entity)
        if why and not (fate is Fate.DELETED and str(entity.get("id")) == str(self._task.remote_id)):
            return Outcome.HELD, why, _ADVICE_LOOK, None
        if fate is self._reversal.fate and self.unclear:
            told = "" if self._claimed else f"no clear answer came; found {fate} afterwards"
            return Outcome.ACCEPTED, told, "", fate
        if fate is self._reversal.fate or (fate is Fate.DELETED and not self.unclear):
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


def _untouched(task: OpenReversal, reversal: Reversal) -> StepResult:
    """The result if nothing is sent."""
    return StepResult(
        reversal.name,
        reversal.method,
        reversal.path,
        task.key,
        Outcome.NOT_SENT,
        remote_id=task.remote_id,
        attempts=task.attempts,
    )
