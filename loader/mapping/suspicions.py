"""What cells of text may mean beside what they say: told, since nobody can know; the cells are read as they stand."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from loader.mapping.repairs import (
    DATE_AS_TEXT,
    IN_QUOTES,
    LIKE_FORMULA,
    LIKE_NULL,
    LOST_LETTERS,
    LOST_ZEROS,
    POINT_ZERO,
    SCIENTIFIC,
    WORDS_LIKE_NULL,
    is_bare,
)
from loader.source.table import Kind
from loader.source.texts import Texts, different_texts, signs_of

Suspicion: TypeAlias = tuple[str, list[int]]
"""A rule of `repairs.MESSAGES`, and the positions of the cells that it is true of."""

SHORTENED: Final = re.compile(r"\s*-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+\s*")
"""A number as Excel shows and exports it when it has more digits than the cell has room for: `1.23457E+11`."""
_SHORTEST_WORD: Final = min(map(len, WORDS_LIKE_NULL))
_LONGEST_WORD: Final = max(map(len, WORDS_LIKE_NULL))
_POINT_ZERO: Final = re.compile(r"\s*[0-9]+\.0\s*")
_QUOTED: Final = re.compile(r"""\s*(?:".*"|'.*')\s*""", re.DOTALL)
_OF_DATES: Final = (Kind.DATE, Kind.DATETIME, Kind.TIME)


def suspicions(cells: Sequence[str], kinds: bytes | None, *, identifies: bool) -> Iterator[Suspicion]:
    """
    What is to be told of a column in which every text is a value.

    Args:
        cells: Its texts.
        kinds: Their kinds, None where all are text.
        identifies: Whether they are natural keys; what is refused of those is not told as well.
    """
    if _may_hold_words(cells) and not WORDS_LIKE_NULL.isdisjoint(different_texts(cells)):
        yield LIKE_NULL, _words_like_null(cells, kinds)
    together = signs_of(cells)  # a single character is found at no cost
    if '"' in together or "'" in together:
        yield IN_QUOTES, _matching(_QUOTED, cells)
    if "=" in together:
        yield LIKE_FORMULA, _formulas(cells, kinds)
    if "\ufffd" in together:
        yield LOST_LETTERS, [at for at, cell in enumerate(cells) if "\ufffd" in cell]
    if identifies:
        if "." in together:
            yield POINT_ZERO, _matching(_POINT_ZERO, cells)
        return
    if "+" in together:
        yield SCIENTIFIC, _matching(SHORTENED, cells)
    if kinds is not None and any(kind in kinds for kind in _OF_DATES):
        yield DATE_AS_TEXT, [at for at, kind in enumerate(kinds) if kind in _OF_DATES]


def _may_hold_words(cells: Sequence[str]) -> bool:
    """Whether a cell is as long as the words that mean nothing."""
    if not isinstance(cells, Texts):
        return True
    lengths = cells.lengths
    return bool(((lengths >= _SHORTEST_WORD) & (lengths <= _LONGEST_WORD)).any())


def numbers_among_zeros(cells: Sequence[str], kinds: bytes | None) -> Iterator[Suspicion]:
    """Number cells among identifiers, where other cells are text with zeros on the left."""
    if kinds is None or Kind.NUMBER not in kinds:
        return
    if any(
        kind == Kind.TEXT and cell.startswith("0") and cell.isdigit() and len(cell) > 1
        for cell, kind in zip(cells, kinds, strict=True)
    ):
        yield LOST_ZEROS, [at for at, kind in enumerate(kinds) if kind == Kind.NUMBER]


def _formulas(cells: Sequence[str], kinds: bytes | None) -> list[int]:
    """Positions of texts that look like formulas, without those that are refused or freed of their guard."""
    found = [at for at, cell in enumerate(cells) if cell.lstrip().startswith("=") and is_bare(cell)]
    return found if kinds is None else [at for at in found if kinds[at] != Kind.ERROR]


def _matching(form: re.Pattern[str], cells: Sequence[str]) -> list[int]:
    return [at for at, cell in enumerate(cells) if form.fullmatch(cell)]


def _words_like_null(cells: Sequence[str], kinds: bytes | None) -> list[int]:
    """Positions of words such as `NA`; not of a spreadsheet's own error, which is refused."""
    found = [at for at, cell in enumerate(cells) if cell in WORDS_LIKE_NULL]
    return found if kinds is None else [at for at in found if kinds[at] != Kind.ERROR]
