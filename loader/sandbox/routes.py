"""Paths below the base path, turned into calls; both URL families (LoanPro reference 1.3)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from loader.sandbox import refusals
from loader.sandbox.catalogue import NESTED, TOP
from loader.sandbox.reading import Reader, parse_options
from loader.sandbox.searching import Searcher
from loader.sandbox.store import Document
from loader.sandbox.tenant import Tenant
from loader.sandbox.vocabulary import VOCABULARY

_ODATA = re.compile(
    r"odata\.svc/(?P<set>[A-Za-z]+)(?:\((?:(?:id=)?(?P<key>-?[0-9]{1,18}))?\))?(?:/(?P<part>[A-Za-z]+))?"
)
_ACTION = re.compile(r"Loans\((?:id=)?(?P<key>-?[0-9]{1,18})\)/[Aa]uto[Pp]al\.(?P<verb>\w+)\(\)")
_SEARCH = re.compile(r"(?P<set>Loans|Customers)/[Aa]uto[Pp]al\.Search\(\)")
_COLLECTION = re.compile(r"collections\((?P<group>[\w.]+)\)/items")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Router:
    """Finds what a request asks for and has it done."""

    def __init__(self, tenant: Tenant, reader: Reader, searcher: Searcher) -> None:
        self._tenant = tenant
        self._reader = reader
        self._searcher = searcher

    def answer(self, method: str, path: str, query: str, body: bytes) -> Document:
        """
        Carry a request out and give the content of `d`.

        Args:
            method: HTTP method.
            path: Path below the base path, decoded.
            query: Query string, still encoded.
            body: Body as it came.

        Raises:
            Refusal: The request is refused; nothing was changed.
        """
        if match := _ODATA.fullmatch(path):
            return self._odata(method, match, query, body)
        if match := _SEARCH.fullmatch(path):
            if method == "POST":
                options = parse_options(_parameters(query), search=True)
                return self._searcher.search(match["set"], _json(body or b"{}"), options)
        elif match := _ACTION.fullmatch(path):
            if method == "POST":
                return self._action(match["verb"], int(match["key"]), path)
        elif (match := _COLLECTION.fullmatch(path)) and method == "GET":
            return _collection(match["group"])
        raise refusals.no_endpoint(path)

    def _odata(self, method: str, match: re.Match[str], query: str, body: bytes) -> Document:
        name, key, part = match["set"], match["key"], match["part"]
        if method == "GET" and key is None and part is None and (name in TOP or name in NESTED):
            return self._reader.page(name, parse_options(_parameters(query)))
        if name in TOP and key is not None:
            number = int(key)
            if method == "GET":
                options = parse_options(_parameters(query))
                if part is not None:
                    return self._reader.part(name, number, part, options)
                return self._reader.one(name, number, options)
            if part is None and method == "PUT":
                return self._tenant.change(name, number, _object(body))
            if part is None and method == "DELETE":
                return self._tenant.delete(name, number)
        if name in TOP and key is None and part is None and method == "POST":
            return self._tenant.create(name, _object(body))
        raise refusals.no_endpoint(match[0])

    def _action(self, verb: str, key: int, path: str) -> Document:
        if verb == "Activate":
            return self._tenant.activate(key)
        if verb in {"CreateModification", "CancelModification"}:
            return self._tenant.modify(key, cancel=verb == "CancelModification")
        raise refusals.no_endpoint(path)


def is_write(method: str, path: str) -> bool:
    """Whether a request changes something; a search is a POST that does not."""
    return method in {"POST", "PUT", "DELETE", "PATCH"} and _SEARCH.fullmatch(path) is None


def _parameters(query: str) -> Mapping[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def _json(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refusals.malformed("The body is not JSON") from error


def _object(body: bytes) -> Mapping[str, Any]:
    found = _json(body)
    if not isinstance(found, dict):
        raise refusals.malformed("The body is not a JSON object")
    return found


def _collection(group: str) -> Document:
    if group not in VOCABULARY:
        raise refusals.query(f"There is no collection {group}")
    items = [{"id": number, "key": value} for number, value in enumerate(VOCABULARY[group], 1)]
    return {"results": items, "summary": {"start": 0, "pageSize": len(items), "total": len(items)}}
