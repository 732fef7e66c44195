"""
A worksheet that takes rows whole: what XlsxWriter writes cell by cell, in one piece and a fifth of the time.

It knows how XlsxWriter in constant memory keeps its rows; a test compares both ways, byte by byte. Import it only where a workbook is
written: XlsxWriter takes a tenth of a second.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from loader.report.cells import BLANK, cut_text, day_number, is_exact, visible_text

_KEPT_TEXTS = 2_000
_PLAIN_INT = 10**15  # of more digits is_exact has to judge
_POINTS = 0.75  # of a pixel


class RowSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A worksheet of XlsxWriter in constant memory, for tables of many rows."""

    def __init__(self) -> None:
        super().__init__()
        self._letters: list[str] = []
        self._styles: dict[Any, str] = {}
        self._texts: dict[str, str] = {}

    def write_cells(
        self, row: int, values: Sequence[Any], styles: Sequence[Any], height: float | None = None
    ) -> None:
        """
        Write the next row; nothing else can be written into it.

        The values are those that `cells.put` takes, and become the same cells.

        Args:
            row: Row from 0, below all that was written before.
            values: From column A on; None and "" leave a cell out, BLANK leaves it empty.
            styles: A format for each.
            height: In points, None for the usual one.

        Raises:
            ValueError: A number is infinite or none at all.
        """
        self._write_single_row(row)  # the row before, if that was written cell by cell
        self._check_dimensions(row, 0)
        self._check_dimensions(row, len(values) - 1)
        if len(self._letters) != len(values):
            self._letters = [xl_col_to_name(column) for column in range(len(values))]
        known, number = self._texts, str(row + 1)
        parts = [_row_tag(number, height)]
        for letter, value, style in zip(self._letters, values, styles, strict=True):
            if value is None or value == "":
                continue
            cell = f'<c r="{letter}{number}"{self._styles.get(style) or self._style(style)}'
            kind = type(value)
            if kind is int and -_PLAIN_INT < value < _PLAIN_INT:
                parts.append(f"{cell}><v>{value}</v></c>")
            elif kind is str:
                text = known.get(value) or self._text(value)
                parts.append(f'{cell} t="inlineStr"><is><t{text}</t></is></c>')
            else:
                parts.append(cell + self._other(value))
        parts.append("</row>")
        self.row_data_fh.write("".join(parts))

    def _style(self, style: Any) -> str:
        """The attribute of a format."""
        text = f' s="{style._get_xf_index()}"' if style else ""  # noqa: SLF001  XlsxWriter numbers formats when they are used first
        self._styles[style] = text
        return text

    def _text(self, value: str) -> str:
        """A text as it stands in the file, from the end of its tag on; those of the first rows are kept, since texts repeat."""
        text = cut_text(visible_text(value))
        space = ' xml:space="preserve"' if text != text.strip() else ""
        written = f"{space}>{self._escape_data(self._escape_control_characters(text))}"
        if len(self._texts) < _KEPT_TEXTS:
            self._texts[value] = written
        return written

    def _other(self, value: Any) -> str:
        """What is neither text nor a small whole number, from its attributes on."""
        if value is BLANK:
            return "/>"
        if isinstance(value, datetime):
            return _number(day_number(value))
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
