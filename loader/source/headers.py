"""The header row: names with their letters, and our own columns set aside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loader.errors import SourceError
from loader.models.folding import folded
from loader.source.table import Header, column_letter

ROW_COLUMN = "Row"
OUR_COLUMNS = (ROW_COLUMN, "Problems", "Advice")
"""The last three headers of a rejected workbook, which this program appends; of what comes back, it reads the first alone."""

OUR_SHEET = "Origin of rows (loader)"
"""The hidden sheet by which a rejected workbook says where its rows come from; see `origin_sheet`."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """
    The headers of a table, as its readers need them.

    Attributes:
        headers: The user's columns.
        width: Cells in the header row, our own columns included; a row of text has exactly so many.
        ours: True where the last three columns are those of a rejected workbook.
    """

    headers: tuple[Header, ...]
    width: int
    ours: bool


def read_headers(cells: Sequence[str], *, where: str, letters_used: Collection[str] = ()) -> HeaderRow:
    """
    Headers from the cells of the header row.

    Runs of white space, line breaks among them, become one space. A cell without text makes a column that has a
    letter and no name. Doubled names are kept: whether they matter depends on the template.

    Args:
        cells: The row's cells as text.
        where: File, sheet and row, for the message.
        letters_used: Letters by which the template names columns; they need no name.

    Raises:
        SourceError: No cell has text, and no letter is used.
    """
    names = [" ".join(cell.split()) for cell in cells]
    if not any(names) and not letters_used:
        raise SourceError(
            f"{where} holds no headers: all of its cells are empty",
            hint="say in the template which row holds them, as in `rows: {header: 3}`",
        )
    ours = tuple(names[-len(OUR_COLUMNS) :]) == OUR_COLUMNS
    kept = names[: -len(OUR_COLUMNS)] if ours else names
    headers = tuple(Header(index, column_letter(index), name) for index, name in enumerate(kept))
    return HeaderRow(headers, len(names), ours)


def find_column(headers: Sequence[Header], columns: Sequence[tuple[str, str]]) -> int | None:
    """
    Position of the first of some columns that a table has, None where it has none of them.

    Args:
        headers: Of the table.
        columns: Header, in any case, or letter of each; the other is "".
    """
    for name, letter in columns:
        for header in headers:
            if header.letter == letter or (name and folded(header.name) == folded(name)):
                return header.index
    return None


def used_columns(
    headers: Sequence[Header], wanted: Collection[str], letters_used: Collection[str]
) -> tuple[Header, ...]:
    """
    The columns that a template names.

    Args:
        headers: Of the table.
        wanted: Headers that the template names, in any case.
        letters_used: Letters by which it names columns.
    """
    looked_for = {folded(name) for name in wanted}
    return tuple(h for h in headers if h.letter in letters_used or (h.name and folded(h.name) in looked_for))


def column_index(letter: str) -> int:
    """Position of a column from its letter: `A` is 0, `AA` is 26."""
    index = 0
    for character in letter.strip().upper():
        index = index * 26 + ord(character) - ord("A") + 1
    return index - 1
