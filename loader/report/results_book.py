"""The results workbook: what became of every row, for the data team and the compliance reviewer."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from loader.errors import ReportError
from loader.journal.records import RowResult, RunRecord, RunView
from loader.models.issue import Issue
from loader.models.outcome import Outcome
from loader.models.row import RowRef
from loader.report.book import opened_book
from loader.report.cells import BLANK
from loader.report.flat import row_message, step_advice
from loader.report.grid import SHEET_COLUMNS, SHEET_ROWS, Column, Grid
from loader.report.issue_table import IssueTable, place_values, where_columns
from loader.report.statuses import status_meaning
from loader.report.styles import Styles
from loader.report.summary import RunSummary, checked_rows, label, read_summary
from loader.report.summary_sheet import write_summary_sheet

DECISIONS = ("send anyway", "same as existing", "correct", "exclude")
"""What a reviewer may decide about a held row."""

_ROW_COLUMNS = 3
_STEP_COLUMNS = 11
_FROZEN_KEYS = 3  # more frozen columns than that leave no room to scroll in


def write_results(
    view: RunView, target: Path, *, summary: RunSummary | None = None, sheet_rows: int = SHEET_ROWS
) -> None:
    """
    Write the results workbook of a run: sheets `Summary`, `Results`, `Held` and `Issues`.

    Rows are streamed; memory does not grow with their number. A table with more rows than a sheet holds goes on
    on `Results 2` and so on. A workbook that is there already is replaced in one step.

    Args:
        view: The run.
        target: The workbook; its folder must exist.
        summary: Its figures, where they have been read already.
        sheet_rows: Rows of a sheet, headers included.

    Raises:
        OutcomesDisagreeError: The rows do not add up; nothing is written.
        ReportError: The workbook cannot be written; nothing is left half-written.
    """
    summary = summary or read_summary(view)
    run = view.run
    _check_width(view, target)
    with opened_book(target, title=f"Results of {run.name}", created=run.started_at, run=run.name) as book:
        styles = Styles(book)
        write_summary_sheet(book, summary, styles)
        sheets = _Sheets(book, view, summary, styles, sheet_rows)
        for row in checked_rows(view, summary.counts):
            sheets.add_row(row)
        for ref, issue in view.issues():
            sheets.add_issue(ref, issue)
        sheets.finish()


class _Sheets:
    """The three tables of one results workbook."""

    def __init__(
        self, book: Any, view: RunView, summary: RunSummary, styles: Styles, sheet_rows: int
    ) -> None:
        run = view.run
        self._styles = styles
        self._operations = view.operations
        self._place = _place_columns(run, styles)
        frozen = len(self._place) + 1 if len(run.key_columns) <= _FROZEN_KEYS else 1
        results = [*self._place, *_row_columns(styles), *_step_columns(view.operations, styles)]
        held = [*self._place, *_held_columns(styles)]
        caption = f"{run.name} - {run.source_name}"
        self._results = Grid(
            book,
            "Results",
            results,
            styles,
            caption=caption,
            rows=run.rows_read,
            frozen_columns=frozen,
            sheet_rows=sheet_rows,
        )
        held_rows = summary.counts[Outcome.HELD]
        self._held = Grid(book, "Held", held, styles, caption=caption, rows=held_rows, sheet_rows=sheet_rows)
        issue_rows = sum(rule.issues for rule in summary.rules)
        self._issues = IssueTable(
            book,
            "Issues",
            styles,
            caption=caption,
            with_sheet=bool(run.sheet),
            with_original=run.origin is not None,
            with_line=bool(run.encoding),
            rows=issue_rows,
            sheet_rows=sheet_rows,
        )
        self._with_sheet, self._with_original = bool(run.sheet), run.origin is not None

    def add_row(self, row: RowResult) -> None:
        message, advice = row_message(row)
        kind: list[Any] = [row.outcome]
        values = [*self._at(row.ref), *row.keys, message, advice]
        for step in row.steps:
            kind += step.outcome, step.method, step.status, step.attempts
            values += step.endpoint, step.remote_id, step.sent_at, step.elapsed_ms, step.message
            values.append(step_advice(step))
        self._results.append(values, kind, partial(self._common, row))
        if row.outcome is Outcome.HELD:
            self._add_held(row, message, advice)

    def _common(self, row: RowResult, gaps: Iterator[Any]) -> tuple[list[Any], list[Any]]:
        """Values and formats that all rows of this one's kind share."""
        formats = self._results.styles.copy()
        values = [*islice(gaps, len(self._place))]
        formats[len(values)] = self._styles.outcomes[row.outcome]
        values += [label(row.outcome), *islice(gaps, 2)]
        for step in row.steps:
            formats[len(values)] = self._styles.outcomes[step.outcome]
            values += label(step.outcome), step.method, next(gaps)
            values += step.status, status_meaning(step.status, step.attempts), next(gaps)
            values += step.attempts or None, *islice(gaps, 4)
        values += [None] * (_STEP_COLUMNS * (len(self._operations) - len(row.steps)))
        return values, formats

    def _add_held(self, row: RowResult, message: str, advice: str) -> None:
        step = next((step for step in row.steps if step.outcome is Outcome.HELD), None)
        operation, status = (step.operation, step.status) if step else ("", None)
        to_fill_in = [BLANK] * 4
        self._held.append([*self._at(row.ref), *row.keys, operation, status, message, advice, *to_fill_in])

    def add_issue(self, ref: RowRef, issue: Issue) -> None:
        self._issues.add(ref, issue)

    def finish(self) -> None:
        self._held.choices(len(self._place) + 4, DECISIONS)
        for table in (self._results, self._held, self._issues):
            table.finish()

    def _at(self, ref: RowRef) -> list[Any]:
        return place_values(ref, with_sheet=self._with_sheet, with_original=self._with_original)


def _place_columns(run: RunRecord, styles: Styles) -> list[Column]:
    keys = [Column(header, max(14, min(len(header) + 4, 24)), styles.text) for header in run.key_columns]
    places = where_columns(styles, with_sheet=bool(run.sheet), with_original=run.origin is not None)
    return [*places, *keys]


def _row_columns(styles: Styles) -> list[Column]:
    return [
        Column("Outcome", 12, styles.text),
        Column("Message", 52, styles.wrapped, wrapped=True),
        Column("Advice", 40, styles.wrapped, wrapped=True),
    ]


def _step_columns(operations: Sequence[str], styles: Styles) -> list[Column]:
    columns = []
    for number, operation in enumerate(operations, start=1):
        group = f"Step {number}: {operation}"
        columns += [
            Column("Outcome", 12, styles.text, group),
            Column("Method", 9, styles.text, group),
            Column("Endpoint", 22, styles.text, group),
            Column("Status code", 10, styles.plain, group, right=True),
            Column("Meaning", 29, styles.text, group),
            Column("LoanPro id", 11, styles.plain, group, right=True),
            Column("Attempts", 10, styles.whole, group, right=True),
            Column("Sent at (UTC)", 20, styles.moment, group),
            Column("Milliseconds", 13, styles.whole, group, right=True),
            Column("Message", 40, styles.wrapped, group, wrapped=True),
            Column("Advice", 32, styles.wrapped, group, wrapped=True),
        ]
    return columns


def _held_columns(styles: Styles) -> list[Column]:
    return [
        Column("Operation", 18, styles.text),
        Column("Status code", 10, styles.plain, right=True),
        Column("Message", 48, styles.wrapped, wrapped=True),
        Column("Advice", 40, styles.wrapped, wrapped=True),
        Column("Decision", 18, styles.entry),
        Column("Reason", 28, styles.entry),
        Column("Initials", 9, styles.entry),
        Column("Date", 12, styles.entry),
    ]


def _check_width(view: RunView, target: Path) -> None:
    places = 2 + (view.run.origin is not None)
    columns = places + len(view.run.key_columns) + _ROW_COLUMNS + _STEP_COLUMNS * len(view.operations)
    if columns > SHEET_COLUMNS:
        raise ReportError(
            f"{target} cannot be written: it would have {columns:,} columns, a sheet has {SHEET_COLUMNS:,}",
            hint="use the CSV or JSON report instead",
        )
