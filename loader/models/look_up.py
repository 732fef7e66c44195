"""Requests that look an entity up by its natural key, as values (LoanPro reference 7)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

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
    """

    method: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    body: bytes | None = None


def odata_string(text: str) -> str:
    """Text as an OData literal: in single quotes, a quote inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def query_string(text: str) -> str:
    """Text as Elasticsearch's query_string takes it literally: reserved characters and operators escaped."""
    escaped = _RESERVED.sub(r"\\\1", re.sub("[<>]", " ", text))
    return _OPERATORS.sub(r"\\\1", escaped)


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
        wanted = {"query": query_string(key), "default_operator": "AND", "fields": [self.field]}
        search = LookUp(
            "POST",
            f"{self.entities}/Autopal.Search()",
            {"$top": "25", "$start": "0", "$orderby": "id asc"},
            msgspec.json.encode({"query": {"bool": {"must": [{"query_string": wanted}]}}}),
        )
        return odata, search

    def read_back(self, remote_id: int, nested: Sequence[str]) -> LookUp:
        """
        The entity itself, with the nested ones that are to be compared.

        Unless it is asked for, LoanPro answers a nested entity with a mere address (LoanPro reference 1.5).

        Args:
            remote_id: LoanPro's id.
            nested: Names of fields that hold objects or lists.
        """
        query = {"$expand": ",".join(nested)} if nested else {}
        return LookUp("GET", f"odata.svc/{self.entities}({remote_id})", query)

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
