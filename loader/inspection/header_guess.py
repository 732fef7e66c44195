"""A guess which row holds the headers, where nobody has said: it is told as one, and nothing is sent by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loader.inspection.looks import Look, Looks
from loader.models.folding import folded

SEARCHED_ROWS: Final = 30
_MOST: Final = 0.8
"""So much of a row of headers are words."""
_HALF: Final = 0.5
"""More than so much of the width of the rows has a header, and more than so much of the headers are different."""
_WORDS: Final = frozenset({Look.WORDS})


@dataclass(frozen=True, slots=True)
class Line:
    """One of the first rows: its row number and its cells as text."""

    row: int
    cells: Sequence[str]


def guessed_header_row(lines: Sequence[Line], looks: Looks) -> int | None:
    """
    The first row that looks like headers: as wide as the rows below it, and words where these have other things.

    Args:
        lines: The first rows of the file that are not blank.
        looks: Tells what texts look like.

    Returns:
        Row number; None where no row looks like headers, and the file may have none.
    """
    widths = sorted(sum(map(bool, map(str.strip, line.cells))) for line in lines)
    usual = widths[len(widths) // 2] if widths else 0
    for line in lines:
        filled = [cell for cell in line.cells if cell.strip()]
        if len(filled) <= _HALF * usual:
            continue
        words = sum(look in _WORDS for look in looks.of(filled).looks)
        if words >= _MOST * len(filled) and len(set(map(folded, filled))) > _HALF * len(filled):
            return line.row
    return None
