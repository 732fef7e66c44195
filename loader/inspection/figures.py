"""What the cells of a column come to: figures that are summed from batch to batch, and from one span of the file to the next."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from loader.inspection.date_texts import DateTexts
from loader.inspection.extremes import Extremes
from loader.inspection.looks import Look, Looks
from loader.inspection.text_cells import Alike, Cells, Found, by_shape, odd_texts
from loader.source.arrow_texts import in_numbers
from loader.source.shapes import ZERO
from loader.source.table import Kind
from loader.source.texts import HEAD_BYTES

KIND_OF_CELL: Final = {
    Kind.NUMBER: "number",
    Kind.LOSSY: "number",
    Kind.DATE: "date",
    Kind.DATETIME: "date",
    Kind.PERCENT: "percent",
    Kind.FLAG: "flag",
    Kind.TIME: "time",
    Kind.ERROR: "error",
}
KIND_OF_LOOK: Final = {
    Look.WHOLE: "number",
    Look.DECIMAL: "number",
    Look.WRITTEN: "number",
    Look.ZEROS: "number",
    Look.LONG: "number",
    Look.EXPONENT: "number",
    Look.PERCENT: "percent",
    Look.YEAR_FIRST: "date",
    Look.YEAR_LAST: "date",
    Look.NAMED_MONTH: "date",
}
"""What a text counts as in a file that knows only text; all others are text there too."""

_ISO_WITH_TIME: Final = re.compile(rb"9999(?P<s>[-/.])99(?P=s)99[ a]99:99.*")
_ISO_DAY: Final = len("2017-03-09")
_LETTERS: Final = re.compile(rb"[ae]")
_FEW_SHAPES: Final = 64

_Name = TypeVar("_Name")


@dataclass(slots=True)
class Figures:
    """
    Figures of one column.

    Attributes:
        typed: Whether the file knows numbers and dates; else texts are told by what they look like.
        kinds: Cells by kind: `text`, `number`, `date`, `percent`, `flag`, `time`, `error`, `blank`.
        firsts: Row number of the first cell of each kind.
        looks: Of cells that are text, by what they look like.
        odd: Cells that are odd, by a short name.
        dates: Dates that are written as text.
        days: Dates that are cells, as ISO text: the first and the last one, "" before any came.
        numbers: Numbers and percentages.
    """

    typed: bool
    kinds: Counter[str] = field(default_factory=Counter)
    firsts: dict[str, int] = field(default_factory=dict)
    looks: dict[Look, Found] = field(default_factory=dict)
    odd: dict[str, Found] = field(default_factory=dict)
    dates: DateTexts = field(default_factory=DateTexts)
    days: tuple[str, str] = ("", "")
    numbers: Mapping[str, Extremes] = field(
        default_factory=lambda: {"number": Extremes(), "percent": Extremes()}
    )
    _ends: dict[bytes, tuple[np.uint64, np.uint64]] = field(default_factory=dict)

    def add_typed(self, kind: Kind, cells: Cells) -> None:
        """Cells that are no text."""
        found = cells.at(slice(None))
        self._count_kind(KIND_OF_CELL[kind], found)
        if kind is Kind.NUMBER:
            outermost = _outermost(cells, in_numbers(cells.texts.arrow))
            self.numbers["number"].add(outermost.texts, outermost.row_of)
        elif kind is Kind.PERCENT:
            outermost = _outermost(cells, in_numbers(cells.texts.arrow, behind="%"))
            self.numbers["percent"].add_percents(outermost.texts, outermost.row_of)
        elif kind in {Kind.DATE, Kind.DATETIME}:
            self._add_days(*cells.texts.span())
        elif kind in {Kind.ERROR, Kind.LOSSY}:
            _count(self.odd, "errors" if kind is Kind.ERROR else "lossy", found)

    def add_texts(self, cells: Cells, looks: Looks) -> NDArray[np.bool_] | None:
        """
        Cells that are text.

        Returns:
            Which of the texts are among the `days` of the dates, None for none.
        """
        shapes = cells.texts.shapes
        days: NDArray[np.bool_] | None = None
        alike: dict[Look, list[Alike]] = {}
        for look, one in zip(looks.of_shapes(shapes.shapes), by_shape(cells), strict=True):
            alike.setdefault(look, []).append(one)
        for look, ones in alike.items():
            found = Found(sum(one.cells for one in ones), min(one.first_row for one in ones))
            _count(self.looks, look, found)
            if look is Look.BLANK:
                self._count_kind("blank", found)
                continue
            self._count_kind("text" if self.typed else KIND_OF_LOOK.get(look, "text"), found)
            codes = [one.code for one in ones]
            if KIND_OF_LOOK.get(look) == "date":
                found_days = self._add_dates(cells, codes)
                days = found_days if days is None else days | found_days
            elif not self.typed and look in KIND_OF_LOOK:
                self._add_numbers(look, cells, codes)
        for name, positions in odd_texts(cells):
            _count(self.odd, name, cells.at(positions))
        return days

    def merge(self, other: Self) -> None:
        """Take in the figures of other rows."""
        for kind, cells in other.kinds.items():
            self._count_kind(kind, Found(cells, other.firsts[kind]))
        for look, found in other.looks.items():
            _count(self.looks, look, found)
        for name, found in other.odd.items():
            _count(self.odd, name, found)
        self.dates.merge(other.dates)
        if other.days[0]:
            self._add_days(*other.days)
        for kind, numbers in other.numbers.items():
            self.numbers[kind].merge(numbers)

    def _count_kind(self, kind: str, found: Found) -> None:
        self.kinds[kind] += found.cells
        self.firsts[kind] = min(found.first_row, self.firsts.get(kind, found.first_row))

    def _add_days(self, first: str, last: str) -> None:
        self.days = (min(self.days[0] or first, first), max(self.days[1], last))

    def _add_dates(self, cells: Cells, codes: list[int]) -> NDArray[np.bool_]:
        """Take dates in, those of one shape together; which of all cells are counted as days."""
        shapes = cells.texts.shapes
        counted = np.zeros(len(cells.texts), np.bool_)
        bare: dict[bytes, list[int]] = {}
        timed: list[int] = []
        for code in codes:
            shape = shapes.shapes[code].replace(ZERO, b"9")
            if code < shapes.exact and b":" not in shape and shape == shape.strip():
                bare.setdefault(shape, []).append(code)
            else:
                timed.append(code)
        for shape, alike in bare.items():
            which = shapes.are(alike)
            some = cells.only(which)
            days = self.dates.add_shaped(shape, some.texts, some.counts, some.rows)
            if days is not None:
                counted[which] = days
        if not timed:
            return counted
        some = cells.only(shapes.are(timed))
        iso = all(code < shapes.exact and _ISO_WITH_TIME.fullmatch(shapes.shapes[code]) for code in timed)
        if iso and {text[_ISO_DAY] for text in some.texts} <= {" ", "T"}:
            bare_days = [text[:_ISO_DAY] for text in some.texts]
            self.dates.add_all(bare_days, _listed(some.counts), some.rows.tolist())
        else:
            self.dates.add_timed(some.texts, _listed(some.counts), some.rows.tolist())
        return counted

    def _add_numbers(self, look: Look, cells: Cells, codes: list[int]) -> None:
        if look is Look.PERCENT:
            add = self.numbers["percent"].add_percents
        elif look is Look.WRITTEN:
            add = self.numbers["number"].add_written
        elif look in {Look.WHOLE, Look.DECIMAL, Look.EXPONENT}:
            add = self.numbers["number"].add
        else:
            return  # identifiers
        shapes = cells.texts.shapes
        alike = [code for code in codes if code < shapes.exact and not _LETTERS.search(shapes.shapes[code])]
        alike = alike[:_FEW_SHAPES]
        for outermost in self._likely_outermost(cells, alike):
            # Texts of one shape differ in digits alone, and so stand in the order of their numbers, or in the reverse of it.
            add(outermost.texts.span(), outermost.row_of)
        if len(alike) < len(codes):
            some = cells.only(shapes.are([code for code in codes if code not in alike]))
            add(some.texts, some.row_of)

    def _likely_outermost(self, cells: Cells, codes: list[int]) -> Iterator[Cells]:
        """Of cells of some shapes those that may be before or behind all that came before, or the same in an earlier row."""
        shapes, heads = cells.texts.shapes, cells.texts.heads
        first = np.full(len(shapes.shapes), np.iinfo(np.uint64).max, np.uint64)
        last = np.zeros(len(shapes.shapes), np.uint64)
        np.minimum.at(first, shapes.codes, heads)
        np.maximum.at(last, shapes.codes, heads)
        for code in codes:
            shape = shapes.shapes[code]
            beyond = np.uint64(8 * max(HEAD_BYTES - len(shape), 0))
            low, high = first[code] >> beyond, last[code] >> beyond
            known = self._ends.get(shape)
            if known is None:
                self._ends[shape] = (low, high)
            else:
                self._ends[shape] = (min(known[0], low), max(known[1], high))
                if known[0] < low and high < known[1]:
                    continue
                if len(shape) <= HEAD_BYTES and cells.counts is None and known[0] <= low and high <= known[1]:
                    continue  # the same texts in later rows
            own = heads >> beyond
            yield cells.only((shapes.codes == code) & ((own == low) | (own == high)))


def _count(found: dict[_Name, Found], name: _Name, more: Found) -> None:
    before = found.setdefault(name, Found(0, more.first_row))
    before.cells += more.cells
    before.first_row = min(before.first_row, more.first_row)


def _listed(counts: NDArray[np.intp] | None) -> list[int] | None:
    return None if counts is None else counts.tolist()


def _outermost(cells: Cells, numbers: NDArray[np.float64]) -> Cells:
    """Those of some numbers that are the smallest or the largest as far as binary numbers tell."""
    return cells.only((numbers == numbers.min()) | (numbers == numbers.max()))
