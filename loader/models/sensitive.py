"""Which values of a payload are personal data or secrets."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from loader.models.catalogue import fields_of
from loader.models.payload import Payload


def sensitive_values(model: type[Payload], payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts in a payload that no message, log or report may show, in the form in which the payload holds them."""
    names = _sensitive_names(model)
    return tuple(_texts(payload, names)) if names else ()


@cache
def _sensitive_names(model: type[Payload]) -> frozenset[str]:
    """Last parts of the paths: what is sensitive in one object of a payload is so in every one."""
    return frozenset(doc.path.rsplit(".", 1)[-1] for doc in fields_of(model) if doc.sensitive)


def _texts(value: Any, names: frozenset[str]) -> list[str]:
    found: list[str] = []
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in names and inner is not None and not isinstance(inner, Mapping | list):
                found.append(str(inner))
            else:
                found.extend(_texts(inner, names))
    elif isinstance(value, list):
        for inner in value:
            found.extend(_texts(inner, names))
    return found
