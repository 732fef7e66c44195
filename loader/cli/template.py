"""`loader template list | show | check`."""

from pathlib import Path
from typing import Any

import rich_click as click

from loader.cli.options import in_panels
from loader.cli.reading_options import reading_of, reading_options


@click.group()
def template() -> None:
    """
    List, show and check templates: how columns become payload fields.

    docs/templates.md describes every key.

    Example:
        loader template show loan
    """


@template.command("list")
def list_() -> None:
    """
    List the templates that come with loader.

    Their names can be given to `--template` as they are.

    Example:
        loader template list
    """
    from loader.mapping.template import shipped_templates

    for loaded in shipped_templates():
        operations = ", ".join(step.operation for step in loaded.template.steps)
        click.echo(f"{loaded.name:<12} {loaded.template.title}  ({operations})")


@template.command()
@click.argument("name")
def show(name: str) -> None:
    """
    Print the template NAME, to be copied and changed.

    What it prints is a template itself, with comments.

    Example:
        loader template show loan > my-loans.yaml
    """
    from loader.mapping.template import load_template

    click.echo(load_template(name).text, nl=False)


@template.command()
@click.argument("name")
@click.option(
    "--file", "source", type=click.Path(path_type=Path), help="Check that the template fits this file too."
)
@reading_options
@in_panels
def check(name: str, source: Path | None, **options: Any) -> None:
    """
    Check a template against LoanPro's fields, and against a file if one is named.

    NAME is a shipped template or a .yaml file. All problems are told at once, each with its line.

    Example:
        loader template check my-loans.yaml --file loans.xlsx
    """
    from loader.intake.file import checked_template
    from loader.opening import Source, at_hand

    checked_template(name)
    if source is None:
        click.echo(f"{name}: the template is right")
        return
    with at_hand(Source(source, name, reading_of(options))) as found:
        intake = found.open()
        click.echo(f"{name}: the template is right, and fits {found.path.name}")
    if intake.mapper.unused:
        unused = ", ".join(
            f"{header.name or 'no header'} ({header.letter})" for header in intake.mapper.unused
        )
        click.echo(f"columns that the template does not use: {unused}")
