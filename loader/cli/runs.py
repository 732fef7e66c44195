"""`loader runs` and `loader report`."""

from pathlib import Path

import rich_click as click

from loader.cli.options import in_panels, json_option, run_dir_option, settings_of
from loader.cli.reading_options import password_of, password_option
from loader.scratch import ScratchFolder

_STANDARD_OUTPUT = Path("-")


@click.command()
@run_dir_option
@json_option
@in_panels
def runs(run_dir: Path | None, as_json: bool) -> None:
    """
    List the runs of this run directory, oldest first.

    `--json` tells all that is known of each; on a narrow terminal some columns are left out.

    Example:
        loader runs
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
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="File to write; - for standard output.  [default: the run's folder]",
)
@password_option
@run_dir_option
@json_option
@in_panels
def report(
    run: str | None,
    format_: str,
    output: Path | None,
    password_file: Path | None,
    run_dir: Path | None,
    as_json: bool,
) -> int:
    """
    Write the reports of RUN again, from the journal; the last run if none is named.

    The rejected workbook needs the source as it was, and is written only where there is none: rows may have been mended in
    it. With another format or `--output` the results alone are written.

    The beginning of a name is enough if no other run begins so.

    Example:
        loader report --format csv --output results.csv
    """
    from loader.cli.console import Terminal
    from loader.errors import UsageError
    from loader.pipeline import report as report_run

    if output == _STANDARD_OUTPUT and (as_json or format_ == "xlsx"):
        raise UsageError(
            "standard output takes one thing only, and no workbook",
            hint="name a file with --output, or take --format csv or json without --json",
        )
    run_directory = settings_of(run_dir=run_dir).run_dir
    with Terminal(as_json=as_json, yes=True) as terminal, ScratchFolder("report") as scratch:
        if output == _STANDARD_OUTPUT:
            aside = Path(scratch) / f"results.{format_}"
            with report_run(run, run_directory, aside, format_):
                click.echo(aside.read_bytes(), nl=False)
            return 0
        with report_run(run, run_directory, output, format_, password_of(password_file)) as ended:
            terminal.ended(ended)
            return ended.error.exit_code if ended.error else 0
