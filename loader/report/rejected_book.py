"""
The rejected workbook: the rows that our checks refused, as the user wrote them, ready to be mended and submitted.

It alone shows sensitive values in full, because they must be mended; hence its mode 0600.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from loader.errors import ReportError
from loader.models.issue import Issue, Severity
from loader.models.origin import Origin
from loader.models.row import RowRef
from loader.report.book import opened_book
from loader.report.grid import SHEET_COLUMNS, SHEET_ROWS
from loader.report.origin_sheet import write_origin_sheet
from loader.report.rejected_sheet import RejectedRow, RejectedSheets
from loader.report.summary import OutcomesDisagreeError
from loader.source.headers import OUR_COLUMNS
from loader.source.table import Batch, Kind, SourceTable


def write_rejected(
    table: SourceTable,
    issues: Iterable[tuple[RowRef, Issue]],
    target: Path,
    *,
    run: str = "",
    kept: bool = True,
    last_row: int | None = None,
    created: datetime | None = None,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """
    Write the rows that have an error, with the reasons, in the order of the file.

    The user's columns come first, untouched and in their order, their header in the same row as in the source, so that the
    template that fitted the source fits the workbook; then `Row`, `Problems` and `Advice`. A second sheet lists the issues, and a
    hidden one says where the rows come from. `Row` is the number that a row had where it was read first: in the source, or, where this
    is itself a rejected workbook, in the file of which that was made.
    The table is read once, beside the issues; memory does not grow with the rows. Without any error the workbook has no
    row, which is better than one of an earlier check.

    Args:
        table: The source, as it was when it was checked.
        issues: Its issues, masked or not, ascending by ordinal; warnings of rows without an error are passed over.
        target: The workbook; its folder must exist.
        run: Name of the run or the check.
        kept: Whether the journal keeps it, so that the workbook can be written again: not so for a check.
        last_row: Number of the source's last row; None for that of the last row that is written.
        created: Moment for the document's properties; now if it is None.
        sheet_rows: Rows of a sheet, headers included.

    Returns:
        How many rows were written.

    Raises:
        OutcomesDisagreeError: An issue belongs to no row of the table; nothing is written.
        ReportError: The workbook cannot be written; nothing is left half-written.
        SourceError: The source cannot be read any more.
    """
    if (width := len(table.headers)) + len(OUR_COLUMNS) > SHEET_COLUMNS:
        raise ReportError(
            f"{target} cannot be written: {table.path.name} has {width:,} columns, which leaves no room for ours",
            hint=f"a sheet has {SHEET_COLUMNS:,} columns: remove columns that the template does not use",
        )
    title = f"Rejected rows of {table.path.name}"
    count = last = 0
    with opened_book(
        target, title=title, created=created or datetime.now(UTC), run=run if kept else "", private=True
    ) as book:
        sheets = RejectedSheets(book, table, sheet_rows=sheet_rows)
        for row in _rejected_rows(table, issues):
            sheets.add(row)
            count += 1
            last = row.ref.row
        sheets.finish()
        write_origin_sheet(book, table.origin or _origin(table, run, last if last_row is None else last_row))
    return count


def _origin(table: SourceTable, run: str, last_row: int) -> Origin:
    """The source itself, where it does not name another file in which its rows were read first."""
    return Origin(
        run=run,
        source_name=table.path.name,
        source_digest=table.digest,
        sheet=table.sheet,
        first_row=table.header_row + 1,
        last_row=last_row,
    )


def _rejected_rows(table: SourceTable, issues: Iterable[tuple[RowRef, Issue]]) -> Iterator[RejectedRow]:
    """Merge the issues with the table: both ascend, and each batch is read once."""
    batches = table.batches()
    batch: Batch | None = None
    last = -1
    for ordinal, group in groupby(issues, key=lambda pair: pair[0].ordinal):
        if ordinal <= last:
            raise _stray(table, f"issues of the row at {ordinal} come out of order")
        last = ordinal
        found = list(group)
        ref, row_issues = found[0][0], [issue for _, issue in found]
        if all(issue.severity is not Severity.ERROR for issue in row_issues):
            continue
        while batch is None or ordinal >= batch.first_ordinal + len(batch.rows):
            batch = next(batches, None)
            if batch is None:
                raise _stray(table, f"{ref} has an issue but is not in the file")
        at = ordinal - batch.first_ordinal
        if at < 0 or batch.rows[at] != ref.row:
            raise _stray(table, f"{ref} of the issues is another row of the file")
        yield RejectedRow(ref, _cells(batch, at), row_issues)


def _cells(batch: Batch, at: int) -> list[tuple[str, Kind]]:
    if at in batch.bad_rows:
        return [(cell, Kind.TEXT) for cell in batch.bad_rows[at].cells]
    columns = zip(batch.columns, batch.kinds, strict=True)
    return [(column[at], Kind.TEXT if kinds is None else Kind(kinds[at])) for column, kinds in columns]


def _stray(table: SourceTable, what: str) -> OutcomesDisagreeError:
    return OutcomesDisagreeError(
        f"{table.path.name}: {what}; no rejected workbook was written",
        hint="if the file was saved since the check began, run the command again; otherwise this is a fault of the program",
    )
