"""The sheet `Issues`, alike in the results and in the rejected workbook: one line for each issue."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from loader.masking import HIDDEN, masked
from loader.models.issue import Issue, Severity
from loader.models.row import RowRef
from loader.report.grid import SHEET_ROWS, Column, Grid
from loader.report.styles import Styles


class IssueTable:
    """
    One line for each issue, with its place, value, rule, message and advice.

    Args:
        book: Workbook of XlsxWriter in constant memory.
        name: Name of the sheet.
        styles: Formats of the workbook.
        caption: Left part of the printed page header.
        with_sheet: Whether the source has named sheets.
        with_line: Whether it is text, whose lines are not always its rows.
        with_original: Whether it is a rejected workbook, whose rows were read first elsewhere.
        rows: How many issues are expected.
        sheet_rows: Rows of a sheet, header included.
        in_full: Whether sensitive values are shown; only the rejected workbook may.
    """

    def __init__(
        self,
        book: Any,
        name: str,
        styles: Styles,
        *,
        caption: str,
        with_sheet: bool,
        with_line: bool,
        with_original: bool = False,
        rows: int = 0,
        sheet_rows: int = SHEET_ROWS,
        in_full: bool = False,
    ) -> None:
        self._with_sheet, self._with_line, self._with_original = with_sheet, with_line, with_original
        self._in_full, self._styles = in_full, styles
        lines = [Column("Line", 9, styles.plain, right=True)] if with_line else []
        places = where_columns(styles, with_sheet=with_sheet, with_original=with_original)
        columns = [*places, *lines, *_issue_columns(styles)]
        self._grid = Grid(book, name, columns, styles, caption=caption, rows=rows, sheet_rows=sheet_rows)
        self._severity = next(i for i, column in enumerate(columns) if column.title == "Severity")

    def add(self, ref: RowRef, issue: Issue, row: str | None = None) -> None:
        """
        Write one issue of a row in the user's numbering, with the line of a text file where that is another.

        Args:
            ref: The row.
            issue: What is wrong with it.
            row: How the row is named beside its cells, where that is not its number in the source.
        """
        _, *places = place_values(ref, with_sheet=self._with_sheet, with_original=self._with_original)
        values = [
            ref.row if row is None else int(row) if row.isdecimal() else row,
            *places,
            *([ref.line] if self._with_line else []),
            issue.column,
            issue.letter,
            issue.field,
            issue.value if self._in_full else shown_value(issue),
            issue.severity.value,
            issue.rule,
            issue.message,
            issue.advice,
        ]
        self._grid.append(values, (issue.severity,), partial(self._common, issue.severity))

    def _common(self, severity: Severity, gaps: Iterator[Any]) -> tuple[list[Any], list[Any]]:
        """Values and formats that all issues of a severity share."""
        formats = self._grid.styles.copy()
        formats[self._severity] = self._styles.severities[severity]
        return [*gaps], formats

    def finish(self) -> None:
        """Set the filters. No issue may follow."""
        self._grid.finish()


def where_columns(styles: Styles, *, with_sheet: bool, with_original: bool) -> list[Column]:
    """The columns that say where a row stands in the source, and where a mended row stood when it was read first."""
    original = [Column("Original row", 13, styles.plain, right=True)] if with_original else []
    sheet = [Column("Sheet", 12, styles.text)] if with_sheet else []
    return [Column("Row", 9, styles.plain, right=True), *original, *sheet]


def place_values(ref: RowRef, *, with_sheet: bool, with_original: bool) -> list[Any]:
    """What stands in `where_columns`."""
    return [ref.row, *([ref.original] if with_original else []), *([ref.sheet] if with_sheet else [])]


def shown_value(issue: Issue) -> str:
    """The value as a report may show it; the journal masks sensitive ones, and this holds even where it did not."""
    if not issue.sensitive or not issue.value or issue.value.startswith(HIDDEN):
        return issue.value
    return masked(issue.value)


def _issue_columns(styles: Styles) -> list[Column]:
    return [
        Column("Column", 20, styles.text),
        Column("Letter", 8, styles.text),
        Column("Field", 27, styles.text),
        Column("Value", 20, styles.text),
        Column("Severity", 10, styles.text),
        Column("Rule", 32, styles.text),
        Column("Message", 56, styles.wrapped, wrapped=True),
        Column("Advice", 40, styles.wrapped, wrapped=True),
    ]
