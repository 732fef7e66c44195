"""
A payload laid onto a document: what is kept, what is wrong, what the request's nested records become.

Nothing is stored here; a `Draft` is complete before the first row is written, so that a refused request leaves no
trace.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loader.sandbox import refusals
from loader.sandbox.entities import Entity
from loader.sandbox.store import Document
from loader.sandbox.values import MOST_INTEGER, BadValue
from loader.sandbox.vocabulary import VOCABULARY

_ROLES = frozenset(VOCABULARY["loan.customerRole"])
_ID = re.compile(r"[0-9]{1,18}")
_URI = re.compile(r".*odata\.svc/[A-Za-z]+\((?:id=)?([0-9]{1,18})\)")


@dataclass(frozen=True, slots=True)
class Link:
    """A wish to link a record to a loan, or to take the link away."""

    field: str
    target: int
    role: str
    remove: bool


@dataclass(slots=True)
class Draft:
    """
    What one request wants to write.

    Attributes:
        new_id: Gives the next id of a nested record.
        nested_of: Looks a nested record of the top entity up by list and id; None if there is none.
        missing: Labels of required fields that are not there.
        invalid: Paths of bad values, with what is wrong.
        added: New records of the top entity's lists, by list.
        changed: Existing records with their changes.
        removed: Ids of records to remove.
        links: Links to make or to remove.
    """

    new_id: Callable[[], int]
    nested_of: Callable[[str, int], Document | None]
    missing: list[str] = field(default_factory=list)
    invalid: dict[str, str] = field(default_factory=dict)
    added: list[tuple[str, Document]] = field(default_factory=list)
    changed: list[Document] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def check(self) -> None:
        """
        Refuse if anything is missing or wrong.

        Raises:
            Refusal: Something is; missing fields are named first.
        """
        if self.missing:
            raise refusals.missing(self.missing)
        if self.invalid:
            raise refusals.invalid(self.invalid)

    def lay(self, entity: Entity, document: Document, payload: Mapping[str, Any], path: str = "") -> None:
        """Lay the payload of a top entity onto its document; lists and links go to the draft."""
        self._lay_own(entity, document, payload, path)
        for name in (key for key in payload if key in entity.lists):
            self._lay_list(name, entity.lists[name], payload[name])
        for name in (key for key in payload if key in entity.links):
            for item in _results(payload[name]):
                self._lay_link(name, item)

    def require(self, entity: Entity, document: Document, where: str = "") -> None:
        """Note what a new record lacks."""
        prefix = f"{where}: " if where else ""
        for name, label in entity.required.items():
            if document.get(name) in (None, ""):
                self.missing.append(prefix + label)

    def _lay_own(self, entity: Entity, document: Document, payload: Mapping[str, Any], path: str) -> None:
        for name, value in payload.items():
            kind = entity.fields.get(name)
            if kind is not None:
                try:
                    document[name] = None if value is None else kind.keep(value)
                except BadValue as error:
                    document[name] = value  # it is there, if only to be refused: not missing as well
                    self.invalid[path + name] = str(error)
            elif name in entity.objects:
                self._lay_object(name, entity.objects[name], document, value, f"{path}{name}.")

    def _lay_object(self, name: str, entity: Entity, owner: Document, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            if value is not None:
                self.invalid[path[:-1]] = "is not an object"
            return
        existing = owner.get(name)
        if existing is None:
            owner[name] = self._new(entity, value, path, name)
        elif _integer(value.get("__id")) == existing["id"] and _true(value.get("__update")):
            owner[name] = document = dict(existing)
            self._lay_inner(entity, document, value, path)
        else:
            self.invalid[path[:-1]] = "exists: a change needs its __id and __update"

    def _new(self, entity: Entity, payload: Mapping[str, Any], path: str, name: str) -> Document:
        document: Document = {"id": self.new_id(), **entity.defaults}
        self._lay_inner(entity, document, payload, path)
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        self.require(entity, document, spaced)
        return document

    def _lay_inner(self, entity: Entity, document: Document, payload: Mapping[str, Any], path: str) -> None:
        """Lay a nested record whose own lists, custom fields, are kept inside it."""
        self._lay_own(entity, document, payload, path)
        for name in (key for key in payload if key in entity.lists):
            kept = {item["id"]: item for item in document.get(name, [])}
            for item in _results(payload[name]):
                key = _integer(item.get("__id"))
                if key is None:
                    new = self._new(entity.lists[name], item, f"{path}{name}.", name)
                    kept[new["id"]] = new
                elif key not in kept:
                    self.invalid[f"{path}{name}"] = f"there is no record {key}"
                elif _true(item.get("__destroy")):
                    del kept[key]
                elif _true(item.get("__update")):
                    kept[key] = changed = dict(kept[key])
                    self._lay_own(entity.lists[name], changed, item, f"{path}{name}.")
            document[name] = list(kept.values())

    def _lay_list(self, name: str, entity: Entity, value: Any) -> None:
        single = (
            [value] if name == "Collateral" and isinstance(value, dict) and "results" not in value else None
        )
        for item in single or _results(value):
            key = _integer(item.get("__id"))
            if key is None:
                self.added.append((name, self._new(entity, item, f"{name}.", name)))
                continue
            existing = self.nested_of(name, key)
            if existing is None:
                self.invalid[name] = f"there is no record {key}"
            elif _true(item.get("__destroy")):
                self.removed.append(key)
            elif _true(item.get("__update")):
                self._lay_inner(entity, existing, item, f"{name}.")
                if name == "Charges" and not item.get("editComment"):
                    self.missing.append("Charges: Edit Comment")
                self.changed.append(existing)

    def _lay_link(self, name: str, item: Mapping[str, Any]) -> None:
        target = _target(item)
        if target is None:
            return  # a made-up shape answers 200 and writes nothing (LoanPro reference 1.7)
        role = item.get("__setLoanRole", "loan.customerRole.unassigned") if name == "Customers" else ""
        if role and role not in _ROLES:
            self.invalid[f"{name}.__setLoanRole"] = "is not a value of loan.customerRole"
        self.links.append(Link(name, target, role, _true(item.get("__destroy"))))


def _results(value: Any) -> list[Mapping[str, Any]]:
    """The records of a wrapped list; anything else is dropped without a word (LoanPro reference 1.6, 1.7)."""
    found = value.get("results") if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _target(item: Mapping[str, Any]) -> int | None:
    key = _integer(item.get("__id"))
    metadata = item.get("__metadata")
    if key is None and isinstance(metadata, dict):
        match = _URI.fullmatch(str(metadata.get("uri", "")))
        key = int(match[1]) if match else None
    return key


def _integer(value: Any) -> int | None:
    """An id, None for what cannot be one."""
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, str) and _ID.fullmatch(value))
    ):
        return None
    return int(value) if abs(int(value)) <= MOST_INTEGER else None


def _true(value: Any) -> bool:
    return value in (True, 1, "1", "true")
