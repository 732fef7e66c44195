"""
Conversions of whole columns of cells of one kind, in steps that cost little for each cell.

Each knows the shapes of the texts that people write most (`source.texts.Shapes`), and converts all cells of such a shape together. What has
another shape, or turns out to be no usual case, is left to the conversion of single cells, which gives the same for all that is
converted here.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loader.mapping.date_formats import FIRST_YEAR, LAST_YEAR
from loader.mapping.known_values import OneKind
from loader.source.shapes import ZERO
from loader.source.table import SHEET_DIGITS
from loader.source.texts import Texts

Way: TypeAlias = Callable[[Texts], OneKind | Texts]
"""Texts of certain shapes to a value for each; where that is no text, it may leave `others` open."""

_BETWEEN: Final = "\0"  # in no text of a known shape
_AMOUNT: Final = re.compile(rb"\$?(?:[9\x01]9{0,2}(?:,999)+|[9\x01]9{0,19})(?P<decimals>\.99?)?")
_NUMBER: Final = re.compile(rb"[9\x01]9{0,29}(?P<decimals>\.9{1,30})?(?P<percent>%)?")
_OF_CELL: Final = re.compile(rb"[9\x01]9*(?:\.9+)?")
_WHOLE: Final = re.compile(rb"[9\x01]9{0,17}")
_PUNCTUATED: Final = re.compile(rb"[9\x01 ./()-]+")
_LIKE_A_NUMBER: Final = re.compile(rb"[9\x01]9*\.9{0,2}")
_DATE_TOKEN: Final = re.compile(r"YYYY|MM|DD")
_MONTHS: Final = 12
_SAFE_LEFT: Final = 2
_DECIMALS_OF_AMOUNTS: Final = 2
_FIRST_DAY: Final = date(FIRST_YEAR, 1, 1).toordinal()


class WholeColumn:
    """
    A conversion of the cells whose shapes it knows.

    Args:
        way_of: The way of a shape, None where it is not known.
    """

    def __init__(self, way_of: Callable[[bytes], Way | None]) -> None:
        self._way_of = cache(way_of)

    def __call__(self, texts: Texts) -> OneKind | Texts | None:
        """
        A value for each cell; those of the `others` are open.

        None where so many are open that it is of no use.
        """
        shapes = texts.shapes
        if not texts:
            return None
        ways = [
            self._way_of(shape) if code < shapes.exact else None for code, shape in enumerate(shapes.shapes)
        ]
        if ways[0] and all(way is ways[0] for way in ways):
            whole = ways[0](texts)
            if isinstance(whole, OneKind):
                whole.room = _room(shapes.shapes, whole)
            return whole
        known = np.array([way is not None for way in ways])[shapes.codes]
        if _SAFE_LEFT * int(known.sum()) < len(texts):
            return None
        together, kinds = np.empty(len(texts), dtype=object), set[type]()
        left = np.flatnonzero(~known).tolist()
        for way in dict.fromkeys(way for way in ways if way):
            which = np.array([other is way for other in ways])[shapes.codes]
            values = way(texts.only(which))
            together[which] = np.fromiter(values, dtype=object, count=len(values))
            kinds.add(str if isinstance(values, Texts) else values.kind)
            if isinstance(values, OneKind) and len(values.others):
                left += np.flatnonzero(which)[values.others].tolist()
        (kind,) = kinds  # a conversion makes values of one type
        found = OneKind(kind, together.tolist(), sorted(left))
        found.room = _room([shape for shape, way in zip(shapes.shapes, ways, strict=True) if way], found)
        return found


def _room(shapes: Iterable[bytes], found: OneKind) -> tuple[int, int] | None:
    """The room that decimals of some shapes take, in which each digit stands for one of the number, but for two decimals of amounts."""
    if found.kind is not Decimal:
        return None
    before, behind = 0, _DECIMALS_OF_AMOUNTS
    for shape in shapes:
        whole, _, decimals = shape.replace(ZERO, b"9").partition(b".")
        before, behind = max(before, whole.count(b"9")), max(behind, decimals.count(b"9"))
    return before, behind


def amounts(*, in_cells: bool = False) -> WholeColumn:
    """
    Amounts in dollars, such as `$53,180.08`, with two decimals.

    Args:
        in_cells: Whether they are number cells of a spreadsheet.
    """
    by_places = {places: _amounts_of(places) for places in range(3)}

    def way_of(shape: bytes) -> Way | None:
        found = _AMOUNT.fullmatch(shape) if not in_cells or _is_sure(shape) else None
        return by_places[len((found["decimals"] or b".")[1:])] if found else None

    return WholeColumn(way_of)


def _amounts_of(places: int) -> Way:
    zeros = ("." if not places else "") + "0" * (2 - places)

    def convert(texts: Texts) -> OneKind:
        joined = texts.joined(_BETWEEN).replace("$", "").replace(",", "")
        if zeros:
            joined = joined.replace(_BETWEEN, zeros + _BETWEEN) + zeros
        return OneKind(Decimal, map(Decimal, joined.split(_BETWEEN)))

    return convert


def decimals(*, in_cells: bool = False) -> WholeColumn:
    """Numbers without zeros at their end; see `amounts`."""

    def way_of(shape: bytes) -> Way | None:
        found = _NUMBER.fullmatch(shape) if not in_cells or _is_sure(shape) else None
        return _way_of_number(found) if found and not found["percent"] else None

    return WholeColumn(way_of)


def rates(*, sign_needed: bool, in_cells: bool = False) -> WholeColumn:
    """
    Numbers with a percent sign or without, and without zeros at their end.

    Args:
        sign_needed: Whether plain numbers are left to be looked at one by one.
        in_cells: Whether they are cells of numbers or percentages of a spreadsheet.
    """

    def way_of(shape: bytes) -> Way | None:
        found = _NUMBER.fullmatch(shape) if not in_cells or _is_sure(shape.removesuffix(b"%")) else None
        return _way_of_number(found) if found and (found["percent"] or not sign_needed) else None

    return WholeColumn(way_of)


def _is_sure(shape: bytes) -> bool:
    """Whether a number cell holds no more digits than its spreadsheet knows, so that none is rounded away."""
    return bool(_OF_CELL.fullmatch(shape)) and len(shape) <= SHEET_DIGITS


def _way_of_number(found: re.Match[bytes]) -> Way:
    return _decimals if found["decimals"] else _whole_numbers


def _decimals(texts: Texts) -> OneKind:
    joined = texts.joined(_BETWEEN).replace("%", "") + _BETWEEN
    while "0" + _BETWEEN in joined:  # all have a point, at which this ends
        joined = joined.replace("0" + _BETWEEN, _BETWEEN)
    joined = joined.replace("." + _BETWEEN, _BETWEEN)
    return OneKind(Decimal, map(Decimal, joined[:-1].split(_BETWEEN)))


def _whole_numbers(texts: Texts) -> OneKind:
    return OneKind(Decimal, map(Decimal, texts.joined(_BETWEEN).replace("%", "").split(_BETWEEN)))


def integers(*, in_cells: bool = False) -> WholeColumn:
    """Whole numbers; see `amounts`."""

    def way_of(shape: bytes) -> Way | None:
        return _integers if _WHOLE.fullmatch(shape) and (not in_cells or _is_sure(shape)) else None

    return WholeColumn(way_of)


def _integers(texts: Texts) -> OneKind:
    return OneKind(int, map(int, texts))


def digits(length: int | None) -> WholeColumn:
    """Digits with punctuation between them; of a length, if one is given."""

    def way_of(shape: bytes) -> Way | None:
        count = shape.count(b"9") + shape.count(b"\x01")
        usual = count == length if length else count > 0
        known = usual and b"(" not in shape and b")" not in shape and _is_punctuated(shape)
        return _bare_digits(_places(shape)) if known else None

    return WholeColumn(way_of)


def phones(length: int) -> WholeColumn:
    """Telephone numbers of so many digits, the first of them neither 0 nor 1."""

    def way_of(shape: bytes) -> Way | None:
        count = shape.count(b"9") + shape.count(b"\x01")
        return _phones(_places(shape)) if count == length and _is_punctuated(shape) else None

    return WholeColumn(way_of)


def _is_punctuated(shape: bytes) -> bool:
    return bool(_PUNCTUATED.fullmatch(shape)) and not _LIKE_A_NUMBER.fullmatch(shape.strip())


def _places(shape: bytes) -> tuple[int, ...]:
    """Where the digits stand."""
    return tuple(at for at, sign in enumerate(shape) if sign in b"9" + ZERO)


@cache
def _bare_digits(places: tuple[int, ...]) -> Way:
    def convert(texts: Texts) -> Texts:
        return texts.picked(places)

    return convert


@cache
def _phones(places: tuple[int, ...]) -> Way:
    def convert(texts: Texts) -> OneKind | Texts:
        found = texts.picked(places)
        others = np.flatnonzero(found.number(0, 1) <= 1).tolist()
        return OneKind(str, found, others) if others else found

    return convert


def dates(form: str) -> WholeColumn | None:
    """
    Dates in a format of years, months and days with a fixed count of digits; None for other formats.

    Args:
        form: A format; "" for `YYYY-MM-DD`.
    """
    form = form or "YYYY-MM-DD"
    rest = _DATE_TOKEN.sub("", form)
    at = {token[0]: token.start() for token in _DATE_TOKEN.finditer(form)}
    if not form.isascii() or any(map(str.isalnum, rest)) or not {"YYYY", "MM"} <= at.keys():
        return None
    expected = _DATE_TOKEN.sub(lambda token: "9" * len(token[0]), form).encode()

    def convert(texts: Texts) -> OneKind:
        return _days(texts, at)

    def way_of(shape: bytes) -> Way | None:
        return convert if shape.replace(b"\x01", b"9") == expected else None

    return WholeColumn(way_of)


def _days(texts: Texts, at: dict[str, int]) -> OneKind:
    """The dates of texts of one length, from their digits."""
    years, months = texts.number(at["YYYY"], 4), texts.number(at["MM"], 2)
    days = texts.number(at["DD"], 2) if "DD" in at else np.ones(len(texts), np.int64)
    there = (months >= 1) & (months <= _MONTHS) & (years >= FIRST_YEAR) & (years <= LAST_YEAR) & (days >= 1)
    in_month = np.where(there, (years - FIRST_YEAR) * _MONTHS + months - 1, 0)
    known, starts = _calendar()
    there &= days <= starts[in_month + 1] - starts[in_month]
    numbers = np.where(there, starts[in_month] + days - 1, 0)
    others = np.flatnonzero(~there).tolist()
    return OneKind(date, known[numbers].tolist(), others, days=numbers + _FIRST_DAY)


@cache
def _calendar() -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """All days that are read, and for each month, and the one after the last, how many of them stand before it."""
    first, end = np.datetime64(date(FIRST_YEAR, 1, 1)), np.datetime64(date(LAST_YEAR + 1, 1, 1))
    months = np.arange(first.astype("M8[M]"), end.astype("M8[M]") + 1).astype("M8[D]")
    return np.arange(first, end).astype(object), (months - first).astype(np.int64)
