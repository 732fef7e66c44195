"""What a payload field takes, as far as a template has to know: its type, its secrecy, and the form of a constant."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from loader.mapping.field_spec import ConversionName
from loader.mapping.refusal import Refusal, quoted
from loader.mapping.texts import nearest_of
from loader.mapping.written import Scalar
from loader.models.fields import ELSEWHERE, READ_ONLY, Exact, Plain, is_sensitive, value_type
from loader.models.payload import Payload
from loader.models.structure import locate

_SAMPLES: Final[dict[ConversionName, Any]] = {
    "integer": 1,
    "decimal": Decimal("1.5"),
    "money": Decimal("1.5"),
    "percent": Decimal("1.5"),
    "fraction": Decimal("1.5"),
    "basis_points": Decimal("1.5"),
    "date": date(2020, 1, 31),
    "flag": 1,
    "state": "geo.state.CA",
    "country": "company.country.usa",
}
"""A value as each conversion gives it; the others give text of some kind."""

_WANTED: Final[dict[str, str]] = {
    "money": "money",
    "rate": "percent` or `as: fraction",
    "number": "decimal",
    "percentage": "percent",
    "date": "date",
    'date, or "" for none': "date",
    "flag (1 or 0)": "flag",
    "whole number": "integer",
    "id": "integer",
}
_LISTED_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class FieldType:
    """
    A payload field, as templates see it.

    Attributes:
        kind: Its type in plain words.
        sensitive: Whether it holds personal data or a secret.
        refused: Why no template may fill it, "" if one may.
        choices: Its enumeration's values; empty for other types.
    """

    kind: str
    sensitive: bool
    refused: str
    choices: tuple[str, ...]
    _adapter: TypeAdapter[Any]

    def takes(self, value: Any) -> bool:
        """Whether a value of Python is one that the field takes; null always is."""
        try:
            self._adapter.validate_python(value)
        except ValidationError:
            return value is None
        return True

    def fits(self, conversion: ConversionName) -> bool:
        """Whether what a conversion gives can ever suit the field."""
        if conversion == "choice":
            return True  # its values are constants, each of which is checked
        sample = _SAMPLES.get(conversion)
        if sample is not None:
            return self.takes(sample)
        return bool(self.choices) or self.takes("1") or self.takes("geo")

    def constant(self, written: Scalar) -> Any:
        """
        A template's constant as the payload value that it stands for, or a `Refusal`.

        A date is written as ISO text; true and false suit flags (1 and 0) and switches alike.
        """
        for candidate in _forms(written):
            if self.takes(candidate):
                return None if candidate is None else self._adapter.validate_python(candidate)
        return Refusal(
            "template.constant", f"is not {self._expected()}", self._advice(written), self._near(written)
        )

    def wanted(self) -> str:
        """The conversion that suits the field best, in words."""
        if self.choices:
            return "`as: choice`"
        return f"`as: {_WANTED.get(self.kind, 'text')}`"

    def _expected(self) -> str:
        if not self.choices:
            return f"a value of the type {self.kind}"
        listed = ", ".join(self.choices[:_LISTED_AT_MOST])
        more = len(self.choices) - _LISTED_AT_MOST
        return f"among {listed}{f' and {more} more' if more > 0 else ''}"

    def _advice(self, written: Scalar) -> str:
        if isinstance(written, int | Decimal) and self.takes("1"):
            return "put it in quotes, so that it is text"
        return ""

    def _near(self, written: Scalar) -> str:
        return nearest_of(str(written), list(self.choices))


@cache
def field_type(model: type[Payload], path: str) -> FieldType:
    """
    The type of the field that a path leads to.

    Raises:
        UnknownField: There is none.
    """
    field = locate(model, path).field
    adapter: TypeAdapter[Any] = TypeAdapter(value_type(field), config=ConfigDict(strict=True))
    kind, choices = _kind_of(field)
    return FieldType(kind, is_sensitive(field), _refusal_of(adapter, field), choices, adapter)


def shown(value: Scalar) -> str:
    """A constant as the template writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case _:
            return str(value)


def _forms(written: Scalar) -> list[Any]:
    """What a constant may stand for, the most literal first."""
    match written:
        case bool():
            return [written, int(written)]
        case int() if written in {0, 1}:
            return [written, bool(written)]
        case str():
            try:
                return [written, date.fromisoformat(written)]
            except ValueError:
                return [written]
        case _:
            return [written]


def _kind_of(field: FieldInfo) -> tuple[str, tuple[str, ...]]:
    annotation = value_type(field)
    marks = getattr(annotation, "__metadata__", ())
    base = get_args(annotation)[0] if marks else annotation
    words = get_args(base) if get_origin(base) is Literal else ()
    choices = tuple(str(value) for value in words)
    for mark in marks:
        if isinstance(mark, Exact | Plain):
            return mark.kind, choices if all(isinstance(value, str) for value in words) else ()
    return ("enumeration", choices) if choices else ("text", ())


def _refusal_of(adapter: TypeAdapter[Any], field: FieldInfo) -> str:
    try:
        adapter.validate_python("")
    except ValidationError as error:
        kind = error.errors(include_url=False)[0]["type"]
        said = f": {field.description}" if field.description else ""
        if kind == READ_ONLY:
            return f"is set by LoanPro and cannot be sent{said}"
        if kind == ELSEWHERE:
            return f"is not part of this request{said}"
    return ""
