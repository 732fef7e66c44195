"""
Where one value of a payload comes from: fields, keys and links, and which option belongs to which conversion.

The models know nothing of LoanPro's fields (`fit.py` does), nor of a file's columns (`binding.py`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr, model_validator

from loader.mapping.date_formats import FormatProblem, written_as
from loader.mapping.part import Part
from loader.mapping.written import Columns, Constant, NullWords, as_columns, as_list, null_as_word
from loader.models.folding import folded

ConversionName: TypeAlias = Literal[
    "text", "integer", "decimal", "money", "percent", "fraction", "basis_points", "date", "datetime", "flag", "choice",
    "state", "country", "phone", "digits",
]  # fmt: skip

NUMERIC: Final = frozenset({"integer", "decimal", "money", "percent", "fraction", "basis_points"})
PERCENTAGES: Final = frozenset({"percent", "fraction"})
"""Conversions to which a percent sign in one cell tells something of the others of its column."""
OPTIONS: Final[dict[str, frozenset[str]]] = {
    **{name: frozenset({"decimal", "group"}) for name in NUMERIC - {"money"}},
    "money": frozenset({"decimal", "group", "currency"}),
    "date": frozenset({"format", "pivot", "plus_months"}),
    "choice": frozenset({"choices"}),
    "digits": frozenset({"length", "pad"}),
}
"""The options that belong to a conversion; a conversion that is not here has none of its own."""
OWN_OPTIONS: Final = frozenset().union(*OPTIONS.values())

ROW: Final = "row"
"""The key of a step whose rows have no number of their own."""

_LONGEST_IDENTIFIER: Final = 255
_MONTHS_AT_MOST: Final = 1_200


class Join(Part):
    """
    Several columns as one text.

    Attributes:
        columns: At least two columns, all of which the file must have.
        with_: What stands between them; blank cells are passed over.
    """

    columns: Columns
    with_: StrictStr = Field(default=" ", alias="with")

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        if len(self.columns) < 2:  # noqa: PLR2004 - one column needs no join
            yield "columns", "a join needs at least two columns"


class Split(Part):
    """
    One part of a cell.

    Attributes:
        by: The text between the parts; a space stands for any run of white space.
        part: Which part, from 1; a cell without it is blank.
    """

    by: Annotated[StrictStr, Field(min_length=1)]
    part: Annotated[StrictInt, Field(ge=1)]


class _FromCell(Part):
    """What fields and links share: a conversion with its options."""

    as_: ConversionName = Field(default="text", alias="as")
    format: Annotated[tuple[StrictStr, ...], BeforeValidator(as_list), Field(min_length=1)] | None = None
    pivot: Annotated[StrictInt, Field(ge=0, le=100)] | None = None
    plus_months: Annotated[StrictInt, Field(ge=1, le=_MONTHS_AT_MOST)] | None = None
    choices: dict[str, Constant] | None = None
    decimal: Literal[".", ","] | None = None
    group: Literal[",", ".", " ", "'", "none"] | None = None
    currency: Annotated[StrictStr, Field(pattern="^[A-Z]{3}$")] | None = None
    length: Annotated[StrictInt, Field(ge=1, le=_LONGEST_IDENTIFIER)] | None = None
    pad: StrictBool | None = None
    null: NullWords | None = None
    optional: StrictBool = False
    sensitive: StrictBool = False

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        own = OPTIONS.get(self.as_, frozenset())
        if self.optional and "blank" in self.given() and getattr(self, "blank", "") == "error":
            yield "optional", "contradicts `blank: error`: without the column every row would be refused"
        for option in sorted((self.given() & OWN_OPTIONS) - own):
            owners = ", ".join(sorted(name for name, options in OPTIONS.items() if option in options))
            yield option, f"does not belong to `as: {self.as_}`; it is an option of {owners}"
        if "format" in own:
            yield from self._format_problems()
        if self.group is not None and self.group == (self.decimal or "."):
            yield "group", f'"{self.group}" is the decimal mark already'
        if self.pad and self.length is None and "pad" in own:
            yield "pad", "needs `length`: how many digits to fill up to"
        if self.as_ == "choice":
            yield from self._choice_problems()

    def _format_problems(self) -> Iterator[tuple[str, str]]:
        forms = self.format or ()
        for form in forms:
            try:
                written_as(form)
            except FormatProblem as problem:
                yield "format", f'the date format "{form}" {problem}'
        if len(set(forms)) < len(forms):
            yield "format", "names a format twice"
        if self.pivot is not None and not any("YY" in form.replace("YYYY", "") for form in forms):
            yield "pivot", "needs a `format` with the token YY"

    def _choice_problems(self) -> Iterator[tuple[str, str]]:
        if not self.choices:
            yield "as", "`as: choice` needs `choices`: the file's words, each with LoanPro's value"
        seen: dict[str, str] = {}
        for word in self.choices or ():
            if not folded(word):
                yield "choices", "a blank cell is no choice; say `default` or `blank` instead"
            elif folded(word) in seen:
                yield (
                    "choices",
                    f'"{seen[folded(word)]}" and "{word}" are the same, since case does not matter',
                )
            seen[folded(word)] = word


class FieldSpec(_FromCell):
    """
    Where one payload field comes from.

    Attributes:
        column: The column, by header or letter; of several, the first that the file has.
        join: Several columns as one text, instead of `column`.
        value: A constant in LoanPro's own form, instead of a column.
        split: Take one part of the cell.
        as_: The conversion.
        default: The value of a blank cell, in LoanPro's own form.
        blank: What a blank cell means where there is no default: leave the field out, send null, send "", or refuse.
        format: Date formats; of several, the one that fits the whole column.
        pivot: The first two-digit year that is of the 1900s.
        plus_months: Months to add to a date.
        choices: The file's words to LoanPro's values.
        decimal: The decimal mark.
        group: What stands between thousands.
        currency: The currency that amounts may name, by its code (ISO 4217).
        length: Count of digits.
        pad: Fill up to `length` with zeros on the left.
        null: Words that mean nothing here, exactly as written; None for those of the template.
        optional: The file may lack the column; every row is blank then.
        sensitive: The value is personal data, beyond the fields that are known to be.
    """

    column: Columns | None = None
    join: Join | None = None
    value: Constant = None
    split: Split | None = None
    default: Constant = None
    blank: Annotated[Literal["omit", "null", "empty", "error"], BeforeValidator(null_as_word)] = "omit"

    @property
    def constant(self) -> bool:
        """Whether the value is the template's own."""
        return "value" in self.model_fields_set

    @property
    def has_default(self) -> bool:
        """Whether a blank cell has a value."""
        return "default" in self.model_fields_set

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        match written:
            case dict():
                return written
            case None:
                raise ValueError("nothing is given; name a column, or write {value: ...}")
            case _:
                return {"column": as_columns(written)}

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        sources = self.given() & {"column", "join", "value"}
        if not sources:
            yield "", "needs one of `column`, `join` and `value`"
        elif len(sources) > 1:
            yield "", f"has {' and '.join(f'`{name}`' for name in sorted(sources))}; only one can be"
        if self.constant:
            for option in sorted(self.given() - {"column", "join", "value", "sensitive"}):
                yield option, "does not belong to a constant"
            return
        if self.has_default and "blank" in self.given():
            yield "blank", "`default` already says what a blank cell means"
        yield from super().problems()


class KeySpec(_FromCell):
    """
    What identifies a row's entity to the lender.

    Attributes:
        field: The field that is the natural key, or `row`: the row of the file itself; "" where it is something else.
        fields: Several fields that are the natural key together; empty where it is something else.
        column: The column with the lender's own number, where no field of the payload holds it.
        join: Several columns as that number, instead of `column`.
    """

    field: StrictStr = ""
    fields: tuple[StrictStr, ...] = ()
    column: Columns | None = None
    join: Join | None = None

    @property
    def of_row(self) -> bool:
        """Whether the row of the file itself is the identity."""
        return self.field == ROW

    @property
    def names(self) -> tuple[str, ...]:
        """The field or fields that are the key, `row`, or `key` where columns hold it."""
        return self.fields or (self.field or "key",)

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        match written:
            case str():
                return {"field": written}
            case list():
                return {"fields": written}
            case _:
                return written

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        sources = self.given() & {"field", "fields", "column", "join"}
        if len(sources) != 1:
            yield "", "needs a field, a list of fields, `row`, or one of `column` and `join`"
        if "fields" in sources and len(self.fields) < 2:  # noqa: PLR2004 - one field needs no list
            yield (
                "",
                "is a list of at least two fields; one field is written without brackets, a column as {column: ...}",
            )
        if self.as_ not in {"text", "digits"}:
            yield "as", f"a key is text or digits, not {self.as_}"
        else:
            yield from super().problems()


class LinkSpec(_FromCell):
    """
    Which entity a row's entity is linked to, by natural key.

    Attributes:
        to: Group of the linked entity, such as `customers`.
        by: The field or fields that are its natural key, such as `customId`.
        column: The column that holds that key's value; None where an earlier step of the same row makes the entity.
        role: Role of the link, such as `primary`; "" where the link has none.
        blank: What a blank cell means: no link, or an error.
    """

    to: StrictStr
    by: Annotated[tuple[StrictStr, ...], BeforeValidator(as_list), Field(min_length=1)]
    column: Columns | None = None
    role: StrictStr = ""
    blank: Literal["omit", "error"] = "omit"

    @property
    def of_row(self) -> bool:
        """Whether the linked entity is the one that an earlier step of the same row makes."""
        return len(self.by) > 1

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        if self.as_ not in {"text", "digits"}:
            yield "as", f"a link's key is text or digits, not {self.as_}"
        elif self.of_row:
            for option in sorted(self.given() - {"to", "by", "role"}):
                yield (
                    option,
                    "does not belong to a link by several fields: the entity is what an earlier step of the row makes",
                )
        elif self.column is None:
            yield "", "needs `column`: the column that holds the key"
        else:
            yield from super().problems()
