"""Records as LoanPro returns them: one by key, lists by query options, nested entities on request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loader.sandbox import refusals
from loader.sandbox.catalogue import NESTED, TOP
from loader.sandbox.entities import Entity
from loader.sandbox.filtering import Condition, number_order, parse_filter
from loader.sandbox.store import Document, Store
from loader.sandbox.values import Family

ROOT = "/api/1/odata.svc/"
PAGE = 50
SEARCH_PAGE = 10
"""Default pages of OData and of searches (LoanPro reference 1.5)."""

_KNOWN = {
    "$filter",
    "$top",
    "$skip",
    "$orderby",
    "$select",
    "$expand",
    "nopaging",
    "$start",
    "$inlinecount",
    "$format",
}
_COLUMN = {
    ("Loans", "displayId"): "display_id",
    ("Customers", "customId"): "custom_id",
    ("Customers", "ssn"): "ssn",
    ("Customers", "email"): "email",
}

Tree = dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Options:
    """
    The query options of a read.

    Attributes:
        expand: Names to expand, each with the names below it.
        select: Fields to return, empty for all.
        top: Page size, None for no paging.
        skip: Records to pass over.
        order: The text of `$orderby`.
        filter: The text of `$filter`.
        bare: Whether expanded lists come as bare arrays, as they do with `nopaging` (LoanPro reference 1.6).
    """

    expand: Tree
    select: tuple[str, ...]
    top: int | None
    skip: int
    order: str
    filter: str
    bare: bool


def parse_options(query: Mapping[str, str], *, search: bool = False) -> Options:
    """
    Read the query options; searches page by `$start` instead of `$skip` (LoanPro reference 1.5).

    Raises:
        Refusal: An option is unknown or its value cannot be read.
    """
    for name in query:
        if name not in _KNOWN:
            raise refusals.query(f"Unknown query option {name}")
    nopaging = "nopaging" in query and query["nopaging"] != "false"
    top = _natural(query, "$top", SEARCH_PAGE if search else PAGE)
    tree: Tree = {}
    for path in filter(None, query.get("$expand", "").split(",")):
        at = tree
        for name in path.split("/"):
            at = at.setdefault(name, {})
    return Options(
        expand=tree,
        select=tuple(filter(None, query.get("$select", "").split(","))),
        top=None if nopaging else top,
        skip=_natural(query, "$start" if search else "$skip", 0),
        order=query.get("$orderby", ""),
        filter=query.get("$filter", ""),
        bare=nopaging,
    )


def _natural(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,9}", text) is None:
        raise refusals.query(f"{name} is not a whole number")
    return int(text)


class Reader:
    """Reads the tenant's records; writes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.create_function("number_order", 2, number_order)

    def one(self, name: str, key: int, options: Options) -> Document:
        """
        One top entity.

        Raises:
            Refusal: It is not there, or an option does not fit it.
        """
        document = self._existing(name, key)
        return self.shown(name, document, options)

    def part(self, name: str, key: int, field: str, options: Options) -> Document:
        """The answer to `Loans(id)/LoanSetup` or `Loans(id)/Payments`."""
        document = self._existing(name, key)
        found = self._nested(TOP[name], name, document, field, Options({}, (), None, 0, "", "", bare=True))
        if not isinstance(found, list):
            return found or {}
        page = found[options.skip :][: options.top]
        return {"results": page, "summary": summary_of(options, len(found))}

    def _existing(self, name: str, key: int) -> Document:
        self._store.commit()  # nobody reads what a crash could still take back
        document = self._store.load(name, key)
        if document is None:
            raise refusals.not_found(name, reading=True)
        return document

    def page(self, name: str, options: Options) -> Document:
        """One page of `Loans`, `Customers` or of a nested list across its owners, such as `Payments`."""
        top = name in TOP
        entity = TOP[name] if top else NESTED[name]
        table = name.lower() if top else "nested"

        def resolve(path: str) -> tuple[str, Family]:
            return _column(name, entity, path)

        condition = parse_filter(options.filter, resolve) if options.filter else Condition("1")
        scope, scoped = ("deleted = 0", ()) if top else ("list = ?", (name,))
        where, parameters = f"{scope} AND {condition.sql}", (*scoped, *condition.parameters)
        order = order_by(name, entity, options.order)
        # The parts of these statements are this module's own; all text of the request is a parameter.
        total = self._store.select(f"SELECT count(*) FROM {table} WHERE {where}", parameters)[0][0]  # noqa: S608
        sql = f"SELECT id FROM {table} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        top_rows = -1 if options.top is None else options.top
        keys = [key for (key,) in self._store.select(sql, (*parameters, top_rows, options.skip))]
        return {"results": self.many(name, keys, options), "summary": summary_of(options, total)}

    def many(self, name: str, keys: list[int], options: Options) -> list[Document]:
        """The records of these ids, in this order."""
        if name in TOP:
            documents = [self._store.load(name, key) for key in keys]
        else:
            documents = [self._store.load_any_nested(key) for key in keys]
        return [self.shown(name, document, options) for document in documents if document is not None]

    def shown(self, name: str, document: Document, options: Options) -> Document:
        """A document in LoanPro's form, with what the options ask for."""
        entity = TOP.get(name) or NESTED[name]
        return self._shown(entity, name, document, options, options.expand, options.select)

    def _shown(
        self,
        entity: Entity,
        name: str,
        document: Document,
        options: Options,
        expand: Tree,
        select: tuple[str, ...] = (),
    ) -> Document:
        uri = f"{ROOT}{name}(id={document['id']})"
        shown: Document = {"__metadata": {"uri": uri, "type": f"Entity.{entity.name}"}, "id": document["id"]}
        for fields in (entity.ours, entity.fields):
            for field, kind in fields.items():
                value = document.get(field)
                shown[field] = kind.unset if value is None else value
        nested = (*entity.objects, *entity.lists, *entity.links, *(("Loans",) if name == "Customers" else ()))
        for field in expand:
            if field not in nested:
                raise refusals.query(f"{entity.name} has nothing to expand named {field}")
        for field in nested:
            if field in expand:
                shown[field] = self._nested(entity, name, document, field, options, expand[field])
            else:
                shown[field] = {"__deferred": {"uri": f"{uri}/{field}"}}
        if not select:
            return shown
        for field in select:
            if field not in shown:
                raise refusals.query(f"{entity.name} has no field {field}")
        return {field: shown[field] for field in ("__metadata", *select, *expand)}

    def _nested(
        self,
        entity: Entity,
        name: str,
        document: Document,
        field: str,
        options: Options,
        expand: Tree | None = None,
    ) -> Any:
        expand = expand or {}
        if field in entity.objects:
            inner = document.get(field)
            below = entity.objects[field]
            return None if inner is None else self._shown(below, below.name, inner, options, expand)
        if field in entity.lists:
            below = entity.lists[field]
            in_document = name not in TOP
            records = document.get(field, []) if in_document else self._store.nested(document["id"], field)
            found = [self._shown(below, field, record, options, expand) for record in records]
        elif field in entity.links:
            found = self._linked(document["id"], field, entity.links[field], options, expand)
        elif field == "Loans" and name == "Customers":
            keys = self._store.loans_of(document["id"])
            loans = [loan for loan in (self._store.load("Loans", key) for key in keys) if loan]
            found = [self._shown(TOP["Loans"], "Loans", loan, options, expand) for loan in loans]
        else:
            raise refusals.no_endpoint(f"{name}({document['id']})/{field}")
        return found if options.bare else {"results": found}

    def _linked(self, loan: int, field: str, target: str, options: Options, expand: Tree) -> list[Document]:
        found = []
        for key, role in self._store.links(loan, field):
            document = self._store.load(target, key) if target in TOP else {"id": key}
            if document is not None and target in TOP:
                shown = self._shown(TOP[target], target, document, options, expand)
                found.append({**shown, "loanRole": role})
            elif document is not None:
                uri = f"{ROOT}{target}(id={key})"
                found.append({"__metadata": {"uri": uri, "type": f"Entity.{target[:-1]}"}, "id": key})
        return found


def summary_of(options: Options, total: int) -> Document:
    """The `summary` of a list: where it starts, its page size, and how many there are in all."""
    return {"start": options.skip, "pageSize": total if options.top is None else options.top, "total": total}


def _column(name: str, entity: Entity, path: str) -> tuple[str, Family]:
    """The SQL of a field path such as `LoanSetup/loanAmount`; every part of it is a name that the entity has."""
    *objects, field = path.split("/")
    at = entity
    for part in objects:
        if part not in at.objects:
            raise refusals.query(f"{at.name} has no entity {part}")
        at = at.objects[part]
    kind = at.kind_of(field)
    if kind is None:
        raise refusals.query(f"{at.name} has no field {field}")
    if path == "id":
        return "id", Family.INTEGER
    if path == "entityId" and name in NESTED:
        return "owner_id", Family.INTEGER
    if (name, path) in _COLUMN:
        return _COLUMN[name, path], kind.family
    sql = f"json_extract(body, '$.{path.replace('/', '.')}')"
    if kind.family is Family.DATE:
        sql = f"CAST(substr({sql}, 7) AS INTEGER)"  # the digits of `/Date(1427829732)/`
    if kind.unset is not None:
        sql = f"coalesce({sql}, {kind.unset!r})"
    return sql, kind.family


def order_by(name: str, entity: Entity, text: str) -> str:
    """
    The SQL of `$orderby`, ending with the id so that pages never overlap.

    Raises:
        Refusal: A field is not there, or the direction is neither asc nor desc.
    """
    parts = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        path, _, way = part.partition(" ")
        if way.strip().lower() not in {"", "asc", "desc"}:
            raise refusals.query(f"$orderby ends in asc or desc, not {way!r}")
        sql, family = _column(name, entity, path)
        sql = f"CAST({sql} AS REAL)" if family is Family.NUMBER else sql
        parts.append(f"{sql} {way.strip().upper()}")
    return ", ".join([*parts, "id"])
