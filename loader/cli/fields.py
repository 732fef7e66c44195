"""`loader fields`: every payload field, its type, values and limits."""

from typing import Any

import rich_click as click

from loader.cli.options import in_panels

_MODELS = {"loan": "loans.create", "customer": "customers.create"}


@click.command()
@click.argument(
    "entity", required=False, metavar="[ENTITY]", type=click.Choice(list(_MODELS), case_sensitive=False)
)
@click.option("--find", metavar="TEXT", help="Only fields whose path or description holds this text.")
@click.option("--json", "as_json", is_flag=True, help="Print the fields as JSON on standard output.")
@in_panels
def fields(entity: str | None, find: str | None, as_json: bool) -> None:
    """
    List payload fields as templates write them: type, allowed values, limits, whether required, source.

    ENTITY is loan or customer; both if none is named.

    Example:
        loader fields loan --find frequency
    """
    from loader.models.catalogue import fields_of
    from loader.models.operations import find_operation

    wanted = (find or "").casefold()
    found = {
        name: [
            doc
            for doc in fields_of(find_operation(operation).model)
            if wanted in f"{doc.path} {doc.description}".casefold()
        ]
        for name, operation in _MODELS.items()
        if entity in {None, name}
    }
    if as_json:
        import dataclasses
        import json

        click.echo(
            json.dumps(
                {name: [dataclasses.asdict(doc) for doc in docs] for name, docs in found.items()}, indent=1
            )
        )
        return
    _print(found)


def _print(found: dict[str, list[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for name, docs in found.items():
        if not docs:
            continue
        table = Table(title=f"{name} ({len(docs)} fields)", title_justify="left", show_lines=False)
        for header in ("Field", "Type, limits and values", "Required", "Source"):
            table.add_column(header, overflow="fold")
        for doc in docs:
            required = "never send" if doc.read_only else str(doc.required)
            table.add_row(doc.path, _type_of(doc), required, doc.source.removeprefix("LoanPro reference "))
        console.print(table)
    if not any(found.values()):
        click.echo("no field holds that text", err=True)


def _type_of(doc: Any) -> str:
    values = "\n".join(f"{value}  {meaning}".rstrip() for value, meaning in doc.values)
    first = ", ".join(part for part in (doc.type_name, doc.limits, doc.description) if part)
    sensitive = " (sensitive)" if doc.sensitive else ""
    return f"{first}{sensitive}" + (f"\n{values}" if values else "")
