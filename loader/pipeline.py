"""
The table of contents: what `check`, `submit`, `resume` and `report` do, one after the other.

    source -> mapping -> validation -> (journal) -> plan -> submit -> (journal) -> report
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from loader import __version__
from loader.errors import JournalError, LoaderError, ReportError, SourceError, TemplateError, UsageError
from loader.intake import Intake, enter, open_rows
from loader.journal import runs
from loader.journal.known import open_links, remember_entity
from loader.journal.lock import sole_sender
from loader.journal.recorder import Recorder
from loader.journal.records import RunRecord
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.models.outcome import Outcome, StepResult
from loader.plan import Plan, draw_up, settle_doubles, settle_earlier, settle_missing
from loader.report.plain import write_csv, write_json
from loader.report.rejected_book import write_rejected
from loader.report.results_book import write_results
from loader.report.summary import RunSummary, exit_code, read_summary
from loader.submit.client import Address
from loader.submit.session import Pace, look_up_links, send_open_rows

INTERRUPTED = 130
_WRITERS = {"xlsx": write_results, "csv": write_csv, "json": write_json}
FORMATS = tuple(_WRITERS)


@dataclass(frozen=True, slots=True)
class Source:
    """
    What is read, and how.

    Attributes:
        path: The file.
        template: Name of a shipped template, or path of one.
        sheet: Which sheet; None for the first.
    """

    path: Path
    template: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where it is sent, and how fast.

    Attributes:
        address: The tenant.
        host: How the journal names the host: `sandbox` for the embedded one, whose port changes from run to run.
        pace: Limits.
        rate: The limits as the user wrote them.
    """

    address: Address
    host: str
    pace: Pace
    rate: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What else the user wants of a run.

    Attributes:
        stop_if_invalid: Send nothing at all while any row is invalid.
        results: Where a copy of the results workbook goes, None for nowhere.
        rejected: The same for the rejected workbook.
    """

    stop_if_invalid: bool = False
    results: Path | None = None
    rejected: Path | None = None


class Audience(Protocol):
    """Hears what happens and is asked; the terminal."""

    def reading(self, rows: int) -> None:
        """So many rows have been read and checked."""
        ...

    def looking_up(self, done: int, wanted: int) -> None:
        """So many of the linked entities have been asked for."""
        ...

    def confirms(self, plan: Plan, run: RunRecord) -> bool:
        """The plan is ready; True sends it."""
        ...

    def sending(self, plan: Plan) -> None:
        """The first request is about to leave."""
        ...

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        ...

    def row_done(self, ordinal: int) -> None:
        """A row needs nothing more."""
        ...


@dataclass(slots=True)
class Ended:
    """
    How a command ended.

    Attributes:
        exit_code: For the shell.
        view: The run, for further output.
        summary: Its figures.
        written: The files that were written.
        error: The failure that stopped it, None if there was none.
        plan: What was to be sent, None where nothing came so far.
    """

    exit_code: int
    view: JournalView
    summary: RunSummary
    written: list[Path] = field(default_factory=list)
    error: LoaderError | None = None
    plan: Plan | None = None


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
    intake = _open(source)
    with tempfile.TemporaryDirectory(prefix="loader-check-") as folder:
        journal = Journal(Path(folder) / "check.sqlite", durable=False)
        try:
            run = _begin(journal, source, intake, kind="check", tenant="", host="", rate="", concurrency=0)
            run = _enter(journal, run, intake, audience)
            plan = draw_up(journal, run, None)
            code = 1 if plan.rows[Outcome.INVALID] else 0
            runs.finish_run(journal, run, RunState.FINISHED, exit_code=code)
            run = runs.find_run(journal, run.record.name)
            view = JournalView(journal, run)
            written = []
            if plan.rows[Outcome.INVALID]:
                target = rejected or run_dir / run.record.name / "rejected.xlsx"
                _make_folder(target.parent if rejected is None else None)
                written.append(_write_rejected(intake, view, target))
            yield Ended(code, view, read_summary(view), written, plan=plan)
        finally:
            journal.close()


@contextmanager
def submit(
    source: Source, target: Target, run_dir: Path, wishes: Wishes, audience: Audience
) -> Iterator[Ended]:
    """
    Check a file, show the plan, and send every valid row.

    Raises:
        SourceError, TemplateError, ServiceError: Nothing has been sent.
        JournalError: The journal cannot be used, or another process sends to the tenant; nothing has been sent.
        UsageError: There are invalid rows, and the user wants none sent then.
    """
    intake = _open(source)
    with _journal(run_dir, create=True) as journal, sole_sender(run_dir, target.host, target.address.tenant):
        run = _begin(
            journal,
            source,
            intake,
            kind="submit",
            tenant=target.address.tenant,
            host=target.host,
            rate=target.rate,
            concurrency=target.pace.concurrency,
        )
        run = _enter(journal, run, intake, audience)
        recorder = Recorder(journal, run.number)
        settle_earlier(recorder, journal, run)
        _resolve_links(journal, run, recorder, target, audience)
        plan = draw_up(journal, run, target.pace.per_second)
        if wishes.stop_if_invalid and plan.rows[Outcome.INVALID]:
            yield _end(
                journal,
                run,
                intake,
                run_dir,
                wishes,
                plan,
                stopped="there are invalid rows (--on-invalid stop)",
            )
        elif plan.to_send and not audience.confirms(plan, run.record):
            yield _end(journal, run, intake, run_dir, wishes, plan, stopped="not confirmed", code=INTERRUPTED)
        else:
            yield _send_and_end(journal, run, intake, target, run_dir, wishes, plan, audience)


@contextmanager
def resume(
    name: str | None,
    target_of: Callable[[RunHandle], Target],
    run_dir: Path,
    wishes: Wishes,
    audience: Audience,
) -> Iterator[Ended]:
    """
    Settle what a run left unknown, then carry on.

    Args:
        name: Which run; None for the last unfinished one.
        target_of: Gives the tenant that the run was made for.
        run_dir: Where the journal is.
        wishes: As in `submit`.
        audience: As in `submit`.

    Raises:
        JournalError: There is no such run, or nothing to resume in it.
        SourceError, TemplateError: The source or the template is not what was checked.
    """
    with _journal(run_dir, create=False) as journal:
        run = _resumable(journal, name)
        target = target_of(run)
        _same_tenant(run, target)
        with sole_sender(run_dir, target.host, target.address.tenant):
            intake = _reopen(run)
            plan = draw_up(journal, run, target.pace.per_second)
            if plan.to_send and not audience.confirms(plan, run.record):
                raise UsageError("the run was not resumed; nothing has been sent")
            yield _send_and_end(journal, run, intake, target, run_dir, wishes, plan, audience)


@contextmanager
def report(name: str | None, run_dir: Path, target: Path | None, format_: str) -> Iterator[Ended]:
    """
    Rebuild the results of a run from the journal.

    Args:
        name: Which run; None for the last.
        run_dir: Where the journal is.
        target: The file to write; None for `results.FORMAT` in the run's folder.
        format_: One of `FORMATS`.

    Raises:
        JournalError: There is no such run.
        ReportError: The file cannot be written.
    """
    with _journal(run_dir, create=False) as journal:
        run = runs.find_run(journal, name) if name else runs.last_run(journal)
        if run is None or run.state is RunState.CHECKING:
            raise JournalError("there is no run to report on", hint="`loader runs` lists the runs there are")
        view = JournalView(journal, run)
        path = target or run_dir / run.record.name / f"results.{format_}"
        _make_folder(path.parent if target is None else None)
        _WRITERS[format_](view, path)
        summary = read_summary(view)
        yield Ended(summary.exit_code, view, summary, [path])


def list_all(run_dir: Path) -> list[tuple[RunHandle, dict[Outcome, int]]]:
    """
    All runs of a run directory with their counts, oldest first.

    Raises:
        JournalError: There is no journal.
    """
    with _journal(run_dir, create=False) as journal:
        return [(run, JournalView(journal, run).counts()) for run in runs.list_runs(journal)]


@contextmanager
def _journal(run_dir: Path, *, create: bool) -> Iterator[Journal]:
    journal = Journal.in_directory(run_dir, create=create)
    try:
        yield journal
    finally:
        journal.close()


def _open(source: Source) -> Intake:
    return Intake.open(source.path, source.template, sheet=source.sheet, today=datetime.now(UTC).date())


def _begin(journal: Journal, source: Source, intake: Intake, **of_target: Any) -> RunHandle:
    """Enter the run with all that a report or a resumed run must know."""
    now = datetime.now(UTC)
    template, table = intake.template, intake.table
    record = RunRecord(
        name=runs.new_name(journal, source.path.stem, now),
        source_name=source.path.name,
        source_path=str(source.path.absolute()),
        source_digest=table.digest,
        sheet=table.sheet,
        header_row=table.header_row,
        template_name=template.name,
        template_title=template.template.title,
        template_digest=template.digest,
        rows_read=0,
        blank_rows=0,
        started_at=now,
        finished_at=None,
        exit_code=None,
        stopped="",
        loader_version=__version__,
        ignored_warnings=intake.ignored_warnings,
        key_columns=tuple(key.column or key.field for key in intake.key_columns),
        **of_target,
    )
    settings = {
        "template": str(Path(source.template).absolute())
        if Path(source.template).is_file()
        else source.template,
        "sheet": source.sheet,
        "today": intake.today.isoformat(),
        "totals": [list(total) for total in intake.totals],
    }
    return runs.begin_run(journal, record, intake.operations, settings)


def _enter(journal: Journal, run: RunHandle, intake: Intake, audience: Audience) -> RunHandle:
    """Check the whole file into the journal."""
    recorder = Recorder(journal, run.number)
    entered = enter(intake, recorder, audience.reading)
    runs.set_rows(journal, run, rows_read=entered.rows_read, blank_rows=entered.blank_rows)
    settle_doubles(recorder, entered, intake.key_columns)
    return runs.find_run(journal, run.record.name)


def _resolve_links(
    journal: Journal, run: RunHandle, recorder: Recorder, target: Target, audience: Audience
) -> None:
    """Ask the tenant for what rows link to and nobody here knows; rows with a missing parent become invalid."""
    wanted = open_links(journal, run)
    if not wanted:
        return
    done = 0

    def found(entity: str, key: str, remote_id: int) -> None:
        nonlocal done
        done += 1
        remember_entity(journal, run, entity, key, remote_id)
        audience.looking_up(done, len(wanted))

    audience.looking_up(0, len(wanted))
    missing = look_up_links(target.address, target.pace, wanted, found)
    settle_missing(recorder, journal, run, missing)


def _send_and_end(
    journal: Journal,
    run: RunHandle,
    intake: Intake,
    target: Target,
    run_dir: Path,
    wishes: Wishes,
    plan: Plan,
    audience: Audience,
) -> Ended:
    runs.set_state(journal, run, RunState.SENDING)
    audience.sending(plan)
    sitting = send_open_rows(
        target.address, target.pace, journal, run, lambda: open_rows(intake, journal, run), audience
    )
    code = None
    if sitting.error is not None:
        code = sitting.error.exit_code
    elif sitting.stopped:
        code = INTERRUPTED
    return _end(
        journal, run, intake, run_dir, wishes, plan, stopped=sitting.stopped, code=code, error=sitting.error
    )


def _end(
    journal: Journal,
    run: RunHandle,
    intake: Intake,
    run_dir: Path,
    wishes: Wishes,
    plan: Plan,
    *,
    stopped: str = "",
    code: int | None = None,
    error: LoaderError | None = None,
) -> Ended:
    """Close the run in the journal and write its reports; a report that fails is told and loses nothing."""
    counts = JournalView(journal, run).counts()
    open_rows_left = counts[Outcome.NOT_SENT] + counts[Outcome.UNKNOWN]
    final = exit_code(counts) if code is None else code
    state = RunState.STOPPED if open_rows_left else RunState.FINISHED
    runs.finish_run(journal, run, state, exit_code=final, stopped=stopped)
    run = runs.find_run(journal, run.record.name)
    view = JournalView(journal, run)
    ended = Ended(final, view, read_summary(view), error=error, plan=plan)
    folder = run_dir / run.record.name
    _make_folder(folder)
    jobs: list[tuple[Callable[[Path], object], Path]] = [
        (lambda path: write_results(view, path), folder / "results.xlsx")
    ]
    if wishes.results:
        jobs.append((lambda path: write_results(view, path), wishes.results))
    if counts[Outcome.INVALID]:
        jobs += [
            (lambda path: _write_rejected(intake, view, path), path)
            for path in (folder / "rejected.xlsx", wishes.rejected)
            if path is not None
        ]
    for write, path in jobs:
        try:
            write(path)
            ended.written.append(path)
        except ReportError as failure:
            ended.error = ended.error or failure
            ended.exit_code = failure.exit_code if final in {0, 1} else final
    return ended


def _write_rejected(intake: Intake, view: JournalView, target: Path) -> Path:
    write_rejected(
        intake.table,
        view.issues(),
        target,
        run=view.run.name,
    )
    return target


def _make_folder(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(
            f"the folder {folder} cannot be made: {error.strerror}",
            hint="choose another folder with --run-dir",
        ) from error


def _resumable(journal: Journal, name: str | None) -> RunHandle:
    open_states = (RunState.SENDING, RunState.STOPPED)
    run = runs.find_run(journal, name) if name else runs.last_run(journal, open_states)
    if run is None:
        raise JournalError(
            "there is no unfinished run to resume", hint="`loader runs` lists the runs there are"
        )
    if run.state is RunState.CHECKING:
        raise JournalError(
            f"run {run.record.name} stopped before anything was sent",
            hint="submit the file again: it is safe",
        )
    return run


def _same_tenant(run: RunHandle, target: Target) -> None:
    if (run.record.host, run.record.tenant) != (target.host, target.address.tenant):
        raise UsageError(
            f"run {run.record.name} belongs to tenant {run.record.tenant} at {run.record.host}, "
            f"not to tenant {target.address.tenant} at {target.host}",
            hint="resume it with that tenant's settings",
        )


def _reopen(run: RunHandle) -> Intake:
    """The run's source and template, if they are what they were."""
    record = run.record
    settings = run.settings
    intake = Intake.open(
        Path(record.source_path),
        str(settings["template"]),
        sheet=settings["sheet"],
        today=date.fromisoformat(settings["today"]),
    )
    if intake.table.digest != record.source_digest:
        raise SourceError(
            f"{record.source_path} has changed since run {record.name} checked it",
            hint="put the file back as it was, or submit the new file as a new run",
        )
    if intake.template.digest != record.template_digest:
        raise TemplateError(
            f"template {record.template_name} has changed since run {record.name} used it",
            hint="put the template back as it was, or submit the file as a new run",
        )
    return intake
