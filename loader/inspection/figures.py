"""What the cells of a column come to: figures that are summed from batch to batch, and from one span of the file to the next."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from loader.inspection.date_texts import DateTexts
from loader.inspection.extremes import Extremes
from loader.inspection.looks import Look, Looks
from loader.mapping.repairs import UNSEEN, WORDS_LIKE_NULL
from loader.mapping.texts import ERROR_WORDS
from loader.source.shapes import ZERO
from loader.source.table import Kind
from loader.source.texts import Texts

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

_SAYS_NOTHING: Final = WORDS_LIKE_NULL.union(("n.a.", "N.A.", "-", "--", "?"))
_ODD_WORDS: Final = {"nothing": _SAYS_NOTHING, "errors": ERROR_WORDS}
_ISO_WITH_TIME: Final = re.compile(rb"9999(?P<s>[-/.])99(?P=s)99[ a]99:99.*")
_ISO_DAY: Final = len("2017-03-09")
_LETTERS: Final = re.compile(rb"[ae]")
_FEW_SHAPES: Final = 64

_Name = TypeVar("_Name")


@dataclass(slots=True)
class Found:
    """Cells of which something is true: how many, and the row number of the first."""

    cells: int
    first_row: int


class Cells(NamedTuple):
    """
    Cells that are text.

    Attributes:
        texts: Their texts.
        counts: How many cells hold each, None for one.
        rows: The row number of the first of these.
    """

    texts: Texts
    counts: NDArray[np.intp] | None
    rows: NDArray[np.int64]

    def only(self, which: NDArray[np.bool_]) -> "Cells":
        """Those that are marked."""
        if which.all():
            return self
        counts = None if self.counts is None else self.counts[which]
        return Cells(self.texts.only(which), counts, self.rows[which])

    def row_of(self, text: str) -> int:
        """The row number of the first cell with a text."""
        return int(self.rows[self.texts.index(text)])

    def at(self, positions: Sequence[int] | slice) -> Found:
        """Those at some positions, of which there is at least one."""
        rows = self.rows[positions]
        cells = len(rows) if self.counts is None else int(self.counts[positions].sum())
        return Found(cells, int(rows.min()))


class _Alike(NamedTuple):
    """The texts of one shape: its position, how many cells they are, and the first row."""

    code: int
    cells: int
    first_row: int


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

    def add_typed(self, kind: Kind, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Cells that are no text."""

        def row_of(text: str) -> int:
            return rows[texts.index(text)]

        self._count_kind(KIND_OF_CELL[kind], Found(len(texts), rows[0]))
        if kind is Kind.NUMBER:
            self.numbers["number"].add(_outermost(texts, list(map(float, texts))), row_of)
        elif kind is Kind.PERCENT:
            numbers = [float(text.strip("% ")) for text in texts]
            self.numbers["percent"].add_percents(_outermost(texts, numbers), row_of)
        elif kind in {Kind.DATE, Kind.DATETIME}:
            self._add_days(min(texts), max(texts))
        elif kind in {Kind.ERROR, Kind.LOSSY}:
            name = "errors" if kind is Kind.ERROR else "lossy"
            _count(self.odd, name, Found(len(texts), rows[0]))

    def add_texts(self, cells: Cells, looks: Looks) -> None:
        """Cells that are text."""
        shapes = cells.texts.shapes
        alike: dict[Look, list[_Alike]] = {}
        for look, one in zip(looks.of_shapes(shapes.shapes), _by_shape(cells), strict=True):
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
                self._add_dates(cells, codes)
            elif not self.typed and look in KIND_OF_LOOK:
                self._add_numbers(look, cells, codes)
        for name, positions in _odd(cells):
            _count(self.odd, name, cells.at(positions))

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

    def _add_dates(self, cells: Cells, codes: list[int]) -> None:
        """Take dates in, those of one shape together."""
        shapes = cells.texts.shapes
        bare: dict[bytes, list[int]] = {}
        timed: list[int] = []
        for code in codes:
            shape = shapes.shapes[code].replace(ZERO, b"9")
            if code < shapes.exact and b":" not in shape and shape == shape.strip():
                bare.setdefault(shape, []).append(code)
            else:
                timed.append(code)
        for shape, alike in bare.items():
            some = cells.only(np.isin(shapes.codes, alike))
            self.dates.add_shaped(shape, some.texts, some.counts, some.rows)
        if not timed:
            return
        some = cells.only(np.isin(shapes.codes, timed))
        iso = all(code < shapes.exact and _ISO_WITH_TIME.fullmatch(shapes.shapes[code]) for code in timed)
        if iso and {text[_ISO_DAY] for text in some.texts} <= {" ", "T"}:
            days = [text[:_ISO_DAY] for text in some.texts]
            self.dates.add_all(days, _listed(some.counts), some.rows.tolist())
        else:
            self.dates.add_timed(some.texts, _listed(some.counts), some.rows.tolist())

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
        for code in alike:
            # Texts of one shape differ in digits alone, and so stand in the order of their numbers, or in the reverse of it.
            add(cells.texts.span(None if len(shapes.shapes) == 1 else shapes.codes == code), cells.row_of)
        if len(alike) < len(codes):
            some = cells.only(np.isin(shapes.codes, [code for code in codes if code not in alike]))
            add(some.texts, some.row_of)


def _count(found: dict[_Name, Found], name: _Name, more: Found) -> None:
    before = found.setdefault(name, Found(0, more.first_row))
    before.cells += more.cells
    before.first_row = min(before.first_row, more.first_row)


def _by_shape(cells: Cells) -> Iterable[_Alike]:
    shapes = cells.texts.shapes
    count = len(shapes.shapes)
    if count == 1:
        found = cells.at(slice(None))
        return [_Alike(0, found.cells, found.first_row)]
    sums = np.bincount(shapes.codes, cells.counts, count).astype(np.int64)
    firsts = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(firsts, shapes.codes, cells.rows)
    return map(_Alike, range(count), sums.tolist(), firsts.tolist())


def _odd(cells: Cells) -> Iterator[tuple[str, list[int]]]:
    """Texts that are not what they seem, by their positions."""
    texts = cells.texts
    for name, by_shape in _words_by_shape().items():
        codes = [code for code, shape in enumerate(texts.shapes.shapes) if shape in by_shape]
        words = _ODD_WORDS[name]
        likely = np.flatnonzero(np.isin(texts.shapes.codes, codes)).tolist() if codes else ()
        if found := [at for at in likely if texts[at] in words]:
            yield name, found
    beyond = texts.beyond_ascii.tolist()
    edged = range(len(texts)) if texts.is_spaced else beyond
    if spaced := [at for at in edged if (text := texts[at]) != text.strip() and not text.isspace()]:
        yield "spaced", spaced
    if unseen := [at for at in beyond if UNSEEN.search(texts[at])]:
        yield "invisible", unseen


@cache
def _words_by_shape() -> dict[str, frozenset[bytes]]:
    """The shapes that odd words have."""
    return {name: frozenset(Texts.of(sorted(words)).shapes.shapes) for name, words in _ODD_WORDS.items()}


def _listed(counts: NDArray[np.intp] | None) -> list[int] | None:
    return None if counts is None else counts.tolist()


def _outermost(texts: Sequence[str], numbers: list[float]) -> list[str]:
    """Those of some numbers that are the smallest or the largest as far as binary numbers tell."""
    ends = {min(numbers), max(numbers)}
    return [text for text, number in zip(texts, numbers, strict=True) if number in ends]
