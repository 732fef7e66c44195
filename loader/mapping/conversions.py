"""From the words of a template to the conversion of one cell."""

from typing import Any, Final, assert_never

from loader.mapping import amounts, dates, texts, whole_columns
from loader.mapping.columns import ColumnConversion, as_text, remembering
from loader.mapping.date_formats import PIVOT
from loader.mapping.field_spec import NUMERIC, ConversionName, FieldSpec, KeySpec, LinkSpec
from loader.mapping.refusal import Conversion
from loader.mapping.repairs import Cleaning, free_text, signs
from loader.mapping.written_numbers import DOLLARS, Style, is_noisy
from loader.models import geo
from loader.source.table import Kind

GIVES: Final[dict[ConversionName, str]] = {
    "text": "text, trimmed",
    "integer": "a whole number",
    "decimal": "a number, exactly as written",
    "money": "an amount with at most two decimals",
    "percent": "a rate in percent, from percent",
    "fraction": "a rate in percent, from a fraction of one",
    "basis_points": "a rate in percent, from hundredths of a percent",
    "date": "a date",
    "datetime": "a date with a time, in UTC",
    "flag": "1 or 0",
    "choice": "one of the template's choices",
    "state": "LoanPro's value of a state",
    "country": "LoanPro's value of a country",
    "phone": "ten digits",
    "digits": "digits alone",
}
"""Every conversion, with what it gives."""


def cleaning_of(spec: FieldSpec | KeySpec | LinkSpec, *, identifies: bool) -> Cleaning:
    """
    What the texts of a field, key or link are freed of before they are converted.

    Args:
        spec: The field, key or link.
        identifies: Whether it is a natural key.
    """
    return free_text if spec.as_ in {"text", "choice"} and not identifies else signs


def column_conversion(
    spec: FieldSpec | KeySpec | LinkSpec,
    blank: Any,
    clean: Cleaning,
    *,
    identifies: bool = False,
    has_percents: bool = False,
) -> ColumnConversion:
    """
    The conversion of a column that a field, key or link declares.

    Args:
        spec: The field, key or link.
        blank: What a blank cell gives: a value, `OMITTED`, or a `Refusal`.
        clean: What texts are freed of first.
        identifies: Whether it is a natural key.
        has_percents: Whether some cells of the column are formatted as percentages.
    """
    if spec.as_ == "text" and identifies:
        return as_text(texts.identifier, blank, clean, texts.NO_IDENTIFIERS)
    convert = conversion_of(spec, has_percents=has_percents)
    if spec.as_ == "text":
        return as_text(convert, blank, clean)
    whole = _whole_columns(spec, has_percents=has_percents)
    return remembering(convert, blank, clean, is_noisy if spec.as_ in NUMERIC else None, whole)


def _whole_columns(
    spec: FieldSpec | KeySpec | LinkSpec, *, has_percents: bool
) -> dict[Kind, whole_columns.WholeColumn]:
    """The same as `conversion_of`, of whole columns of cells of one kind, for the kinds that are usual."""
    usual = Style(spec.decimal or ".", spec.group).is_usual
    match spec.as_:
        case "money" if usual and (spec.currency or DOLLARS) == DOLLARS:
            return {Kind.TEXT: whole_columns.amounts(), Kind.NUMBER: whole_columns.amounts(in_cells=True)}
        case "percent" if usual:
            of_cells = whole_columns.rates(sign_needed=has_percents, in_cells=True)
            of_texts = whole_columns.rates(sign_needed=has_percents)
            return {Kind.TEXT: of_texts, Kind.NUMBER: of_cells, Kind.PERCENT: of_cells}
        case "decimal" if usual:
            return {Kind.TEXT: whole_columns.decimals(), Kind.NUMBER: whole_columns.decimals(in_cells=True)}
        case "integer" if usual:
            return {Kind.TEXT: whole_columns.integers(), Kind.NUMBER: whole_columns.integers(in_cells=True)}
        case "phone":
            return {Kind.TEXT: whole_columns.phones(texts.PHONE_DIGITS)}
        case "digits":
            return {Kind.TEXT: whole_columns.digits(spec.length)}
        case "date" if not spec.plus_months:
            forms = {Kind.TEXT: spec.format[0] if spec.format else "", Kind.DATE: ""}
            ways = ((kind, whole_columns.dates(form)) for kind, form in forms.items())
            return {kind: way for kind, way in ways if way}
    return {}


def conversion_of(spec: FieldSpec | KeySpec | LinkSpec, *, has_percents: bool = False) -> Conversion:
    """
    The conversion that a field or link declares, with its options.

    Args:
        spec: What the template says.
        has_percents: Whether some cells of its column are formatted as percentages.
    """
    marks = (spec.decimal or ".", spec.group)
    match spec.as_:
        case "text":
            return texts.text
        case "integer":
            return amounts.integer(*marks)
        case "decimal":
            return amounts.decimal(*marks)
        case "money":
            return amounts.money(*marks, spec.currency or DOLLARS)
        case "percent":
            return amounts.percent(*marks, has_percents=has_percents)
        case "fraction":
            return amounts.fraction(*marks, has_percents=has_percents)
        case "basis_points":
            return amounts.basis_points(*marks)
        case "date":
            return dates.day(spec.format[0] if spec.format else "", spec.plus_months or 0, _pivot_of(spec))
        case _:
            return _of_words(spec)


def _pivot_of(spec: FieldSpec | KeySpec | LinkSpec) -> int:
    return PIVOT if spec.pivot is None else spec.pivot


def _of_words(spec: FieldSpec | KeySpec | LinkSpec) -> Conversion:
    match spec.as_:
        case "datetime":
            return dates.instant
        case "flag":
            return texts.flag
        case "choice":
            return texts.choice(spec.choices or {})
        case "state":
            return texts.place(
                "state", geo.state, list(geo.STATE_NAMES.values()), "its name or two letters, such as CA"
            )
        case "country":
            return texts.place(
                "country", geo.country, list(geo.COUNTRY_NAMES.values()), "its name or code, such as USA"
            )
        case "phone":
            return texts.phone
        case "digits":
            return texts.digits(spec.length, pad=bool(spec.pad))
        case "text" | "integer" | "decimal" | "money" | "percent" | "fraction" | "basis_points" | "date":
            raise AssertionError(f"{spec.as_} is handled by the caller")
        case _:
            assert_never(spec.as_)
