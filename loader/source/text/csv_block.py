"""
The records of one block of text become columns: fast where they are even, exactly by hand where they are not.

Both ways give the same text for every cell; the tests compare them on random tables.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from loader.source.arrow import arrow
from loader.source.arrow_texts import in_arrow
from loader.source.batching import Block, block_of, without_cells
from loader.source.mended import not_confirmed
from loader.source.table import BadRow
from loader.source.text.records import ARROW_BLOCK_BYTES, EvenRecords, Records
from loader.source.texts import Texts
from loader.source.variety import Variety

_BOM = b"\xef\xbb\xbf"
_FEW_BYTES = 1 << 17
"""What is no larger is parsed by the csv module before pandas is even loaded."""


@dataclass(frozen=True, slots=True)
class Layout:
    """
    What a row of the table looks like.

    Attributes:
        width: Cells that a row has.
        kept: Leading columns that belong to the user.
        separator: The character between cells.
    """

    width: int
    kept: int
    separator: str


def parse_block(
    content: bytes,
    records: Records | EvenRecords,
    first_row: int,
    first_line: int,
    layout: Layout,
    variety: Variety,
) -> Block:
    """
    A block of the table from whole records.

    Args:
        content: UTF-8, checked.
        records: Its records; there is at least one.
        first_row: Row number of the first record.
        first_line: Number of the physical line on which it begins.
        layout: Of every row.
        variety: What the blocks before have shown.
    """
    rows = range(first_row, first_row + records.count)
    bad_rows: dict[int, BadRow] = {}
    columns: Sequence[Sequence[str]] | None = None
    is_small = len(content) <= _FEW_BYTES
    if not is_small:
        columns = _parse_even(content, records, layout, variety)
    if columns is None:
        columns, bad_rows = _parse_exactly(content, rows, layout)
        if not is_small:  # what comes after is faster where Arrow has them
            columns = [variety.texts(index, in_arrow(cells)) for index, cells in enumerate(columns)]
    if unconfirmed := not_confirmed(rows, columns, layout.kept, bad_rows):
        bad_rows |= unconfirmed
        columns = [without_cells(column, unconfirmed) for column in columns[: layout.kept]]
    lines = _lines(records, first_row, first_line)
    return block_of(rows, columns[: layout.kept], [None] * layout.kept, bad_rows, lines)


def _lines(records: Records | EvenRecords, first_row: int, first_line: int) -> Sequence[int] | None:
    """The line on which each record begins, None where these are the row numbers."""
    before = records.lines_before()
    count = records.count
    if before is None:
        return None if first_line == first_row else range(first_line, first_line + count)
    lines: list[int] = (before + np.arange(first_line, first_line + count)).tolist()
    return lines


def _parse_even(
    content: bytes, records: Records | EvenRecords, layout: Layout, variety: Variety
) -> list[Texts] | None:
    """
    Columns through pandas and Arrow, or None where these cannot be trusted with the block.

    That is where a record has another count of cells or none; where a quote stands inside a cell; where Arrow would cut
    the block at a line break without knowing, since pandas does not tell it so, that quoted cells hold some; and where
    the first cell begins with a byte order mark, which Arrow drops.
    """
    _keep_to_one_core()
    cut_by_arrow = records.inner_breaks and len(content) > ARROW_BLOCK_BYTES
    if not records.plain or cut_by_arrow or content.startswith(_BOM) or not _pandas_keeps_text():
        return None
    pd = _pandas()
    try:
        frame = pd.read_csv(
            io.BytesIO(content),
            engine="pyarrow",
            dtype=str,
            header=None,
            sep=layout.separator,
            keep_default_na=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    if frame.shape != (records.count, layout.width):
        return None
    # Column by column through Arrow: each other way out of pandas pays for every cell.
    arrays = (frame[name].array.__arrow_array__().combine_chunks() for name in frame.columns)
    return [variety.texts(index, array) for index, array in enumerate(arrays)]


@cache
def _pandas() -> ModuleType:
    """The library: a second of start-up that commands without a file, and small files, must not pay."""
    import pandas as pd  # noqa: PLC0415

    arrow()
    return pd


@cache
def _keep_to_one_core() -> None:
    """Let Arrow do its work alone: for blocks of this size its threads take a quarter more of the machine for nothing."""
    arrow().set_cpu_count(1)


@cache
def _pandas_keeps_text() -> bool:
    """
    Whether the installed pandas leaves text alone.

    Before pandas 3.1, or with Arrow before 25, its Arrow engine takes `007` for a number first and for text after.
    """
    frame = _pandas().read_csv(
        io.BytesIO(b"007,1e5\n"), engine="pyarrow", dtype=str, header=None, keep_default_na=False
    )
    return bool(frame.iloc[0].tolist() == ["007", "1e5"])


def _parse_exactly(
    content: bytes, rows: Sequence[int], layout: Layout
) -> tuple[list[list[str]], dict[int, BadRow]]:
    """Columns through the csv module; a row with another count of cells is left blank and described."""
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    text = io.StringIO(content.decode("utf-8"), newline="")
    parsed = list(csv.reader(text, delimiter=layout.separator, strict=True))
    assert len(parsed) == len(rows), "records were found that cannot be parsed again"
    bad_rows = {}
    for position, cells in enumerate(parsed):
        if len(cells) == layout.width:
            continue
        if any(cell and not cell.isspace() for cell in cells):
            bad_rows[position] = BadRow(rows[position], _uneven(cells, layout.width), tuple(cells))
        parsed[position] = [""] * layout.width
    return [list(column) for column in zip(*parsed, strict=True)], bad_rows


def _uneven(cells: Sequence[str], width: int) -> str:
    """What is wrong with a row of another width than the header row's."""
    count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
    message = f"the row has {count} where the header row has {width}"
    if len(cells) < width:
        return message
    if any(cells[width:]):
        return f"{message}; often a text with a separator in it is not in quotes"
    return f"{message}; the extra cells are empty"
