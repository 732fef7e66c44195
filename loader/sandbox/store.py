"""
The tenant's own SQLite file: records as JSON documents, with columns for what is looked up.

There is one writer, the process that serves the tenant; the file is locked against a second one. Writes gather in
a transaction that `commit` ends, so that a burst of requests shares one commit.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loader.errors import UsageError
from loader.sandbox.schema import SCHEMA, VERSION

_FIRST_ID = {"Loans": 10_001, "Customers": 5_001}
_FIRST_NESTED = 100_001
"""Three ranges, so that an id used in the wrong place finds nothing."""

_COLUMNS = {
    "Loans": (("display_id", "displayId"),),
    "Customers": (("custom_id", "customId"), ("ssn", "ssn"), ("email", "email")),
}
_INSERT = {
    "Loans": "INSERT INTO loans (body, deleted, display_id, id) VALUES (?, ?, ?, ?)",
    "Customers": "INSERT INTO customers (body, deleted, custom_id, ssn, email, id) VALUES (?, ?, ?, ?, ?, ?)",
}
_UPDATE = {
    "Loans": "UPDATE loans SET body = ?, deleted = ?, display_id = ? WHERE id = ?",
    "Customers": "UPDATE customers SET body = ?, deleted = ?, custom_id = ?, ssn = ?, email = ? WHERE id = ?",
}
_LOAD = {
    "Loans": "SELECT body FROM loans WHERE id = ?",
    "Customers": "SELECT body FROM customers WHERE id = ?",
}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who the tenant is, for as long as its file lives.

    Attributes:
        tenant: The numeric id that `Autopal-Instance-Id` must carry.
        uuid: Random, made with the file; tells two tenants apart that were given the same number.
    """

    tenant: int
    uuid: str


class Store:
    """
    The tenant's file, open for this process alone.

    Raises:
        UsageError: Another process serves the file, or it is not a sandbox tenant.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(
                mode=0o600
            )  # what is submitted may be real; SQLite gives its other files the same mode
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{path} cannot be written: {reason}", hint="give another --file") from error
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise _refused(path, error) from error
        tenant, made_with, self._next_nested = self._db.execute(
            "SELECT id, uuid, next_nested FROM tenant"
        ).fetchone()
        self.identity = Identity(tenant, made_with)
        self._next = {name: self._first_free(name) for name in _FIRST_ID}

    def _first_free(self, name: str) -> int:
        sql = {"Loans": "SELECT max(id) FROM loans", "Customers": "SELECT max(id) FROM customers"}[name]
        last: int | None = self._db.execute(sql).fetchone()[0]
        return _FIRST_ID[name] if last is None else last + 1

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        empty = self._db.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if version != VERSION and not (version == 0 and empty):
            raise sqlite3.DatabaseError(f"layout {version}, expected {VERSION}")  # before anything is changed
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN EXCLUSIVE")
        if empty:
            for statement in filter(str.strip, SCHEMA.split(";\n")):
                self._db.execute(statement)
            identity = uuid.uuid4()
            number = 1_000_000 + identity.int % 9_000_000
            self._db.execute("INSERT INTO tenant VALUES (?, ?, ?)", (number, str(identity), _FIRST_NESTED))
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Commit what is pending and release the file; a second time does nothing."""
        if not self._closed:
            self._closed = True
            self.commit()
            self._db.close()

    def begin(self) -> None:
        """Open the transaction that the next writes share, if it is not open yet."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")

    def commit(self) -> None:
        """Make everything written so far durable against the end of this process."""
        if self._db.in_transaction:
            self._db.execute("UPDATE tenant SET next_nested = ?", (self._next_nested,))
            self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what was written since the last commit."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def savepoint(self, verb: str) -> None:
        """Bracket the writes of one request: `SAVEPOINT one`, `RELEASE one` or `ROLLBACK TO one`."""
        self._db.execute(verb)

    def next_id(self, name: str) -> int:
        """A new id of a top entity."""
        found = self._next[name]
        self._next[name] = found + 1
        return found

    def next_nested_id(self) -> int:
        """A new id of a nested record."""
        found: int = self._next_nested
        self._next_nested = found + 1
        return found

    def insert(self, name: str, document: Document) -> None:
        """Keep a new document of a top entity."""
        self._db.execute(_INSERT[name], self._row(name, document))

    def update(self, name: str, document: Document) -> None:
        """Replace a document of a top entity."""
        self._db.execute(_UPDATE[name], self._row(name, document))

    @staticmethod
    def _row(name: str, document: Document) -> tuple[Any, ...]:
        columns = (document.get(field) for _, field in _COLUMNS[name])
        return (_encode(document).decode(), document.get("deleted", 0), *columns, document["id"])

    def load(self, name: str, key: int) -> Document | None:
        """The document of a top entity, None if there is none."""
        row = self._db.execute(_LOAD[name], (key,)).fetchone()
        return _decode(row[0]) if row else None

    def insert_nested(self, owner: str, owner_id: int, field: str, document: Document) -> None:
        """Keep a new record of the list *field* of a top entity."""
        row = (document["id"], owner, owner_id, field, _encode(document).decode())
        self._db.execute("INSERT INTO nested VALUES (?, ?, ?, ?, ?)", row)

    def update_nested(self, document: Document) -> None:
        """Replace a nested record."""
        self._db.execute(
            "UPDATE nested SET body = ? WHERE id = ?", (_encode(document).decode(), document["id"])
        )

    def delete_nested(self, key: int) -> None:
        """Remove a nested record."""
        self._db.execute("DELETE FROM nested WHERE id = ?", (key,))

    def load_nested(self, owner_id: int, field: str, key: int) -> Document | None:
        """One record of a list, None if the owner has no such record."""
        sql = "SELECT body FROM nested WHERE id = ? AND owner_id = ? AND list = ?"
        row = self._db.execute(sql, (key, owner_id, field)).fetchone()
        return _decode(row[0]) if row else None

    def load_any_nested(self, key: int) -> Document | None:
        """A nested record by its id alone, None if there is none."""
        row = self._db.execute("SELECT body FROM nested WHERE id = ?", (key,)).fetchone()
        return _decode(row[0]) if row else None

    def nested(self, owner_id: int, field: str) -> list[Document]:
        """All records of a list, in the order of their making."""
        sql = "SELECT body FROM nested WHERE owner_id = ? AND list = ? ORDER BY id"
        return [_decode(body) for (body,) in self._db.execute(sql, (owner_id, field))]

    def link(self, loan: int, field: str, target: int, role: str) -> None:
        """Link a record to a loan; a second time only changes the role."""
        self._db.execute("INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)", (loan, field, target, role))

    def unlink(self, loan: int, field: str, target: int) -> None:
        """Remove a link, if there is one."""
        self._db.execute(
            "DELETE FROM links WHERE loan = ? AND list = ? AND target = ?", (loan, field, target)
        )

    def links(self, loan: int, field: str) -> list[tuple[int, str]]:
        """Ids and roles of what is linked to a loan."""
        sql = "SELECT target, role FROM links WHERE loan = ? AND list = ? ORDER BY target"
        return self._db.execute(sql, (loan, field)).fetchall()

    def loans_of(self, customer: int) -> list[int]:
        """Ids of the loans that a customer is linked to."""
        sql = "SELECT loan FROM links WHERE list = 'Customers' AND target = ? ORDER BY loan"
        return [loan for (loan,) in self._db.execute(sql, (customer,))]

    def mark(self, owner: int, marks: Iterable[tuple[str, str]], kinds: Iterable[str]) -> None:
        """Add what an owner is recognised by; of the given kinds it carries nothing else from now on."""
        self._db.executemany(
            "DELETE FROM marks WHERE owner = ? AND kind = ?", [(owner, kind) for kind in kinds]
        )
        rows = [(kind, value, owner) for kind, value in marks]
        self._db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", rows)

    def marked(self, kind: str, value: str, other_than: int) -> bool:
        """Whether somebody else carries this mark."""
        sql = "SELECT 1 FROM marks WHERE kind = ? AND value = ? AND owner <> ? LIMIT 1"
        return self._db.execute(sql, (kind, value, other_than)).fetchone() is not None

    def carries(self, owner: int, mark: tuple[str, str]) -> bool:
        """Whether the owner has this mark already."""
        sql = "SELECT 1 FROM marks WHERE kind = ? AND value = ? AND owner = ?"
        return self._db.execute(sql, (*mark, owner)).fetchone() is not None

    def note_change(self, name: str, key: int, at: float) -> None:
        """Remember that the search index must look at a record again."""
        self._db.execute("INSERT INTO unsearched (entity, id, at) VALUES (?, ?, ?)", (name, key, at))

    def select(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement of `reading` or `search`, committed ones alone."""
        self.commit()
        return self._db.execute(sql, tuple(parameters)).fetchall()

    def change(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run a statement of `search` for each of *rows*, in the open transaction."""
        self.begin()
        self._db.executemany(sql, rows)

    def bodies(self, table: str, field: str) -> Iterator[Document]:
        """Every document of `loans`, `customers`, or of the nested list *field*, deleted ones left out."""
        self.commit()
        if table == "nested":
            rows = self._db.execute("SELECT body FROM nested WHERE list = ?", (field,))
        else:
            rows = self._db.execute(f"SELECT body FROM {table} WHERE deleted = 0")  # noqa: S608 - our own names
        for (body,) in rows:
            yield _decode(body)

    def listed(self, field: str) -> Iterator[tuple[int, Document]]:
        """Every record of the nested list *field*, whoever owns it, with its owner's id."""
        self.commit()
        for owner, body in self._db.execute("SELECT owner_id, body FROM nested WHERE list = ?", (field,)):
            yield owner, _decode(body)

    def create_function(self, name: str, arguments: int, function: Any) -> None:
        """Give SQL a function of ours."""
        self._db.create_function(name, arguments, function, deterministic=True)


def _refused(path: Path, error: sqlite3.DatabaseError) -> UsageError:
    if "locked" in str(error):
        return UsageError(
            f"{path}: another sandbox serves this file", hint="stop the other one, or give another --file"
        )
    return UsageError(f"{path}: not a sandbox tenant ({error})", hint="give another --file")


def remove(path: Path) -> None:
    """
    Delete a tenant's file and what SQLite keeps beside it; nothing happens if there is none.

    Raises:
        UsageError: Another process serves it, or it is no sandbox tenant and had better stay.
    """
    if path.exists():
        Store(path).close()
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
