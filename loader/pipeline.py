"""
The table of contents: what `check`, `submit`, `resume`, `undo` and `report` do, one after the other.

    source -> mapping -> validation -> (journal) -> plan -> submit -> (journal) -> report
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from loader.audience import Audience
from loader.conclusion import (
    Ended,
    Wishes,
    report_again,
    run_folder,
    told_again,
    write_missing,
    write_rejected_rows,
)
from loader.errors import JournalError, UsageError
from loader.intake.checking import Wanted
from loader.journal import runs
from loader.journal.history import Listed, mended_since
from loader.journal.lock import sole_sender
from loader.journal.recorder import Recorder
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.models.outcome import Outcome
from loader.opening import Source, begin, draft, enter_file, kept, with_samples
from loader.plan import draw_up, settle_earlier, settle_repetitions
from loader.reopening import complete_words, continued, find_resumable, is_complete, reopen, reopen_source
from loader.report.plain import write_csv, write_json
from loader.report.results_book import write_results
from loader.report.summary import read_summary
from loader.scratch import ScratchFolder
from loader.source.reading import Password
from loader.submit.target import Target
from loader.undoing import Undoing, begin_undo, carry_out_undo, confirmed_undo, find_undoable, is_undo

_WRITERS = {"xlsx": write_results, "csv": write_csv, "json": write_json}
FORMATS = tuple(_WRITERS)


@contextmanager
def check(source: Source, run_dir: Path, rejected: Path | None, audience: Audience) -> Iterator[Ended]:
    """
    Read, map and validate a file; send nothing.

    The rejected workbook goes to *rejected*, else into a folder of its own below the run directory. The context holds the
    scratch journal, from which the view reads.

    Raises:
        SourceError, TemplateError: The file cannot be read, or the template does not fit it.
        ReportError: The rejected workbook cannot be written.
    """
    Wishes(run_dir, rejected=rejected).must_be_writable()
    intake = source.open()
    with (
        ScratchFolder("check") as folder,
        _opened(Journal(Path(folder) / "check.sqlite", durable=False)) as journal,
    ):
        record = draft(journal, source, intake, kind="check", tenant="", host="", rate="", concurrency=0)
        run = begin(journal, source, intake, record)
        wanted = Wanted(digests=False, profile=True, processes=source.processes)
        run, entered = enter_file(journal, run, intake, wanted, audience.reading)
        columns = entered.profile.columns() if entered.profile is not None else ()
        settle_repetitions(Recorder(journal, run.number), journal, run, entered)
        plan = draw_up(journal, run, None)
        invalid = plan.rows[Outcome.INVALID] > 0
        runs.finish_run(journal, run, RunState.FINISHED, exit_code=int(invalid))
        view = JournalView(journal, with_samples(runs.find_run(journal, run.record.name), entered))
        ended = Ended(int(invalid), view, read_summary(view), plan=plan, columns=columns)
        if invalid:
            target = rejected or run_folder(run_dir, run.record.name, kept=False) / "rejected.xlsx"
            write_rejected_rows(intake.table, view, target, kept=False)
            ended.written.append(target)
        yield ended


@contextmanager
def submit(source: Source, target: Target, wishes: Wishes, audience: Audience) -> Iterator[Ended]:
    """
    Check a file, show the plan, and send every valid row.

    Raises:
        SourceError, TemplateError, ServiceError, ReportError: Nothing has been sent.
        JournalError: The journal cannot be used, or another process sends to the tenant; nothing has been sent.
    """
    wishes.must_be_writable()
    from loader.sending import carry_out, resolve_links  # noqa: PLC0415  a quarter of a second that a check need not pay

    intake = source.open()
    tenant = target.address.tenant
    with (
        _opened(Journal.in_directory(wishes.run_dir)) as journal,
        sole_sender(wishes.run_dir, target.host, tenant, at=target.address.host),
    ):
        of_target = {"host": target.host, "rate": target.rate, "concurrency": target.pace.concurrency}
        record = draft(journal, source, intake, kind="submit", tenant=tenant, **of_target)
        same = runs.find_same(journal, record)
        if same is not None and (as_begun := continued(same, source, intake)) is not None:
            audience.continuing(same.record)
            settle_earlier(Recorder(journal, same.number), journal, same)
            yield carry_out(journal, same, as_begun, target, wishes, audience)
            return
        if same is not None and is_complete(journal, same, source):
            ended = told_again(journal, same)
            ended.note = complete_words(same)
            audience.complete(ended.summary, ended.note)
            write_missing(ended, wishes)
            yield ended
            return
        if source.piped:
            record = kept(source, record, run_folder(wishes.run_dir, record.name))
        run = begin(journal, source, intake, record, stop_if_invalid=wishes.stop_if_invalid)
        wanted = Wanted(digests=True, profile=False, processes=source.processes)
        run, entered = enter_file(journal, run, intake, wanted, audience.reading)
        recorder = Recorder(journal, run.number)
        settle_earlier(recorder, journal, run)
        resolve_links(journal, run, recorder, target, audience)
        settle_repetitions(recorder, journal, run, entered)
        ended = carry_out(journal, run, intake, target, wishes, audience)
        if same is not None and ended.plan is not None and not ended.plan.to_send:
            ended.note = complete_words(same)
        yield ended


@contextmanager
def resume(
    name: str | None, target_of: Callable[[RunHandle], Target], wishes: Wishes, audience: Audience
) -> Iterator[Ended]:
    """
    Settle what a run left unknown, then carry on.

    Args:
        name: Which run; None for the last unfinished one.
        target_of: Gives the tenant that the run was made for.
        wishes: As in `submit`.
        audience: As in `submit`.

    Raises:
        JournalError: There is no such run, or nothing to resume in it.
        SourceError, TemplateError: The source or the template is not what was checked.
        UsageError: The tenant is another one.
    """
    from loader.sending import carry_out  # noqa: PLC0415  as above

    wishes.must_be_writable()
    with _opened(Journal.in_directory(wishes.run_dir, create=False)) as journal:
        run = find_resumable(journal, name, finished=bool(wishes.retry))
        target = target_of(run)
        _same_tenant(run, target)
        with sole_sender(wishes.run_dir, target.host, target.address.tenant, at=target.address.host):
            if is_undo(run):
                undo_run = confirmed_undo(run)
                yield carry_out_undo(journal, undo_run, target.address, target.pace, wishes, audience)
                return
            intake = reopen(run, wishes.password)
            recorder = Recorder(journal, run.number)
            recorder.reopen(wishes.retry)
            settle_earlier(recorder, journal, run)
            yield carry_out(journal, run, intake, target, wishes, audience)


@contextmanager
def undo(
    wanted: Undoing, target_of: Callable[[RunHandle], Target], wishes: Wishes, audience: Audience
) -> Iterator[Ended]:
    """
    Archive or delete what a run created, the newest first; itself a run, which `resume` carries on with.

    Args:
        wanted: Which run, and how it is undone.
        target_of: Gives the tenant that the run was made for.
        wishes: As in `submit`.
        audience: As in `submit`.

    Raises:
        JournalError: There is no such run, or it has created nothing.
        UsageError: The tenant is another one, or the run is itself an undo.
    """
    wishes.must_be_writable()
    with _opened(Journal.in_directory(wishes.run_dir, create=False)) as journal:
        undone = find_undoable(journal, wanted.run)
        target = target_of(undone)
        _same_tenant(undone, target)
        with sole_sender(wishes.run_dir, target.host, target.address.tenant, at=target.address.host):
            pace = target.pace
            run = begin_undo(journal, undone, wanted, rate=target.rate, concurrency=pace.concurrency)
            yield carry_out_undo(journal, run, target.address, pace, wishes, audience)


@contextmanager
def report(
    name: str | None, run_dir: Path, target: Path | None, format_: str, password: Password | None = None
) -> Iterator[Ended]:
    """
    Rebuild reports of a run from the journal.

    All that the run leaves in its folder is written again, the rejected workbook from the source; with a target or another
    format than `xlsx` it is that one file alone.

    Args:
        name: Which run; None for the last.
        run_dir: Where the journal is.
        target: The file to write; None for the run's folder.
        format_: One of `FORMATS`.
        password: Of the source.

    Raises:
        JournalError: There is no such run.
        ReportError: The one file cannot be written; of all reports those are written that can be, and the first failure is told.
    """
    with ExitStack() as stack:
        journal = stack.enter_context(_opened(Journal.in_directory(run_dir, create=False)))
        run = runs.find_run(journal, name) if name else runs.last_run(journal)
        if run is None or run.state is RunState.CHECKING:
            raise JournalError("there is no run to report on", hint="`loader runs` lists the runs there are")
        if run.state is RunState.SENDING:
            journal = stack.enter_context(_opened(journal.snapshot()))
        if target is None and format_ == FORMATS[0]:
            open_source = None if is_undo(run) else partial(reopen_source, run, password)
            yield report_again(journal, run, open_source, Wishes(run_dir))
            return
        view = JournalView(journal, run)
        path = target or run_folder(run_dir, run.record.name) / f"results.{format_}"
        _WRITERS[format_](view, path)
        summary = read_summary(view)
        yield Ended(summary.exit_code, view, summary, [path])


def list_all(run_dir: Path) -> list[Listed]:
    """
    All runs of a run directory with their counts, oldest first.

    Raises:
        JournalError: There is no journal.
    """
    with _opened(Journal.in_directory(run_dir, create=False)) as journal:
        found = runs.list_runs(journal)
        return [
            Listed(run, JournalView(journal, run).counts(), mended_since(journal, run, found))
            for run in found
        ]


@contextmanager
def _opened(journal: Journal) -> Iterator[Journal]:
    try:
        yield journal
    finally:
        journal.close()


def _same_tenant(run: RunHandle, target: Target) -> None:
    if (run.record.host, run.record.tenant) != (target.host, target.address.tenant):
        raise UsageError(
            f"run {run.record.name} belongs to tenant {run.record.tenant} at {run.record.host}, "
            f"not to tenant {target.address.tenant} at {target.host}",
            hint="resume it with that tenant's settings",
        )
