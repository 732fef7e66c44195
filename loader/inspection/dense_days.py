"""Dates of three numbers, such as `03/09/2017`, counted in arrays, where a step of Python for each text would cost more than all else."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loader.inspection.tally import Tally
from loader.source.texts import Texts

_FIRST_YEAR: Final = 1900
_YEARS: Final = 300
_PARTS: Final = 32  # days and months, and 0
_PLACES: Final = _YEARS * _PARTS * _PARTS
_SHAPE: Final = re.compile(rb"(9999)([-/.])(99)([-/.])(99)|(99)([-/.])(99)([-/.])(9999)")
_NEVER: Final = np.iinfo(np.uint32).max
_Counts: TypeAlias = NDArray[np.uint32]


class _Form(NamedTuple):
    """Where year and the two other numbers stand in texts of a shape, and how such a text is written."""

    year: int
    first: int
    second: int
    written: str


class DenseDays:
    """Counts dates, each text for itself, by the numbers in it."""

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[_Counts, _Counts]] = {}

    def add(
        self, shape: bytes, texts: Texts, cells: NDArray[np.intp] | None, rows: NDArray[np.int64]
    ) -> NDArray[np.bool_] | None:
        """
        Texts of one shape.

        Args:
            shape: Of all of them (`Shapes`), with a 9 for a zero that begins the text too.
            texts: The texts.
            cells: How many cells hold each, None for one.
            rows: The row numbers of the first of these.

        Returns:
            Which of them are counted, None for none.
        """
        form = _form_of(shape)
        if form is None:
            return None
        years = texts.number(form.year, 4) - _FIRST_YEAR
        first, second = texts.number(form.first, 2), texts.number(form.second, 2)
        counted = (years >= 0) & (years < _YEARS) & (first < _PARTS) & (second < _PARTS)
        places = (years * _PARTS + first) * _PARTS + second
        if shape not in self._found:
            self._found[shape] = _nothing()
        sums, firsts = self._found[shape]
        if not counted.all():
            places, rows = places[counted], rows[counted]
            cells = None if cells is None else cells[counted]
        np.add.at(sums, places, np.uint32(1) if cells is None else cells.astype(np.uint32))
        np.minimum.at(firsts, places, rows.astype(np.uint32))
        return counted

    def __getstate__(self) -> dict[bytes, tuple[NDArray[np.intp], _Counts, _Counts]]:
        """Only what was found goes to another process."""
        found = ((shape, np.flatnonzero(sums), sums, firsts) for shape, (sums, firsts) in self._found.items())
        return {shape: (places, sums[places], firsts[places]) for shape, places, sums, firsts in found}

    def __setstate__(self, state: dict[bytes, tuple[NDArray[np.intp], _Counts, _Counts]]) -> None:
        self._found = {shape: _nothing() for shape in state}
        for shape, (places, cells, rows) in state.items():
            sums, firsts = self._found[shape]
            sums[places], firsts[places] = cells, rows

    def merge(self, other: Self) -> None:
        """Take in what was counted in other rows."""
        for shape, (sums, firsts) in other._found.items():
            mine = self._found.get(shape) or _nothing()
            self._found[shape] = (mine[0] + sums, np.minimum(mine[1], firsts))

    def __len__(self) -> int:
        """How many different texts there are."""
        return sum(int(np.count_nonzero(sums)) for sums, _ in self._found.values())

    def texts(self) -> Iterator[str]:
        """The texts, each once."""
        for shape, (sums, _) in self._found.items():
            yield from _texts(shape, np.flatnonzero(sums))

    def tally(self) -> Tally:
        """The texts, with how many cells hold each and where it stands first."""
        whole = Tally()
        for shape, (sums, firsts) in self._found.items():
            places = np.flatnonzero(sums)
            whole.add_new(list(_texts(shape, places)), sums[places].tolist(), firsts[places].tolist())
        return whole


def _nothing() -> tuple[_Counts, _Counts]:
    return np.zeros(_PLACES, np.uint32), np.full(_PLACES, _NEVER, np.uint32)


def _texts(shape: bytes, places: NDArray[np.intp]) -> Iterator[str]:
    form = _form_of(shape)
    assert form is not None, "no other shape is counted"
    years, rest = np.divmod(places, _PARTS * _PARTS)
    first, second = np.divmod(rest, _PARTS)
    return map(form.written.format, (years + _FIRST_YEAR).tolist(), first.tolist(), second.tolist())


@cache
def _form_of(shape: bytes) -> _Form | None:
    found = _SHAPE.fullmatch(shape)
    if found is None:
        return None
    before, behind = (found[2] or found[7]).decode(), (found[4] or found[9]).decode()
    if found[1]:
        return _Form(0, 5, 8, f"{{0:04}}{before}{{1:02}}{behind}{{2:02}}")
    return _Form(6, 0, 3, f"{{1:02}}{before}{{2:02}}{behind}{{0:04}}")
