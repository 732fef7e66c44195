"""The tables of the terminal that tell of a file without a template: what it is, and what its columns hold."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from loader.cli.tables import facts, listing
from loader.inspection.column_facts import ColumnFacts
from loader.inspection.column_reader import DISTINCT_AT_MOST
from loader.inspection.inspect import Inspection
from loader.source.workbook.sheets import SheetFacts

_HEADER_WIDTH = 24
_CELLS_WIDTH = 24


def file_table(found: Inspection) -> Table:
    """What kind of file it is, where its headers are, and how many rows it has."""
    source = found.table
    table = facts(f"File {source.path.name}")
    table.add_row("Read as", Text(source.facts.named))
    if found.sheets:
        sheets = (_sheet(sheet, is_read=sheet.name == source.sheet) for sheet in found.sheets)
        table.add_row("Sheets", Text("\n".join(sheets)))
    guess = ": a guess, which a template may correct (`rows: {header: N}`)" if found.header_guessed else ""
    several = source.facts.header_rows > 1
    rows = f"rows {source.header_row - source.facts.header_rows + 1} to" if several else "row"
    table.add_row("Headers", f"{rows} {source.header_row}{guess}")
    ones = "one" if found.blank_rows == 1 else "ones"
    blank = f" ({found.blank_rows:,} blank {ones} passed over)" if found.blank_rows else ""
    table.add_row("Rows read", f"{found.rows_read:,}{blank}")
    table.add_row("Columns", f"{len(found.columns):,}")
    return table


def _sheet(sheet: SheetFacts, *, is_read: bool) -> str:
    size = f"{sheet.rows:,} rows x {sheet.columns:,} columns" if sheet.rows else "empty"
    told = [sheet.name, "cannot be read" if sheet.rows is None else size]
    if sheet.visibility != "visible":
        told.append(sheet.visibility)
    return ", ".join(told) + ("" if is_read else " (not read)")


def columns_table(columns: Sequence[ColumnFacts], width: int) -> Table:
    """
    What each column holds, one on a line.

    Args:
        columns: In the order of the file.
        width: Of the terminal; what it has no room for is cut from what the cells hold.
    """
    lines = [
        (column.letter, column.header, ", ".join(_cells(column)), _different(column)) for column in columns
    ]
    table = listing("Columns", "", "Header", "Cells", "Distinct", "From and to, or examples")
    left = width - 2
    for at, most in enumerate((3, _HEADER_WIDTH, _CELLS_WIDTH, 8)):
        found = max((len(line[at]) for line in lines), default=0)
        table.columns[at].width = min(max(found, len(str(table.columns[at].header))), most)
        left -= 3 + (table.columns[at].width or 0)
    table.columns[3].justify = "right"
    table.columns[4].width, table.columns[4].no_wrap, table.columns[4].overflow = (
        max(left, 16),
        True,
        "ellipsis",
    )
    for line, column in zip(lines, columns, strict=True):
        table.add_row(*map(Text, line), _content(column))
    return table


def _different(column: ColumnFacts) -> str:
    return f">{DISTINCT_AT_MOST:,}" if column.distinct is None else f"{column.distinct:,}"


def _cells(column: ColumnFacts) -> Iterator[str]:
    """The kind of most cells, then how many are something else."""
    main = column.kind or "blank"
    yield main
    for kind, count in sorted(column.kinds.items(), key=lambda item: -item[1]):
        if kind != main:
            yield f"{count:,} {kind}"


def _content(column: ColumnFacts) -> Text:
    if column.sensitive and column.kind:
        return Text("not shown: may be personal data", style="dim")
    told = f"{column.smallest} to {column.largest}" if column.smallest else ", ".join(column.examples)
    return Text(f"{told}  ({column.date_format})" if column.date_format else told)
