"""A table in a workbook: header, filters, widths and print setup, going on over as many sheets as it needs."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, groupby
from typing import Any, NamedTuple

from loader.report.cells import GAP, lines_needed, put
from loader.report.styles import LINE_POINTS, Styles

# Excel specifications and limits.
SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384
_HEADER_FOOTER_CHARACTERS = 255
_LETTER_PAPER = 1  # US lenders print on Letter; it fits A4 as well
_CHARACTERS_ON_A_PAGE = 235  # across Letter in landscape, in print of about 6 points
_MOST_LINES = 15
_KEPT_PATTERNS = 500  # far more than there are kinds of rows, a few with each status code
_MARGINS = {"left": 0.4, "right": 0.4, "top": 0.7, "bottom": 0.7}


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column of a table.

    Attributes:
        title: Text of its header.
        width: In characters.
        style: Format of XlsxWriter for its cells.
        group: Title above neighbouring columns that belong together; "" for none.
        right: True where the cells are set to the right, as numbers are; the header follows.
        wrapped: True where long text goes on on further lines, for which the row must be made higher.
    """

    title: str
    width: float
    style: Any
    group: str = ""
    right: bool = False
    wrapped: bool = False


Common = Callable[[Iterator[Any]], tuple[Sequence[Any], Sequence[Any]]]
"""
What rows of a kind have in common: a value and a format for each column.

Among the values stand, in their order, all those that it is given: gaps for what differs from row to row. No other is in a wrapped column.
"""


class _RowPattern(NamedTuple):
    """
    Rows of a table that are alike but for some values.

    Attributes:
        cells: What `RowSheet.cells` makes of them.
        wrapped: Which of the gaps, counted from the left, are in wrapped columns, each with the width of its column.
    """

    cells: str
    wrapped: tuple[tuple[int, float], ...]


class Grid:
    """
    One table, on a sheet of its own and on `name 2`, `name 3` ... when it has more rows than a sheet.

    Args:
        book: Workbook of XlsxWriter in constant memory.
        name: Name of the first sheet.
        columns: The columns from the left.
        styles: Formats of the workbook.
        caption: Left part of the printed page header, such as the run's name.
        rows: How many rows are expected, so that all sheets stand together in the book.
        frozen_columns: How many columns stay in sight when scrolling sideways.
        sheet_rows: Rows of a sheet, headers included.
    """

    def __init__(
        self,
        book: Any,
        name: str,
        columns: Sequence[Column],
        styles: Styles,
        *,
        caption: str,
        rows: int = 0,
        frozen_columns: int = 0,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self._book, self._name, self._columns, self._styles = book, name, tuple(columns), styles
        self._caption, self._frozen = caption, frozen_columns
        self._header = 1 if any(column.group for column in self._columns) else 0
        self._sheet_rows = sheet_rows
        self.styles = [column.style for column in self._columns]
        self._patterns: dict[tuple[Hashable, ...], _RowPattern] = {}
        self._sheets: list[Any] = []
        self._current = 0
        self._row = self._header
        for _ in range(max(1, -(-rows // self._capacity))):
            self._add_sheet()

    @property
    def _capacity(self) -> int:
        return self._sheet_rows - self._header - 1

    def append(
        self, values: Sequence[Any], kind: Sequence[Hashable] = (), common: Common | None = None
    ) -> None:
        """
        Write the next row.

        What rows of a kind have in common is made once for all that also lack the same values.

        Args:
            values: One for each column, or for each gap that *common* leaves: text, number, moment, None for no cell, or BLANK of
                `cells` for one to fill in.
            kind: What *common* depends on; there are few kinds in a table.
            common: Called for the first row of a kind.
        """
        if self._row + 1 >= self._sheet_rows:
            self._next_sheet()
        self._row += 1
        shown = [value is not None and value != "" for value in values]
        pattern = self._patterns.get((*kind, *shown)) or self._pattern(kind, shown, common)
        filled, lines = [*compress(values, shown)], 1
        for gap, width in pattern.wrapped:
            lines = max(lines, lines_needed(filled[gap], width))
        height = height_of(lines) if lines > 1 else None
        self._sheets[self._current].write_row(self._row, pattern.cells, filled, height)

    def _pattern(self, kind: Sequence[Hashable], shown: Sequence[bool], common: Common | None) -> _RowPattern:
        gaps = iter([GAP if is_shown else None for is_shown in shown])
        values, styles = common(gaps) if common else ([*gaps], self.styles)
        columns = [column for column, value in zip(self._columns, values, strict=True) if value is GAP]
        pattern = _RowPattern(
            self._sheets[self._current].cells(values, styles),
            tuple([(gap, column.width) for gap, column in enumerate(columns) if column.wrapped]),
        )
        if len(self._patterns) == _KEPT_PATTERNS:
            self._patterns.clear()
        self._patterns[*kind, *shown] = pattern
        return pattern

    def choices(self, column: int, allowed: Sequence[str]) -> None:
        """Give all cells of a column on the sheet in hand a drop-down list; call it after the last row."""
        if self._row > self._header:
            self._sheets[self._current].data_validation(
                self._header + 1, column, self._row, column, {"validate": "list", "source": list(allowed)}
            )

    def finish(self) -> None:
        """Set the filters, whose range is known only now. No row may follow."""
        for index, sheet in enumerate(self._sheets):
            last = (
                self._row if index == self._current else self._sheet_rows - 1 if index < self._current else 0
            )
            sheet.autofilter(self._header, 0, max(last, self._header), len(self._columns) - 1)

    def _next_sheet(self) -> None:
        self._current += 1
        if self._current == len(self._sheets):
            self._add_sheet()
        self._row = self._header

    def _add_sheet(self) -> None:
        number = len(self._sheets) + 1
        sheet = self._book.add_worksheet(self._name if number == 1 else f"{self._name} {number}")
        self._sheets.append(sheet)
        for index, column in enumerate(self._columns):
            sheet.set_column(index, index, column.width)
        if self._header:
            self._write_groups(sheet)
        sheet.set_row(self._header, 30)
        for index, column in enumerate(self._columns):
            put(
                sheet,
                self._header,
                index,
                column.title,
                self._styles.head_right if column.right else self._styles.head,
            )
        sheet.freeze_panes(self._header + 1, self._frozen)
        pages = pages_wide([column.width for column in self._columns], self._frozen)
        prepare_print(sheet, self._caption, pages=pages)
        sheet.repeat_rows(0, self._header)
        if pages > 1 and self._frozen:
            sheet.repeat_columns(0, self._frozen - 1)

    def _write_groups(self, sheet: Any) -> None:
        first = 0
        for group, columns in groupby(column.group for column in self._columns):
            count = len(list(columns))
            if group and count > 1:
                sheet.merge_range(0, first, 0, first + count - 1, "", self._styles.group)
            if group:  # written here, since merge_range would guess what the text is
                put(sheet, 0, first, group, self._styles.group)
            first += count


def set_height(sheet: Any, row: int, lines: int) -> None:
    """
    Make a row high enough for its wrapped text, which only Excel itself would do on opening the file.

    XlsxWriter keeps heights until the end, for drawings that may stand on the rows. Here nothing stands on them,
    and they would be all that grows with the number of rows: each is forgotten when the next one has been set.
    """
    sheet.set_row(row, height_of(lines))
    heights = sheet.row_info if hasattr(sheet, "row_info") else sheet.set_rows  # its name in XlsxWriter 3.2
    for former in [key for key in heights if key < sheet.previous_row]:
        del heights[former]
        sheet.row_sizes.pop(former, None)


def height_of(lines: int) -> float:
    """Height of a row in points that shows so many lines; of very many only the first ones."""
    return LINE_POINTS * min(lines, _MOST_LINES) + 2


def pages_wide(widths: Sequence[float], repeated: int = 0) -> int:
    """The fewest pages side by side on which the print stays readable, the repeated columns on each of them."""
    total, again = sum(widths), sum(widths[:repeated])
    pages = 1
    while pages < len(widths) and total + (pages - 1) * again > pages * _CHARACTERS_ON_A_PAGE:
        pages += 1
    return pages


def prepare_print(sheet: Any, caption: str, *, pages: int = 1) -> None:
    """Set a sheet up for paper: landscape, fitted to this many pages in width, with caption, name and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(_LETTER_PAPER)
    sheet.set_margins(**_MARGINS)
    sheet.fit_to_pages(pages, 0)
    caption = caption.replace("&", "&&")[: _HEADER_FOOTER_CHARACTERS - 20]
    sheet.set_header(f"&L{caption}&R&A")
    sheet.set_footer("&LTimes are UTC&RPage &P of &N")
