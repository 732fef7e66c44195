"""`loader check`: read, map and validate a file; send nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from loader.cli.options import in_panels, json_option, run_dir_option, settings_of
from loader.cli.reading_options import file_options, processes_option, reading_of, template_option

if TYPE_CHECKING:
    from loader.source.reading import Reading


@click.command()
@file_options
@partial(template_option, required=False)
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="Where the rejected workbook goes.  [default: run directory]",
)
@processes_option
@run_dir_option
@json_option
@in_panels
def check(
    file: Path,
    template: str | None,
    rejected: Path | None,
    run_dir: Path | None,
    as_json: bool,
    processes: int | None,
    **options: Any,
) -> int:
    """
    Check every row of FILE and send nothing.

    Rows with errors go into a rejected workbook, to be mended and submitted. Exit code 1 if there are any. Without a template it tells
    what is in the file, column by column, and judges nothing.

    Example:
        loader check samples/portfolio.csv -t portfolio
    """
    from loader.intake.readiness import expect, expect_workbook

    if template is None:
        expect_workbook(file, processes)
        return _inspect(file, reading_of(options), rejected, as_json=as_json)
    expect(file, processes)
    from loader.cli.console import Terminal
    from loader.opening import Source, at_hand
    from loader.pipeline import check as check_file

    settings = settings_of(run_dir=run_dir)
    with (
        Terminal(as_json=as_json, yes=True) as terminal,
        at_hand(Source(file, template, reading_of(options), processes=processes)) as source,
        check_file(source, settings.run_dir, rejected, terminal) as ended,
    ):
        terminal.checked(ended)
        return ended.exit_code


def _inspect(file: Path, reading: Reading, rejected: Path | None, *, as_json: bool) -> int:
    """Tell what is in a file."""
    from loader.cli.console import Terminal
    from loader.errors import UsageError
    from loader.inspection.inspect import inspect
    from loader.source.standard_input import path_at_hand

    if rejected is not None:
        raise UsageError(
            "--rejected needs a template: without one no row is rejected", hint="name one with -t"
        )
    with Terminal(as_json=as_json, yes=True) as terminal, path_at_hand(file) as path:
        terminal.inspected(inspect(path, reading, terminal.inspecting))
    return 0
