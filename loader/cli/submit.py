"""`loader submit` and `loader resume`."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import rich_click as click

from loader.cli.options import (
    bound_options,
    bounded,
    chosen_target,
    in_panels,
    json_option,
    made_for_sandbox,
    run_dir_option,
    settings_of,
    tenant_options,
)
from loader.cli.reading_options import (
    password_of,
    password_option,
    processes_option,
    reading_of,
    source_options,
)


def _output_options(command: Any) -> Any:
    command = click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")(
        command
    )
    command = click.option(
        "--rejected", type=click.Path(path_type=Path), help="Put a copy of the rejected workbook there."
    )(command)
    return click.option(
        "--results", type=click.Path(path_type=Path), help="Put a copy of the results workbook there."
    )(command)


@click.command()
@source_options
@tenant_options
@click.option(
    "--on-invalid",
    type=click.Choice(["skip", "stop"]),
    default="skip",
    show_default=True,
    help="Send the valid rows, or nothing at all, when rows are invalid.",
)
@bound_options
@_output_options
@processes_option
@run_dir_option
@json_option
@in_panels
def submit(file: Path, template: str, processes: int | None, **options: Any) -> int:
    """
    Check FILE, show the plan, and send every valid row to LoanPro.

    Nothing is sent before every row has been checked and the plan is confirmed. All that is sent is recorded first, so that a
    run can be stopped at any moment and continued with `loader resume`.

    Example:
        loader submit samples/portfolio.csv -t portfolio --sandbox
    """
    from loader.intake.readiness import expect

    expect(file, processes)
    from loader.cli.console import Terminal
    from loader.conclusion import Wishes
    from loader.opening import Source, at_hand
    from loader.pipeline import submit as submit_file

    settings = _settings(options)
    wishes = Wishes(
        settings.run_dir,
        stop_if_invalid=options["on_invalid"] == "stop",
        results=options["results"],
        rejected=options["rejected"],
        limit=options["limit"],
    )
    with (
        Terminal(as_json=options["as_json"], yes=options["yes"], must_ask=True) as terminal,
        at_hand(Source(file, template, reading_of(options), processes=processes)) as source,
        chosen_target(settings, sandbox=options["sandbox"], faults=options["sandbox_faults"]) as target,
        submit_file(
            source,
            bounded(target, options["until"], options["max_errors"]),
            wishes,
            terminal,
        ) as ended,
    ):
        terminal.ended(ended)
        return ended.exit_code


@click.command()
@click.argument("run", required=False)
@tenant_options
@click.option(
    "--retry",
    multiple=True,
    type=click.Choice(["rejected", "held"]),
    help="Try rows with this outcome once more, after their cause was mended in LoanPro.",
)
@password_option
@bound_options
@_output_options
@run_dir_option
@json_option
@in_panels
def resume(run: str | None, **options: Any) -> int:
    """
    Settle what RUN left unknown, then send the rest.

    Without a name it is the last unfinished run. What has no known outcome is looked up in LoanPro before anything is sent
    again.

    Example:
        loader resume
    """
    from loader.cli.console import Terminal
    from loader.conclusion import Wishes
    from loader.models.outcome import Outcome
    from loader.pipeline import resume as resume_run

    settings = _settings(options)
    wishes = Wishes(
        settings.run_dir,
        results=options["results"],
        rejected=options["rejected"],
        limit=options["limit"],
        retry=tuple(Outcome(outcome) for outcome in options["retry"]),
        password=password_of(options["password_file"]),
    )
    with ExitStack() as stack:
        terminal = stack.enter_context(
            Terminal(as_json=options["as_json"], yes=options["yes"], must_ask=True)
        )

        def target_of(found: Any) -> Any:
            sandbox = options["sandbox"] or made_for_sandbox(found)
            target = stack.enter_context(
                chosen_target(settings, sandbox=sandbox, faults=options["sandbox_faults"])
            )
            return bounded(target, options["until"], options["max_errors"])

        ended = stack.enter_context(resume_run(run, target_of, wishes, terminal))
        terminal.ended(ended)
        return ended.exit_code


def _settings(options: dict[str, Any]) -> Any:
    return settings_of(
        base_url=options["base_url"],
        tenant=options["tenant"],
        token_file=options["token_file"],
        rates=options["rate"],
        concurrency=options["concurrency"],
        timeout_s=options["timeout"],
        run_dir=options["run_dir"],
    )
