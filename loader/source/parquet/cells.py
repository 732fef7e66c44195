"""Columns of a Parquet file as text with their kind, as a workbook with the same cells gives them."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from loader.source.cells import column_of
from loader.source.table import SHEET_DIGITS, Kind


def is_plain(kind: pa.DataType) -> bool:
    """Whether a column of this type holds one value in each cell: no list, record or bytes."""
    if types.is_dictionary(kind):
        return is_plain(kind.value_type)
    return not (types.is_nested(kind) or _is_bytes(kind) or types.is_interval(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def holds_signs(array: pa.Array) -> bool:
    """Whether a column is of texts, and any of them holds a percent sign."""
    if types.is_dictionary(array.type):
        return holds_signs(array.dictionary)
    if not _is_text(array.type):
        return False
    texts = array.cast(pa.large_string())  # Arrow searches no views
    return bool(pc.any(pc.match_substring(texts, "%")).as_py())


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def texts_and_kinds(array: pa.Array) -> tuple[Sequence[str], bytes | None]:
    """
    A column's values as texts with their kinds, null as blank.

    An integer or decimal number of more digits than a workbook's number holds is text: here it is exact, as in CSV. An instant with a
    time zone is never a date, not even at midnight.

    Raises:
        OverflowError, ValueError: A date or time is beyond the year 9999.
    """
    kind = array.type
    if types.is_dictionary(kind):
        return texts_and_kinds(array.dictionary_decode())
    if types.is_null(kind):
        return [""] * len(array), None
    if _is_text(kind):
        return ["" if text is None else text for text in array.to_pylist()], None
    if types.is_integer(kind):
        return _exact(["" if number is None else str(number) for number in array.to_pylist()])
    if types.is_decimal(kind):
        return _exact(["" if number is None else f"{number:f}" for number in array.to_pylist()])
    if types.is_timestamp(kind) and kind.tz is not None:
        return _instants(_in_python(array))
    if not is_plain(kind):
        return [_shown(value) for value in array.to_pylist()], None
    return column_of(["" if value is None else value for value in _in_python(array).to_pylist()])


def _in_python(array: pa.Array) -> pa.Array:
    """The column in a type that Python knows: times to the microsecond, and numbers of single precision by their shortest text."""
    kind = array.type
    if types.is_timestamp(kind):
        return array.cast(pa.timestamp("us", kind.tz), safe=False)
    if types.is_time64(kind):
        return array.cast(pa.time64("us"), safe=False)
    if types.is_duration(kind):
        return array.cast(pa.duration("us"), safe=False)
    if types.is_float16(kind) or types.is_float32(kind):
        texts = array.cast(pa.float32()).cast(pa.string()).to_pylist()
        return pa.array([None if text is None else float(text) for text in texts], pa.float64())
    return array


def _exact(texts: list[str]) -> tuple[list[str], bytes]:
    """The kinds of plain numbers that are known with all their digits."""
    if max(map(len, texts), default=0) <= SHEET_DIGITS:
        return texts, bytes(Kind.NUMBER if text else Kind.TEXT for text in texts)
    return texts, bytes(
        Kind.NUMBER if text and _digits(text) <= SHEET_DIGITS else Kind.TEXT for text in texts
    )


def _digits(number: str) -> int:
    """Significant digits of a plain number."""
    return len(number.lstrip("-").replace(".", "").strip("0"))


def _instants(array: pa.Array) -> tuple[list[str], bytes]:
    texts = ["" if moment is None else moment.isoformat() for moment in array.to_pylist()]
    return texts, bytes(Kind.DATETIME if text else Kind.TEXT for text in texts)


def _shown(value: Any) -> str:
    """A list, record or bytes as text, for a person."""
    if value is None:
        return ""
    return value.hex() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, default=str)
