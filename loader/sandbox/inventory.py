"""All that a tenant holds, read from its file once it has stopped serving: the witness of a rehearsal."""

from collections.abc import Iterator
from pathlib import Path

from loader.sandbox.catalogue import TOP
from loader.sandbox.store import Document, Store


def inventory(file: Path, group: str) -> Iterator[tuple[int | None, Document]]:
    """
    Every living record of a group, with the id of the loan whose list holds it, None for a loan or a customer.

    A loan's links are lists of items with an `id`; its lists of nested records are groups of their own and left out.

    Args:
        file: The tenant's SQLite file.
        group: Such as `loans`, `customers` or `payments`.

    Raises:
        UsageError: Another process serves the file, or it is no sandbox tenant.
    """
    name = group.capitalize()
    store = Store(file)
    try:
        if name not in TOP:
            yield from store.listed(name)
            return
        for document in store.bodies(group, ""):
            linked = {
                field: [{"id": target} for target, _ in store.links(document["id"], field)]
                for field in TOP[name].links
            }
            yield None, {**document, **linked}
    finally:
        store.close()
