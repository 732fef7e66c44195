"""
A run as plain files for programs: CSV with one line for each row of the source, and JSON.

Words for machines are those of the code: `not_sent`, `sent_at`. Times are UTC in ISO 8601, amounts exact.

The key of a step is in neither file: it may be personal data, and the user's own key columns, masked where they must be,
stand beside every row.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.json import Encoder

from loader.journal.records import Mended, RowResult, RunRecord, RunView
from loader.models.issue import Issue
from loader.models.note import by_column
from loader.models.origin import Origin
from loader.models.outcome import StepResult
from loader.models.row import RowRef
from loader.report.flat import row_message, step_advice, unique_names
from loader.report.issue_table import shown_value
from loader.report.publish import published
from loader.report.statuses import status_meaning
from loader.report.summary import RunSummary, checked_rows, read_summary

_EXECUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_PLACE_FIELDS = ("row", "line", "original_row", "sheet")
_ROW_FIELDS = ("outcome", "message", "advice")
_STEP_FIELDS = (
    "outcome",
    "method",
    "endpoint",
    "status",
    "meaning",
    "remote_id",
    "attempts",
    "sent_at",
    "elapsed_ms",
    "message",
    "advice",
)


def write_csv(view: RunView, target: Path) -> None:
    """
    Write one line for each row of the source, UTF-8, comma, CRLF (RFC 4180), with a header.

    Columns: `row`, `line` (of a text file, where it is not the row number), `original_row` (of a mended row), `sheet`, the user's key columns, `outcome`, `message`, `advice`, then for each step
    `<operation>.outcome` to `<operation>.advice`. A text that begins with `=`, `+`, `-`, `@`, tab, line end or
    apostrophe gets one apostrophe before it, so that no spreadsheet program executes it
    (https://owasp.org/www-community/attacks/CSV_Injection); to have the text back, take one apostrophe off.

    Raises:
        OutcomesDisagreeError: The rows do not add up; nothing is written.
        ReportError: The file cannot be written; nothing is left half-written.
    """
    with (
        published(target, run=view.run.name) as path,
        path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow([_harmless(name) for name in _csv_header(view)])
        width = len(view.operations) * len(_STEP_FIELDS)
        for row in checked_rows(view):
            writer.writerow([_harmless(value) for value in _csv_line(row, width)])


def write_json(view: RunView, target: Path) -> None:
    """
    Write the run, its rows with their steps nested, and its issues as one JSON object, streamed, UTF-8.

    The object has the members of `summary_json`, then `rows` and `issues`, one element on a line.

    Raises:
        OutcomesDisagreeError: The rows do not add up; nothing is written.
        ReportError: The file cannot be written; nothing is left half-written.
    """
    head = json_text(summary_json(view))
    with published(target, run=view.run.name) as path, path.open("w", encoding="utf-8") as file:
        file.write(head.removesuffix("}"))
        names = unique_names(view.run.key_columns)
        for member, elements in (
            ("rows", (_json_row(row, names) for row in checked_rows(view))),
            ("issues", (_json_issue(ref, issue) for ref, issue in view.issues())),
        ):
            file.write(f',"{member}":[')
            file.writelines(_separated(elements))
            file.write("\n]")
        file.write("}\n")


def summary_json(view: RunView) -> dict[str, Any]:
    """
    A run in figures, for `--json`: `run`, `source`, `outcomes`, `exit_code`, `totals`, `rules`.

    Amounts are Decimal: print it with `json_text`, which writes them exactly.

    Raises:
        OutcomesDisagreeError: The outcomes do not sum to the rows read.
    """
    summary = read_summary(view)
    return {
        "run": _json_run(summary),
        "source": _json_source(summary.run),
        "outcomes": {outcome.value: count for outcome, count in summary.counts.items()},
        "exit_code": summary.exit_code,
        "totals": [
            {
                "operation": total.operation,
                "field": total.field,
                "of_read": total.of_read,
                "of_valid": total.of_valid,
                "of_accepted": total.of_accepted,
            }
            for total in summary.totals
        ],
        "rules": [
            {"rule": rule.rule, "severity": rule.severity.value, "issues": rule.issues, "rows": rule.rows}
            for rule in summary.rules
        ],
    }


def mended_json(mended: Mended) -> dict[str, Any]:
    """What became of a run's invalid rows since, for `--json`."""
    return {
        "runs": list(mended.runs),
        "outcomes": {outcome.value: rows for outcome, rows in mended.outcomes.items()},
    }


def json_text(value: Any) -> str:
    """JSON of one value on one line; a Decimal becomes a number with all its digits, a lone surrogate is escaped."""
    return Encoder(decimal_format="number").encode(_encodable(value)).decode()


def _csv_header(view: RunView) -> list[str]:
    keys = unique_names(view.run.key_columns, [*_PLACE_FIELDS, *_ROW_FIELDS])
    steps = [f"{name}.{field}" for name in unique_names(view.operations) for field in _STEP_FIELDS]
    return [*_PLACE_FIELDS, *keys, *_ROW_FIELDS, *steps]


def _csv_line(row: RowResult, width: int) -> Iterator[Any]:
    message, advice = row_message(row)
    yield from (*_place(row.ref), *row.keys, row.outcome.value, message, advice)
    for step in row.steps:
        yield from _step_values(step)
    yield from [None] * (width - len(row.steps) * len(_STEP_FIELDS))


def _place(ref: RowRef) -> tuple[int | str | None, ...]:
    return ref.row, ref.line, ref.original, ref.sheet


def _step_values(step: StepResult) -> tuple[Any, ...]:
    return (
        step.outcome.value,
        step.method,
        step.endpoint,
        step.status,
        status_meaning(step.status, step.attempts),
        step.remote_id,
        step.attempts,
        _moment(step.sent_at),
        step.elapsed_ms,
        step.message,
        step_advice(step),
    )


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_EXECUTED) else value


def _json_row(row: RowResult, names: Sequence[str]) -> dict[str, Any]:
    message, advice = row_message(row)
    return {
        **dict(zip(_PLACE_FIELDS, _place(row.ref), strict=True)),
        "keys": dict(zip(names, row.keys, strict=True)),
        "outcome": row.outcome.value,
        "message": message,
        "advice": advice,
        "mended": [
            {"run": mending.run, "row": mending.row, "outcome": mending.outcome.value}
            for mending in row.mended
        ],
        "steps": [
            {"operation": step.operation} | dict(zip(_STEP_FIELDS, _step_values(step), strict=True))
            for step in row.steps
        ],
    }


def _json_issue(ref: RowRef, issue: Issue) -> dict[str, Any]:
    return {
        **dict(zip(_PLACE_FIELDS, _place(ref), strict=True)),
        "column": issue.column,
        "letter": issue.letter,
        "field": issue.field,
        "value": shown_value(issue),
        "severity": issue.severity.value,
        "rule": issue.rule,
        "message": issue.message,
        "advice": issue.advice,
    }


def _json_run(summary: RunSummary) -> dict[str, Any]:
    run = summary.run
    return {
        "name": run.name,
        "kind": run.kind,
        "tenant": run.tenant,
        "host": run.host,
        "mended": mended_json(summary.mended),
        "template": {"name": run.template_name, "title": run.template_title, "sha256": run.template_digest},
        "rows_read": run.rows_read,
        "blank_rows": run.blank_rows,
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "duration_s": summary.duration_s,
        "rows_per_s": summary.rows_per_s,
        "rate": run.rate,
        "concurrency": run.concurrency,
        "stopped": run.stopped,
        "ignored_warnings": list(run.ignored_warnings),
        "loader_version": run.loader_version,
    }


def _json_source(run: RunRecord) -> dict[str, Any]:
    return {
        "name": run.source_name,
        "sha256": run.source_digest,
        "format": run.source_format,
        "encoding": run.encoding,
        "delimiter": run.delimiter,
        "sheet": run.sheet,
        "header_row": run.header_row,
        "rows_read": run.rows_read,
        "blank_rows": run.blank_rows,
        "origin": _json_origin(run.origin),
        "notes": [asdict(note) for note in by_column(run.notes)],
    }


def _json_origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "run": origin.run,
        "name": origin.source_name,
        "sheet": origin.sheet,
        "sha256": origin.source_digest,
    }


def _separated(elements: Iterable[Any]) -> Iterator[str]:
    before = "\n"
    for element in elements:
        yield before + json_text(element)
        before = ",\n"


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _encodable(value: Any) -> Any:
    """The value with lone surrogates, which UTF-8 cannot hold, as their escapes."""
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_encodable(member) for member in value]
    return value
