"""Rows that come back from a rejected workbook: each bears the number that it had in the file in which it was read first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from loader.errors import SourceError
from loader.models.note import Note
from loader.models.origin import Origin
from loader.source.batching import Block
from loader.source.headers import OUR_COLUMNS, ROW_COLUMN
from loader.source.reading import Reading
from loader.source.table import BadRow

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
LOST: Final = "mended.origin-lost"
NO_NUMBER: Final = "mended.no-number"
DOUBLED: Final = "mended.number-twice"

_NO_NUMBER: Final = "taken as new rows: the column Row holds no number of a row of"
_DOUBLED: Final = (
    "the column Row holds a number that a row above has too; each is a row, and all stand for the same row of"
)


NOT_LAID: Final = frozenset({"row.ragged", "row.merged", "row.not-mended"})
"""Rules of rows whose cells nobody could lay under the headers: in a rejected workbook they stand under some header all the same."""

CONFIRM: Final = (
    "Empty this cell once every value stands under its header; until then the row is refused again."
)
"""What `Problems` says of such a row: unmended, it would look like any other and be sent with its values in wrong places."""


def not_confirmed(
    rows: Sequence[int], columns: Sequence[Sequence[str]], kept: int, bad_rows: Mapping[int, BadRow]
) -> dict[int, BadRow]:
    """
    The rows of a rejected workbook that nobody has said to be mended, by position.

    Args:
        rows: Row numbers.
        columns: The user's columns and then ours, where there are any.
        kept: How many columns are the user's.
        bad_rows: Positions that are described already.
    """
    if len(columns) < kept + len(OUR_COLUMNS):
        return {}
    found = {}
    for position, problems in enumerate(columns[kept + 1]):
        if CONFIRM in problems and position not in bad_rows:
            cells = tuple(column[position] for column in columns[:kept])
            found[position] = BadRow(rows[position], _NOT_CONFIRMED, cells, "row.not-mended", _TO_CONFIRM)
    return found


_NOT_CONFIRMED: Final = (
    "the row's cells did not stand under their headers, and nobody has said that they do now"
)
_TO_CONFIRM: Final = "put each value under its header, then empty the row's cell in the column Problems"


def new_row(row: int) -> str:
    """What stands in the column `Row` of a row that a rejected workbook held and the original file did not."""
    return f"new {row}"


@dataclass(frozen=True, slots=True)
class Mended:
    """
    The numbers that rows had in the file in which they were read first.

    Attributes:
        origin: That file.
    """

    origin: Origin

    def numbers(self, cells: Sequence[str]) -> list[int | None]:
        """The original number of each row from its cell in the column `Row`, None where it has none."""
        return [
            int(text) if _NUMBER.fullmatch(text := cell.strip()) and self.origin.holds(int(text)) else None
            for cell in cells
        ]

    def told(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """
        The blocks, with notes of the rows that have no number of the original, and of those that share one.

        Args:
            blocks: In the order of the file, with their `originals`.
        """
        seen: set[int] = set()
        for block in blocks:
            originals = block.originals or ()
            without = [row for row, number in zip(block.rows, originals, strict=True) if number is None]
            again = []
            for row, number in zip(block.rows, originals, strict=True):
                if number is not None:
                    again += [row] if number in seen else []
                    seen.add(number)
            notes = [
                Note(rule, f"{message} {self.origin.source_name}", len(rows), ROW_COLUMN, first_row=rows[0])
                for rule, message, rows in (
                    (NO_NUMBER, _NO_NUMBER, without),
                    (DOUBLED, _DOUBLED, again),
                )
                if rows
            ]
            yield replace(block, notes=(*block.notes, *notes)) if notes else block


def origin_lost(name: str, reading: Reading, *, has_columns: bool) -> Note:
    """
    What is told of a rejected workbook whose rows cannot be traced to the file in which they were read first.

    Args:
        name: The file, for the message.
        reading: What is known of it.
        has_columns: Whether it has our columns, and only lacks the word where its rows come from; otherwise the reverse.

    Raises:
        SourceError: The template makes keys of the rows' places, so that rows already sent could be sent once more.
    """
    what = (
        "has the columns Row, Problems and Advice of a rejected workbook, but does not say (any more) of which file"
        if has_columns
        else "says that it holds rejected rows, but its last columns are not Row, Problems and Advice (any more)"
    )
    if reading.keyed_by_row:
        raise SourceError(
            f"{name} {what}: with `key: row` nobody can tell which rows these were, and what was sent before could be sent again",
            hint="submit the rejected workbook itself, with its last three columns as they were, saved as a workbook and not as "
            "CSV; if the rows are new ones, copy them to a file of their own, without those columns",
        )
    return Note(LOST, f"the file {what}; its rows count as rows of this file alone")
