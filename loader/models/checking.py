"""
A payload model as a validator of plain dictionaries, and its fields as validators of columns.

The models say what a payload is; checking it through their instances would build each of them only to take it apart
again. The same fields as typed dictionaries take half the time and give back what is sent: only the keys that were given,
under LoanPro's names.
"""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from loader.models.fields import Exact, value_type
from loader.models.payload import Payload
from loader.models.structure import fields_by_name, locate, nested


@cache
def validator_of(model: type[Payload]) -> SchemaValidator:
    """
    The validator of a model's payloads.

    Its `validate_python` takes a nested dictionary and gives a new one, in which whole numbers have become decimals
    where a decimal is wanted, and true and false have become flags; it raises pydantic's ValidationError.
    """
    return SchemaValidator(
        _object_schema(model), core_schema.CoreConfig(strict=True, hide_input_in_errors=True)
    )


@cache
def _object_schema(model: type[Payload]) -> CoreSchema:
    fields = {}
    for name, field in fields_by_name(model).items():
        inner = nested(model, name)
        if inner is None:
            schema = _leaf_schema(field)
        else:
            schema = _object_schema(inner[0])
            schema = core_schema.nullable_schema(_list_schema(schema) if inner[1] else schema)
        fields[name] = core_schema.typed_dict_field(schema, required=False)
    return core_schema.typed_dict_schema(fields, cls_name=model.__name__, extra_behavior="forbid")


def _list_schema(item: CoreSchema) -> CoreSchema:
    """A list in its wrapper (LoanPro reference 1.6)."""
    results = core_schema.typed_dict_field(core_schema.list_schema(item), required=True)
    return core_schema.typed_dict_schema({"results": results}, cls_name="Results", extra_behavior="forbid")


def _leaf_schema(field: FieldInfo) -> CoreSchema:
    annotation: Any = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]
    return TypeAdapter(annotation).core_schema


class CheckedValues(NamedTuple):
    """
    A column after its check.

    Attributes:
        values: As they are sent; the same object where none of them changes.
        faulty: The positions of the values that the field does not take, ascending; what stands there in the column means nothing.
        are_written_out: Whether every value is sent as it is encoded at first sight: no number of them is written with an exponent.
    """

    values: Sequence[Any]
    faulty: Sequence[int]
    are_written_out: bool


class ColumnCheck:
    """
    The check of one plain field, for whole columns of values.

    Args:
        model: The payload's root model.
        path: Path of the field, as templates write it.
    """

    def __init__(self, model: type[Payload], path: str) -> None:
        place = locate(model, path)
        field = fields_by_name(place.model)[place.steps[-1].name]
        self._validate = _column_validator(place.model, place.steps[-1].name).validate_python
        marks = getattr(value_type(field), "__metadata__", ())
        self._exact = next((mark for mark in marks if isinstance(mark, Exact)), None)
        self._is_costly = any(isinstance(mark, Exact | BeforeValidator) for mark in marks)
        schema = _leaf_schema(field)
        self._longest_text = _longest_text(schema)
        self._takes_any_date = _bare(schema) == {"type": "date"}

    def takes_all(
        self, kind: type, *, room: tuple[int, int] | None = None, longest: int | None = None
    ) -> bool:
        """
        Whether values are surely taken as they are, and sent as they are encoded at first sight; may say no where they are.

        Args:
            kind: The type of all of them.
            room: Of decimals without exponent: how many digits stand before the point, and how many behind it, at most.
            longest: Of texts: how many characters the longest has at most.
        """
        if kind is Decimal:
            exact = self._exact
            if exact is None or room is None:
                return False
            return room[0] <= exact.digits - exact.places and room[1] <= min(exact.places, _WRITTEN_PLACES)
        if kind is str:
            return (math.inf if longest is None else longest) <= self._longest_text
        return kind is date and self._takes_any_date

    def check(self, values: Sequence[Any], kinds: AbstractSet[type]) -> CheckedValues:
        """
        Check a column.

        Args:
            values: At least one value.
            kinds: The types of them all.
        """
        if (
            self._exact is not None
            and kinds == {Decimal}
            and _written(self._exact).fullmatch("\n".join(map(str, values)))
        ):
            return CheckedValues(values, (), are_written_out=True)
        if self._longest_text == math.inf and kinds <= _KEPT:
            return CheckedValues(values, (), are_written_out=True)
        if self._is_costly and len(kinds) == 1 and kinds <= _TOLD_BY_VALUE:
            found, faulty = self._by_distinct(values)
        else:
            found, faulty = self._all(values)
        return CheckedValues(
            values if not faulty and kinds <= _KEPT else found, faulty, are_written_out=Decimal not in kinds
        )

    def _all(self, values: Sequence[Any]) -> tuple[list[Any], list[int]]:
        column = list(values)
        try:
            return self._validate(column), []
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
        faulty = sorted({int(fault["loc"][0]) for fault in faults})
        bad = set(faulty)
        valid = iter(self._validate([value for at, value in enumerate(column) if at not in bad]))
        return [None if at in bad else next(valid) for at in range(len(column))], faulty

    def _by_distinct(self, values: Sequence[Any]) -> tuple[list[Any], list[int]]:
        distinct = list(set(values))
        found, bad = self._all(distinct)
        valid = dict(zip(distinct, found, strict=True))
        column = [valid[value] for value in values]
        if not bad:
            return column, []
        refused = {distinct[at] for at in bad}
        return column, [at for at, value in enumerate(values) if value in refused]


_WRITTEN_PLACES = 6
"""With so many decimals or less no number is written with an exponent."""
_KEPT: AbstractSet[type] = frozenset({str, type(None)})
"""Text is never changed into something else, nor is null."""

_TOLD_BY_VALUE: AbstractSet[type] = frozenset({str, int})
"""Types of which equal values are the same; 1.0 and 1.00 are equal decimals, and are not sent alike."""


def _bare(schema: CoreSchema) -> dict[str, Any]:
    """What a field that takes null asks of other values, but for what is asked of all."""
    inner: Mapping[str, Any] = schema["schema"] if schema["type"] == "nullable" else {}
    return {name: wanted for name, wanted in inner.items() if name not in {"strict", "metadata"}}


def _longest_text(schema: CoreSchema) -> float:
    """How many characters a text may have that a field takes whatever it is; -1 for a field that asks for more than that."""
    wanted = _bare(schema)
    longest: float = wanted.pop("max_length", math.inf)
    return longest if wanted == {"type": "str"} else -1


@cache
def _column_validator(model: type[Payload], name: str) -> SchemaValidator:
    schema = core_schema.list_schema(_leaf_schema(fields_by_name(model)[name]))
    return SchemaValidator(schema, core_schema.CoreConfig(strict=True, hide_input_in_errors=True))


@cache
def _written(exact: Exact) -> re.Pattern[str]:
    """Numbers, one a line, that surely fit: written without an exponent, with no more digits than there is room for on either side."""
    number = rf"-?[0-9]{{1,{exact.digits - exact.places}}}+(?:\.[0-9]{{1,{exact.places}}}+)?+"
    return re.compile(rf"{number}(?:\n{number})*+")
