"""What the file links to and what the tenant holds, side by side in a temporary SQLite file: memory stays flat however many there are."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from loader.errors import TemplateError
from loader.intake.file import Intake
from loader.models.concealed import concealed_key
from loader.models.marker import marker_of, markers_in
from loader.models.operation import Operation
from loader.models.operations import find_operation, operation_of
from loader.models.person import PERSON, person_shown
from loader.rehearsal.tenant import Entity, Tenant

_SECRET_BYTES = 32
_SCHEMA = """
CREATE TABLE made (entity TEXT, key TEXT, PRIMARY KEY (entity, key)) WITHOUT ROWID;
CREATE TABLE linked (entity TEXT, key TEXT, PRIMARY KEY (entity, key)) WITHOUT ROWID;
CREATE TABLE held (
    entity TEXT, identity TEXT, id INTEGER, parent_id INTEGER, fields TEXT,
    before INTEGER DEFAULT 0, -- 1 where it was there before the first request
    spoken_for INTEGER DEFAULT 0 -- 1 where a row says that it is, or may be, there
);
CREATE INDEX held_identity ON held (entity, identity);
"""
_BEFOREHAND = "SELECT entity, key FROM linked EXCEPT SELECT entity, key FROM made"


class Ledger:
    """
    Keys and entities of one rehearsal; use it as a context manager.

    Args:
        intake: The file.

    Attributes:
        secret: Conceals keys that are personal data, here and for this rehearsal alone.

    Raises:
        TemplateError: The template has two kinds of key for one group.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        steps = intake.template.template.steps
        keyed = [find_operation(step.operation).keyed_by(step.key.names) for step in steps]
        links = [link for step in steps for several in step.links.values() for link in several]
        _one_kind_of_key(
            {(op.entity_group, op.key_fields) for op in keyed} | {(link.to, link.by) for link in links}
        )
        self._made = tuple(dict.fromkeys(operation.entity_group for operation in keyed))
        self._personal = {operation.entity_group for operation in keyed if operation.personal}
        self._linked = {link.to for link in links}
        self.secret = secrets.token_bytes(_SECRET_BYTES)
        self._scratch = sqlite3.connect("")  # a file that SQLite itself removes
        self._scratch.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._scratch.close()

    def enter_file(self) -> None:
        """
        Read the file for what its rows make and what they link to.

        Raises:
            SourceError: The file cannot be read.
        """
        if not self._linked:
            return
        for checked in self._intake.checked_batches(self.secret):
            rows = checked.rows()
            made = (
                (step.operation.entity_group, step.key)
                for row in rows
                for step in row.steps
                if step.key and step.operation.entity_group in self._linked
            )
            self._scratch.executemany("INSERT OR IGNORE INTO made VALUES (?, ?)", made)
            linked = (
                (link.entity, link.key)
                for row in rows
                if row.valid
                for step in row.steps
                for link in step.links
            )
            self._scratch.executemany("INSERT OR IGNORE INTO linked VALUES (?, ?)", linked)

    def beforehand(self) -> Iterator[tuple[str, str]]:
        """Group and natural key of what valid rows link to and no row makes: it must be at the tenant before."""
        yield from self._scratch.execute(_BEFOREHAND)

    def enter_held(self, tenant: Tenant) -> None:
        """Take down what the tenant holds of all that the file makes or links to."""
        for group in sorted({*self._made, *self._linked}):
            operation = operation_of(group)
            entities = (
                (
                    group,
                    self._identity_of(operation, found),
                    found.id,
                    found.parent_id,
                    json.dumps(found.fields),
                )
                for found in tenant.held(group)
            )
            self._scratch.executemany(
                "INSERT INTO held (entity, identity, id, parent_id, fields) VALUES (?, ?, ?, ?, ?)", entities
            )
        # Of what was there before, the oldest is no work of the run.
        self._scratch.execute(
            "UPDATE held SET before = 1 WHERE rowid IN (SELECT min(held.rowid) FROM held "  # noqa: S608  our own words
            f"JOIN ({_BEFOREHAND}) AS b ON b.entity = held.entity AND b.key = held.identity GROUP BY b.entity, b.key)"
        )

    def find(self, operation: Operation, key: str) -> list[Entity]:
        """What the tenant holds under a natural key, or under the marker that is made from it."""
        found: list[tuple[int, int | None, str]] = self._scratch.execute(
            "SELECT id, parent_id, fields FROM held WHERE entity = ? AND identity = ? ORDER BY id",
            (operation.entity_group, identity(operation, key)),
        ).fetchall()
        return [Entity(remote_id, parent_id, json.loads(fields)) for remote_id, parent_id, fields in found]

    def speak_for(self, operation: Operation, key: str, remote_id: int) -> None:
        """A row says that this entity is, or may be, there."""
        sql = "UPDATE held SET spoken_for = 1 WHERE entity = ? AND identity = ? AND id = ?"
        self._scratch.execute(sql, (operation.entity_group, identity(operation, key), remote_id))

    def created(self) -> int:
        """Entities that the tenant holds and did not hold before."""
        marks = ", ".join("?" * len(self._made))
        return self._count(f"WHERE before = 0 AND entity IN ({marks})", self._made)

    def was_there(self) -> int:
        """Entities that were there before."""
        return self._count("WHERE before = 1", ())

    def doubled(self) -> int:
        """Entities beyond the first under one natural key or marker."""
        distinct = self._scratch.execute("SELECT count(*) FROM (SELECT DISTINCT entity, identity FROM held)")
        return self._count("", ()) - int(distinct.fetchone()[0])

    def unspoken_for(self) -> int:
        """Natural keys and markers under which the tenant holds something that no row speaks for."""
        grouped = "SELECT 1 FROM held GROUP BY entity, identity HAVING max(before + spoken_for) = 0"
        return int(self._scratch.execute(f"SELECT count(*) FROM ({grouped})").fetchone()[0])  # noqa: S608  our own words

    def _identity_of(self, operation: Operation, entity: Entity) -> str:
        """By what an entity is recognised; one without key or with several markers is nobody's, and like no other."""
        nobody = f"\x1f{entity.id}"
        if operation.entity_group in self._personal:
            shown = person_shown(entity.fields)
            return concealed_key(self.secret, PERSON.fields, shown) if shown else nobody
        if not operation.marker_fields:
            key = entity.fields.get(operation.key_fields[0])
            return nobody if key is None else str(key)
        texts: list[Any] = [entity.fields.get(name) for name in operation.marker_fields]
        found = {marker for text in texts for marker in markers_in(str(text or ""))}
        return found.pop() if len(found) == 1 else nobody

    def _count(self, where: str, parameters: tuple[str, ...]) -> int:
        return int(self._scratch.execute(f"SELECT count(*) FROM held {where}", parameters).fetchone()[0])  # noqa: S608  our own words


def identity(operation: Operation, key: str) -> str:
    """By what an entity is recognised that an operation makes under a key: the key, or the marker in its text."""
    return marker_of(operation.name, key) if operation.marker_fields else key


def _one_kind_of_key(kinds: set[tuple[str, tuple[str, ...]]]) -> None:
    """Refuse a template that knows entities of one group by several keys: which of them counts could not be said."""
    groups = [group for group, _ in kinds]
    if several := sorted({group for group in groups if groups.count(group) > 1}):
        raise TemplateError(
            f"a rehearsal counts entities by one key, and the template knows {' and '.join(several)} by two",
            hint="try the file with `loader submit --sandbox`",
        )
