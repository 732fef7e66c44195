"""Compares what the tenant holds with the file, and with what the journal says of every row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from loader.intake.file import Intake
from loader.journal.view import JournalView
from loader.models.comparison import differences
from loader.models.operations import operation_of
from loader.models.outcome import Outcome, StepResult
from loader.rehearsal.ledger import Ledger
from loader.rehearsal.tenant import Entity, Tenant
from loader.report.summary import checked_rows
from loader.submit.step_task import with_links
from loader.validation.checked import CheckedStep


@dataclass(frozen=True, slots=True)
class Proof:
    """
    What the tenant holds, compared with the file and the journal.

    Attributes:
        rows: Rows read.
        outcomes: Rows by outcome; they sum to the rows read.
        beforehand: Entities that the file links to and does not make, and that were therefore laid into the tenant before.
        created: Entities that the tenant holds beyond those.
        doubled: Entities beyond the first under one natural key or marker.
        lost: Steps said to be done whose entity the tenant does not hold under their id.
        wrong: Entities of such steps that are on another loan, have other links or other values than their row.
        untrue: Entities of the tenant whose step is said to be neither done nor unknown.
    """

    rows: int
    outcomes: Mapping[Outcome, int]
    beforehand: int
    created: int
    doubled: int
    lost: int
    wrong: int
    untrue: int

    @property
    def unsettled(self) -> int:
        """Rows that are unknown or were not sent."""
        return self.outcomes[Outcome.UNKNOWN] + self.outcomes[Outcome.NOT_SENT]

    @property
    def holds(self) -> bool:
        """True where nothing was lost, doubled, put in a wrong place, misreported or left open."""
        return not (self.doubled or self.lost or self.wrong or self.untrue or self.unsettled)

    def as_json(self) -> dict[str, Any]:
        """All figures, for programs."""
        outcomes = {outcome.value: count for outcome, count in self.outcomes.items()}
        return {**asdict(self), "outcomes": outcomes, "holds": self.holds}


def prove(tenant: Tenant, ledger: Ledger, intake: Intake, view: JournalView) -> Proof:
    """
    Count what the tenant holds, and look at each entity that a row speaks for.

    Args:
        tenant: The witness; it has stopped serving.
        ledger: Knows what the file links to; takes down what the tenant holds.
        intake: The file, as the run has checked it.
        view: The run.

    Raises:
        SourceError: The file cannot be read any more.
        OutcomesDisagreeError: The journal contradicts itself.
    """
    ledger.enter_held(tenant)
    lost = wrong = 0
    rows = (row for checked in intake.checked_batches(ledger.secret) for row in checked.rows())
    for row, result in zip(rows, checked_rows(view), strict=True):
        for step, told in zip(row.steps, result.steps, strict=True):
            found = _spoken_for(ledger, step, told)
            for entity in found:
                ledger.speak_for(step.operation, step.key, entity.id)
            if _is_done(told):
                lost += not found
                wrong += sum(not _is_as_wanted(ledger, step, entity) for entity in found)
    return Proof(
        rows=view.run.rows_read,
        outcomes=view.counts(),
        beforehand=ledger.was_there(),
        created=ledger.created(),
        doubled=ledger.doubled(),
        lost=lost,
        wrong=wrong,
        untrue=ledger.unspoken_for(),
    )


def _is_done(told: StepResult) -> bool:
    """Whether the journal says that the entity is there; what was found to be there already is skipped with its id."""
    there_already = told.outcome is Outcome.SKIPPED and told.remote_id is not None
    return told.outcome is Outcome.ACCEPTED or there_already


def _spoken_for(ledger: Ledger, step: CheckedStep, told: StepResult) -> list[Entity]:
    """The entities that the journal's word about a step is about."""
    if not (_is_done(told) or told.outcome is Outcome.UNKNOWN):
        return []
    found = ledger.find(step.operation, step.key)
    # LoanPro's answer to a payment names the loan alone: one whose id could not be read back is accepted without.
    any_will_do = told.outcome is Outcome.UNKNOWN or (told.remote_id is None and step.operation.marker_fields)
    return found if any_will_do else [entity for entity in found if entity.id == told.remote_id]


def _is_as_wanted(ledger: Ledger, step: CheckedStep, entity: Entity) -> bool:
    """Whether an entity is where its row wants it, with the row's links and values."""
    targets = [ledger.find(operation_of(link.entity), link.key) for link in step.links]
    if step.payload is None or not all(targets):
        return False
    ids = [target[0].id for target in targets]
    parent = step.operation.parent
    if parent is not None:
        wanted = [n for n, link in zip(ids, step.links, strict=True) if link.field == parent.field]
        if [entity.parent_id] != wanted:
            return False
    sent = with_links(step.operation, step.payload, step.links, ids)
    return not differences(sent, dict(entity.fields))
