"""What became of a row, and of each of its steps."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from loader.models.record import Record


class Outcome(StrEnum):
    """The seven ends of a row; their counts sum to the rows read (design, section 4)."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    REJECTED = "rejected"
    HELD = "held"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    NOT_SENT = "not_sent"


WORST_FIRST = (
    Outcome.UNKNOWN,
    Outcome.REJECTED,
    Outcome.HELD,
    Outcome.INVALID,
    Outcome.NOT_SENT,
    Outcome.ACCEPTED,
    Outcome.SKIPPED,
)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """
    The outcome of a row from those of its steps.

    A step that was skipped because there was nothing to do does not make a row skipped whose other step was
    accepted.

    Raises:
        ValueError: There are no outcomes.
    """
    found = set(outcomes)
    for outcome in WORST_FIRST:
        if outcome in found:
            return outcome
    raise ValueError("a row has at least one step")


class StepResult(Record, frozen=True):
    """
    What became of one step of one row.

    Attributes:
        operation: Name in the operations catalogue, such as `loans.create`; "" where the row never came so far.
        method: HTTP method, "" where nothing was sent.
        endpoint: Path below the base URL, such as `odata.svc/Loans`.
        key: The natural key's value; "" where the row was invalid before it was known.
        outcome: One of the seven.
        status: HTTP status code of the last answer, None where there was none.
        remote_id: LoanPro's id of the entity, None where it is not known.
        attempts: How often the request was sent.
        sent_at: When it was last sent, aware UTC; None if never.
        elapsed_ms: From sending to the answer, in milliseconds; None if never.
        message: The answer's own message or our reason, masked.
        advice: What to do about it, "" if nothing.
        parent_id: LoanPro's id of the loan that the request adds to, None for what stands alone or was not sent.
    """

    operation: str
    method: str
    endpoint: str
    key: str
    outcome: Outcome
    status: int | None = None
    remote_id: int | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    elapsed_ms: float | None = None
    message: str = ""
    advice: str = ""
    parent_id: int | None = None

    def answered(self, status: int | None, sent_at: datetime, elapsed_ms: float) -> "StepResult":
        """The same after one more request, whose answer had a status or was lost."""
        return StepResult(
            self.operation,
            self.method,
            self.endpoint,
            self.key,
            self.outcome,
            status,
            self.remote_id,
            self.attempts + 1,
            sent_at,
            elapsed_ms,
            self.message,
            self.advice,
            self.parent_id,
        )

    def ended(self, outcome: Outcome, message: str, advice: str, remote_id: int | None) -> "StepResult":
        """The same with its outcome."""
        return StepResult(
            self.operation,
            self.method,
            self.endpoint,
            self.key,
            outcome,
            self.status,
            remote_id,
            self.attempts,
            self.sent_at,
            self.elapsed_ms,
            message,
            advice,
            self.parent_id,
        )
