"""Finds a run again, with its source and template as they were: to go on with it, or as it is complete."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from loader import __version__
from loader.errors import JournalError, SourceError, TemplateError, UsageError
from loader.intake.file import Intake
from loader.journal import runs
from loader.journal.completeness import is_all_accepted
from loader.journal.fates import UNDO
from loader.journal.records import RunRecord
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState
from loader.journal.store import Journal
from loader.opening import Source
from loader.source.open import digest_of, open_table
from loader.source.reading import Password, Reading
from loader.source.table import SourceTable

_UNFINISHED = (RunState.SENDING, RunState.STOPPED)


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
    run = runs.find_run(journal, name) if name else runs.last_run(journal, _UNFINISHED)
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
    before, now = _said(run.settings["reading"], run), _said(source.reading.as_settings(), run)
    if before != now:
        raise UsageError(
            f"this file was begun in run {run.record.name} and not finished; it was read {_with(before)} there, and is to be "
            f"read {_with(now)} now",
            hint=f"`loader resume {run.record.name}` carries on with it as it was begun; then submit the file {_with(now)} again",
        )
    return replace(intake, today=date.fromisoformat(run.settings["today"]))


def is_complete(journal: Journal, run: RunHandle | None, source: Source) -> bool:
    """
    Whether a file needs no further check: all that it would send was accepted.

    It is read as it was then, by the same version of this program: another one may see rows that this one did not.

    Args:
        journal: Where the run is.
        run: The newest of the same file with the same template, None where there is none.
        source: As the user named it.
    """
    return (
        run is not None
        and run.state is RunState.FINISHED
        and run.record.loader_version == __version__
        and _said(run.settings["reading"], run) == _said(source.reading.as_settings(), run)
        and is_all_accepted(journal, run)
    )


def complete_words(run: RunHandle) -> str:
    """What is said of a file that is complete by a run."""
    name = run.record.name
    return f"this file is complete: all of it that can be sent was sent in run {name} (`loader report {name}` writes its reports again)"


def _said(reading: Mapping[str, Any], run: RunHandle) -> dict[str, Any]:
    """What was said of the reading, without a sheet that is the run's own."""
    return {name: value for name, value in reading.items() if (name, value) != ("sheet", run.record.sheet)}


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
