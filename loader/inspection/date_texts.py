"""The dates of a column that are written as text: in which format, and whether day and month stand in one order."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from loader.inspection.dense_days import DenseDays
from loader.inspection.tally import Tally
from loader.mapping import whole_columns
from loader.mapping.dates import day
from loader.mapping.known_values import OneKind
from loader.source.table import Kind
from loader.source.texts import Texts

_REMEMBERED: Final = 50_000
"""So many different days are 137 years: a column with more is not one of dates."""
_DAY_AND_MONTH: Final = (("MM", "DD"), ("M", "D"))
_WORDS: Final = (
    *("DD-Mon-YYYY", "D-Mon-YYYY", "DD-Mon-YY", "D-Mon-YY", "DD Mon YYYY", "D Mon YYYY", "DDMonYYYY"),
    *("D Month YYYY", "Mon D, YYYY", "Month D, YYYY"),
)
_FORMATS: Final = (
    "YYYY-MM-DD",
    *(f"YYYY{s}{m}{s}{d}" for s in "-/." for m, d in _DAY_AND_MONTH),
    *(f"{m}{s}{d}{s}{y}" for s in "/-." for m, d in _DAY_AND_MONTH for y in ("YYYY", "YY")),
    *(f"{d}{s}{m}{s}{y}" for s in "/-." for m, d in _DAY_AND_MONTH for y in ("YYYY", "YY")),
    *_WORDS,
)
"""The stricter before the looser, which takes its texts too."""
_SHORT_YEAR: Final = tuple(f"{sign}YY" for sign in "/-.")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]")
_LAST_MONTH: Final = 12
_SAMPLED: Final = 1_000
_TIME: Final = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}.*")


@dataclass(frozen=True, slots=True)
class Orders:
    """
    Day and month as they stand in the texts of a column.

    Attributes:
        formats: Formats in which all texts are dates, in the words of templates; of two that differ in strictness the stricter.
        month_first: Where no format makes dates of all, cells that are dates only where the month stands before the day, such as
            `03/19/2017`.
        month_first_row: Row number of the first of them, 0 where there is none.
        day_first: Cells that are dates only where the day stands before the month.
        day_first_row: Likewise.
        usual: Where no format makes dates of all of them, the one that makes dates of most.
        unusual: Cells that are no dates in that.
        unusual_row: Row number of the first of them, 0 where there is none.
        short_years: Whether years have two digits.
        span: The first and the last day, None where the formats leave it open.
    """

    formats: tuple[str, ...] = ()
    month_first: int = 0
    month_first_row: int = 0
    day_first: int = 0
    day_first_row: int = 0
    usual: str = ""
    unusual: int = 0
    unusual_row: int = 0
    short_years: bool = False
    span: tuple[date, date] | None = None

    @property
    def mixed(self) -> bool:
        """Whether some are dates in the one order only and some in the other only."""
        return bool(self.month_first and self.day_first)

    @property
    def open(self) -> bool:
        """Whether all of them are dates in either order."""
        return len(self.formats) > 1


class DateTexts:
    """
    Collects the texts; each is kept once, since dates repeat themselves.

    Of more than are remembered the first ones stay, and each of these counts as one cell.

    Attributes:
        days: Those of them that are counted in arrays; the others are kept as texts.
    """

    def __init__(self) -> None:
        self._texts = Tally()
        self.days = DenseDays()
        self._is_whole = True

    def add(self, text: str, cells: int, row: int) -> None:
        """So many cells with this text, the first of them in this row."""
        self.add_timed([text], [cells], [row])

    def add_all(self, texts: Sequence[str], cells: Sequence[int] | None, rows: Sequence[int]) -> None:
        """Texts with how many cells hold each, None for one, and the rows, ascending; none has a time or white space around it."""
        if not self._is_whole:
            return
        if cells is None:
            self._texts.add_cells(texts, rows)
        else:
            self._texts.add(texts, cells, rows)
        self._keep_first()

    def add_shaped(
        self,
        shape: bytes,
        texts: Texts,
        cells: NDArray[np.intp] | None,
        rows: NDArray[np.int64],
    ) -> NDArray[np.bool_] | None:
        """
        The same for texts of one shape, in which a zero that begins a text is a 9 too.

        Returns:
            Which of them are counted in `days`, None for none.
        """
        counted = self.days.add(shape, texts, cells, rows)
        if counted is not None and counted.all():
            return counted
        left = np.flatnonzero(~counted) if counted is not None else np.arange(len(texts))
        self.add_all(
            [texts[at] for at in left.tolist()],
            None if cells is None else cells[left].tolist(),
            rows[left].tolist(),
        )
        return counted

    def add_timed(self, texts: Sequence[str], cells: Sequence[int] | None, rows: Sequence[int]) -> None:
        """The same for texts that may have them."""
        self.add_all(list(map(_without_time, texts)), cells, rows)

    def merge(self, other: Self) -> None:
        """Take in what came of other rows."""
        self._texts.merge(other._texts)
        self.days.merge(other.days)
        self._is_whole = self._is_whole and other._is_whole
        self._keep_first()

    def _keep_first(self) -> None:
        if len(self._texts) > _REMEMBERED:
            self._texts.keep_first(_REMEMBERED)
            self._is_whole = False

    def orders(self) -> Orders:
        """What all of them say together."""
        whole = DateTexts()
        whole._texts, whole._is_whole = self.days.tally(), self._is_whole
        whole._texts.merge(self._texts)
        whole._keep_first()
        return whole._orders()

    def _orders(self) -> Orders:
        texts = [text for text, _ in self._texts.by_row()]
        if not texts:
            return Orders()
        column = Texts.of(texts)
        fitting: list[tuple[str, list[date]]] = []
        for form in _FORMATS:
            if any(_looser(fits) == form for fits, _ in fitting):
                continue  # the stricter one gives the same days
            if days := _days(column, form):
                fitting.append((form, days))
        formats: list[str] = []
        for form, days in fitting:
            if days not in (known for fits, known in fitting if fits in formats):
                formats.append(form)
        one = dict(fitting)[formats[0]] if len(formats) == 1 and self._is_whole else None
        if formats:
            return Orders(
                formats=tuple(formats),
                short_years=any(form.endswith(_SHORT_YEAR) for form in formats),
                span=(min(one), max(one)) if one else None,
            )
        month_first, month_first_row = self._beyond_twelve(2)
        day_first, day_first_row = self._beyond_twelve(1)
        usual, unusual, unusual_row = self._usual(texts)
        return Orders(
            month_first=month_first,
            month_first_row=month_first_row,
            day_first=day_first,
            day_first_row=day_first_row,
            usual=usual,
            unusual=unusual,
            unusual_row=unusual_row,
        )

    def _usual(self, texts: Sequence[str]) -> tuple[str, int, int]:
        """The format of most texts, how many cells are no dates in it, and the row of the first of them."""
        few = texts[:_SAMPLED]
        form = max(_FORMATS, key=lambda form: sum(map(_fits(form), few)))
        fits = _fits(form)
        return form, *self._counted(text for text in texts if not fits(text))

    def _beyond_twelve(self, part: int) -> tuple[int, int]:
        """Cells whose first or second number is no month, and the row of the first of them."""
        return self._counted(
            text
            for text, _ in self._texts.by_row()
            if (parts := _NUMBERS.match(text)) and int(parts[part]) > _LAST_MONTH
        )

    def _counted(self, texts: Iterable[str]) -> tuple[int, int]:
        """How many cells hold some of the texts, and the row of the first, 0 where there are none."""
        found = [(self._texts.cells[text], self._texts.rows[text]) for text in texts]
        cells = sum(of_text if self._is_whole else 1 for of_text, _ in found)
        return cells, min((row for _, row in found), default=0)


def _without_time(text: str) -> str:
    return _TIME.sub("", text.strip())


def _looser(form: str) -> str:
    """A format with days and months of one digit or two."""
    return form.replace("MM", "M").replace("DD", "D")


def _days(texts: Texts, form: str) -> list[date] | None:
    """The dates in one format; None where there is none, or a text that is none."""
    whole = whole_columns.dates(form)
    if whole is not None and isinstance(found := whole(texts), OneKind):
        return None if len(found.others) else found
    read = day(form)
    days = []
    for text in texts:
        found = read(text, Kind.TEXT)
        if not isinstance(found, date):
            return None
        days.append(found)
    return days or None


def _fits(form: str) -> Callable[[str], bool]:
    read = day(form)
    return lambda text: isinstance(read(text, Kind.TEXT), date)
