"""
The Elasticsearch-style body of a search, turned into SQL (LoanPro reference 7).

Understood are `query.bool` with `must`, `should`, `must_not` and `filter`, and in them `match`, `match_phrase`, `term`,
`query_string` and `bool` again. As in Elasticsearch, text is split into words without regard to case: `match` finds
records with **any** of the words, so that `L-100` finds `L-200` too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from loader.sandbox import refusals
from loader.sandbox.filtering import Condition

_WORD = re.compile(r"\w+")
_TERM = re.compile(r'"(?P<phrase>[^"]*)"|(?P<term>(?:\\.|[^\s"])+)')
_NOTHING = Condition("0")
_EVERYTHING = Condition("1")


class _Index:
    """One full-text table: *columns* by the names of the fields that may be searched."""

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        self._table = table
        self.columns = columns

    def holds(self, expression: str, fields: list[str]) -> Condition:
        """Records in which one of the fields matches a full-text expression made of quoted words."""
        known = [self.columns[field] for field in fields if field in self.columns]
        if not known or not expression:
            return _NOTHING
        inside = f"SELECT rowid FROM {self._table} WHERE {self._table} MATCH ?"  # noqa: S608 - our own names
        return Condition(f"id IN ({inside})", (f"{{{' '.join(known)}}} : ({expression})",))

    def contains(self, part: str, fields: list[str]) -> Condition:
        """Records in which one of the fields contains *part* anywhere."""
        known = [self.columns[field] for field in fields if field in self.columns]
        if not known:
            return _NOTHING
        either = " OR ".join(f"instr(lower({column}), ?) > 0" for column in known)
        inside = f"SELECT rowid FROM {self._table} WHERE {either}"  # noqa: S608 - our own names
        return Condition(f"id IN ({inside})", (part.lower(),) * len(known))


def compile_search(body: Any, table: str, columns: Mapping[str, str]) -> Condition:
    """
    The condition that a search body states; an empty body finds everything.

    Args:
        body: The decoded body.
        table: Full-text table to search.
        columns: Its column for each field that may be searched; an unknown field matches nothing.

    Raises:
        Refusal: The body is not understood.
    """
    if not isinstance(body, dict):
        raise refusals.query("A search needs a JSON object")
    query = body.get("query", {})
    return _clause(query, _Index(table, columns)) if query else _EVERYTHING


def _clause(query: Any, index: _Index) -> Condition:
    if not isinstance(query, dict) or len(query) != 1:
        raise refusals.query("A search clause is an object with one key")
    ((name, value),) = query.items()
    clauses: dict[str, Callable[[Any, _Index], Condition]] = {
        "bool": _bool,
        "match": _match,
        "match_phrase": _phrase,
        "term": _phrase,
        "query_string": _query_string,
        "match_all": lambda _value, _index: _EVERYTHING,
    }
    if name not in clauses:
        raise refusals.query(f"Unknown search clause {name}")
    return clauses[name](value, index)


def _bool(value: Any, index: _Index) -> Condition:
    if not isinstance(value, dict) or value.keys() - {
        "must",
        "should",
        "must_not",
        "filter",
        "minimum_should_match",
    }:
        raise refusals.query("bool holds must, should, must_not and filter")

    def clauses(name: str) -> list[Condition]:
        found = value.get(name, [])
        return [_clause(item, index) for item in (found if isinstance(found, list) else [found])]

    must, should = clauses("must") + clauses("filter"), clauses("should")
    parts = [*must, *(Condition(f"NOT {item.sql}", item.parameters) for item in clauses("must_not"))]
    if should and (not must or value.get("minimum_should_match")):
        parts.append(_joined("OR", should))
    return _joined("AND", parts) if parts else _EVERYTHING


def _match(value: Any, index: _Index) -> Condition:
    field, wanted = _single(value)
    both = False
    if isinstance(wanted, dict):
        both, wanted = str(wanted.get("operator", "or")).lower() == "and", wanted.get("query", "")
    words = (f'"{word}"' for word in _WORD.findall(str(wanted)))
    return index.holds((" AND " if both else " OR ").join(words), [field])


def _phrase(value: Any, index: _Index) -> Condition:
    field, wanted = _single(value)
    if isinstance(wanted, dict):
        wanted = wanted.get("query", wanted.get("value", ""))
    return index.holds(_quoted(str(wanted)), [field])


def _query_string(value: Any, index: _Index) -> Condition:
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        raise refusals.query("query_string needs a query")
    fields = value.get("fields", list(index.columns))
    if not isinstance(fields, list):
        raise refusals.query("fields of query_string is a list")
    operator = str(value.get("default_operator", "OR")).upper()
    found: list[Condition] = []
    for match in _TERM.finditer(value["query"]):
        term = match["term"]
        if term in {"AND", "OR"}:
            operator = term
        elif term is None:
            found.append(index.holds(_quoted(match["phrase"]), fields))
        else:
            found.append(_one_term(term, fields, index))
    return _joined("OR" if operator == "OR" else "AND", found) if found else _NOTHING


def _one_term(term: str, fields: list[str], index: _Index) -> Condition:
    plain = re.sub(r"\\(.)", r"\1", term.strip("*"))
    if term.strip("*") == "" and term:
        return _EVERYTHING
    if term.startswith("*"):
        return index.contains(plain, fields)
    prefix = " *" if term.endswith("*") and not term.endswith("\\*") else ""
    return index.holds(_quoted(plain) + prefix, fields) if _quoted(plain) else _NOTHING


def _quoted(text: str) -> str:
    words = " ".join(_WORD.findall(text))
    return f'"{words}"' if words else ""


def _single(value: Any) -> tuple[str, Any]:
    if not isinstance(value, dict) or len(value) != 1:
        raise refusals.query("match holds one field")
    ((field, wanted),) = value.items()
    return field, wanted


def _joined(word: str, parts: list[Condition]) -> Condition:
    sql = "(" + f" {word} ".join(part.sql for part in parts) + ")"
    return Condition(sql, tuple(parameter for part in parts for parameter in part.parameters))
