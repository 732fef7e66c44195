"""`loader undo`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.table import Table
from rich.text import Text

from loader.cli.console import Terminal
from loader.cli.options import (
    chosen_target,
    in_panels,
    json_option,
    made_for_sandbox,
    run_dir_option,
    settings_of,
    tenant_options,
)
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.journal.records import RunRecord
    from loader.plan import Plan
    from loader.undoing import Undoing


@click.command()
@click.argument("run")
@click.option(
    "--how",
    type=click.Choice(["archive", "delete"]),
    required=True,
    help="`archive` costs a one-time fee for each loan; `delete` removes the data, restored only for a fee.",
)
@click.option("--even-active", is_flag=True, help="Undo activated loans too; else they are held.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="A pilot: only the newest N rows of the run."
)
@click.option(
    "--confirm-tenant",
    metavar="ID",
    help="The tenant's id, in place of typing it; needed where there is no terminal.",
)
@click.option("--results", type=click.Path(path_type=Path), help="Put a copy of the results workbook there.")
@tenant_options
@run_dir_option
@json_option
@click.option_panel("What is undone", options=["--how", "--even-active", "--limit", "--confirm-tenant"])
@in_panels
def undo(run: str, **options: Any) -> int:
    """
    Archive or delete what RUN created, the newest first.

    Only what the run itself created is touched, and only while LoanPro still shows it under the same id and number: each loan is
    read back before and, where the answer proves nothing, after. What is deleted or archived already is skipped; activated loans
    are held. Customers stay: LoanPro's API has no way to delete or archive them.

    Archiving: LoanPro charges a one-time fee for each loan, and stops to process and to bill it; taking that back is free. The
    display id stays taken. LoanPro's own screens archive activated loans only.

    Deleting: the data are removed, and LoanPro restores them only for a fee. An archived loan must be resurrected first. A file
    that is submitted again creates anew what was deleted.

    An undo is itself a run: `loader resume`, `loader report` and `loader runs` know it.

    Example:
        loader undo 20261122-101500-loans --how delete --limit 5
    """
    from loader.conclusion import Wishes
    from loader.models.reversals import How
    from loader.pipeline import undo as undo_run
    from loader.undoing import Undoing

    settings = settings_of(
        base_url=options["base_url"],
        tenant=options["tenant"],
        token_file=options["token_file"],
        rates=options["rate"],
        concurrency=options["concurrency"],
        timeout_s=options["timeout"],
        run_dir=options["run_dir"],
    )
    wanted = Undoing(run, How(options["how"]), even_active=options["even_active"], limit=options["limit"])
    confirmed = options["confirm_tenant"]
    with ExitStack() as stack:
        terminal = stack.enter_context(_Terminal(wanted, confirmed, as_json=options["as_json"]))

        def target_of(found: Any) -> Any:
            _must_be(confirmed, found.record)
            sandbox = options["sandbox"] or made_for_sandbox(found)
            return stack.enter_context(
                chosen_target(settings, sandbox=sandbox, faults=options["sandbox_faults"])
            )

        wishes = Wishes(settings.run_dir, results=options["results"])
        ended = stack.enter_context(undo_run(wanted, target_of, wishes, terminal))
        terminal.ended(ended)
        return ended.exit_code


def _must_be(confirmed: str | None, undone: RunRecord) -> None:
    if confirmed is not None and confirmed.strip() != undone.tenant:
        raise UsageError(
            f"--confirm-tenant {confirmed} is not the tenant of run {undone.name}",
            hint="look at `loader runs` again; nothing was sent",
        )


class _Terminal(Terminal):
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
    from rich import box

    from loader.cli.tables import duration
    from loader.models.outcome import Outcome
    from loader.models.reversals import COSTS

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
