"""What finds an entity by its natural key or its marker, and the requests for it, as values (LoanPro reference 7)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol, Self

import msgspec

from loader.models.comparison import day_of
from loader.models.marker import marker_of

# Characters with a meaning in an Elasticsearch query_string; < and > cannot be escaped and are left out there.
_RESERVED = re.compile(r'([+\-=&|!(){}\[\]^"~*?:\\/])')
_OPERATORS = re.compile(r"\b(AND|OR|NOT)\b")


@dataclass(frozen=True, slots=True)
class LookUp:
    """
    One read-only request.

    Attributes:
        method: HTTP method.
        path: Path below the base URL.
        query: Query options, not yet percent-encoded.
        body: JSON, None for a GET.
        inside: Field of the answered entity that holds the list to look into; "" where the answer is the list.
        whole: True where an answer that does not hold the whole list proves nothing.
        proves_absence: False where an answer that does not show the entity proves nothing.
        day: Field and day that every entity of the answer must have: one that shows another day was not asked for, so the filter
            was not applied, and the answer proves nothing. None where there is no such field.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    body: bytes | None = None
    inside: str = ""
    whole: bool = False
    proves_absence: bool = True
    day: tuple[str, date] | None = None

    def asked_for(self, entity: Mapping[str, Any]) -> bool:
        """Whether an entity of the answer may be one that was asked for."""
        if self.day is None:
            return True
        found = entity.get(self.day[0])
        try:
            shown = day_of(found) if isinstance(found, str) else None
        except ValueError:
            return True
        return shown in (None, self.day[1])


class Finder(Protocol):
    """Finds what an operation may have created."""

    def within(self, parent_id: int) -> Self:
        """The finder for one parent, such as a loan."""
        ...

    def of(self, payload: Mapping[str, Any]) -> Self:
        """The finder for what a payload makes, where the key alone does not say what is looked for."""
        ...

    def look_ups(self, key: str) -> tuple[LookUp, ...]:
        """Requests that would show the entity, the most dependable first."""
        ...

    def read_back(self, remote_id: int, nested: Sequence[str]) -> LookUp:
        """The request that shows one entity with what it holds."""
        ...

    def matches(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity of the answer is the one that the key identifies."""
        ...

    def hides(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity of the answer may be that one, and does not show enough to tell."""
        ...

    def contradicts(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity shows that it is another one."""
        ...


def odata_string(text: str) -> str:
    """Text as an OData literal: in single quotes, a quote inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def query_string(text: str) -> str:
    """Text as Elasticsearch's query_string takes it literally: reserved characters and operators escaped."""
    escaped = _RESERVED.sub(r"\\\1", re.sub("[<>]", " ", text))
    return _OPERATORS.sub(r"\\\1", escaped)


def search(entities: str, field: str, text: str) -> LookUp:
    """The search for entities by the exact text of one field (LoanPro reference 7)."""
    wanted = {"query": query_string(text), "default_operator": "AND", "fields": [field]}
    return LookUp(
        "POST",
        f"{entities}/Autopal.Search()",
        {"$top": "25", "$start": "0", "$orderby": "id asc"},
        msgspec.json.encode({"query": {"bool": {"must": [{"query_string": wanted}]}}}),
    )


def read_back(entities: str, remote_id: int, nested: Sequence[str]) -> LookUp:
    """
    The request for one entity, with the nested ones that are to be compared.

    Unless it is asked for, LoanPro answers a nested entity with a mere address (LoanPro reference 1.5).

    Args:
        entities: Name of the entities in LoanPro's paths, such as `Loans`.
        remote_id: LoanPro's id.
        nested: Names of fields that hold objects or lists.
    """
    query = {"$expand": ",".join(nested)} if nested else {}
    return LookUp("GET", f"odata.svc/{entities}({remote_id})", query)


@dataclass(frozen=True, slots=True)
class ByNaturalKey:
    """
    Finds an entity by a text field of its own.

    Attributes:
        entities: Name of the entities in LoanPro's paths, such as `Loans`.
        field: The field that holds the natural key.
    """

    entities: str
    field: str

    def within(self, parent_id: int) -> Self:
        """Itself: such an entity is in no other."""
        del parent_id
        return self

    def of(self, payload: Mapping[str, Any]) -> Self:
        """Itself: the key says all."""
        del payload
        return self

    def look_ups(self, key: str) -> tuple[LookUp, ...]:
        """
        OData first, then the search, whose index may lag behind (LoanPro reference 7).

        Two hits of the OData query are enough to know that the key is not unique.

        Raises:
            ValueError: The key is empty: it would find anything.
        """
        if not key:
            raise ValueError("an empty key identifies nothing")
        odata = LookUp(
            "GET",
            f"odata.svc/{self.entities}",
            {"$filter": f"{self.field} eq {odata_string(key)}", "$top": "2"},
        )
        return odata, search(self.entities, self.field, key)

    def read_back(self, remote_id: int, nested: Sequence[str]) -> LookUp:
        """The entity itself, with the nested ones that are to be compared."""
        return read_back(self.entities, remote_id, nested)

    def hides(self, entity: dict[str, Any], key: str) -> bool:
        """Never: LoanPro shows such a key."""
        del entity, key
        return False

    def contradicts(self, entity: dict[str, Any], key: str) -> bool:
        """Whether the entity shows another key; one that shows none contradicts nothing."""
        return entity.get(self.field) is not None and not self.matches(entity, key)

    def matches(self, entity: dict[str, Any], key: str) -> bool:
        """
        Whether the entity has exactly this key; a search finds similar ones too.

        Numbers count as their text, since a search may type a field otherwise than OData (LoanPro reference 1.6).
        """
        found = entity.get(self.field)
        return isinstance(found, str | int) and not isinstance(found, bool) and str(found) == key


@dataclass(frozen=True, slots=True)
class ByMarker:
    """
    Finds what was added to a loan by the marker in its text.

    The marker alone finds it: one whose amount or date is another is there all the same, and is told by comparison. An entity
    that was reversed or inactivated since counts as well.

    Attributes:
        operation: Name of the operation, which is part of the marker.
        entities: Name of the list, such as `Payments`.
        fields: Text fields that may hold the marker.
        parent_id: LoanPro's id of the loan, None where it is not known yet.
    """

    operation: str
    entities: str
    fields: tuple[str, ...]
    parent_id: int | None = None

    def within(self, parent_id: int) -> Self:
        """The same for one loan."""
        return replace(self, parent_id=parent_id)

    def of(self, payload: Mapping[str, Any]) -> Self:
        """Itself: the marker is made from the key."""
        del payload
        return self

    def look_ups(self, key: str) -> tuple[LookUp, ...]:
        """
        The loan with its list, then the list by its loan (LoanPro reference 7); both without paging.

        Raises:
            ValueError: The key is empty, or the loan is not known.
        """
        marker_of(self.operation, key)
        listed = LookUp(
            "GET",
            f"odata.svc/{self.entities}",
            {"$filter": f"entityId eq {self._parent()}", "$orderby": "id desc", "nopaging": "true"},
            whole=True,
        )
        return self.read_back(0, ()), listed

    def read_back(self, remote_id: int, nested: Sequence[str]) -> LookUp:
        """
        The loan with its list: LoanPro documents no request for one item of it.

        Args:
            remote_id: LoanPro's id of the item, which the answer's list is searched for.
            nested: Names of fields of the item that hold objects or lists.
        """
        del remote_id
        expand = ",".join([self.entities, *(f"{self.entities}/{name}" for name in nested)])
        return LookUp(
            "GET",
            f"odata.svc/Loans({self._parent()})",
            {"$expand": expand, "nopaging": "true"},
            inside=self.entities,
            whole=True,
        )

    def hides(self, entity: dict[str, Any], key: str) -> bool:
        """Never: what shows no marker has none."""
        del entity, key
        return False

    def contradicts(self, entity: dict[str, Any], key: str) -> bool:
        """Whether the answer to a request is about another loan: LoanPro answers with the loan (LoanPro reference 3.3)."""
        del key
        return str(entity.get("id")) != str(self.parent_id)

    def matches(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an item of the list carries the key's marker, and does not say that it belongs to another loan."""
        owner = entity.get("entityId")
        if owner is not None and str(owner) != str(self.parent_id):
            return False
        marker = marker_of(self.operation, key)
        return any(marker in text for name in self.fields if isinstance(text := entity.get(name), str))

    def _parent(self) -> int:
        if self.parent_id is None:
            raise ValueError("the loan is not known")
        return self.parent_id
