"""The confirmation that an undo wants before it begins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from loader.cli.console import Terminal
from loader.cli.tables import undone_by
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.journal.records import RunRecord
    from loader.plan import Plan


class UndoTerminal(Terminal):
    """
    Has the tenant's id typed before anything is undone.

    Raises:
        UsageError: Nobody can be asked, and the tenant's id was not given.
    """

    def __init__(self, confirmed: str | None, *, as_json: bool) -> None:
        super().__init__(as_json=as_json, yes=confirmed is not None)
        if confirmed is None and not sys.stdin.isatty():
            raise UsageError(
                "there is no terminal on which the tenant's id could be typed",
                hint="give it with --confirm-tenant; --yes is not enough to undo anything",
            )

    def _agrees(self, plan: Plan, run: RunRecord) -> bool:
        question = f"Type the tenant id {run.tenant} to {undone_by(plan)}"
        typed = click.prompt(question, default="", show_default=False, err=True)
        return bool(typed.strip() == run.tenant)
