"""One column of a file, batch by batch: kinds of cells, what texts look like, how many are different, from where to where they go."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, Self, TypeVar

from loader.inspection.date_texts import DateTexts
from loader.inspection.extremes import Extremes
from loader.inspection.looks import Look, Looks, Seen
from loader.mapping.repairs import UNSEEN, WORDS_LIKE_NULL
from loader.mapping.texts import ERROR_WORDS
from loader.source.table import Header, Kind

DISTINCT_AT_MOST: Final = 10_000
"""Beyond so many different texts of a column nothing is counted but that there are more."""
EXAMPLES: Final = 3

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

_Name = TypeVar("_Name")

_ONLY: Final = {kind: bytes(kind == other for other in range(256)) for kind in Kind}
"""For each kind, what turns the kinds of cells into ones where they are of that kind."""
_SAYS_NOTHING: Final = WORDS_LIKE_NULL.union(("n.a.", "N.A.", "-", "--", "?"))


@dataclass(slots=True)
class Found:
    """Cells of which something is true: how many, and the row number of the first."""

    cells: int
    first_row: int


class ColumnReader:
    """
    Collects what is in one column.

    Args:
        header: The column.
        looks: Shared by the columns of a file.
        typed: Whether the file knows numbers and dates; else texts are told by what they look like.

    Attributes:
        header: The column.
        typed: As given.
        kinds: Cells by kind: `text`, `number`, `date`, `percent`, `flag`, `time`, `error`, `blank`.
        firsts: Row number of the first cell of each kind.
        looks: Of cells that are text, by what they look like.
        odd: Cells that are odd, by a short name.
        dates: Dates that are written as text.
        days: Dates that are cells, as ISO text: the first and the last one, "" before any came.
        numbers: Numbers and percentages.
    """

    def __init__(self, header: Header, looks: Looks, *, typed: bool) -> None:
        self.header, self.typed = header, typed
        self.kinds: Counter[str] = Counter()
        self.firsts: dict[str, int] = {}
        self.looks: dict[Look, Found] = {}
        self.odd: dict[str, Found] = {}
        self.dates = DateTexts()
        self.days = ("", "")
        self.numbers = {"number": Extremes(), "percent": Extremes()}
        self._examples: dict[str, int] = {}
        self._shapes = looks
        self._different: set[str] | None = set()  # None: more than are counted

    @property
    def examples(self) -> list[str]:
        """The first different texts, in the order of the file."""
        return list(self._examples)

    @property
    def distinct(self) -> int:
        """How many different texts there are, at most one more than `DISTINCT_AT_MOST`."""
        return DISTINCT_AT_MOST + 1 if self._different is None else len(self._different)

    def add(self, rows: Sequence[int], texts: Sequence[str], kinds: bytes | None) -> None:
        """
        Cells of the column.

        Args:
            rows: Row numbers of the user.
            texts: One for each row.
            kinds: One byte (`Kind`) for each row, None where all are text.
        """
        if len(self._examples) < EXAMPLES:
            self._keep_examples((text.strip(), rows[texts.index(text)]) for text in dict.fromkeys(texts))
        for kind in sorted(set(kinds)) if kinds else (Kind.TEXT,):
            of_rows, of_kind = rows, texts
            if kinds and kinds.count(kind) < len(kinds):
                mask = kinds.translate(_ONLY[Kind(kind)])
                of_rows, of_kind = list(compress(rows, mask)), list(compress(texts, mask))
            if kind == Kind.TEXT:
                self._add_texts(of_rows, of_kind)
            else:
                self._add_cells(Kind(kind), of_rows, of_kind)

    def merge(self, other: Self) -> None:
        """Take in what another reader of the same column has read, of whatever other rows."""
        for kind, cells in other.kinds.items():
            self._count_kind(kind, cells, other.firsts[kind])
        _merge_found(self.looks, other.looks)
        _merge_found(self.odd, other.odd)
        self.dates.merge(other.dates)
        days = [day for day in (*self.days, *other.days) if day]
        self.days = (min(days), max(days)) if days else self.days
        for name, numbers in other.numbers.items():
            self.numbers[name].merge(numbers)
        self._keep_examples(other._examples.items())
        if other._different is None:
            self._different = None
        else:
            self._remember(other._different)

    def _keep_examples(self, found: Iterable[tuple[str, int]]) -> None:
        """Keep the first of all different texts, each with the row in which it stands first."""
        for text, row in found:
            if text:
                self._examples[text] = min(row, self._examples.get(text, row))
        first = sorted(self._examples.items(), key=lambda example: example[1])[:EXAMPLES]
        self._examples = dict(first)

    def _add_cells(self, kind: Kind, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Cells that are no text."""
        self._count_kind(KIND_OF_CELL[kind], len(texts), rows[0])
        self._remember(texts)
        if kind is Kind.NUMBER:
            self.numbers["number"].add(texts)
        elif kind is Kind.PERCENT:
            self.numbers["percent"].add_percents(texts)
        elif kind in {Kind.DATE, Kind.DATETIME}:
            first, last = self.days
            self.days = (min(first or texts[0], *texts), max(last, *texts))
        elif kind in {Kind.ERROR, Kind.LOSSY}:
            self._count_odd("errors" if kind is Kind.ERROR else "lossy", len(texts), rows[0])

    def _add_texts(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        counts = Counter(texts)
        different = list(counts)
        seen = self._shapes.of(different)
        for look, group in _by_look(different, seen.looks):
            cells = len(texts) if group is different else sum(map(counts.__getitem__, group))
            first_row = rows[texts.index(group[0])]
            self.looks.setdefault(look, Found(0, first_row)).cells += cells
            if look is Look.BLANK:
                self._count_kind("blank", cells, first_row)
                continue
            self._count_kind("text" if self.typed else KIND_OF_LOOK.get(look, "text"), cells, first_row)
            self._remember(group)
            self._measure(look, group, rows, texts, counts)
        self._search(rows, texts, counts, seen)

    def _measure(
        self, look: Look, group: list[str], rows: Sequence[int], texts: Sequence[str], counts: Counter[str]
    ) -> None:
        """Take what numbers and dates say of where they go."""
        kind = KIND_OF_LOOK.get(look)
        if kind == "date":
            first = dict(zip(reversed(texts), reversed(rows), strict=True))
            for text in group:
                self.dates.add(text, counts[text], first[text])
        elif self.typed:
            return
        elif look is Look.WRITTEN:
            self.numbers["number"].add_written(group)
        elif look is Look.PERCENT:
            self.numbers["percent"].add_percents(group)
        elif look in {Look.WHOLE, Look.DECIMAL, Look.EXPONENT}:
            self.numbers["number"].add(group)

    def _search(self, rows: Sequence[int], texts: Sequence[str], counts: Counter[str], seen: Seen) -> None:
        """Look for texts that are not what they seem."""
        odd = {
            "nothing": [word for word in _SAYS_NOTHING if word in counts],
            "errors": [word for word in ERROR_WORDS if word in counts],
        }
        if seen.spaced or not seen.ascii:
            odd["spaced"] = [text for text in counts if text != text.strip() and not text.isspace()]
        if not seen.ascii:
            odd["invisible"] = [text for text in counts if UNSEEN.search(text)]
        for name, found in odd.items():
            if found:
                first_row = rows[min(map(texts.index, found))]
                self._count_odd(name, sum(map(counts.__getitem__, found)), first_row)

    def _count_kind(self, kind: str, cells: int, first_row: int) -> None:
        self.kinds[kind] += cells
        self.firsts[kind] = min(first_row, self.firsts.get(kind, first_row))

    def _count_odd(self, name: str, cells: int, first_row: int) -> None:
        self.odd.setdefault(name, Found(0, first_row)).cells += cells

    def _remember(self, texts: Iterable[str]) -> None:
        """Count different texts, as far as that is wanted."""
        if self._different is not None:
            self._different.update(texts)
            if len(self._different) > DISTINCT_AT_MOST:
                self._different = None


def _merge_found(mine: dict[_Name, Found], theirs: dict[_Name, Found]) -> None:
    """Sum what two readers found."""
    for name, found in theirs.items():
        of_both = mine.setdefault(name, Found(0, found.first_row))
        of_both.cells += found.cells
        of_both.first_row = min(of_both.first_row, found.first_row)


def _by_look(texts: list[str], looks: list[Look]) -> Iterable[tuple[Look, list[str]]]:
    """The texts of each look; the same list where all look the same."""
    if len(set(looks)) == 1:
        return [(looks[0], texts)]
    groups: dict[Look, list[str]] = {}
    for text, look in zip(texts, looks, strict=True):
        if look in groups:
            groups[look].append(text)
        else:
            groups[look] = [text]
    return groups.items()
