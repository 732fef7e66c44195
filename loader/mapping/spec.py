"""
What a template may say: the models of its keys, and which option belongs to which conversion.

The models know nothing of LoanPro's fields (`fit.py` does), nor of a file's columns (`binding.py`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from loader.mapping.dates import FormatProblem, format_pattern
from loader.mapping.written import Columns, Constant, Words, as_columns, as_list, null_as_word
from loader.models.folding import folded
from loader.models.warnings import Cause, WarningAction, WarningPolicy

ConversionName: TypeAlias = Literal[
    "text", "integer", "decimal", "money", "percent", "fraction", "date", "datetime", "flag", "choice",
    "state", "country", "phone", "digits",
]  # fmt: skip

NUMERIC: Final = frozenset({"integer", "decimal", "money", "percent", "fraction"})
OPTIONS: Final[dict[str, frozenset[str]]] = {
    **{name: frozenset({"decimal"}) for name in NUMERIC},
    "date": frozenset({"format", "plus_months"}),
    "choice": frozenset({"choices"}),
    "digits": frozenset({"length", "pad"}),
}
"""The options that belong to a conversion; a conversion that is not here has none of its own."""
OWN_OPTIONS: Final = frozenset().union(*OPTIONS.values())
RESERVED: Final = {"Template": frozenset({"sheets"}), "Step": frozenset({"method", "path", "find"})}
"""Keys that a later version will know."""

ROW: Final = "row"
"""The key of a step whose rows have no number of their own."""

_LONGEST_IDENTIFIER: Final = 255
_MONTHS_AT_MOST: Final = 1_200


class _Part(BaseModel):
    """A part of a template: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the keys together, each with the key at which it is shown ("" for the part itself)."""
        return iter(())

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if found := list(self.problems()):
            raise PydanticCustomError("template", "{problems}", {"problems": found})
        return self

    def given(self) -> set[str]:
        """The keys that the template writes, by the names that templates use."""
        fields = type(self).model_fields
        return {fields[name].alias or name for name in self.model_fields_set}


class SkipIf(_Part):
    """
    Rows to leave out: those whose cell is one of some texts.

    Attributes:
        column: The column to look at; of several, the first that the file has.
        is_: Texts, compared without regard to case; "" is a blank cell.
    """

    column: Columns
    is_: Words = Field(alias="is")


class Rows(_Part):
    """
    Where the rows are.

    Attributes:
        header: Row number of the headers, from 1.
        skip_if: Rows to leave out, or None.
    """

    header: Annotated[StrictInt, Field(ge=1)] = 1
    skip_if: SkipIf | None = None


class Join(_Part):
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


class Split(_Part):
    """
    One part of a cell.

    Attributes:
        by: The text between the parts; a space stands for any run of white space.
        part: Which part, from 1; a cell without it is blank.
    """

    by: Annotated[StrictStr, Field(min_length=1)]
    part: Annotated[StrictInt, Field(ge=1)]


class _FromCell(_Part):
    """What fields and links share: a conversion with its options."""

    as_: ConversionName = Field(default="text", alias="as")
    format: StrictStr | None = None
    plus_months: Annotated[StrictInt, Field(ge=1, le=_MONTHS_AT_MOST)] | None = None
    choices: dict[str, Constant] | None = None
    decimal: Literal[".", ","] | None = None
    length: Annotated[StrictInt, Field(ge=1, le=_LONGEST_IDENTIFIER)] | None = None
    pad: StrictBool | None = None
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
        if self.format is not None and "format" in own:
            try:
                format_pattern(self.format)
            except FormatProblem as problem:
                yield "format", f'the date format "{self.format}" {problem}'
        if self.pad and self.length is None and "pad" in own:
            yield "pad", "needs `length`: how many digits to fill up to"
        if self.as_ == "choice":
            yield from self._choice_problems()

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
        format: Date format.
        plus_months: Months to add to a date.
        choices: The file's words to LoanPro's values.
        decimal: The decimal mark.
        length: Count of digits.
        pad: Fill up to `length` with zeros on the left.
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
        field: The field that is the natural key, or `row`: the row of the file itself; "" where columns hold it.
        column: The column with the lender's own number, where no field of the payload holds it.
        join: Several columns as that number, instead of `column`.
    """

    field: StrictStr = ""
    column: Columns | None = None
    join: Join | None = None

    @property
    def of_row(self) -> bool:
        """Whether the row of the file itself is the identity."""
        return self.field == ROW

    @property
    def name(self) -> str:
        """The field that is the key, `row`, or `key` where columns hold it."""
        return self.field or "key"

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        return {"field": written} if isinstance(written, str) else written

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        sources = self.given() & {"field", "column", "join"}
        if len(sources) != 1:
            yield "", "needs a field, `row`, or one of `column` and `join`"
        if self.as_ not in {"text", "digits"}:
            yield "as", f"a key is text or digits, not {self.as_}"
        else:
            yield from super().problems()


class LinkSpec(_FromCell):
    """
    Which entity a row's entity is linked to, by natural key.

    Attributes:
        to: Group of the linked entity, such as `customers`.
        by: Its natural key, such as `customId`.
        column: The column that holds that key's value.
        role: Role of the link, such as `primary`; "" where the link has none.
        blank: What a blank cell means: no link, or an error.
    """

    to: StrictStr
    by: StrictStr
    column: Columns
    role: StrictStr = ""
    blank: Literal["omit", "error"] = "omit"

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        if self.as_ not in {"text", "digits"}:
            yield "as", f"a link's key is text or digits, not {self.as_}"
        else:
            yield from super().problems()


class Warnings(_Part):
    """
    What is done about LoanPro's transaction warnings, by their cause.

    `hold` leaves the row to a person; `skip` skips it where what is there is identical, and holds it otherwise; `send` sends it
    again and tells LoanPro to ignore the warning. Where several causes come together, each must allow it.

    Attributes:
        display_id: Another loan has the display id.
        ssn: Another customer has the social security number; never to be sent, since LoanPro always blocks it together with
            the birth date (LoanPro reference 2.4).
        email: Another customer has the e-mail address.
        phone: Another customer has the phone number.
        address: Another customer has the address.
        vin: Another collateral has the vehicle identification number.
    """

    display_id: WarningAction = "hold"
    ssn: Literal["hold", "skip"] = "hold"
    email: WarningAction = "hold"
    phone: WarningAction = "hold"
    address: WarningAction = "hold"
    vin: WarningAction = "hold"

    @property
    def policy(self) -> WarningPolicy:
        """The same for the sender."""
        return WarningPolicy({Cause(name): getattr(self, name) for name in type(self).model_fields})


class Step(_Part):
    """
    One request for each row.

    Attributes:
        operation: Name in the operations catalogue, such as `loans.create`.
        key: What identifies the entity to the lender.
        marker: Text field of the payload that carries the marker; "" for the operation's usual one.
        fields: Payload path to where its value comes from.
        links: Field of the payload that holds links, to the links.
        tenant_defaults: Whether the tenant's own defaults may fill what LoanPro would else require.
        warnings: What is done about transaction warnings.
    """

    operation: StrictStr
    key: KeySpec
    marker: StrictStr = ""
    fields: Annotated[dict[str, FieldSpec], Field(min_length=1)]
    links: dict[str, Annotated[list[LinkSpec], BeforeValidator(as_list)]] = {}
    tenant_defaults: StrictBool = False
    warnings: Warnings = Warnings()


class Template(_Part):
    """
    A whole template.

    Attributes:
        template: Version of the template language: 1.
        title: What it is for, in a line.
        description: The same at length.
        rows: Where the rows are.
        steps: The requests of each row, in their order.
        totals: Payload paths whose sums are control totals.
    """

    template: Literal[1]
    title: StrictStr = ""
    description: StrictStr = ""
    rows: Rows = Rows()
    steps: Annotated[list[Step], Field(min_length=1)]
    totals: list[StrictStr] = []
