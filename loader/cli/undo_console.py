"""What an undo shows before it begins, and the confirmation that it wants."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from rich import box
from rich.table import Table
from rich.text import Text

from loader.cli.console import Terminal
from loader.cli.tables import duration
from loader.errors import UsageError
from loader.models.outcome import Outcome
from loader.models.reversals import COSTS

if TYPE_CHECKING:
    from loader.journal.records import RunRecord
    from loader.plan import Plan
    from loader.undoing import Undoing


class UndoTerminal(Terminal):
    """
    Shows what is going to be undone and what it costs, and has the tenant's id typed.

    Raises:
        UsageError: Nobody can be asked, and the tenant's id was not given.
    """

    def __init__(self, wanted: Undoing, confirmed: str | None, *, as_json: bool) -> None:
        super().__init__(as_json=as_json, yes=confirmed is not None)
        if confirmed is None and not sys.stdin.isatty():
            raise UsageError(
                "there is no terminal on which the tenant's id could be typed",
                hint="give it with --confirm-tenant; --yes is not enough to undo anything",
            )
        self._wanted = wanted

    def confirms(self, plan: Plan, run: RunRecord) -> bool:
        """Show the plan, and have the tenant's id typed unless it was given."""
        self._close_progress()
        self._show_plan(plan, run)
        if self._yes:
            return True
        what = ", ".join(_counted(name, count) for name, count in plan.requests.items() if count)
        typed = click.prompt(
            f"Type the tenant id {run.tenant} to {self._wanted.how} {what}",
            default="",
            show_default=False,
            err=True,
        )
        return bool(typed.strip() == run.tenant)

    def _show_plan(self, plan: Plan, run: RunRecord) -> None:
        self._plan_shown = True
        self._console.print(_plan_table(plan, run, self._wanted))


def _counted(name: str, count: int) -> str:
    """Such as `1 loan` or `300 loans`, from the name of a reversal."""
    group = name.partition(".")[0]
    return f"{count:,} {group.removesuffix('s') if count == 1 else group}"


def _plan_table(plan: Plan, run: RunRecord, wanted: Undoing) -> Table:
    table = Table(
        title=f"Plan of run {run.name}",
        title_justify="left",
        box=box.SIMPLE,
        show_header=False,
        pad_edge=False,
    )
    table.add_row("Tenant", Text(f"{run.tenant} at {run.host}", style="bold"))
    table.add_row("What", Text(run.template_title))
    table.add_row("Rows", f"{plan.rows_read:,} that created something, the newest first")
    for outcome, name in (
        (Outcome.NOT_SENT, "to be undone"),
        (Outcome.HELD, "held: not certainly created by the run"),
        (Outcome.SKIPPED, "skipped: nothing to undo"),
    ):
        if plan.rows[outcome] or outcome is Outcome.NOT_SENT:
            table.add_row(f"  {name}", f"{plan.rows[outcome]:,}")
    for name, count in plan.requests.items():
        if count:
            table.add_row(f"Requests {name}", f"{count:,}, each after its loan was read back")
    if plan.to_send:
        table.add_row("Cost", Text(COSTS[wanted.how], style="bold yellow"))
        table.add_row("Active loans", "undone too (--even-active)" if wanted.even_active else "held")
        if any(name == "customers.keep" for name in plan.requests):
            table.add_row("Customers", "stay: LoanPro's API has no way to delete or archive them")
    for total in plan.totals:
        table.add_row(f"Sum of {total.field}", f"{total.of_valid:,f} to be undone")
    if plan.seconds is not None and plan.to_send:
        table.add_row("Time needed", f"{duration(plan.seconds)} at {run.rate}")
    return table
