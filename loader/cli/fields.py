"""`loader fields`: every payload field, its type, values and limits."""

from typing import Any

import rich_click as click

from loader.cli.options import in_panels

_MODELS = {
    "loan": "loans.create",
    "customer": "customers.create",
    "payment": "payments.create",
    "charge": "charges.create",
    "credit": "credits.create",
    "note": "notes.create",
}


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

    ENTITY is loan, customer, payment, charge, credit or note; all if none is named.

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
    """One paragraph a field; paths and values are never broken, so that they can be copied."""
    from rich.padding import Padding
    from rich.text import Text

    from loader.cli.console import result_console

    console = result_console()
    for name, docs in found.items():
        if docs:
            console.print(Text(f"{name}: {len(docs)} field{'' if len(docs) == 1 else 's'}\n", style="bold"))
        for doc in docs:
            console.print(Text(doc.path, style="bold cyan"), soft_wrap=True)
            for line in (doc.description, _type_of(doc)):
                if line:
                    console.print(Padding(Text(line), (0, 0, 0, 4), expand=False))
            for value, meaning in doc.values:
                console.print(Text(f"      {value}  {meaning}".rstrip()), soft_wrap=True)
            console.print()
    if not any(found.values()):
        click.echo("no field holds that text", err=True)


def _type_of(doc: Any) -> str:
    required = "never to be sent" if doc.read_only else f"required: {doc.required}"
    sensitive = "masked everywhere" if doc.sensitive else ""
    parts = (doc.type_name, doc.limits, required, sensitive, doc.source)
    return "; ".join(part for part in parts if part)
