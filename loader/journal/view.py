"""A run read back for its reports: streamed in the order of the file, states turned into outcomes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from loader.journal.history import mended_rows, mended_since, mending_runs
from loader.journal.records import ControlTotal, Mended, Mending, RowResult, RunRecord
from loader.journal.runs import RunHandle, list_runs
from loader.journal.schema import State, issues, outcome_of, rows, steps
from loader.journal.standing import count_rows
from loader.journal.store import Journal
from loader.models.concealed import shown_key
from loader.models.issue import Issue, Severity
from loader.models.operations import path_within
from loader.models.outcome import Outcome, StepResult, worst
from loader.models.reversals import endpoint_of
from loader.models.row import RowRef

_ROWS_AT_ONCE = 2_000
_NO_ERRORS = (-1, "", "")
_NONE_MENDED: tuple[int, tuple[Mending, ...]] = (-1, ())
_IN_FLIGHT = "sent, but no answer was recorded; `loader resume` looks it up"


class JournalView:
    """
    One run of the journal as `records.RunView`.

    Args:
        journal: Where the run is.
        run: Which one.
    """

    def __init__(self, journal: Journal, run: RunHandle) -> None:
        self._journal = journal
        self._handle = run
        self._number = run.number
        self.run: RunRecord = run.record
        self.operations: tuple[str, ...] = run.operations
        self._methods = tuple(endpoint_of(name) for name in run.operations)
        self._totals: tuple[tuple[int, str], ...] = tuple(
            (int(step), field) for step, field in run.settings.get("totals", ())
        )

    def counts(self) -> dict[Outcome, int]:
        """Rows by outcome; every outcome is a key."""
        return count_rows(self._journal, self._handle)

    def totals(self) -> tuple[ControlTotal, ...]:
        """The template's control totals, exact."""
        if not self._totals:
            return ()
        sums = {total: [Decimal(0), Decimal(0), Decimal(0)] for total in self._totals}
        for step, amounts, state in self._amounts():
            of_this_step = [total for total in self._totals if total[0] == step]
            for total, text in zip(of_this_step, amounts.split("|"), strict=True):
                if text:
                    amount = Decimal(text)
                    sums[total][0] += amount
                    sums[total][1] += amount if state not in {State.INVALID, State.SKIPPED} else 0
                    sums[total][2] += amount if state is State.ACCEPTED else 0
        return tuple(
            ControlTotal(self.operations[step], field, *sums[step, field]) for step, field in self._totals
        )

    def _amounts(self) -> Iterator[tuple[int, str, State]]:
        query = sa.select(steps.c.step, steps.c.amounts, steps.c.state).where(
            steps.c.run == self._number, steps.c.amounts.is_not(None)
        )
        with self._journal.read() as connection:
            for step, amounts, state in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
                yield step, amounts, State(state)

    def rows(self) -> Iterator[RowResult]:
        """All rows read, ascending by ordinal."""
        query = (
            sa.select(
                rows.c.ordinal,
                rows.c.row,
                rows.c.line,
                rows.c.original,
                rows.c.excluded,
                *(c for c in steps.c if c.name not in _UNREAD),
            )
            .select_from(
                rows.outerjoin(steps, sa.and_(steps.c.run == rows.c.run, steps.c.ordinal == rows.c.ordinal))
            )
            .where(rows.c.run == self._number)
            .order_by(rows.c.ordinal, steps.c.step)
        )
        with self._journal.read() as connection:
            found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
            errors, mended = self._errors(), self._mended_rows()
            ordinal, problems, advice = next(errors, _NO_ERRORS)
            next_mended, mendings = next(mended, _NONE_MENDED)
            for current, entries in groupby(found, key=lambda entry: entry.ordinal):
                if ordinal == current:
                    row = self._invalid_row(list(entries), problems, advice)
                    ordinal, problems, advice = next(errors, _NO_ERRORS)
                else:
                    row = self._row(list(entries))
                if next_mended == current:
                    row = replace(row, mended=mendings)
                    next_mended, mendings = next(mended, _NONE_MENDED)
                yield row

    def mended(self) -> Mended:
        """What became of the run's invalid rows since."""
        return mended_since(self._journal, self._handle, list_runs(self._journal))

    def last_row(self) -> int:
        """Number of the last row read, 0 where there is none."""
        query = sa.select(sa.func.max(rows.c.row)).where(rows.c.run == self._number)
        with self._journal.read() as connection:
            return connection.execute(query).scalar() or 0

    def _mended_rows(self) -> Iterator[tuple[int, tuple[Mending, ...]]]:
        by = mending_runs(self._handle, list_runs(self._journal))
        return mended_rows(self._journal, self._handle, by)

    def _errors(self) -> Iterator[tuple[int, str, str]]:
        """Ordinal, messages and advice of each row with an error."""
        of_errors = (found for found in self.issues() if found[1].severity is Severity.ERROR)
        for ordinal, found in groupby(of_errors, key=lambda entry: entry[0].ordinal):
            issues_of_row = [issue for _, issue in found]
            messages = (f"{issue.column or issue.field or 'row'}: {issue.message}" for issue in issues_of_row)
            advice = dict.fromkeys(issue.advice for issue in issues_of_row if issue.advice)
            yield ordinal, "; ".join(messages), "; ".join(advice)

    def _invalid_row(self, entries: list[Any], problems: str, advice: str) -> RowResult:
        """A row that our checks kept back says why, once for the whole row."""
        row = self._row(entries)
        first, *others = row.steps
        return replace(row, message=problems, steps=(replace(first, advice=advice), *others))

    def _row(self, entries: list[Any]) -> RowResult:
        first = entries[0]
        ref = RowRef(first.ordinal, self.run.sheet, first.row, first.line, first.original)
        if first.step is None:
            return RowResult(
                ref, ("",) * len(self.run.key_columns), Outcome.SKIPPED, first.excluded or "", ()
            )
        results = tuple(self._step(entry) for entry in entries)
        outcome = worst(result.outcome for result in results)
        message = next((result.message for result in results if result.outcome is outcome), "")
        keys = tuple(result.key for result in results)
        return RowResult(ref, keys, outcome, message, results)

    def _step(self, entry: Any) -> StepResult:
        state = State(entry.state)
        method, endpoint = self._methods[entry.step] if entry.attempts else ("", "")
        if entry.parent_id is not None:
            endpoint = path_within(endpoint, entry.parent_id)
        return StepResult(
            operation=self.operations[entry.step],
            method=method,
            endpoint=endpoint,
            key=shown_key(entry.key),
            outcome=outcome_of(state),
            status=entry.status,
            remote_id=entry.remote_id,
            attempts=entry.attempts,
            sent_at=datetime.fromtimestamp(entry.sent_at, tz=UTC) if entry.sent_at is not None else None,
            elapsed_ms=entry.elapsed_ms,
            message=entry.message or self._silent_message(state),
            advice=entry.advice or "",
            parent_id=entry.parent_id,
        )

    def _silent_message(self, state: State) -> str:
        if state is State.SENDING:
            return _IN_FLIGHT
        if state is State.PLANNED:
            return self.run.stopped or "not sent yet"
        return ""

    def issues(self) -> Iterator[tuple[RowRef, Issue]]:
        """All issues, ascending by ordinal; values are masked where they are sensitive."""
        query = (
            sa.select(issues, rows.c.row, rows.c.line, rows.c.original)
            .join(rows, sa.and_(rows.c.run == issues.c.run, rows.c.ordinal == issues.c.ordinal))
            .where(issues.c.run == self._number)
            .order_by(issues.c.ordinal, issues.c.number)
        )
        with self._journal.read() as connection:
            for found in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
                issue = Issue(
                    rule=found.rule,
                    message=found.message,
                    advice=found.advice,
                    severity=Severity(found.severity),
                    field=found.field,
                    column=found.column,
                    letter=found.letter,
                    value=found.value,
                    sensitive=found.sensitive,
                )
                ref = RowRef(found.ordinal, self.run.sheet, found.row, found.line, found.original)
                yield ref, issue


_UNREAD = {"run", "ordinal", "digest", "amounts", "fate"}
