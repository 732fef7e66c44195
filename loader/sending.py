"""A run that stands in the journal is sent, from what it links to up to its reports; with this the network's libraries are imported."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count

from loader.audience import Audience
from loader.conclusion import Ended, Wishes, conclude
from loader.intake.file import Intake
from loader.journal import runs
from loader.journal.known import open_links, remember_entities
from loader.journal.recorder import Recorder
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.models.outcome import Outcome
from loader.open_rows import open_rows
from loader.plan import draw_up, settle_missing
from loader.submit.finish import Finish
from loader.submit.linked import look_up_links
from loader.submit.rows import send_open_rows
from loader.submit.target import Target


def resolve_links(
    journal: Journal, run: RunHandle, recorder: Recorder, target: Target, audience: Audience
) -> None:
    """
    Ask the tenant for what rows link to and nobody here knows; rows with a missing parent become invalid.

    A row that becomes invalid may be what another row links to: the question is asked again until nothing is open.

    Args:
        journal: Where the run is.
        run: Which one.
        recorder: Writes into the journal.
        target: The tenant.
        audience: Hears how far it has come.
    """
    while wanted := open_links(journal, run):
        found: list[tuple[str, str, int]] = []
        heard = partial(_count_for, audience, len(wanted), count())
        heard()
        missing = look_up_links(target.address, target.pace, wanted, found.append, heard)
        remember_entities(journal, run, found)
        settle_missing(recorder, journal, run, missing)


def _count_for(audience: Audience, wanted: int, done: Iterator[int]) -> None:
    audience.looking_up(next(done), wanted)


def carry_out(
    journal: Journal, run: RunHandle, intake: Intake, target: Target, wishes: Wishes, audience: Audience
) -> Ended:
    """
    Show the plan, send what it says if that is wanted, and write the reports.

    Args:
        journal: Where the run is.
        run: Which one.
        intake: Its file.
        target: The tenant.
        wishes: What is wanted beside sending it.
        audience: Hears what happens and is asked.
    """
    plan = draw_up(journal, run, target.pace.per_second, wishes.limit)
    if run.settings["stop_if_invalid"] and plan.rows[Outcome.INVALID]:
        finish = Finish(
            "there are invalid rows, and nothing was to be sent then (--on-invalid stop)", declined=True
        )
    elif plan.to_send and not audience.confirms(plan, run.record):
        finish = Finish("the plan was not confirmed", interrupted=True, declined=True)
    elif not plan.to_send:
        audience.nothing_to_send(plan, run.record)
        finish = Finish()
    else:
        runs.set_state(journal, run, RunState.SENDING)
        audience.sending(plan)
        finish = send_open_rows(
            target.address,
            target.pace,
            journal,
            run,
            lambda: open_rows(intake, journal, run, wishes.limit),
            intake.warnings,
            plan.to_send,
            audience,
        )
        if finish.found_pace:
            runs.set_found_pace(journal, run, finish.found_pace)
        if not finish.stopped and wishes.limit is not None and wishes.limit < plan.rows_read:
            finish = replace(finish, stopped=f"only the first {wishes.limit:,} rows were wanted (--limit)")
    return conclude(journal, run, intake, plan, finish, wishes)
