"""Begins a run in the journal, and finds an unfinished one again with its source and template as they were."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from loader import __version__
from loader.errors import JournalError, SourceError, TemplateError, UsageError
from loader.intake import Entered, Intake, enter
from loader.journal import runs
from loader.journal.fates import UNDO
from loader.journal.history import note_of_history
from loader.journal.recorder import Recorder
from loader.journal.records import RunRecord
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.mapping.said import as_template_says
from loader.plan import settle_conflicts
from loader.source.open import digest_of, open_table
from loader.source.reading import Password, Reading
from loader.source.standard_input import keep_copy, path_at_hand
from loader.source.table import Batch, SourceTable

_UNFINISHED = (RunState.SENDING, RunState.STOPPED)


@dataclass(frozen=True, slots=True)
class Source:
    """
    What is read, and how.

    Attributes:
        path: The file.
        template: Name of a shipped template, or path of one.
        reading: What the user says of the file, such as the sheet.
        piped: True where the file is only what came through a pipe, and goes when the command ends.
    """

    path: Path
    template: str
    reading: Reading = field(default_factory=Reading)
    piped: bool = False

    def open(self) -> Intake:
        """
        The file under the template, checked as of today.

        Raises:
            SourceError, TemplateError: The file cannot be read, or the template does not fit it.
        """
        return Intake.open(self.path, self.template, self.reading, today=datetime.now(UTC).date())


@contextmanager
def at_hand(source: Source) -> Iterator[Source]:
    """
    The source with a file that can be read more than once; see `path_at_hand`.

    Raises:
        UsageError, SourceError: Likewise.
    """
    with path_at_hand(source.path) as path:
        yield source if path == source.path else replace(source, path=path, piped=True)


def kept(source: Source, record: RunRecord, folder: Path) -> RunRecord:
    """
    The record of a run that can be resumed, once what came through a pipe is copied into its folder, for its owner alone.

    Args:
        source: What came through a pipe, at hand.
        record: From `draft`.
        folder: Of the run.

    Raises:
        SourceError: It cannot be copied.
    """
    target = folder / f"source{''.join(source.path.suffixes)}"
    try:
        keep_copy(source.path, target)
    except OSError as error:
        raise SourceError(
            f"standard input cannot be kept as {target}: {error.strerror or error}",
            hint="make room there, or choose another folder with --run-dir",
        ) from error
    return replace(record, source_path=str(target.absolute()))


def draft(journal: Journal, source: Source, intake: Intake, **of_target: Any) -> RunRecord:
    """
    The record of a run that is about to begin.

    Args:
        journal: Where it will be entered.
        source: As the user named it.
        intake: The same, opened.
        of_target: Kind, tenant, host, rate and concurrency of `records.RunRecord`.
    """
    now = datetime.now(UTC)
    template, table = intake.template, intake.table
    return RunRecord(
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
        key_columns=tuple(key.column or key.fields[0] for key in intake.key_columns),
        source_format=table.facts.format,
        encoding=table.facts.encoding,
        delimiter=table.facts.delimiter,
        origin=table.origin,
        **of_target,
    )


def begin(
    journal: Journal, source: Source, intake: Intake, record: RunRecord, *, stop_if_invalid: bool = False
) -> RunHandle:
    """
    Enter a run with all that a report or a resumed run must know.

    Args:
        journal: Where to.
        source: As the user named it.
        intake: The same, opened.
        record: From `draft`.
        stop_if_invalid: Whether nothing is to be sent while any row is invalid.
    """
    is_file = Path(source.template).is_file()
    reading = as_template_says(source.reading, intake.template.template)
    settings = {
        "template": str(Path(source.template).absolute()) if is_file else source.template,
        "reading": source.reading.as_settings(),
        "today": intake.today.isoformat(),
        "stop_if_invalid": stop_if_invalid,
        "totals": [list(total) for total in intake.totals],
        "read_as": reading.as_record(),
    }
    return runs.begin_run(journal, record, intake.operations, settings)


def enter_file(
    journal: Journal,
    run: RunHandle,
    intake: Intake,
    heard: Callable[[int], None],
    seen: Callable[[Batch], None] | None = None,
) -> tuple[RunHandle, Entered]:
    """
    Check the whole file into the journal; rows that contradict each other under one key become invalid.

    Args:
        journal: Where to.
        run: The run, as it was begun.
        intake: The file.
        heard: Called now and then with the rows read so far.
        seen: Called with each batch of the file as it was read.

    Returns:
        The run as it stands then, and what the file showed; its notes have the samples that the journal does not keep.
    """
    recorder = Recorder(journal, run.number)
    entered = enter(intake, recorder, heard, seen)
    runs.set_rows(
        journal,
        run,
        rows_read=entered.rows_read,
        blank_rows=entered.blank_rows,
        notes=(*entered.notes, *note_of_history(journal, run.record)),
    )
    settle_conflicts(recorder, entered, intake.key_columns)
    return with_samples(runs.find_run(journal, run.record.name), entered), entered


def with_samples(run: RunHandle, entered: Entered) -> RunHandle:
    """The run with its notes as they were found: samples are shown on the screen and kept nowhere."""
    found = {replace(note, sample=""): note for note in entered.notes}
    notes = tuple(found.get(note, note) for note in run.record.notes)
    return replace(run, record=replace(run.record, notes=notes))


def find_resumable(journal: Journal, name: str | None, *, finished: bool = False) -> RunHandle:
    """
    The run that is to be resumed.

    Args:
        journal: Where to look.
        name: Its name or a beginning of it; None for the last unfinished one.
        finished: True where a finished run will do, since some of it is to be tried once more.

    Raises:
        JournalError: There is none, or it came to an end before anything was sent.
    """
    run = (
        runs.find_run(journal, name) if name else runs.last_run(journal, (RunState.SENDING, RunState.STOPPED))
    )
    if run is None:
        raise JournalError(
            "there is no unfinished run to resume",
            hint="`loader runs` lists the runs there are, `loader report` writes the reports of the last one again",
        )
    if run.state is RunState.FINISHED and not finished:
        raise JournalError(
            f"run {run.record.name} is finished: nothing of it is left to send or to settle",
            hint=f"`loader report {run.record.name}` writes its reports again; `loader resume --retry rejected` tries refused "
            "rows once more; mended rows are submitted as a new file",
        )
    if run.state is RunState.CHECKING:
        raise JournalError(
            f"run {run.record.name} stopped before anything was sent",
            hint=f"{'undo the run' if run.record.kind == UNDO else 'submit the file'} again: it is safe",
        )
    return run


def continued(run: RunHandle | None, source: Source, intake: Intake) -> Intake | None:
    """
    The file as an unfinished run of it sees it, None where there is no such run.

    Args:
        run: The newest of the same file, None where there is none.
        source: As the user named it.
        intake: The same, opened.

    Raises:
        UsageError: The run was begun with other options of reading, so that its rows may be other ones.
    """
    if run is None or run.state not in _UNFINISHED:
        return None
    before, now = (
        {name: value for name, value in said.items() if (name, value) != ("sheet", run.record.sheet)}
        for said in (run.settings["reading"], source.reading.as_settings())
    )
    if before != now:
        raise UsageError(
            f"this file was begun in run {run.record.name} and not finished; it was read {_with(before)} there, and is to be "
            f"read {_with(now)} now",
            hint=f"`loader resume {run.record.name}` carries on with it as it was begun; then submit the file {_with(now)} again",
        )
    return replace(intake, today=date.fromisoformat(run.settings["today"]))


def _with(options: Mapping[str, Any]) -> str:
    """Options of reading, for a sentence."""
    said = " ".join(f"--{name} {value}" for name, value in options.items())
    return f"with `{said}`" if said else "without such options"


def reopen(run: RunHandle, password: Password | None = None) -> Intake:
    """
    A run's source and template, if they are what they were.

    Args:
        run: Which one.
        password: As in `Reading`; no run keeps it.

    Raises:
        SourceError, TemplateError: One of them has changed, or is not there any more.
    """
    record, settings = run.record, run.settings
    with _as_checked(record):
        intake = Intake.open(
            Path(record.source_path),
            str(settings["template"]),
            replace(Reading.of_settings(settings["reading"]), password=password),
            today=date.fromisoformat(settings["today"]),
        )
    _require_unchanged(intake.table.digest, record)
    if intake.template.digest != record.template_digest:
        raise TemplateError(
            f"template {record.template_name} has changed since run {record.name} used it",
            hint="put the template back as it was, or submit the file as a new run",
        )
    return intake


def reopen_source(run: RunHandle, password: Password | None = None) -> SourceTable:
    """
    A run's source alone, if it is what it was; the template need not be there any more.

    Args:
        run: Which one.
        password: As in `Reading`; no run keeps it.

    Raises:
        SourceError: It has changed, or is not there any more.
    """
    record, settings = run.record, run.settings
    reading = replace(Reading.of_record(settings["read_as"]), password=password)
    with _as_checked(record):
        table = open_table(Path(record.source_path), reading)
    _require_unchanged(table.digest, record)
    return table


@contextmanager
def _as_checked(record: RunRecord) -> Iterator[None]:
    """Of a source that cannot be opened any more the reason is told that counts: that it has changed."""
    try:
        yield
    except (SourceError, TemplateError):
        if (path := Path(record.source_path)).is_file():
            _require_unchanged(digest_of(path), record)
        raise


def _require_unchanged(digest: str, record: RunRecord) -> None:
    if digest != record.source_digest:
        raise SourceError(
            f"{record.source_path} has changed since run {record.name} checked it",
            hint="put the file back as it was, or submit the new file as a new run",
        )
