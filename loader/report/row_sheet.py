"""
A worksheet that takes rows whole: what XlsxWriter writes cell by cell, in one piece and a tenth of the time.

What rows have in common is made once for all of them.

It knows how XlsxWriter in constant memory keeps its rows; a test compares both ways, byte by byte. Import it only where a workbook is
written: XlsxWriter takes a tenth of a second.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from loader.report.cells import BLANK, GAP, cut_text, day_number, is_exact, visible_text

_KEPT_TEXTS = 2_000
_ROWS_AT_ONCE = 100
_NUMBER = "\0"  # stands for the row's number; no XML can hold it itself
_PLAIN_TEXT = re.compile("[0-9A-Za-z.,:/()+-]{1,200}")  # nothing to escape, to cut or to make visible
_PLAIN_INT = 10**15  # of more digits is_exact has to judge
_POINTS = 0.75  # of a pixel


class RowSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A worksheet of XlsxWriter in constant memory, for tables of many rows."""

    def __init__(self) -> None:
        super().__init__()
        self._letters: list[str] = []
        self._styles: dict[Any, str] = {}
        self._texts: dict[str, str] = {}
        self._waiting: list[str] = []  # rows that are not in XlsxWriter's file yet
        self._last_row = 0

    def cells(self, values: Sequence[Any], styles: Sequence[Any]) -> str:
        """
        The cells of the next row, or of all rows that are alike but for some values: what `write_row` takes.

        Args:
            values: From column A on, as `cells.put` takes them, and become the same cells; None and "" leave a cell out,
                BLANK leaves it empty, GAP stands for a value that is given with each row.
            styles: A format for each.

        Raises:
            ValueError: A number is infinite or none at all.
        """
        if self.table:  # the row before, written cell by cell: formats are numbered in the order of the rows
            self._write_single_row(self.previous_row + 1)
        self._check_dimensions(0, len(values) - 1, ignore_row=True)
        if len(self._letters) != len(values):
            self._letters = [xl_col_to_name(column) for column in range(len(values))]
        parts = []
        for letter, value, style in zip(self._letters, values, styles, strict=True):
            if value is None or value == "":
                continue
            parts.append(f'<c r="{letter}{_NUMBER}"{self._styles.get(style) or self._style(style)}')
            parts.append("%s" if value is GAP else self._content(value).replace("%", "%%"))
        return "".join(parts)

    def write_row(
        self, row: int, cells: str, values: Sequence[Any] = (), height: float | None = None
    ) -> None:
        """
        Write the next row; nothing else can be written into it.

        Args:
            row: Row from 0, below all that was written before.
            cells: What `cells` gave, of this or any other sheet of the workbook.
            values: For each of its gaps one that is neither None nor "".
            height: In points, None for the usual one.

        Raises:
            ValueError: A number is infinite or none at all.
        """
        if not self._waiting:
            self._write_single_row(row)  # the row before, if that was written cell by cell
            self._check_dimensions(row, 0)
        number = str(row + 1)
        filled = (cells % tuple(map(self._content, values))).replace(_NUMBER, number)
        self._waiting.append(f"{_row_tag(number, height)}{filled}</row>")
        self._last_row = row
        if len(self._waiting) == _ROWS_AT_ONCE:
            self._write_waiting()

    def _write_waiting(self) -> None:
        if self._waiting:
            self._check_dimensions(self._last_row, 0)
            self.row_data_fh.write("".join(self._waiting))
            self._waiting.clear()

    def _write_single_row(self, current_row_num: int = 0) -> None:
        """What XlsxWriter does before it turns to another row, and at the end; the rows above come first."""
        self._write_waiting()
        super()._write_single_row(current_row_num)

    def _content(self, value: Any) -> str:
        """What follows the attributes that all cells have."""
        kind = type(value)
        if kind is str:
            return self._texts.get(value) or self._text(value)
        if kind is int and -_PLAIN_INT < value < _PLAIN_INT:
            return f"><v>{value}</v></c>"
        return _number(value) if kind is float else _other(value)

    def _style(self, style: Any) -> str:
        """The attribute of a format."""
        text = f' s="{style._get_xf_index()}"' if style else ""  # noqa: SLF001  XlsxWriter numbers formats when they are used first
        self._styles[style] = text
        return text

    def _text(self, value: str) -> str:
        """A text as it stands in the file; those of the first rows are kept, since texts repeat."""
        if _PLAIN_TEXT.fullmatch(value):
            text, space = value, ""
        else:
            text = cut_text(visible_text(value))
            space = ' xml:space="preserve"' if text != text.strip() else ""
            text = self._escape_data(self._escape_control_characters(text))
        written = f' t="inlineStr"><is><t{space}>{text}</t></is></c>'
        if len(self._texts) < _KEPT_TEXTS:
            self._texts[value] = written
        return written


def _other(value: Any) -> str:
    """What is neither text nor a small whole number."""
    if isinstance(value, datetime):
        return _number(day_number(value))
    if value is BLANK:
        return "/>"
    if isinstance(value, float) or is_exact(value):
        return _number(value)
    return f' t="inlineStr"><is><t>{value}</t></is></c>'


def _number(value: float | Decimal) -> str:
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"a cell cannot hold {number}")
    return f"><v>{number:.16G}</v></c>"


def _row_tag(number: str, height: float | None) -> str:
    if height is None:
        return f'<row r="{number}">'
    return f'<row r="{number}" ht="{int(height / _POINTS + 0.5) * _POINTS:.16g}" customHeight="1">'
