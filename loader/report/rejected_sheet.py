"""The sheets of the rejected workbook: the user's columns, ours beside them, colours and notes on the bad cells."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loader.models.issue import Issue, Severity
from loader.models.row import RowRef
from loader.report.cells import cut_text, lines_needed, put, visible_text
from loader.report.grid import pages_wide, prepare_print, set_height
from loader.report.issue_table import IssueTable
from loader.report.source_cells import Mark, SourceCells
from loader.report.styles import Styles
from loader.source.headers import OUR_COLUMNS
from loader.source.mended import CONFIRM, NOT_LAID, new_row
from loader.source.table import Kind, SourceTable

NOTES = 10_000
"""Notes on cells at most: they are all that must be kept in memory, and Excel slows down with more."""

_PROBLEMS_WIDTH, _ADVICE_WIDTH, _ROW_WIDTH = 56, 40, 9
_NARROWEST, _WIDEST, _MEASURED_ROWS = 8, 40, 500
_HEADER_POINTS = 24
_NOTE_CHARACTERS = 1_000
_NOTE_WIDTH, _NOTE_LETTERS, _NOTE_LINE = 280, 42, 18  # pixels, letters on a line, pixels
_SHEET_NAME = 31  # Excel specifications and limits
_ISSUES = "Issues"


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """
    One refused row, as it goes into the workbook.

    Attributes:
        ref: Its place in the source.
        cells: Text and kind of the user's cells; more than there are headers where the row has too many.
        issues: Its issues, warnings included.
    """

    ref: RowRef
    cells: Sequence[tuple[str, Kind]]
    issues: Sequence[Issue]


class RejectedSheets:
    """
    Writes refused rows downwards, on further sheets when one is full.

    Args:
        book: Workbook of XlsxWriter in constant memory.
        table: The source.
        sheet_rows: Rows of a sheet, headers included.
    """

    def __init__(self, book: Any, table: SourceTable, *, sheet_rows: int) -> None:
        self._book, self._table, self._headers = book, table, table.headers
        self._sheet_rows = sheet_rows
        self._styles = Styles(book)
        self._cells = SourceCells(self._styles)
        self._columns = {header.letter: i for i, header in enumerate(self._headers)}
        self._widths = [len(header.name) + 2 for header in self._headers]
        self._header_row = max(table.facts.declared_row or table.header_row, 1) - 1
        self._rows_above = self._header_row - (table.facts.header_rows - 1)
        self._sheets: list[Any] = []
        self._name = sheet_name(table.sheet or "Rejected")
        self._row = self._header_row
        self._notes = self._measured = 0
        self._caption = f"Rejected rows of {table.path.name}"
        self._add_sheet()
        self._issues = IssueTable(
            book,
            _ISSUES if self._name.casefold() != _ISSUES.casefold() else f"{_ISSUES} (loader)",
            self._styles,
            caption=self._caption,
            with_sheet=bool(table.sheet),
            with_line=bool(table.facts.encoding),
            sheet_rows=sheet_rows,
            in_full=True,
        )

    def add(self, rejected: RejectedRow) -> None:
        """Write the next row and its issues."""
        if self._row + 1 >= self._sheet_rows:
            self._add_sheet()
        self._row += 1
        marks, notes = self._marks(rejected.issues)
        issues = [*rejected.issues, *self._put_cells(rejected.cells, marks)]
        row = self._row_label(rejected.ref)
        self._put_ours(row, issues, marks.get(len(self._headers), Mark.NONE))
        for column, messages in notes.items():
            self._put_note(column, messages)
        self._measure(rejected.cells)
        for issue in issues:
            self._issues.add(rejected.ref, self._in_full(issue, rejected.cells), row=row)

    def finish(self) -> None:
        """Set widths and filters, which need all rows. No row may follow."""
        users = [max(_NARROWEST, min(width, _WIDEST)) for width in self._widths]
        widths = [*users, _ROW_WIDTH, _PROBLEMS_WIDTH, _ADVICE_WIDTH]
        for index, sheet in enumerate(self._sheets):
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width)
            prepare_print(sheet, self._caption, pages=pages_wide(widths))
            last = self._row if index == len(self._sheets) - 1 else self._sheet_rows - 1
            sheet.autofilter(self._header_row, 0, last, len(widths) - 1)
            # Text that looks like a number is meant to be text here; the green triangles would say otherwise.
            sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._sheet_rows}"})
        self._issues.finish()

    def _put_cells(self, cells: Sequence[tuple[str, Kind]], marks: dict[int, Mark]) -> list[Issue]:
        """Write the user's cells; returns an issue for each that had to be cut."""
        cut = []
        for index, (text, kind) in enumerate(cells):
            surplus = index >= len(self._headers)
            column = index + len(OUR_COLUMNS) if surplus else index
            mark = Mark.ERROR if surplus else marks.get(index, Mark.NONE)
            whole = self._cells.put(self._sheets[-1], self._row, column, text, kind, mark)
            if not whole:
                cut.append(self._cut_issue(index))
        return cut

    def _marks(self, issues: Iterable[Issue]) -> tuple[dict[int, Mark], dict[int, list[str]]]:
        marks: dict[int, Mark] = {}
        notes: dict[int, list[str]] = {}
        for issue in issues:
            # What concerns no column of the user's is marked on our row number.
            column = self._columns.get(issue.letter, len(self._headers))
            notes.setdefault(column, []).append(issue.message)
            if issue.severity is Severity.ERROR:
                marks[column] = Mark.ERROR
            else:
                marks.setdefault(column, Mark.WARNING)
        return marks, notes

    def _put_note(self, column: int, messages: Sequence[str]) -> None:
        if self._notes >= NOTES:
            return
        self._notes += 1
        text = visible_text("\n".join(messages))
        text = cut_text(text, _NOTE_CHARACTERS)
        lines = lines_needed(text, _NOTE_LETTERS) + 1
        options = {"author": "loader", "width": _NOTE_WIDTH, "height": _NOTE_LINE * min(lines, _NOTE_LETTERS)}
        self._sheets[-1].write_comment(self._row, column, text, options)

    def _in_full(self, issue: Issue, cells: Sequence[tuple[str, Kind]]) -> Issue:
        """The issue with the cell's own text: the journal masks what is sensitive, and here it must be mended."""
        column = self._columns.get(issue.letter)
        if not issue.sensitive or column is None or column >= len(cells):
            return issue
        return replace(issue, value=cells[column][0])

    def _row_label(self, ref: RowRef) -> str:
        """What stands in our column `Row`: it goes with the row wherever that is sorted or copied to."""
        if self._table.origin is None:
            return str(ref.row)
        return new_row(ref.row) if ref.original is None else str(ref.original)

    def _put_ours(self, row: str, issues: Sequence[Issue], mark: Mark) -> None:
        sheet, first = self._sheets[-1], len(self._headers)
        problems = problem_lines(issues)
        if any(issue.rule in NOT_LAID for issue in issues):
            problems = f"{problems}\n{CONFIRM}"
        advice = "\n".join(dict.fromkeys(issue.advice for issue in issues if issue.advice))
        kind = Kind.NUMBER if row.isdecimal() else Kind.TEXT
        self._cells.put(sheet, self._row, first, row, kind, mark)
        put(sheet, self._row, first + 1, problems, self._styles.wrapped)
        put(sheet, self._row, first + 2, advice, self._styles.wrapped)
        lines = max(lines_needed(problems, _PROBLEMS_WIDTH), lines_needed(advice, _ADVICE_WIDTH))
        if lines > 1:
            set_height(sheet, self._row, lines)

    def _cut_issue(self, index: int) -> Issue:
        known = index < len(self._headers)
        return Issue(
            rule="cell.too-long-for-a-workbook",
            message="This cell is longer than a workbook can hold and is cut here",
            advice="Mend this row in the original file instead",
            column=self._headers[index].name if known else "",
            letter=self._headers[index].letter if known else "",
        )

    def _measure(self, cells: Sequence[tuple[str, Kind]]) -> None:
        if self._measured < _MEASURED_ROWS:
            self._measured += 1
            for index, (text, _) in enumerate(cells[: len(self._widths)]):
                self._widths[index] = max(self._widths[index], min(len(text) + 2, _WIDEST))

    def _add_sheet(self) -> None:
        number = len(self._sheets) + 1
        name = self._name if number == 1 else f"{self._name[: _SHEET_NAME - 5]} {number}"
        sheet = self._book.add_worksheet(name)
        self._sheets.append(sheet)
        if self._rows_above > 0:  # a text in a row of headers would be read as part of one
            note = f"{self._caption}: mend the coloured cells and submit this file; leave our columns at the right as they are"
            put(sheet, 0, 0, note, self._styles.subtitle)
        sheet.set_row(self._header_row, _HEADER_POINTS)
        for column, header in enumerate(self._headers):
            # A format that does nothing to text keeps the column one of percentages, whichever of its rows are refused.
            style = self._styles.head_percent if header.has_percents else self._styles.head
            put(sheet, self._header_row, column, header.name, style)
        for column, name in enumerate(OUR_COLUMNS, start=len(self._headers)):
            put(sheet, self._header_row, column, name, self._styles.head)
        put(sheet, self._header_row, len(self._headers), OUR_COLUMNS[0], self._styles.head_right)
        sheet.freeze_panes(self._header_row + 1, 0)
        sheet.repeat_rows(self._header_row)
        self._row = self._header_row


def problem_lines(issues: Iterable[Issue]) -> str:
    """All messages of a row, one on a line, each with its column; warnings say that they are only that."""
    lines = []
    for issue in issues:
        place = issue.column or issue.field
        prefix = "Warning: " if issue.severity is Severity.WARNING else ""
        lines.append(f"{prefix}{place}: {issue.message}" if place else f"{prefix}{issue.message}")
    return "\n".join(dict.fromkeys(lines))


def sheet_name(name: str) -> str:
    """A name that Excel takes for a sheet: at most 31 characters, no brackets, colons, slashes or wildcards, no apostrophe at an end."""
    allowed = re.sub(r"[\[\]:*?/\\]", "_", visible_text(name)).strip("'")[:_SHEET_NAME].strip("'")
    return (
        allowed if allowed and allowed.casefold() != "history" else f"{allowed or 'Rejected'}_"[:_SHEET_NAME]
    )
