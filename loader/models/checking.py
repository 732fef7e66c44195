"""
A payload model as a validator of plain dictionaries.

The models say what a payload is; checking it through their instances would build each of them only to take it apart
again. The same fields as typed dictionaries take half the time and give back what is sent: only the keys that were given,
under LoanPro's names.
"""

from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from loader.models.payload import Payload
from loader.models.structure import fields_by_name, nested


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
