"""`loader check`: read, map and validate a file; send nothing."""

from pathlib import Path
from typing import Any

import rich_click as click

from loader.cli.options import in_panels, json_option, run_dir_option, settings_of
from loader.cli.reading_options import reading_of, source_options


@click.command()
@source_options
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="Where the rejected workbook goes.  [default: run directory]",
)
@run_dir_option
@json_option
@in_panels
def check(
    file: Path, template: str, rejected: Path | None, run_dir: Path | None, as_json: bool, **options: Any
) -> int:
    """
    Check every row of FILE and send nothing.

    Rows with errors go into a rejected workbook, to be mended and submitted. Exit code 1 if there are any.

    Example:
        loader check samples/portfolio.csv -t portfolio
    """
    from loader.cli.console import Terminal
    from loader.opening import Source, at_hand
    from loader.pipeline import check as check_file

    settings = settings_of(run_dir=run_dir)
    with (
        Terminal(as_json=as_json, yes=True) as terminal,
        at_hand(Source(file, template, reading_of(options))) as source,
        check_file(source, settings.run_dir, rejected, terminal) as ended,
    ):
        terminal.checked(ended)
        return ended.exit_code
