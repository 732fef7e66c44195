"""The sheet `Issues`, alike in the results and in the rejected workbook: one line for each issue."""

from typing import Any

from loader.masking import HIDDEN, masked
from loader.models.issue import Issue
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
        rows: int = 0,
        sheet_rows: int = SHEET_ROWS,
        in_full: bool = False,
    ) -> None:
        self._with_sheet, self._with_line = with_sheet, with_line
        self._in_full, self._styles = in_full, styles
        lines = [Column("Line", 9, styles.plain, right=True)] if with_line else []
        columns = [*where_columns(styles, with_sheet=with_sheet), *lines, *_issue_columns(styles)]
        self._grid = Grid(book, name, columns, styles, caption=caption, rows=rows, sheet_rows=sheet_rows)
        self._severity = next(i for i, column in enumerate(columns) if column.title == "Severity")

    def add(self, ref: RowRef, issue: Issue) -> None:
        """Write one issue of a row in the user's numbering, with the line of a text file where that is another."""
        values = [
            ref.row,
            *([ref.sheet] if self._with_sheet else []),
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
        formats = self._grid.styles.copy()
        formats[self._severity] = self._styles.severities[issue.severity]
        self._grid.append(values, formats)

    def finish(self) -> None:
        """Set the filters. No issue may follow."""
        self._grid.finish()


def where_columns(styles: Styles, *, with_sheet: bool) -> list[Column]:
    """The columns that say where a row stands in the source."""
    row = Column("Row", 9, styles.plain, right=True)
    return [row, Column("Sheet", 12, styles.text)] if with_sheet else [row]


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
