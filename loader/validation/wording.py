"""Says in our own words what pydantic found wrong with a payload: the value, what is expected, and the way out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from loader.models.catalogue import exact_number, max_length, type_name
from loader.models.enumerations import Enumeration, enumeration
from loader.models.fields import DATE_OR_BLANK, ELSEWHERE, EXACT_NUMBER, READ_ONLY, is_sensitive, value_type
from loader.models.issue import Issue
from loader.models.payload import Payload
from loader.models.structure import fields_by_name, nearest_names, nearest_paths, nested

Location = tuple[int | str, ...]

_LONGEST_QUOTE = 60
_FEW = 6
_TYPE_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a binary number",
    Decimal: "a number",
    str: "text",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """One finding of pydantic's, with the field that it is about where there is one."""

    model: type[Payload]
    path: str
    field: FieldInfo | None
    value: Any
    context: Mapping[str, Any]

    @property
    def sensitive(self) -> bool:
        return self.field is not None and is_sensitive(self.field)

    @property
    def shown(self) -> str:
        """The value as a message may quote it."""
        return "the value" if self.sensitive else quoted(self.value)


@dataclass(frozen=True, slots=True)
class _Words:
    rule: str
    message: str
    advice: str = ""


def payload_path(location: Sequence[int | str]) -> str:
    """
    A place in a payload as templates write it: `("Phones", "results", 0, "phone")` is `Phones[1].phone`.

    The wrapper of a list is left out, and its items are numbered from 1.
    """
    path = ""
    for index, part in enumerate(location):
        if isinstance(part, int):
            path += f"[{part + 1}]"
        elif part != "results" or index == 0:
            path += f".{part}" if path else part
    return path


def issue_of(error: ErrorDetails, model: type[Payload]) -> Issue:
    """
    One finding of pydantic's as an issue.

    A sensitive value is never in its message; it is in `Issue.value`, which only the rejected workbook shows.

    Args:
        error: The finding, with its input.
        model: The payload's root model.
    """
    location = error["loc"]
    value = error["input"]
    fault = _Fault(model, payload_path(location), field_of(model, location), value, error.get("ctx", {}))
    words = _WORDS.get(error["type"], _other)(fault)
    shown = "" if isinstance(value, dict | list) or value is None else str(value)
    return Issue(
        words.rule, words.message, words.advice, field=fault.path, value=shown, sensitive=fault.sensitive
    )


def field_of(model: type[Payload], location: Sequence[int | str]) -> FieldInfo | None:
    """The field at a place in a payload, or None if the model has none there."""
    here = model
    field: FieldInfo | None = None
    for part in location:
        if isinstance(part, int) or part == "results":
            continue
        field = fields_by_name(here).get(part)
        inner = nested(here, part)
        if inner is not None:
            here = inner[0]
    return field


def quoted(value: object) -> str:
    """A value for a message: text in quotation marks and cut short, anything else as it is written."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _LONGEST_QUOTE:
        return format(value, "f")
    if not isinstance(value, str):
        return str(value)
    return f'"{value}"' if len(value) <= _LONGEST_QUOTE else f'"{value[:_LONGEST_QUOTE]}..."'


def named(value: object) -> str:
    """The type of a value in plain words."""
    return _TYPE_NAMES.get(type(value), "a date" if hasattr(value, "year") else quoted(value))


def _expected(fault: _Fault) -> str:
    return type_name(fault.field) if fault.field is not None else "another type"


def _unknown(fault: _Fault) -> _Words:
    near = nearest_paths(fault.model, fault.path)
    advice = f"Use {' or '.join(near)}" if near else "Remove the field; `loader fields` lists what there is"
    return _Words(
        "field.unknown", f"LoanPro has no field {fault.path} here and might drop it silently", advice
    )


def _read_only(fault: _Fault) -> _Words:
    why = (
        fault.field.description
        if fault.field is not None and fault.field.description
        else "LoanPro sets it itself"
    )
    return _Words(
        "field.read-only", f"{fault.path} cannot be sent: {why}", "Remove the field from the template"
    )


def _elsewhere(fault: _Fault) -> _Words:
    why = (
        fault.field.description
        if fault.field is not None and fault.field.description
        else "it is not part of it"
    )
    return _Words(
        "field.elsewhere", f"{fault.path} cannot be sent with this request: {why}", "Remove the field"
    )


def _wrong_number(fault: _Fault) -> _Words:
    found = f"{fault.shown} is {named(fault.value)}"
    return _Words("number.wrong-type", f"{found}; {_expected(fault)} is expected", _CONVERT)


def _too_many_decimals(fault: _Fault) -> _Words:
    places = fault.context["decimal_places"]
    message = f"{fault.shown} has more than {places} decimals, the most that LoanPro keeps"
    return _Words("number.too-many-decimals", message, f"Round it to {places} decimals in the file")


def _too_large(fault: _Fault) -> _Words:
    exact = exact_number(fault.field) if fault.field is not None else None
    limit = f"{exact.largest:,}" if exact is not None else "the limit"
    return _Words("number.too-large", f"{fault.shown} is larger than {limit}, the most that LoanPro keeps")


def _not_finite(fault: _Fault) -> _Words:
    return _Words("number.not-finite", f"{fault.shown} is not a number that can be sent")


def _out_of_range(fault: _Fault) -> _Words:
    bounds = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}
    limit = " and ".join(f"{bounds[name]} {value}" for name, value in fault.context.items() if name in bounds)
    return _Words(
        "number.out-of-range", f"{fault.shown} is out of range: {limit or 'a smaller number'} is expected"
    )


def _not_whole(fault: _Fault) -> _Words:
    found = f"{fault.shown} is {named(fault.value)}"
    return _Words("number.not-whole", f"{found}; a whole number is expected", _CONVERT)


def _not_text(fault: _Fault) -> _Words:
    return _Words("text.wrong-type", f"{fault.shown} is {named(fault.value)}; text is expected", _CONVERT)


def _broken_text(_fault: _Fault) -> _Words:
    message = "the text holds characters that are broken (half of a pair)"
    return _Words("text.broken", message, "Save the file as UTF-8 and read it again")


def _too_long(fault: _Fault) -> _Words:
    limit = fault.context.get("max_length") or (max_length(fault.field) if fault.field is not None else None)
    length = len(fault.value) if isinstance(fault.value, str) else "too many"
    return _Words(
        "text.too-long", f"{fault.shown} has {length} characters; LoanPro keeps {limit}", "Shorten it"
    )


def _not_a_date(fault: _Fault) -> _Words:
    message = f"{fault.shown} is {named(fault.value)}; a date without a time is expected"
    return _Words("date.wrong-type", message, _CONVERT)


def _not_allowed(fault: _Fault) -> _Words:
    values = enumeration(value_type(fault.field)) if fault.field is not None else None
    if values is None:
        return _Words(
            "value.not-allowed", f"{fault.shown} is not allowed; {_expected(fault)} is expected", _CONVERT
        )
    return _Words(
        "value.not-allowed", f"{fault.shown} is not a value of {values.group}", _choice(values, fault.value)
    )


def _choice(values: Enumeration, wanted: object) -> str:
    texts = [str(value) for value in values.values]
    if len(texts) <= _FEW:
        return f"Use one of {', '.join(texts)}"
    # Compared without the group's name: it is the same in all and would make everything look alike.
    endings = {text.removeprefix(f"{values.group}."): text for text in texts}
    near = nearest_names(str(wanted).removeprefix(f"{values.group}."), list(endings))
    if near:
        return f"Use {' or '.join(endings[name] for name in near)}"
    return f"Use one of the {len(texts)} values that `loader fields` lists, such as {texts[0]}"


def _wrong_shape(fault: _Fault) -> _Words:
    return _Words(
        "shape.wrong", f"{fault.path or 'the payload'} holds {quoted(fault.value)} where fields are expected"
    )


def _other(fault: _Fault) -> _Words:
    return _Words("value.not-valid", f"{fault.shown} is not {_expected(fault)}")


_CONVERT = "Choose a conversion in the template that gives it (`as:`)"

_WORDS: dict[str, Callable[[_Fault], _Words]] = {
    "extra_forbidden": _unknown,
    READ_ONLY: _read_only,
    ELSEWHERE: _elsewhere,
    EXACT_NUMBER: _wrong_number,
    "decimal_max_places": _too_many_decimals,
    "decimal_max_digits": _too_large,
    "decimal_whole_digits": _too_large,
    "finite_number": _not_finite,
    "int_type": _not_whole,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_type": _not_text,
    "string_too_long": _too_long,
    "string_unicode": _broken_text,
    "date_type": _not_a_date,
    DATE_OR_BLANK: _not_a_date,
    "literal_error": _not_allowed,
    "dict_type": _wrong_shape,
    "list_type": _wrong_shape,
    "missing": _wrong_shape,
}
