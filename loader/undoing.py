"""An undo, from the run that is undone to the reports: itself a run, with the rows of the other in reverse."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from loader import __version__
from loader.conclusion import Ended, Wishes, conclude
from loader.errors import JournalError, UsageError
from loader.journal import runs
from loader.journal.fates import UNDO
from loader.journal.records import RunRecord
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.journal.undoing import enter_undo, reopen_reversals
from loader.models.outcome import StepResult
from loader.models.reversals import How, Reversal, reversal_of
from loader.plan import Plan, UndoPlan, draw_up
from loader.submit.finish import Finish
from loader.submit.observer import Refusals
from loader.submit.pace import Pace

if TYPE_CHECKING:
    from loader.submit.client import Address
    from loader.submit.sitting import Sitting


@dataclass(frozen=True, slots=True)
class Undoing:
    """
    What is to be undone, and how.

    Attributes:
        run: Name of the run that is undone, or the beginning of it.
        how: Archive or delete.
        even_active: Whether activated loans are undone too.
        limit: So many rows at most, None for all.
    """

    run: str
    how: How
    even_active: bool = False
    limit: int | None = None


class Audience(Protocol):
    """Hears what happens and is asked."""

    def confirms(self, plan: Plan, run: RunRecord) -> bool:
        """The plan is ready; True carries it out."""
        ...

    def sending(self, plan: Plan) -> None:
        """The first request is about to leave."""
        ...

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        ...


def is_undo(run: RunHandle) -> bool:
    """True for a run that undoes another."""
    return run.record.kind == UNDO


def find_undoable(journal: Journal, name: str) -> RunHandle:
    """
    The run that is to be undone.

    Raises:
        JournalError: There is none of that name, or nothing was sent in it.
        UsageError: It is itself an undo.
    """
    run = runs.find_run(journal, name)
    if is_undo(run):
        raise UsageError(
            f"run {run.record.name} is itself an undo, and cannot be undone",
            hint="submit the file again: what was deleted is created anew; archived loans are resurrected in LoanPro",
        )
    if run.state in {RunState.CHECKING, RunState.DECLINED}:
        raise JournalError(
            f"nothing was sent in run {run.record.name}: there is nothing to undo",
            hint="`loader runs` lists the runs there are",
        )
    return run


def begin_undo(
    journal: Journal, undone: RunHandle, wanted: Undoing, *, rate: str, concurrency: int
) -> RunHandle:
    """
    Enter an undo with its rows; nothing is sent.

    Raises:
        JournalError: The run has created nothing.
    """
    now, theirs = datetime.now(UTC), undone.record
    record = replace(
        theirs,
        name=runs.new_name(journal, f"undo-{theirs.source_name.rpartition('.')[0]}", now),
        kind=UNDO,
        template_title=f"Undo of run {theirs.name}: {wanted.how}",
        rows_read=0,
        blank_rows=0,
        started_at=now,
        finished_at=None,
        exit_code=None,
        stopped="",
        rate=rate,
        concurrency=concurrency,
        loader_version=__version__,
        ignored_warnings=(),
        notes=(),  # the file is not read again
        key_columns=theirs.key_columns[::-1],
    )
    last = len(undone.operations) - 1
    settings = {
        "undoes": theirs.name,
        "how": str(wanted.how),
        "even_active": wanted.even_active,
        "undone_began_at": theirs.started_at.timestamp(),
        "undone_operations": list(undone.operations),
        "stop_if_invalid": False,
        "totals": [[last - step, field] for step, field in undone.settings.get("totals", ())],
    }
    reversals = _reversals(undone.operations, wanted.how)
    run = runs.begin_run(journal, record, [reversal.name for reversal in reversals], settings)
    if not enter_undo(journal, run, undone, reversals, wanted.limit):
        runs.finish_run(journal, run, RunState.FINISHED, exit_code=0)
        raise JournalError(
            f"run {theirs.name} has created nothing: there is nothing to undo",
            hint="`loader report` writes its results again",
        )
    return runs.find_run(journal, record.name)


def confirmed_undo(run: RunHandle) -> RunHandle:
    """
    An undo that may be resumed: one whose plan was confirmed.

    Raises:
        JournalError: It was not.
    """
    if run.state is RunState.DECLINED:
        raise JournalError(
            f"run {run.record.name} was not confirmed, and nothing was sent in it",
            hint=f"run `loader undo {run.settings['undoes']}` again",
        )
    return run


def carry_out_undo(
    journal: Journal, run: RunHandle, address: Address, pace: Pace, wishes: Wishes, audience: Audience
) -> Ended:
    """
    Show the plan, undo what it says if that is wanted, and write the reports.

    Args:
        journal: Where the undo is.
        run: Which one.
        address: The tenant.
        pace: Limits.
        wishes: What a resumed undo tries once more, and how many of its newest rows are undone, beside the reports.
        audience: Hears what happens and is asked.
    """
    if wishes.retry:
        reopen_reversals(journal, run, runs.find_run(journal, run.settings["undoes"]), wishes.retry)
    plan = _drawn_up(journal, run, pace, wishes.limit)
    if plan.to_send and not audience.confirms(plan, run.record):
        finish = Finish("the plan was not confirmed", interrupted=True, declined=True)
    else:
        runs.set_state(journal, run, RunState.SENDING)
        audience.sending(plan)
        finish = _reverse(journal, run, address, pace, plan.to_send, wishes.limit, audience)
        if not finish.stopped and wishes.limit is not None and wishes.limit < plan.rows_read:
            finish = replace(finish, stopped=f"only the newest {wishes.limit:,} rows were wanted (--limit)")
    return conclude(journal, run, None, plan, finish, wishes)


def _drawn_up(journal: Journal, run: RunHandle, pace: Pace, limit: int | None) -> UndoPlan:
    """The plan of an undo as the journal holds it now, the same for the first sitting and for every other."""
    plan = draw_up(journal, run, pace.per_second, limit)
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return UndoPlan(**values, how=How(run.settings["how"]), even_active=run.settings["even_active"])


def _reverse(
    journal: Journal,
    run: RunHandle,
    address: Address,
    pace: Pace,
    to_send: int,
    limit: int | None,
    audience: Audience,
) -> Finish:
    from loader.submit.reverser import reverse_steps  # noqa: PLC0415  a quarter of a second that only sending costs
    from loader.submit.sitting import sit  # noqa: PLC0415

    settings = run.settings

    async def work(sitting: Sitting) -> None:
        await reverse_steps(
            sitting,
            journal,
            run,
            _reversals(settings["undone_operations"], How(settings["how"])),
            begun_at=datetime.fromtimestamp(settings["undone_began_at"], tz=UTC),
            even_active=settings["even_active"],
            concurrency=pace.concurrency,
            limit=limit,
            observer=Refusals(audience, sitting.stop, pace.max_refused, to_send),
        )

    return sit(address, pace, journal, work)


def _reversals(operations: tuple[str, ...] | list[str], how: How) -> list[Reversal]:
    """How each step is undone, the last one first."""
    return [reversal_of(operation, how) for operation in reversed(operations)]
