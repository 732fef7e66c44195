"""`loader runs` and `loader report`."""

from pathlib import Path

import rich_click as click

from loader.cli.options import in_panels, json_option, run_dir_option, settings_of


@click.command()
@run_dir_option
@json_option
@in_panels
def runs(run_dir: Path | None, as_json: bool) -> None:
    """
    List the runs of this run directory, oldest first.

    Example: `loader runs`
    """
    from loader.cli.console import Terminal
    from loader.pipeline import list_all

    Terminal(as_json=as_json, yes=True).runs(list_all(settings_of(run_dir=run_dir).run_dir))


@click.command()
@click.argument("run", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["xlsx", "csv", "json"]),
    default="xlsx",
    show_default=True,
    help="Kind of file.",
)
@click.option("--output", type=click.Path(path_type=Path), help="File to write.  [default: the run's folder]")
@run_dir_option
@json_option
@in_panels
def report(run: str | None, format_: str, output: Path | None, run_dir: Path | None, as_json: bool) -> None:
    """
    Write the results of RUN again, from the journal; the last run if none is named.

    Example: `loader report --format csv --output results.csv`
    """
    from loader.cli.console import Terminal
    from loader.pipeline import report as report_run

    terminal = Terminal(as_json=as_json, yes=True)
    with report_run(run, settings_of(run_dir=run_dir).run_dir, output, format_) as ended:
        terminal.ended(ended)
