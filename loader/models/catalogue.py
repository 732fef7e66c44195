"""What every payload field is, as values: for lists of fields, drop-downs, and messages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from pydantic.fields import FieldInfo

from loader.models.customer import COMPANY_TYPES, Customer
from loader.models.enumerations import Enumeration, enumeration
from loader.models.fields import Exact, Plain, is_read_only, is_sensitive, source_of, value_type
from loader.models.payload import Payload
from loader.models.structure import fields_by_name, locate, nested


class Required(StrEnum):
    """When a field is required, within the object that holds it."""

    ALWAYS = "yes"
    UNLESS_DEFAULTS = "unless the tenant has defaults"
    BY_KIND = "by kind of customer"
    NO = "no"


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """
    One payload field.

    Attributes:
        path: Path as templates write it; a list's item is numbered 1.
        type_name: Its type in plain words, such as `money` or `one of 4 values`.
        group: Name of the enumeration's collection, "" for another type.
        values: Allowed values, each with its meaning or ""; empty for another type.
        limits: Such as `at most 2 decimals, up to 999,999,999.99`; "" for none.
        max_length: Longest text in characters, None where none is known.
        required: Within the object that holds it: a phone's number is required of every phone.
        read_only: True where the field must not be sent.
        sensitive: True where it must be masked.
        source: Where it is documented, such as `LoanPro reference 2.2`.
        description: What it is; "" where the reference does not say.
    """

    path: str
    type_name: str
    group: str
    values: tuple[tuple[str, str], ...]
    limits: str
    max_length: int | None
    required: Required
    read_only: bool
    sensitive: bool
    source: str
    description: str


@cache
def fields_of(model: type[Payload]) -> tuple[FieldDoc, ...]:
    """Every plain field of a model and of what it holds, in the models' order, lists by their first item."""
    return tuple(_walk(model, ""))


def field_at(model: type[Payload], path: str) -> FieldDoc:
    """
    The field that a path leads to, whatever the numbers of its list items.

    Raises:
        UnknownField: There is none; the error knows the nearest paths.
    """
    place = locate(model, path)
    return replace(_doc(place.model, place.steps[-1].name, place.field, ""), path=path)


@cache
def enumerations_of(model: type[Payload]) -> dict[str, Enumeration]:
    """The enumerations of a model and of what it holds, by the name of their collection."""
    found: dict[str, Enumeration] = {}
    for name, field in fields_by_name(model).items():
        inner = nested(model, name)
        if inner is not None:
            found |= enumerations_of(inner[0])
        elif (values := enumeration(value_type(field))) is not None:
            found[values.group] = values
    return found


def exact_number(field: FieldInfo) -> Exact | None:
    """The limits of a field that holds a decimal number."""
    return next((mark for mark in get_args(value_type(field)) if isinstance(mark, Exact)), None)


def max_length(field: FieldInfo) -> int | None:
    """The longest text that a field takes, in characters."""
    for mark in get_args(value_type(field)):
        for limit in mark.metadata if isinstance(mark, FieldInfo) else (mark,):
            longest = getattr(limit, "max_length", None)
            if isinstance(longest, int):
                return longest
    return None


def type_name(field: FieldInfo) -> str:
    """A field's type in plain words, with its article left out."""
    kind = value_type(field)
    values = enumeration(kind)
    if values is not None:
        return f"one of {len(values.values)} values"
    return next((mark.kind for mark in get_args(kind) if isinstance(mark, Exact | Plain)), "object")


def _walk(model: type[Payload], prefix: str) -> Iterator[FieldDoc]:
    for name, field in fields_by_name(model).items():
        inner = nested(model, name)
        if inner is None:
            yield _doc(model, name, field, prefix)
        else:
            yield from _walk(inner[0], f"{prefix}{name}[1]." if inner[1] else f"{prefix}{name}.")


def _doc(model: type[Payload], name: str, field: FieldInfo, prefix: str) -> FieldDoc:
    values = enumeration(value_type(field))
    return FieldDoc(
        path=f"{prefix}{name}",
        type_name=type_name(field),
        group=values.group if values else "",
        values=tuple((str(value), values.meanings.get(str(value), "")) for value in values.values)
        if values
        else (),
        limits=_limits(field),
        max_length=max_length(field),
        required=_required(model, name),
        read_only=is_read_only(field),
        sensitive=is_sensitive(field),
        source=f"LoanPro reference {source_of(field)}",
        description=field.description or "",
    )


def _limits(field: FieldInfo) -> str:
    exact, longest = exact_number(field), max_length(field)
    if exact is not None:
        return f"at most {exact.places} decimals, up to {exact.largest:,}"
    return "" if longest is None else f"at most {longest} characters"


def _required(model: type[Payload], name: str) -> Required:
    if name in model.required_with_defaults:
        return Required.ALWAYS
    if name in model.required:
        return Required.UNLESS_DEFAULTS
    return Required.BY_KIND if name in _names_by_kind(model) else Required.NO


@cache
def _names_by_kind(model: type[Payload]) -> frozenset[str]:
    """Fields that only some payloads of a model must have."""
    if model is not Customer:
        return frozenset()
    kinds: tuple[dict[str, Any], ...] = ({}, *({"customerType": kind} for kind in COMPANY_TYPES))
    return frozenset(name for kind in kinds for name in model.required_fields(kind, relaxed=False))
