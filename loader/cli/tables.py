"""The tables of the terminal: plan, problems, control totals, outcomes, runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from loader.journal.history import Listed
from loader.journal.records import ControlTotal, RunRecord
from loader.models.issue import Issue, Severity
from loader.models.note import Note, by_column
from loader.models.outcome import Outcome
from loader.models.reversals import COSTS
from loader.models.row import RowRef
from loader.plan import Plan, Problem, UndoPlan
from loader.report.issue_table import shown_value
from loader.report.summary import RunSummary, label

_BOUNDLESS = 1000
_OUTCOMES_WIDTH = 16
_LEFT_OUT = (
    (),
    ("Source",),
    ("Source", "Tenant"),
    ("Source", "Tenant", "Exit", "Rows"),
    ("Source", "Tenant", "Exit", "Rows", "State"),
    ("Source", "Tenant", "Exit", "Rows", "State", "Outcomes"),
)
"""Columns of the list of runs that a narrow terminal goes without, step by step."""

_COLOURS = {
    Outcome.ACCEPTED: "green",
    Outcome.INVALID: "yellow",
    Outcome.REJECTED: "red",
    Outcome.HELD: "magenta",
    Outcome.UNKNOWN: "bold red",
    Outcome.SKIPPED: "dim",
    Outcome.NOT_SENT: "cyan",
}


def plan_table(plan: Plan, run: RunRecord) -> Table:
    """What was read, what is going to be sent, and where to."""
    table = facts(f"Plan of run {run.name}" if run.tenant else f"Check of {run.source_name}")
    if run.tenant:
        table.add_row("Tenant", Text(f"{run.tenant} at {run.host}", style="bold"))
    where = f", sheet {run.sheet}" if run.sheet else ""
    table.add_row("Source", Text(f"{run.source_name}{where}"))
    table.add_row("Read as", Text(run.facts.named))
    if run.origin is not None:
        table.add_row("Mends", Text(f"rejected rows of {run.origin}"))
    table.add_row("Template", Text(f"{run.template_name}  {run.template_title}".rstrip()))
    blank = f" ({plan.blank_rows:,} blank ones passed over)" if plan.blank_rows else ""
    table.add_row("Rows read", f"{plan.rows_read:,}{blank}")
    for outcome, name in (
        (Outcome.NOT_SENT, "valid" if not run.tenant else "to be sent"),
        (Outcome.INVALID, "invalid"),
        (Outcome.SKIPPED, "skipped"),
        (Outcome.HELD, "held"),
        (Outcome.ACCEPTED, "accepted already"),
        (Outcome.REJECTED, "rejected already"),
        (Outcome.UNKNOWN, "unknown, to be settled"),
    ):
        if plan.rows[outcome] or outcome is Outcome.NOT_SENT:
            table.add_row(f"  {name}", Text(f"{plan.rows[outcome]:,}", style=_COLOURS[outcome]))
    for operation, count in plan.requests.items():
        table.add_row(f"Requests {operation}", f"{count:,}")
    if plan.look_ups:
        table.add_row(
            "Look-ups", f"{plan.look_ups:,}: what LoanPro may hold already, and ids of what is added"
        )
    if plan.seconds is not None:
        table.add_row("Time needed", f"{duration(plan.seconds)} at {run.rate}")
    for where in plan.ignored_warnings:
        table.add_row(
            "Warnings off", Text(f"{where} (LoanPro is told to ignore duplicates)", style="bold yellow")
        )
    return table


def undo_plan_table(plan: UndoPlan, run: RunRecord) -> Table:
    """What is going to be undone, where, and what it costs."""
    table = facts(f"Plan of run {run.name}")
    table.add_row("Tenant", Text(f"{run.tenant} at {run.host}", style="bold"))
    table.add_row("What", Text(run.template_title))
    table.add_row("Rows", f"{plan.rows_read:,} that created something, the newest first")
    for outcome, name in (
        (Outcome.NOT_SENT, "to be undone"),
        (Outcome.UNKNOWN, "unknown, to be read back"),
        (Outcome.HELD, "held: for a person to look at"),
        (Outcome.REJECTED, "rejected already"),
        (Outcome.ACCEPTED, "undone already"),
        (Outcome.SKIPPED, "skipped: nothing to undo"),
    ):
        if plan.rows[outcome] or outcome is Outcome.NOT_SENT:
            table.add_row(f"  {name}", f"{plan.rows[outcome]:,}")
    for name, count in plan.requests.items():
        if count:
            table.add_row(f"Requests {name}", f"{count:,}, each after its loan was read back")
    if plan.to_send:
        table.add_row("Cost", Text(COSTS[plan.how], style="bold yellow"))
        table.add_row("Active loans", "undone too (--even-active)" if plan.even_active else "held")
        if any(name == "customers.keep" for name in plan.requests):
            table.add_row("Customers", "stay: LoanPro's API has no way to delete or archive them")
    for total in plan.totals:
        table.add_row(f"Sum of {total.field}", f"{total.of_valid - total.of_accepted:,f} not undone yet")
    if plan.seconds is not None and plan.to_send:
        table.add_row("Time needed", f"{duration(plan.seconds)} at {run.rate}")
    return table


def undone_by(plan: Plan) -> str:
    """What an undo's plan does, such as `delete 1 loan` or `archive 300 loans`."""
    return ", ".join(_undone(name, count) for name, count in plan.requests.items() if count)


def _undone(name: str, count: int) -> str:
    group, _, how = name.partition(".")
    return f"{how} {count:,} {group.removesuffix('s') if count == 1 else group}"


def notes_table(notes: Sequence[Note]) -> Table:
    """What was noticed in a file, first of it as a whole, then column by column."""
    table = listing("Noticed", "Where", "Cells", "Row", "What")
    for column in table.columns[1:3]:
        column.justify = "right"
    for note in by_column(notes):
        table.add_row(
            Text(note.where),
            f"{note.count:,}" if note.count else "",
            str(note.first_row) if note.first_row else "",
            Text(f"{note.message} (here are some: {note.sample})" if note.sample else note.message),
        )
    return table


def problems_table(problems: Sequence[Problem]) -> Table:
    """Issues by kind."""
    table = listing("Problems", "Severity", "Rule", "Column", "Rows")
    table.columns[3].justify = "right"
    for problem in problems:
        style = "red" if problem.severity == Severity.ERROR else "yellow"
        table.add_row(
            Text(problem.severity, style=style),
            problem.rule,
            Text(problem.column or "-"),
            f"{problem.rows:,}",
        )
    return table


def issues_table(issues: Iterable[tuple[RowRef, Issue]], most: int) -> Table:
    """The first issues one by one; the rejected workbook has them all. A cell that two fields share is told once."""
    table = listing("", "Row", "Column", "Value", "Problem", "Advice")
    told: dict[tuple[int, str, str], tuple[RowRef, str, Issue]] = {}
    for ref, issue in issues:
        column = f"{issue.column} ({issue.letter})" if issue.letter else issue.column or issue.field
        told.setdefault((ref.ordinal, column, issue.message), (ref, column, issue))
        if len(told) > most:
            break
    for ref, column, issue in islice(told.values(), most):
        cells = (Text(column), Text(shown_value(issue)), Text(issue.message), Text(issue.advice))
        table.add_row(ref.number, *cells)
    table.title = f"The first {most} issues" if len(told) > most else "Issues"
    return table


def totals_table(totals: Sequence[ControlTotal], *, accepted: bool) -> Table:
    """Control totals, exact."""
    headers = ["Field", "Read", "Valid", *(["Accepted"] if accepted else [])]
    table = listing("Control totals", *headers)
    for column in table.columns[1:]:
        column.justify = "right"
    for total in totals:
        sums = [total.of_read, total.of_valid, *([total.of_accepted] if accepted else [])]
        table.add_row(Text(f"{total.operation} {total.field}"), *(amount(value) for value in sums))
    return table


def outcomes_table(summary: RunSummary) -> Table:
    """How the rows ended, and what to do about it."""
    run = summary.run
    table = listing(
        f"Run {run.name}: tenant {run.tenant} at {run.host}", "Outcome", "Rows", "Meaning", "What to do"
    )
    table.columns[1].justify = "right"
    for line in summary.lines():
        if line.rows:
            # The command with the run's name stands below the table, where no line break cuts it.
            next_step = line.next_step.replace(f" {run.name}`", "`")
            table.add_row(
                Text(line.label, style=_COLOURS[line.outcome]), f"{line.rows:,}", line.meaning, next_step
            )
    table.add_section()
    table.add_row("rows read", f"{run.rows_read:,}", "", "")
    return table


def runs_table(found: Sequence[Listed], console: Console) -> Table:
    """Runs with their outcomes; what the terminal has no room for is left out, never the end of a run's name."""
    headers = ["Run", "State", "Exit", "Rows", "Outcomes", "Tenant", "Source"]
    for left_out in _LEFT_OUT:
        table = _runs_table(found, [header for header in headers if header not in left_out])
        if Measurement.get(console, console.options.update(width=_BOUNDLESS), table).minimum <= console.width:
            break
    return table


def _runs_table(found: Iterable[Listed], headers: Sequence[str]) -> Table:
    rows = [_run_cells(listed) for listed in found]
    table = listing("", *headers)
    for column, header in zip(table.columns, headers, strict=True):
        column.no_wrap = header != "Outcomes"
        column.min_width = max(len(row[header]) for row in rows) if column.no_wrap else _OUTCOMES_WIDTH
        column.justify = "right" if header in {"Exit", "Rows"} else "left"
    for row in rows:
        table.add_row(*(Text(row[header]) for header in headers))
    return table


def _run_cells(listed: Listed) -> dict[str, str]:
    record = listed.record
    outcomes = ", ".join(_counted(listed.counts))
    if listed.mended.outcomes:
        outcomes += f" (mended since: {', '.join(_counted(listed.mended.outcomes))})"
    mends = f", mends {record.origin.run}" if record.origin else ""
    return {
        "Run": record.name,
        "State": str(listed.state),
        "Exit": "" if record.exit_code is None else str(record.exit_code),
        "Rows": f"{record.rows_read:,}",
        "Outcomes": outcomes,
        "Tenant": f"{record.tenant} at {record.host}",
        "Source": f"{record.source_name}{mends}",
    }


def _counted(counts: Mapping[Outcome, int]) -> Iterator[str]:
    for outcome, count in counts.items():
        if count:
            yield f"{label(outcome)} {count:,}"


def duration(seconds: float) -> str:
    """Seconds in words, such as `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  a minute
        return f"{max(whole, 1)} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004  an hour
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes:02} min"


def amount(value: Decimal) -> str:
    """A number with its thousands apart, exact."""
    return f"{value:,f}"


def facts(title: str) -> Table:
    """A table of names and values, without headers."""
    return Table(title=title, title_justify="left", box=box.SIMPLE, show_header=False, pad_edge=False)


def listing(title: str, *headers: str) -> Table:
    """A table with headers, to be filled."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table
