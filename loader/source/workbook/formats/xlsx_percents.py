"""
Cells of an .xlsx sheet whose style shows percentages.

Each cell names its style and where it stands (ECMA-376 part 1, 18.3.1.4: the attributes `s` and `r`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from loader.errors import SourceError
from loader.source.headers import column_index
from loader.source.workbook.percents import Percents

CELL_START = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_UNUSUAL = ((b"'", b"s='"), (b"\n", b"\ns="), (b"\t", b"\ts="))
_USUAL_TAGS = re.compile(rb'(?:<c r="[A-Z]+\d+"\d+(?: t="\w+")?>\n|<row [^<>\n]*\n)*')
_USUAL_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"(\d+)')


class StyleSearch:
    """
    Looks for cells with content in styles that show percentages.

    As good as every program writes a cell as `<c r="B2" s="3">` or `<c r="B2" s="3" t="n">`, and so the piece is cut at such styles,
    behind which and before which there is little to look at; where a cell is written in another way, all of them are looked at.

    Args:
        styles: Number of the style, as cells name it, to its mark in *percents*.
        percents: Where the cells are added.
        where: File and sheet, for the message.
    """

    def __init__(self, styles: dict[bytes, int], percents: Percents, where: str) -> None:
        self._styles, self._percents, self._where = styles, percents, where
        any_style = b"|".join(sorted(styles))
        self._of_tags_with_content = re.compile(rb' s="(%b)"(?!(?: t="\w+")?/>)((?: t="\w+")?>|)' % any_style)

    def search(self, piece: bytes) -> None:
        """Add the cells of one piece of the sheet."""
        if not self._styles:
            return
        # One byte is found at no cost, and most sheets have none of these.
        unusual = b"0" in self._styles or any(byte in piece and mark in piece for byte, mark in _UNUSUAL)
        cells = None if unusual else self._all_at_once(piece)
        if cells is not None:
            for (letters, style), rows in cells.items():
                self._percents.add(column_index(letters.decode()), rows, self._styles[style])
            return
        for row, column, mark in self._one_by_one(piece):
            self._percents.add(column, (row,), mark)

    def _all_at_once(self, piece: bytes) -> Mapping[tuple[bytes, bytes], list[int]] | None:
        """Row numbers of such cells by letters of the column and style; None where one of them is written in another way."""
        *found, _ = self._of_tags_with_content.split(piece)
        tags = b"".join(
            [
                b"%b%b%b\n" % (before[before.rfind(b"<") :], style, end)
                for before, style, end in zip(found[::3], found[1::3], found[2::3], strict=True)
            ]
        )
        if not _USUAL_TAGS.fullmatch(tags):
            return None
        cells = defaultdict[tuple[bytes, bytes], list[int]](list)
        for letters, row, style in _USUAL_CELL.findall(tags):
            cells[letters, style].append(int(row))
        return cells

    def _one_by_one(self, piece: bytes) -> Iterator[tuple[int, int, int]]:
        """Row number, position of the column and mark of such cells, however written; a cell without a style has style 0."""
        for cell in CELL_START.findall(piece):
            style = _STYLE.search(cell)
            mark = self._styles.get(style[1] if style else b"0")
            if mark and not cell.endswith(b"/>"):
                yield *place_of(cell, self._where), mark


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
