"""
The types of payload fields, with the limits that LoanPro's database sets.

All are strict: the conversions have already made Decimal, date, int or text of a cell, and a value of another type is
an error, never coerced. A whole number may stand where a decimal is wanted, since that is exact; a binary float never.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

EXACT_NUMBER = "exact_number"
DATE_OR_BLANK = "date_or_blank"
READ_ONLY = "read_only"
ELSEWHERE = "elsewhere"

SET_BY_LOANPRO = "set by LoanPro"
NOT_OF_THIS_REQUEST = "not part of this request"
_NOT_SENT = frozenset({SET_BY_LOANPRO, NOT_OF_THIS_REQUEST})


@dataclass(frozen=True, slots=True)
class Exact:
    """
    A decimal number, given as Decimal or int, of limited size.

    Attributes:
        kind: What it is called in messages and lists of fields, such as `money`.
        digits: Digits in all.
        places: Digits after the point at most.
    """

    kind: str
    digits: int
    places: int

    @property
    def largest(self) -> Decimal:
        """The largest value that fits."""
        return Decimal(10) ** (self.digits - self.places) - Decimal(10) ** -self.places

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        given = core_schema.union_schema(
            [core_schema.is_instance_schema(Decimal), core_schema.int_schema(strict=True)],
            mode="left_to_right",
            custom_error_type=EXACT_NUMBER,
            custom_error_message="a decimal number is expected",
        )
        limits = core_schema.decimal_schema(
            strict=False, max_digits=self.digits, decimal_places=self.places, allow_inf_nan=False
        )
        return core_schema.chain_schema([given, limits])


@dataclass(frozen=True, slots=True)
class Plain:
    """Names a type in plain words, for lists of fields and messages."""

    kind: str


class _DateOrBlank:
    """A date, or "" for no date."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.union_schema(
            [core_schema.date_schema(strict=True), core_schema.literal_schema([""])],
            mode="left_to_right",
            custom_error_type=DATE_OR_BLANK,
            custom_error_message="a date is expected",
        )


def _refuse_read_only(_value: object) -> object:
    raise PydanticCustomError(READ_ONLY, SET_BY_LOANPRO)


def _refuse_elsewhere(_value: object) -> object:
    raise PydanticCustomError(ELSEWHERE, NOT_OF_THIS_REQUEST)


def _custom_text(value: object) -> object:
    """Custom values are text whatever they mean (LoanPro reference 2.11): numbers and dates are written out exactly."""
    match value:
        case bool():
            return "1" if value else "0"
        case Decimal() if value.is_finite():
            return format(value, "f")
        case int() | date():
            return str(value)
        case _:
            return value


Money = Annotated[Decimal, Exact("money", 11, 2)]
"""decimal(11,2): up to 999,999,999.99 with at most two decimals (LoanPro reference 2.2)."""

Rate = Annotated[Decimal, Exact("rate", 11, 4)]
"""decimal(11,4): at most four decimals (LoanPro reference 2.2)."""

Term = Annotated[Decimal, Exact("number", 11, 4)]
"""decimal(11,4): at most four decimals (LoanPro reference 2.2)."""

Percent = Annotated[Decimal, Exact("percentage", 11, 2)]
"""At most two decimals (LoanPro reference 2.2, `lateFeePercent`)."""

Number = Annotated[Decimal, Exact("number", 24, 12)]
"""A number for which the reference gives no precision; the limit only keeps absurd exponents out."""

Whole = Annotated[int, Field(strict=True, ge=-2_147_483_648, le=2_147_483_647), Plain("whole number")]
Id = Annotated[int, Field(strict=True, ge=0, le=9_223_372_036_854_775_807), Plain("id")]
"""An id of the tenant's own database; 0 stands for none where the reference says so."""

Flag = Annotated[Literal[0, 1], Plain("flag (1 or 0)")]
"""Sent as 1 or 0 (LoanPro reference 1.8); true and false become that."""

Switch = Annotated[Literal[True, False], Plain("switch (true or false)")]
"""A control field (LoanPro reference 1.7), sent as true or false."""

Text = Annotated[str, Field(strict=True), Plain("text")]
Text50 = Annotated[str, Field(strict=True, max_length=50), Plain("text")]
Text255 = Annotated[str, Field(strict=True, max_length=255), Plain("text")]
CustomText = Annotated[str, Field(strict=True, max_length=255), BeforeValidator(_custom_text), Plain("text")]

Date = Annotated[date, Field(strict=True), Plain("date")]
"""A calendar day, never an instant (LoanPro reference 1.8)."""

DateOrBlank = Annotated[date | Literal[""], _DateOrBlank(), Plain('date, or "" for none')]

ReadOnly = Annotated[Any, BeforeValidator(_refuse_read_only), Plain(SET_BY_LOANPRO)]
"""A field that LoanPro reports and that must not be sent; null is refused as well."""

Elsewhere = Annotated[Any, BeforeValidator(_refuse_elsewhere), Plain(NOT_OF_THIS_REQUEST)]
"""A field of the entity that this program does not send in this request; the description says why."""


def described(source: str, text: str = "", *, alias: str | None = None, sensitive: bool = False) -> Any:
    """
    An optional payload field with what is known about it.

    Args:
        source: Section of the LoanPro reference, such as `2.2`.
        text: What it is, in plain words; "" where the reference has none.
        alias: LoanPro's name where Python cannot write it, such as `__id`.
        sensitive: Personal data or a secret, to be masked wherever it is shown.
    """
    extra: dict[str, Any] = {"source": source, "sensitive": sensitive}
    return Field(default=None, alias=alias, description=text or None, json_schema_extra=extra)


def source_of(field: FieldInfo) -> str:
    """The section of the LoanPro reference that a field was described with."""
    extra = field.json_schema_extra
    return str(extra["source"]) if isinstance(extra, dict) else ""


def is_sensitive(field: FieldInfo) -> bool:
    """Whether a field was described as sensitive."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("sensitive") is True


def value_type(field: FieldInfo) -> Any:
    """
    The type of a field's value, with its marks, apart from None.

    For `Money | None` that is the annotated Decimal. Marks that pydantic has moved to the field itself are put back.
    """
    annotation = field.annotation
    if type(None) in get_args(annotation):
        return next(part for part in get_args(annotation) if part is not type(None))
    if field.metadata:
        return Annotated[(annotation, *field.metadata)]
    return annotation


def is_read_only(field: FieldInfo) -> bool:
    """Whether a field is known and must not be sent in this request."""
    return any(isinstance(mark, Plain) and mark.kind in _NOT_SENT for mark in field.metadata)
