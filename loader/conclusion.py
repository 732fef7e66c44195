"""Closes a run in the journal and writes its reports. A report that cannot be written is told, and loses nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from loader.errors import INTERRUPTED, LoaderError, ReportError, SourceError
from loader.inspection.column_facts import ColumnFacts
from loader.intake.file import Intake
from loader.journal import runs
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState, State
from loader.journal.standing import count_steps
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.models.outcome import Outcome
from loader.plan import Plan
from loader.report.aside import sweep
from loader.report.publish import checked_target
from loader.report.rejected_book import write_rejected
from loader.report.results_book import write_results
from loader.report.summary import RunSummary, exit_code, read_summary
from loader.source.reading import Password
from loader.source.table import SourceTable
from loader.submit.finish import Finish

_RESULTS = "results.xlsx"


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What the user wants of a run, beside sending it.

    Attributes:
        run_dir: Where journal and reports lie.
        stop_if_invalid: Send nothing at all while any row is invalid.
        results: Where a copy of the results workbook goes, None for nowhere.
        rejected: The same for the rejected workbook.
        limit: Only so many rows from the beginning are sent (of a resumed undo: the newest), None for all.
        retry: Outcomes of steps that a resumed run tries once more.
        password: Of the source, where a run is resumed or reported on again.
    """

    run_dir: Path
    stop_if_invalid: bool = False
    results: Path | None = None
    rejected: Path | None = None
    limit: int | None = None
    retry: tuple[Outcome, ...] = ()
    password: Password | None = field(default=None, repr=False)

    def must_be_writable(self) -> None:
        """
        Make sure that the copies can be written, before anything is sent.

        Raises:
            ReportError: One of them cannot.
        """
        for path in (self.results, self.rejected):
            if path is not None:
                checked_target(path)


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
        note: What else the user should know, "" for nothing.
        columns: What each column of the file holds, where that was asked for.
    """

    exit_code: int
    view: JournalView
    summary: RunSummary
    written: list[Path] = field(default_factory=list)
    error: LoaderError | None = None
    plan: Plan | None = None
    note: str = ""
    columns: tuple[ColumnFacts, ...] = ()


def conclude(
    journal: Journal, run: RunHandle, intake: Intake | None, plan: Plan, finish: Finish, wishes: Wishes
) -> Ended:
    """
    Close the run in the journal and write its reports.

    Without a file, as in an undo, there is no rejected workbook. The exit code is that of the failure, if one stopped the run; else
    130 if the user stopped it, else what the outcomes give.

    Raises:
        JournalError: The journal cannot be used, or is not there any more; no report is written.
    """
    journal.must_be_there()
    counts = JournalView(journal, run).counts()
    unfinished = counts[Outcome.NOT_SENT] + counts[Outcome.UNKNOWN]
    code = exit_code(counts)
    if finish.error is not None:
        code = finish.error.exit_code
    elif finish.interrupted and unfinished:
        code = INTERRUPTED
    state = _state_after(journal, run, finish)
    runs.finish_run(journal, run, state, exit_code=code, stopped=finish.stopped)
    view = JournalView(journal, runs.find_run(journal, run.record.name))
    ended = Ended(code, view, read_summary(view), error=finish.error, plan=plan)
    _write_reports(ended, None if intake is None else lambda: intake.table, wishes)
    return ended


def _state_after(journal: Journal, run: RunHandle, finish: Finish) -> RunState:
    """
    Where the run stands: finished once all was sent that can be sent, and nothing is unknown.

    What waits for a refused row is not sent by a further sitting either, unless the refusal is tried once more.
    """
    if finish.declined and run.state in {RunState.CHECKING, RunState.DECLINED}:
        return RunState.DECLINED
    open_steps = count_steps(journal, run)
    still_open = {State.SENDING, State.UNKNOWN}
    if run.record.kind == "undo":
        still_open.add(
            State.PLANNED
        )  # an undo waits for no other row: what it could not read back is tried anew
    left = any(state in still_open for _, state in open_steps)
    return RunState.STOPPED if finish.stopped or left else RunState.FINISHED


def report_again(
    journal: Journal, run: RunHandle, open_source: Callable[[], SourceTable] | None, wishes: Wishes
) -> Ended:
    """
    Write every report of a run once more, from the journal and, for the rejected workbook, from its source.

    The exit code is the run's own; with a report that cannot be written it is that of the failure.

    Args:
        journal: Where the run is.
        run: Which one.
        open_source: Opens the source as it was checked; None for a run without one.
        wishes: Where reports lie.
    """
    ended = told_again(journal, run)
    _write_reports(ended, open_source, wishes)
    return ended


def told_again(journal: Journal, run: RunHandle) -> Ended:
    """What a finished run came to; nothing is written, and no row is read."""
    view = JournalView(journal, run)
    summary = read_summary(view)
    return Ended(summary.exit_code, view, summary)


def write_missing(ended: Ended, wishes: Wishes) -> None:
    """
    For somebody who submits a file again that is complete: write its results workbook if it is not there any more, and the copy that is wanted now.

    Args:
        ended: From `told_again`; it is told what was written, and what could not be.
        wishes: Where reports lie.
    """
    if wishes.results or not (wishes.run_dir / ended.view.run.name / _RESULTS).is_file():
        _write_reports(ended, None, wishes)


def write_rejected_rows(table: SourceTable, view: JournalView, target: Path, *, kept: bool = True) -> None:
    """
    Write the workbook of the invalid rows; the same run gives the same bytes.

    Args:
        table: The source.
        view: The run or the check.
        target: The workbook.
        kept: Whether the journal keeps it, for the hint: not so for a check.

    Raises:
        SourceError: The source cannot be read any more.
        ReportError: It cannot be written.
    """
    write_rejected(
        table,
        view.issues(),
        target,
        run=view.run.name,
        kept=kept,
        last_row=view.last_row(),
        created=view.run.started_at,
    )


def run_folder(run_dir: Path, run: str, *, kept: bool = True) -> Path:
    """
    A run's folder, made if it is not there. What killed processes left in the folders of other runs is removed.

    Args:
        run_dir: Where all runs lie.
        run: Name of the run or the check.
        kept: Whether the journal keeps it, for the hint: not so for a check.

    Raises:
        ReportError: It cannot be made.
    """
    folder = run_dir / run
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path for path in run_dir.iterdir() if path.is_dir()]
    except OSError as error:
        raise ReportError(
            f"the folder {folder} cannot be made: {error.strerror}",
            hint=f"{'the run is safe in the journal; ' if kept else ''}choose another folder with --run-dir",
        ) from error
    for other in others:
        sweep(other)
    return folder


def _write_reports(ended: Ended, open_source: Callable[[], SourceTable] | None, wishes: Wishes) -> None:
    """Write what can be written; the first failure is told."""
    run = ended.view.run.name
    for write, path in _reports(ended, open_source, wishes):
        try:
            if path.parent == wishes.run_dir / run:
                run_folder(wishes.run_dir, run)
            write(path)
            ended.written.append(path)
        except SourceError as failure:
            _tell(
                ended,
                ReportError(
                    f"{path} cannot be written: {failure.message}",
                    hint=f"it holds the rows as they stand in the source: put that back as it was, then run `loader report {run}`",
                ),
            )
        except ReportError as failure:
            _tell(ended, failure)


def _tell(ended: Ended, failure: ReportError) -> None:
    if ended.error is None:
        ended.error, ended.exit_code = failure, failure.exit_code


def _reports(
    ended: Ended, open_source: Callable[[], SourceTable] | None, wishes: Wishes
) -> Iterator[tuple[Callable[[Path], None], Path]]:
    """
    What is to be written, and where.

    A rejected workbook that is there already stays: the rows of a run that are invalid never change, but a user may have
    mended them in it.
    """
    view, folder = ended.view, wishes.run_dir / ended.view.run.name
    for path in (folder / _RESULTS, wishes.results):
        if path is not None:
            yield partial(write_results, view, summary=ended.summary), path
    if open_source is None or not ended.summary.counts[Outcome.INVALID]:
        return
    mended = folder / "rejected.xlsx"
    if mended.is_file():
        ended.note = ended.note or f"{mended} is there already and stays as it is: rows may be mended in it"
    for path in (None if mended.is_file() else mended, wishes.rejected):
        if path is not None:
            yield lambda target: write_rejected_rows(open_source(), view, target), path
