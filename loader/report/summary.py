"""
What a run came to: counts, exit code, closing lines, issues by rule; and the guard that every report passes.

Pure: it reads a `RunView` and prints nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loader.errors import ReportError
from loader.journal.records import ControlTotal, Mended, RowResult, RunRecord, RunView
from loader.models.issue import Severity
from loader.models.outcome import Outcome

EXIT_ALL_ACCEPTED = 0
EXIT_SOME_REFUSED = 1
EXIT_SOME_UNKNOWN = 9

MEANINGS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "LoanPro took it, and its id is known",
    Outcome.INVALID: "Our checks found errors; nothing was sent",
    Outcome.REJECTED: "LoanPro refused it for good",
    Outcome.HELD: "A transaction warning (possible duplicate): a person must decide",
    Outcome.UNKNOWN: "Sent without a definite answer; not settled yet",
    Outcome.SKIPPED: "Nothing to do, for the reason given",
    Outcome.NOT_SENT: "The run stopped before it",
}

_UNDO: Mapping[Outcome, tuple[str, str]] = {
    Outcome.ACCEPTED: ("LoanPro shows it as archived or deleted", ""),
    Outcome.REJECTED: (
        "LoanPro refused to undo it",
        "Read each row's message, and look at the entity in LoanPro",
    ),
    Outcome.HELD: (
        "Active, changed, or not certainly created by the run: a person must decide",
        "Read each row's message; `--even-active` undoes activated loans too",
    ),
    Outcome.UNKNOWN: (
        "Sent without a definite answer; not settled yet",
        "`loader resume {run}` reads them back and settles them",
    ),
}
"""Meaning and next step of the outcomes of an undo, where they are others."""

_NEXT_STEPS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "",
    Outcome.INVALID: "Mend the rows in the rejected workbook and submit that",
    Outcome.REJECTED: "Read each row's message, mend the row and submit it again",
    Outcome.HELD: "Compare the rows on the sheet Held with what LoanPro has",
    Outcome.UNKNOWN: "`loader resume {run}` looks them up and settles them",
    Outcome.SKIPPED: "",
    Outcome.NOT_SENT: "`loader resume {run}` carries on",
}


class OutcomesDisagreeError(ReportError):
    """The journal's rows do not add up: a fault of this program, and no report may be published from them."""


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """
    One line of the closing table.

    Attributes:
        outcome: Which of the seven.
        label: The outcome in words.
        rows: How many rows ended so.
        share: The part of the rows read, from 0 to 1; 0 where none were read.
        meaning: What the outcome says, as a sentence without a final stop.
        next_step: What to do about such rows; "" if there are none or nothing is to be done.
    """

    outcome: Outcome
    label: str
    rows: int
    share: float
    meaning: str
    next_step: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many issues one rule found, in how many rows, with the message of the first as an example."""

    rule: str
    severity: Severity
    issues: int
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """
    A run in figures.

    Attributes:
        run: The run's own record.
        counts: Rows by outcome; all seven are keys, and they sum to the rows read.
        totals: The template's control totals.
        rules: Issues by rule: errors before warnings, the most frequent first.
        exit_code: The recorded one of a finished run, else the one that the counts give.
        duration_s: Seconds from start to end; None while the run is unfinished.
        rows_per_s: Rows read by second of the duration; None where there is no duration.
        mended: What became of the invalid rows since; the counts are the run's own and do not change by it.
    """

    run: RunRecord
    counts: Mapping[Outcome, int]
    totals: tuple[ControlTotal, ...]
    rules: tuple[RuleCount, ...]
    exit_code: int
    duration_s: float | None
    rows_per_s: float | None
    mended: Mended

    def lines(self) -> tuple[OutcomeLine, ...]:
        """The closing table: one line for each outcome, in a fixed order."""
        return tuple(self._line(outcome) for outcome in Outcome)

    def _line(self, outcome: Outcome) -> OutcomeLine:
        rows = self.counts[outcome]
        meaning, next_step = MEANINGS[outcome], _NEXT_STEPS[outcome]
        if self.run.kind == "undo":
            meaning, next_step = _UNDO.get(outcome, (meaning, next_step))
        elif outcome is Outcome.INVALID and rows and rows == self.mended.valid_since:
            next_step = f"All of them were mended: `loader report {self.mended.runs[-1]}` tells more"
        return OutcomeLine(
            outcome=outcome,
            label=label(outcome),
            rows=rows,
            share=rows / self.run.rows_read if self.run.rows_read else 0.0,
            meaning=meaning,
            next_step=next_step.format(run=self.run.name) if rows else "",
        )


def read_summary(view: RunView) -> RunSummary:
    """
    The figures of a run; reads the issues once and no row.

    Raises:
        OutcomesDisagreeError: The outcomes do not sum to the rows read.
    """
    counts = checked_counts(view)
    run = view.run
    duration_s = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return RunSummary(
        run=run,
        counts=counts,
        totals=view.totals(),
        rules=_count_rules(view),
        exit_code=exit_code(counts) if run.exit_code is None else run.exit_code,
        duration_s=duration_s,
        rows_per_s=run.rows_read / duration_s if duration_s else None,
        mended=view.mended(),
    )


def mended_words(mended: Mended) -> str:
    """
    What became of a run's invalid rows since, such as `2 invalid rows in run 20261122-101500-rejected: accepted 2`.

    "" where no run was made of its rejected workbook.
    """
    if not mended.runs:
        return ""
    count = sum(mended.outcomes.values())
    outcomes = ", ".join(f"{label(outcome)} {rows:,}" for outcome, rows in mended.outcomes.items())
    where = f"run{'' if len(mended.runs) == 1 else 's'} {', '.join(mended.runs)}"
    return f"{count:,} invalid row{'' if count == 1 else 's'} in {where}" + (
        f": {outcomes}" if outcomes else ""
    )


def exit_code(counts: Mapping[Outcome, int]) -> int:
    """
    The exit code that the outcomes give: 9 with any unknown, else 1 with any row that was not taken, else 0.

    A skipped row needs nothing done and leaves the 0. An interrupted run ends with 130, which the caller knows.
    """
    if counts[Outcome.UNKNOWN]:
        return EXIT_SOME_UNKNOWN
    untaken = (Outcome.INVALID, Outcome.REJECTED, Outcome.HELD, Outcome.NOT_SENT)
    return EXIT_SOME_REFUSED if any(counts[outcome] for outcome in untaken) else EXIT_ALL_ACCEPTED


def label(outcome: Outcome) -> str:
    """The outcome in words: `not sent` for `not_sent`."""
    return _LABELS[outcome]


_LABELS = {outcome: outcome.value.replace("_", " ") for outcome in Outcome}


def checked_counts(view: RunView) -> dict[Outcome, int]:
    """
    Rows by outcome, all seven.

    Raises:
        OutcomesDisagreeError: They do not sum to the rows read.
    """
    counted = view.counts()
    counts = {outcome: counted.get(outcome, 0) for outcome in Outcome}
    if (total := sum(counts.values())) != view.run.rows_read:
        raise _fault(view, f"the outcomes sum to {total:,}, but {view.run.rows_read:,} rows were read")
    return counts


def checked_rows(view: RunView, counts: Mapping[Outcome, int] | None = None) -> Iterator[RowResult]:
    """
    The rows of a run, with the proof that each stands there once, in order, under its own steps and counts.

    The last proof comes after the last row: consume it to the end before anything is published.

    Args:
        view: The run.
        counts: Those of its summary, where that stands in the same report.

    Raises:
        OutcomesDisagreeError: A row comes twice or out of order, has another step's result, or the rows do not add up
            to the counts.
    """
    counts = counts or checked_counts(view)
    seen: Counter[Outcome] = Counter()
    operations, keys = view.operations, len(view.run.key_columns)
    last = -1
    for row in view.rows():
        ordinal, steps = row.ref.ordinal, row.steps
        if ordinal <= last:
            raise _fault(view, f"{row.ref} comes twice or out of order")
        last = ordinal
        if len(row.keys) != keys:
            raise _fault(view, f"{row.ref} has {len(row.keys)} keys for {keys} key columns")
        if len(steps) > len(operations):
            raise _fault(view, f"{row.ref} has {len(steps)} steps, the template {len(operations)}")
        for step, operation in zip(steps, operations, strict=False):
            if step.operation != operation and step.operation:
                raise _fault(view, f"{row.ref} has a result of {step.operation} where {operation} belongs")
        seen[row.outcome] += 1
        yield row
    for outcome, count in counts.items():
        if seen[outcome] != count:
            raise _fault(view, f"{seen[outcome]:,} rows are {label(outcome)}, but {count:,} were counted")


def _count_rules(view: RunView) -> tuple[RuleCount, ...]:
    issues: Counter[tuple[str, Severity]] = Counter()
    rows: Counter[tuple[str, Severity]] = Counter()
    last_row: dict[tuple[str, Severity], int] = {}
    examples: dict[tuple[str, Severity], str] = {}
    for ref, issue in view.issues():
        rule = (issue.rule, issue.severity)
        issues[rule] += 1
        examples.setdefault(rule, issue.message)
        if last_row.get(rule) != ref.ordinal:
            last_row[rule] = ref.ordinal
            rows[rule] += 1
    return tuple(
        RuleCount(name, severity, count, rows[name, severity], examples[name, severity])
        for (name, severity), count in sorted(
            issues.items(), key=lambda item: (item[0][1] is not Severity.ERROR, -item[1], item[0][0])
        )
    )


def _fault(view: RunView, what: str) -> OutcomesDisagreeError:
    return OutcomesDisagreeError(
        f"run {view.run.name}: {what}; no report was written",
        hint="this is a fault of the program, not of your file: keep the run directory, send nothing more from it, "
        "and report the message with the version",
    )
