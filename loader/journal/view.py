"""A run read back for its reports: streamed in the order of the file, states turned into outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from loader.journal.history import mended_rows, mended_since, mending_runs
from loader.journal.packed import last_packed_row, packed_sums
from loader.journal.records import ControlTotal, Mended, Mending, RowResult, RunRecord
from loader.journal.runs import RunHandle, list_runs
from loader.journal.schema import State, issues, outcome_of, rows, steps
from loader.journal.standing import count_rows
from loader.journal.store import Journal
from loader.models.concealed import shown_key
from loader.models.issue import Issue, Severity
from loader.models.operation import path_within
from loader.models.outcome import Outcome, StepResult, worst
from loader.models.reversals import endpoint_of
from loader.models.row import RowRef

_ROWS_AT_ONCE = 2_000
_ROW_COLUMNS = (rows.c.ordinal, rows.c.row, rows.c.line, rows.c.original, rows.c.excluded)
_STEP_COLUMNS = (
    steps.c.step,
    steps.c.key,
    steps.c.state,
    steps.c.attempts,
    steps.c.status,
    steps.c.remote_id,
    steps.c.parent_id,
    steps.c.sent_at,
    steps.c.elapsed_ms,
    steps.c.message,
    steps.c.advice,
)
_OF_ROW = len(_ROW_COLUMNS)
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
        self._states = {state.value: (outcome_of(state), self._silent_message(state)) for state in State}
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
        sums: dict[tuple[int, str], list[Decimal]] = {}
        for step, state, amounts in self._amounts():
            columns = [*zip(*[line.split("|") for line in amounts.split("\n")], strict=True)]
            of_state = sums.setdefault((step, state), [Decimal(0)] * len(columns))
            for number, texts in enumerate(columns):
                of_state[number] += sum(map(Decimal, filter(None, texts)))
        return tuple(self._total(step, field, sums) for step, field in self._totals)

    def _amounts(self) -> Iterator[Sequence[Any]]:
        """Step, state and amounts of all steps that have any, a line for each; of rows that are entered together their sums."""
        for planned, skipped in packed_sums(self._journal, self._handle):
            for state, of_steps in ((State.PLANNED, planned), (State.SKIPPED, skipped)):
                yield from ((step, state.value, "|".join(sums)) for step, sums in enumerate(of_steps) if sums)
        of_run = steps.c.run == self._number
        query = (
            sa.select(steps.c.step, steps.c.state, sa.func.group_concat(steps.c.amounts, "\n"))
            .where(of_run, steps.c.ordinal.between(sa.bindparam("first"), sa.bindparam("last")))
            .where(steps.c.amounts.is_not(None))
            .group_by(steps.c.step, steps.c.state)
        )
        with self._journal.read() as connection:
            last = connection.execute(sa.select(sa.func.max(steps.c.ordinal)).where(of_run)).scalar()
            for first in range(0, -1 if last is None else last + 1, _ROWS_AT_ONCE):
                yield from connection.execute(query, {"first": first, "last": first + _ROWS_AT_ONCE - 1})

    def _total(
        self, step: int, field: str, sums: Mapping[tuple[int, str], Sequence[Decimal]]
    ) -> ControlTotal:
        """One total from the sums of its step's amounts by state."""
        place = [path for of, path in self._totals if of == step].index(field)
        by_state = {State(state): found[place] for (of, state), found in sums.items() if of == step}
        valid = (amount for state, amount in by_state.items() if state not in {State.INVALID, State.SKIPPED})
        return ControlTotal(
            operation=self.operations[step],
            field=field,
            of_read=sum(by_state.values(), Decimal(0)),
            of_valid=sum(valid, Decimal(0)),
            of_accepted=by_state.get(State.ACCEPTED, Decimal(0)),
        )

    def rows(self) -> Iterator[RowResult]:
        """All rows read, ascending by ordinal."""
        query = (
            sa.select(*_ROW_COLUMNS, *_STEP_COLUMNS)
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
            for current, entries in groupby(found, key=itemgetter(0)):
                row = self._row([*entries])
                if ordinal == current:
                    row = _kept_back(row, problems, advice)
                    ordinal, problems, advice = next(errors, _NO_ERRORS)
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
            apart: int = connection.execute(query).scalar() or 0
        return max(apart, last_packed_row(self._journal, self._handle))

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

    def _row(self, entries: Sequence[Sequence[Any]]) -> RowResult:
        ordinal, number, line, original, excluded, *of_step = entries[0]
        ref = RowRef(ordinal, self.run.sheet, number, line, original)
        if of_step[0] is None:
            return RowResult(ref, ("",) * len(self.run.key_columns), Outcome.SKIPPED, excluded or "", ())
        if len(entries) == 1:
            result = self._step(*of_step)
            return RowResult(ref, (result.key,), result.outcome, result.message, (result,))
        results = tuple([self._step(*entry[_OF_ROW:]) for entry in entries])
        outcome = worst(result.outcome for result in results)
        message = next((result.message for result in results if result.outcome is outcome), "")
        return RowResult(ref, tuple([result.key for result in results]), outcome, message, results)

    def _step(
        self,
        step: int,
        key: str,
        state: str,
        attempts: int,
        status: int | None,
        remote_id: int | None,
        parent_id: int | None,
        sent_at: float | None,
        elapsed_ms: float | None,
        message: str | None,
        advice: str | None,
    ) -> StepResult:
        method, endpoint = self._methods[step] if attempts else ("", "")
        if parent_id is not None:
            endpoint = path_within(endpoint, parent_id)
        outcome, silent_message = self._states[state]
        return StepResult(
            self.operations[step],
            method,
            endpoint,
            shown_key(key),
            outcome,
            status,
            remote_id,
            attempts,
            None if sent_at is None else datetime.fromtimestamp(sent_at, UTC),
            elapsed_ms,
            message or silent_message,
            advice or "",
            parent_id,
        )

    def _silent_message(self, state: State) -> str:
        """What is said of a step whose state nobody has given a reason for."""
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


def _kept_back(row: RowResult, problems: str, advice: str) -> RowResult:
    """A row that our checks kept back says why, once for the whole row."""
    first, *others = row.steps
    return replace(row, message=problems, steps=(replace(first, advice=advice), *others))
