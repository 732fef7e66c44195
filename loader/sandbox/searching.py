"""
`Autopal.Search()`: a full-text index beside the records, which may lag behind them (LoanPro reference 7).

The index is brought up to date when somebody searches, so that writing never waits for it.
"""

from typing import Any

from loader.sandbox import refusals
from loader.sandbox.catalogue import TOP
from loader.sandbox.clock import Clock
from loader.sandbox.reading import Options, Reader, order_by, summary_of
from loader.sandbox.search_query import compile_search
from loader.sandbox.store import Document, Store

_FIELDS = {
    "Loans": ("displayId", "title", "customerName"),
    "Customers": (
        "customerName",
        "firstName",
        "lastName",
        "companyName",
        "email",
        "ssn",
        "customId",
        "primaryPhone",
        "city",
        "zipcode",
        "state",
        "employer.companyName",
        "accessUserName",
    ),
}


class Searcher:
    """Answers searches, and keeps the index behind them."""

    def __init__(self, store: Store, reader: Reader, clock: Clock, lag_s: float) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._lag_s = lag_s

    def search(self, name: str, body: Any, options: Options) -> Document:
        """
        One page of the records that a search body asks for.

        Raises:
            Refusal: The body is not understood.
        """
        self._catch_up()
        columns = {field: field.replace(".", "_") for field in _FIELDS[name]}
        condition = compile_search(body, f"search_{name.lower()}", columns)
        table, order = name.lower(), order_by(name, TOP[name], options.order)
        # The parts of these statements are this module's own; all text of the request is a parameter.
        # Asked last and for each hit, so that only the full-text condition walks through the index.
        indexed = f"EXISTS (SELECT 1 FROM search_{table} WHERE rowid = {table}.id)"  # noqa: S608
        rows_of = f"FROM {table} WHERE {condition.sql} AND deleted = 0 AND {indexed}"
        total = self._store.select(f"SELECT count(*) {rows_of}", condition.parameters)[0][0]
        sql = f"SELECT id {rows_of} ORDER BY {order} LIMIT ? OFFSET ?"
        limit = -1 if options.top is None else options.top
        rows = self._store.select(sql, (*condition.parameters, limit, options.skip))
        found = self._reader.many(name, [key for (key,) in rows], options)
        for record in found:
            record.update(self._flat(name, record["id"]))
        return {"results": found, "summary": {**summary_of(options, total), "aggregations": {}}}

    def _catch_up(self) -> None:
        until = self._clock.now() - self._lag_s
        sql = "SELECT seq, entity, id FROM unsearched WHERE at <= ? ORDER BY seq"
        due = self._store.select(sql, (until,))
        for name in TOP:
            keys = dict.fromkeys(key for _, entity, key in due if entity == name)
            fields = _FIELDS[name]
            quoted = ", ".join(field.replace(".", "_") for field in fields)
            places = ", ".join("?" * (len(fields) + 1))
            rows = []
            for key in keys:
                flat = self._flat(name, key)
                rows.append((key, *(str(flat.get(field) or "") for field in fields)))
            index = f"search_{name.lower()}"
            self._store.change(f"DELETE FROM {index} WHERE rowid = ?", [(key,) for key in keys])  # noqa: S608
            self._store.change(f"INSERT INTO {index} (rowid, {quoted}) VALUES ({places})", rows)  # noqa: S608
        self._store.change("DELETE FROM unsearched WHERE seq = ?", [(seq,) for seq, _, _ in due])
        self._store.commit()

    def _flat(self, name: str, key: int) -> Document:
        """The searchable form of a record: what is nested comes flat."""
        document = self._store.load(name, key)
        if document is None:
            raise refusals.not_found(name, reading=True)
        if name == "Loans":
            owners = [
                self._store.load("Customers", target) for target, _ in self._store.links(key, "Customers")
            ]
            names = ", ".join(_full_name(owner) for owner in owners if owner)
            return {"displayId": document["displayId"], "title": document.get("title"), "customerName": names}
        address = document.get("PrimaryAddress") or {}
        phones = self._store.nested(key, "Phones")
        primary = next((phone for phone in phones if phone.get("isPrimary")), phones[0] if phones else {})
        own = ("firstName", "lastName", "companyName", "email", "ssn", "customId", "accessUserName")
        return {
            **{field: document.get(field) for field in own},
            **{field: address.get(field) for field in ("city", "zipcode", "state")},
            "customerName": _full_name(document),
            "primaryPhone": primary.get("phone"),
            "employer.companyName": (document.get("Employer") or {}).get("companyName"),
        }


def _full_name(customer: Document) -> str:
    parts = (customer.get(part) for part in ("firstName", "middleName", "lastName"))
    return " ".join(part for part in parts if part) or customer.get("companyName") or ""
