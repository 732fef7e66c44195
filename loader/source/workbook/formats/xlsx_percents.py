"""
Cells of an .xlsx sheet whose style shows percentages.

Each cell names its style and where it stands (ECMA-376 part 1, 18.3.1.4: the attributes `s` and `r`).
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from loader.errors import SourceError
from loader.source.headers import column_index
from loader.source.workbook.percents import Percents

CELL_START = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_UNUSUAL = ((b"'", b"s='"), (b"\n", b"\ns="), (b"\t", b"\ts="))
_LETTERS = 26


class StyleSearch:
    """
    Looks for cells with content in styles that show percentages.

    As good as every program writes a cell as `<c r="B2" s="3">` or `<c r="B2" s="3" t="n">`, which is quick to find; where a
    piece has cells in such a style that are written in another way, all of its cells are looked at.

    Args:
        styles: Number of the style, as cells name it, to its mark in *percents*.
        percents: Where the cells are added.
        where: File and sheet, for the message.
    """

    def __init__(self, styles: dict[bytes, int], percents: Percents, where: str) -> None:
        self._styles, self._percents, self._where = styles, percents, where
        self._mark_of = np.zeros(max(map(int, styles), default=0) + 1, np.int64)
        for style, mark in styles.items():
            self._mark_of[int(style)] = mark
        any_style = b"|".join(sorted(styles))
        self._common = re.compile(rb'<c r="([A-Z]+\d+" s="(?:%b))"(?: t="\w+")?>' % any_style)
        self._any = re.compile(rb' s="(?:%b)"(?:[^/>]|/(?!>))*>' % any_style)

    def search(self, piece: bytes) -> None:
        """Add the cells of one piece of the sheet."""
        if not self._styles:
            return
        found = self._common.findall(piece)
        # One byte is found at no cost, and most sheets have none of these.
        unusual = b"0" in self._styles or any(byte in piece and mark in piece for byte, mark in _UNUSUAL)
        if unusual or len(found) != len(self._any.findall(piece)):
            for row, column, mark in self._one_by_one(piece):
                self._percents.add(column, (row,), mark)
        elif found:
            self._add(*_parsed(found))

    def _add(self, columns: NDArray[np.int64], rows: NDArray[np.int64], styles: NDArray[np.int64]) -> None:
        groups = columns << 8 | self._mark_of[styles]
        for group in np.unique(groups):
            self._percents.add(int(group) >> 8, rows[groups == group], int(group) & 0xFF)

    def _one_by_one(self, piece: bytes) -> Iterator[tuple[int, int, int]]:
        """Row number, position of the column and mark of such cells, however written; a cell without a style has style 0."""
        for cell in CELL_START.findall(piece):
            style = _STYLE.search(cell)
            mark = self._styles.get(style[1] if style else b"0")
            if mark and not cell.endswith(b"/>"):
                yield *place_of(cell, self._where), mark


def _parsed(cells: list[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Positions of columns, row numbers and styles of cells such as `B2" s="3`, all at once, sign by sign."""
    signs = np.array(cells).view(np.uint8).reshape(len(cells), -1).T.astype(np.int64)
    columns, rows, styles = np.zeros((3, len(cells)), np.int64)
    behind = np.zeros(len(cells), bool)
    for sign in signs:
        behind |= sign == ord('"')
        digit = (sign >= ord("0")) & (sign <= ord("9"))
        letter = (sign >= ord("A")) & (sign <= ord("Z"))
        columns = np.where(letter, columns * _LETTERS + sign - ord("A") + 1, columns)
        rows = np.where(digit & ~behind, rows * 10 + sign - ord("0"), rows)
        styles = np.where(digit & behind, styles * 10 + sign - ord("0"), styles)
    return columns - 1, rows, styles


def place_of(cell: bytes, where: str) -> tuple[int, int]:
    """
    Row number and position of the column, from a cell's own reference.

    Raises:
        SourceError: It has none.
    """
    place = _PLACE.search(cell)
    if place is None:
        raise SourceError(
            f"{where} holds errors, formulas without a result, or percentages in cells that do not say where they stand",
            hint="open the workbook in a spreadsheet program and save it again",
        )
    return int(place[2]), column_index(place[1].decode())
