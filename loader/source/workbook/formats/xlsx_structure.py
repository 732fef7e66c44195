"""
What an .xlsx sheet says beside its cells, found in its XML by searching (ECMA-376 part 1, 18.3.1).

Columns stand before the cells, merged cells and filters behind them, and whether a row is hidden in the row itself.
"""

import re
from dataclasses import dataclass, field

from loader.errors import SourceError
from loader.source.headers import column_index
from loader.source.structure import Area, Spans, Structure

_HIDDEN = rb"""\bhidden=["'](?:1|true)["']"""
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*" + _HIDDEN + rb"[^>]*>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*" + _HIDDEN + rb"[^>]*>")
_ROW_NUMBER = re.compile(rb"""\sr=["'](\d+)["']""")
_FIRST = re.compile(rb"""\smin=["'](\d+)["']""")
_LAST = re.compile(rb"""\smax=["'](\d+)["']""")
_CELLS_BEGIN = re.compile(rb"<(?:\w+:)?sheetData\b")
_CELLS_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*\bref=["']([^"']+)["']""")
FILTER = re.compile(rb"<(?:\w+:)?filterColumn\b[^>]*(?<!/)>")
"""The condition of a filter; without any content it only hides the filter's button."""
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@dataclass(slots=True)
class XlsxStructure:
    """
    Gathers the structure of one sheet from the pieces of its XML.

    Attributes:
        where: File and sheet, for the message.
    """

    where: str
    _rows: list[tuple[int, int]] = field(default_factory=list)
    _columns: list[tuple[int, int]] = field(default_factory=list)
    _before: bool = True
    _last: bytes = b""

    def see(self, piece: bytes) -> None:
        """
        The next piece; no tag of a row may be cut, and all that stands behind the cells is in the last piece.

        Raises:
            SourceError: A hidden row does not say its number, which the format permits and no common program does.
        """
        self._last = piece
        if self._before:
            begin = _CELLS_BEGIN.search(piece)
            self._before = begin is None
            for column in _HIDDEN_COLUMN.findall(piece, 0, begin.start() if begin else len(piece)):
                first, last = _FIRST.search(column), _LAST.search(column)
                if first and last:
                    self._columns.append((int(first[1]) - 1, int(last[1]) - 1))
        # One byte is found at no cost, and few cells have this one.
        if b"h" not in piece or b"hidden=" not in piece:
            return
        for row in _HIDDEN_ROW.findall(piece):
            number = _ROW_NUMBER.search(row)
            if number is None:
                raise SourceError(
                    f"{self.where} hides rows that do not say where they stand",
                    hint="open the workbook in a spreadsheet program and save it again",
                )
            self._rows.append((int(number[1]), int(number[1])))

    def found(self, *, filtered: bool) -> Structure:
        """
        What all the pieces said.

        Args:
            filtered: Whether a filter of a table on the sheet has a condition; tables are parts of their own.
        """
        end = _CELLS_END.search(self._last)
        behind = self._last[end.end() :] if end else b""
        areas = (parse_area(found.decode()) for found in _MERGED.findall(behind))
        return Structure(
            Spans.of(self._rows),
            Spans.of(self._columns),
            filtered or FILTER.search(behind) is not None,
            sorted(area for area in areas if area),
        )


def parse_area(reference: str) -> Area | None:
    """The area of a reference such as `A4:F20`, `$A$4:$F$20` or `B2`; None for anything else."""
    found = _AREA.fullmatch(reference)
    if found is None:
        return None
    rows, columns = (found[2], found[4] or found[2]), (found[1], found[3] or found[1])
    first_row, last_row = sorted(map(int, rows))
    first_column, last_column = sorted(map(column_index, columns))
    return Area(first_row, first_column, last_row, last_column)
