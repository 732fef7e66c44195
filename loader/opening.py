"""Begins a run in the journal: what is read and how, the record, and the checked rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loader import __version__
from loader.errors import SourceError
from loader.intake.checking import Wanted
from loader.intake.entering import Entered, enter
from loader.intake.file import Intake
from loader.journal import runs
from loader.journal.history import note_of_history
from loader.journal.recorder import Recorder
from loader.journal.records import RunRecord
from loader.journal.runs import RunHandle
from loader.journal.store import Journal
from loader.mapping.said import as_template_says
from loader.plan import settle_conflicts
from loader.source.reading import Reading
from loader.source.standard_input import keep_copy, path_at_hand


@dataclass(frozen=True, slots=True)
class Source:
    """
    What is read, and how.

    Attributes:
        path: The file.
        template: Name of a shipped template, or path of one.
        reading: What the user says of the file, such as the sheet.
        piped: True where the file is only what came through a pipe, and goes when the command ends.
        processes: How many processes check it; None for as many as are worth their start.
    """

    path: Path
    template: str
    reading: Reading = field(default_factory=Reading)
    piped: bool = False
    processes: int | None = None

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
        "looked_up_first": list(intake.looked_up_first),
        "read_as": reading.as_record(),
    }
    return runs.begin_run(journal, record, intake.operations, settings)


def enter_file(
    journal: Journal,
    run: RunHandle,
    intake: Intake,
    wanted: Wanted,
    heard: Callable[[int], None],
) -> tuple[RunHandle, Entered]:
    """
    Check the whole file into the journal; rows that contradict each other under one key become invalid.

    Args:
        journal: Where to.
        run: The run, as it was begun.
        intake: The file.
        wanted: What is wanted of the check.
        heard: Called now and then with the rows read so far.

    Returns:
        The run as it stands then, and what the file showed; its notes have the samples that the journal does not keep.
    """
    recorder = Recorder(journal, run.number)
    entered = enter(intake, recorder, wanted, heard)
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
