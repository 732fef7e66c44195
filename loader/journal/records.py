"""What the journal gives back: runs, rows and issues as frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from loader.models.issue import Issue
from loader.models.note import Note
from loader.models.origin import Origin
from loader.models.outcome import Outcome, StepResult
from loader.models.record import Record
from loader.models.row import RowRef
from loader.source.table import Facts


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """
    The exact sum of one payload field, such as `LoanSetup.loanAmount`.

    Attributes:
        operation: The step whose payload holds the field.
        field: Its path.
        of_read: Sum over all rows in which the field has a value.
        of_valid: Sum over the steps that were to be sent: neither invalid nor skipped.
        of_accepted: Sum over the rows whose step was accepted.
    """

    operation: str
    field: str
    of_read: Decimal
    of_valid: Decimal
    of_accepted: Decimal


@dataclass(frozen=True, slots=True)
class RunRecord:
    """
    One run, as the journal knows it.

    Attributes:
        name: Unique name within the run directory, also that of its folder, such as `20261122-101500-loans`.
        kind: `submit` (later: `undo`, `decide`).
        tenant: LoanPro tenant id.
        host: Host of the base URL; `sandbox` for an embedded sandbox.
        source_name: File name without its folder.
        source_path: Absolute path when the run began.
        source_digest: SHA-256 of the file's bytes, hexadecimal.
        sheet: Sheet name, "" for none.
        header_row: Row number of the headers.
        template_name: Name or path of the template.
        template_title: Its `title`.
        template_digest: SHA-256 of its bytes, hexadecimal.
        rows_read: Rows below the headers that are not blank.
        blank_rows: Rows passed over because they held nothing.
        started_at: Aware UTC.
        finished_at: Aware UTC; None while the run is unfinished.
        rate: Pace as the user wrote it, such as `5/s`.
        concurrency: Requests in flight at most.
        exit_code: Exit code at the end; None while unfinished.
        stopped: Why sending stopped before the end, "" if it did not.
        loader_version: Version of this program.
        ignored_warnings: Where the template switches transaction warnings off, such as
            `customers.create: PrimaryAddress`; empty for none.
        key_columns: Headers of the user's columns that hold the natural keys, in the order of the file.
        source_format: What kind of file the source is, such as `CSV`.
        encoding: Of a text file, "" for others.
        delimiter: Of a text file, "" for others.
        notes: What was noticed while the source was read.
        origin: The file in which the rows were read first, where the source is a rejected workbook that says so.
    """

    name: str
    kind: str
    tenant: str
    host: str
    source_name: str
    source_path: str
    source_digest: str
    sheet: str
    header_row: int
    template_name: str
    template_title: str
    template_digest: str
    rows_read: int
    blank_rows: int
    started_at: datetime
    finished_at: datetime | None
    rate: str
    concurrency: int
    exit_code: int | None
    stopped: str
    loader_version: str
    ignored_warnings: tuple[str, ...]
    key_columns: tuple[str, ...]
    source_format: str = ""
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Note, ...] = ()
    origin: Origin | None = None

    @property
    def facts(self) -> Facts:
        """What kind of file the source is."""
        return Facts(self.source_format, self.encoding, self.delimiter)


@dataclass(frozen=True, slots=True)
class Mending:
    """
    What became of a mended row.

    Attributes:
        run: The run of the rejected workbook in which it was mended.
        row: Its number there.
        outcome: Its outcome there.
    """

    run: str
    row: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Mended:
    """
    What became of the invalid rows of a run that were mended.

    Attributes:
        runs: Runs that were made of its rejected workbook, oldest first.
        outcomes: Its invalid rows that are in any of these, by their outcome in the last one; in the last
            but one where they were skipped in that, and so on.
    """

    runs: tuple[str, ...] = ()
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def valid_since(self) -> int:
        """How many of the rows are invalid no more."""
        return sum(rows for outcome, rows in self.outcomes.items() if outcome is not Outcome.INVALID)


class RowResult(Record, frozen=True):
    """
    One row of a run with its outcome.

    Attributes:
        ref: Place of the row.
        keys: Values of `RunRecord.key_columns`, masked where sensitive.
        outcome: The worst of its steps.
        message: Why, in a few words, for a row without a step that says it.
        steps: One for each step of the template; empty for a row that the template excludes.
        mended: Of an invalid row: the runs in which it was mended, oldest first; the last one counts.
    """

    ref: RowRef
    keys: tuple[str, ...]
    outcome: Outcome
    message: str
    steps: tuple[StepResult, ...]
    mended: tuple[Mending, ...] = ()


class RunView(Protocol):
    """
    Everything that a report needs of one run, in the order of the file, streamed.

    Issues carry masked values where they are sensitive.
    """

    run: RunRecord
    operations: tuple[str, ...]
    """The template's steps, in its order."""

    def counts(self) -> dict[Outcome, int]:
        """Rows by outcome; every outcome is a key."""
        ...

    def totals(self) -> tuple[ControlTotal, ...]:
        """The template's control totals."""
        ...

    def mended(self) -> Mended:
        """What became of its invalid rows since."""
        ...

    def rows(self) -> Iterator[RowResult]:
        """All rows read, ascending by ordinal."""
        ...

    def issues(self) -> Iterator[tuple[RowRef, Issue]]:
        """All issues, ascending by ordinal; several may share a row."""
        ...
