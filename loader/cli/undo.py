"""`loader undo`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from loader.cli.options import (
    PANELS,
    bounded,
    chosen_target,
    json_option,
    made_for_sandbox,
    run_dir_option,
    settings_of,
    stop_options,
    tenant_options,
)

if TYPE_CHECKING:
    from loader.journal.records import RunRecord


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
@stop_options
@tenant_options
@run_dir_option
@json_option
@click.option_panel(
    "What is undone",
    options=["--how", "--even-active", "--limit", "--until", "--max-errors", "--confirm-tenant"],
)
@click.option_panel("Tenant", options=PANELS["Tenant"])
@click.option_panel("Pace", options=PANELS["Pace"])
@click.option_panel("Output", options=PANELS["Output"])
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

    An undo is itself a run: `loader resume`, `loader report` and `loader runs` know it. `loader resume --retry held` looks at what
    was held once more, after its cause was mended in LoanPro; with --limit it undoes only so many of its newest rows.

    Example:
        loader undo 20261122-101500-loans --how delete --limit 5
    """
    from loader.cli.undo_console import UndoTerminal
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
        terminal = stack.enter_context(UndoTerminal(confirmed, as_json=options["as_json"]))

        def target_of(found: Any) -> Any:
            _must_be(confirmed, found.record)
            sandbox = options["sandbox"] or made_for_sandbox(found)
            target = stack.enter_context(
                chosen_target(settings, sandbox=sandbox, faults=options["sandbox_faults"])
            )
            return bounded(target, options["until"], options["max_errors"])

        wishes = Wishes(settings.run_dir, results=options["results"])
        ended = stack.enter_context(undo_run(wanted, target_of, wishes, terminal))
        terminal.ended(ended)
        return ended.exit_code


def _must_be(confirmed: str | None, undone: RunRecord) -> None:
    from loader.errors import UsageError

    if confirmed is not None and confirmed.strip() != undone.tenant:
        raise UsageError(
            f"--confirm-tenant {confirmed} is not the tenant of run {undone.name}",
            hint="look at `loader runs` again; nothing was sent",
        )
