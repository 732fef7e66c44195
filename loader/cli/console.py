"""Everything that is printed about a run: talk and tables on standard error, results on standard output."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click
from rich.console import Console

from loader.cli.tables import (
    issues_table,
    notes_table,
    outcomes_table,
    plan_table,
    problems_table,
    runs_table,
    totals_table,
    undo_plan_table,
    undone_by,
)
from loader.errors import UsageError
from loader.models.outcome import Outcome
from loader.plan import UndoPlan
from loader.report.plain import json_text, mended_json, summary_json
from loader.report.summary import EXIT_SOME_REFUSED, mended_words

if TYPE_CHECKING:
    from loader.cli.progress import Progress
    from loader.conclusion import Ended
    from loader.inspection.inspect import Inspection
    from loader.journal.history import Listed
    from loader.journal.records import RunRecord
    from loader.models.outcome import StepResult
    from loader.plan import Plan
    from loader.report.summary import RunSummary

_ISSUES_SHOWN = 10
_PIPED_WIDTH = 240


def result_console() -> Console:
    """Standard output for tables: as wide as the terminal, and wide where a program or a file takes it."""
    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, width=_PIPED_WIDTH if wide else None)


class Terminal:
    """
    Talks to the user; the pipeline's audience.

    Args:
        as_json: Print the result as JSON on standard output.
        yes: Nothing is asked.
        must_ask: The command needs a confirmation.

    Raises:
        UsageError: Nobody can be asked, and `--yes` is not given.
    """

    def __init__(self, *, as_json: bool, yes: bool, must_ask: bool = False) -> None:
        if must_ask and not yes and not sys.stdin.isatty():
            raise UsageError(
                "there is no terminal to ask for a confirmation", hint="add --yes if the plan needs none"
            )
        self._as_json = as_json
        self._yes = yes
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._live = self._console.is_terminal
        self._progress: Progress | None = None
        self._counts: Counter[str] = Counter()
        self._plan_shown = False
        self._outcomes_shown = False
        self._noted = ""
        self._asked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back as it was, whatever happened."""
        self._close_progress()

    def reading(self, rows: int) -> None:
        """Show how far the check has come."""
        self._show_progress("checking", None, rows)

    def inspecting(self, rows: int) -> None:
        """Show how far a file has been read that nothing is checked of."""
        self._show_progress("reading", None, rows)

    def looking_up(self, done: int, wanted: int) -> None:
        """Show how many links have been looked up."""
        self._show_progress("looking up links", wanted, done)

    def sending(self, plan: Plan) -> None:
        """Begin to show how sending goes."""
        self._close_progress()
        self._counts.clear()
        if plan.to_send:
            self._show_progress("sending", plan.to_send, 0)

    def step_done(self, result: StepResult) -> None:
        """Show one more outcome."""
        self._counts[str(result.outcome)] += 1
        if self._progress is not None:
            self._progress.show(self._counts.total(), self._counts_in_words)

    def _counts_in_words(self) -> str:
        return "  ".join(
            f"{name.replace('_', ' ')} {count:,}" for name, count in sorted(self._counts.items())
        )

    def continuing(self, run: RunRecord) -> None:
        """Say that the same file was begun before."""
        self._say(f"this file was begun in run {run.name} and not finished: that run is continued")

    def nothing_to_send(self, plan: Plan, run: RunRecord) -> None:
        """Show the plan before the reports are written."""
        self._close_progress()
        self._show_plan(plan, run)

    def complete(self, summary: RunSummary, words: str) -> None:
        """Show what the file came to, before anything of it is written again."""
        self._show_outcomes(summary)
        self._note(words)

    def confirms(self, plan: Plan, run: RunRecord) -> bool:
        """Show the plan, and ask unless `--yes` was given."""
        self._asked = True
        self._close_progress()
        self._show_plan(plan, run)
        return self._yes or self._agrees(plan, run)

    def _agrees(self, plan: Plan, run: RunRecord) -> bool:
        """Ask whether the plan is to be carried out."""
        if isinstance(plan, UndoPlan):
            what = undone_by(plan).capitalize()
            return click.confirm(f"{what} of tenant {run.tenant} at {run.host}?", err=True, default=False)
        requests = "1 request" if plan.to_send == 1 else f"{plan.to_send:,} requests"
        return click.confirm(
            f"Send {requests} to tenant {run.tenant} at {run.host}?", err=True, default=False
        )

    def checked(self, ended: Ended) -> None:
        """Show what a check found."""
        self._close_progress()
        if ended.plan is not None:
            self._show_plan(ended.plan, ended.view.run)
        self._show_issues(ended)
        self._finish(ended)

    def inspected(self, found: Inspection) -> None:
        """Show what is in a file; there is no template."""
        from loader.cli.source_tables import columns_table, file_table
        from loader.inspection.plain import inspection_json

        self._close_progress()
        if self._as_json:
            result = {"source": inspection_json(found), "exit_code": 0, "error": None, "hint": ""}
            click.echo(json_text(result))
            return
        console = result_console()
        console.print(file_table(found))
        console.print(columns_table(found.columns, console.width))
        if found.all_notes:
            console.print(notes_table(found.all_notes))
        self._say("next: loader template list")
        self._say(f"      loader check {found.table.path.name} -t TEMPLATE")

    def ended(self, ended: Ended) -> None:
        """Show what a run came to, and where its files are."""
        self._close_progress()
        if ended.plan is not None and not self._plan_shown:
            self._show_plan(ended.plan, ended.view.run)
        if ended.plan is not None and not self._asked:
            self._show_issues(ended)
        if not self._outcomes_shown:
            self._show_outcomes(ended.summary)
        self._finish(ended)

    def runs(self, found: list[Listed]) -> None:
        """List runs."""
        if self._as_json:
            listed = [
                {
                    "run": listed.record.name,
                    "state": str(listed.state),
                    "tenant": listed.record.tenant,
                    "host": listed.record.host,
                    "source": listed.record.source_name,
                    "rows_read": listed.record.rows_read,
                    "exit_code": listed.record.exit_code,
                    "outcomes": {str(outcome): count for outcome, count in listed.counts.items()},
                    "mends": listed.record.origin.run if listed.record.origin else None,
                    "mended": mended_json(listed.mended),
                }
                for listed in found
            ]
            click.echo(json.dumps(listed, indent=1))
        elif found:
            console = result_console()
            console.print(runs_table(found, console))
        else:
            self._say("there is no run yet")

    def _show_plan(self, plan: Plan, run: RunRecord) -> None:
        self._plan_shown = True
        if isinstance(plan, UndoPlan):
            self._console.print(undo_plan_table(plan, run))
            return
        self._console.print(plan_table(plan, run))
        if run.notes:
            self._console.print(notes_table(run.notes))
        if plan.problems:
            self._console.print(problems_table(plan.problems))
        if plan.totals:
            self._console.print(totals_table(plan.totals, accepted=False))

    def _show_outcomes(self, summary: RunSummary) -> None:
        self._outcomes_shown = True
        self._console.print(outcomes_table(summary))
        if summary.totals:
            self._console.print(totals_table(summary.totals, accepted=True))

    def _note(self, words: str) -> None:
        """Say something once, if there is anything to say."""
        if words and words != self._noted:
            self._noted = words
            self._say(words)

    def _show_issues(self, ended: Ended) -> None:
        table = issues_table(ended.view.issues(), _ISSUES_SHOWN)
        if table.row_count:
            self._console.print(table)

    def _finish(self, ended: Ended) -> None:
        run, counts = ended.view.run, ended.summary.counts
        self._note(ended.note)
        if mended := mended_words(ended.summary.mended):
            self._say(f"mended since: {mended}")
        for path in ended.written:
            self._say(f"wrote {path}")
        if ended.error is not None:
            self._say(f"error: {ended.error.message}")
        if run.stopped and (ended.error is None or run.stopped != ended.error.message):
            self._say(run.stopped if run.stopped.startswith("stopped") else f"stopped: {run.stopped}")
        if ended.error is not None and ended.error.hint:
            self._say(f"hint:  {ended.error.hint}")
        if run.tenant and (counts[Outcome.NOT_SENT] or counts[Outcome.UNKNOWN]):
            mend_first = ended.exit_code == EXIT_SOME_REFUSED and ended.error is None
            words = (
                "mend the rows and submit the file again, or send the others with"
                if mend_first
                else "carry on with"
            )
            self._say(f"{words}: loader resume {run.name}")
        if self._as_json:
            failure = ended.error
            result: dict[str, Any] = summary_json(ended.view)
            if ended.columns:
                from loader.inspection.plain import columns_json

                result["source"]["columns"] = columns_json(ended.columns)
            result["exit_code"] = ended.exit_code
            result["written"] = [str(path) for path in ended.written]
            result["error"] = failure.message if failure else None
            result["hint"] = failure.hint if failure else ""
            click.echo(json_text(result))

    def _show_progress(self, what: str, total: int | None, done: int) -> None:
        from loader.cli.progress import Progress

        if self._progress is None or self._progress.what != what:
            self._close_progress()
            self._progress = Progress(self._console, what, total, live=self._live)
        self._progress.show(done)

    def _close_progress(self) -> None:
        if self._progress is not None:
            self._progress.close()
            self._progress = None

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)
