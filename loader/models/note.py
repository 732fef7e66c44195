"""What was noticed while a file was read: told to the user, without keeping any row back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

NOISE: Final = "number.binary-noise"
NOISE_TOLD: Final = (
    "numbers were rounded to the 15 digits that a spreadsheet knows; the rest was noise of binary arithmetic"
)
"""The one note that both the reader of workbooks and the conversions make."""


@dataclass(frozen=True, slots=True)
class Note:
    """
    One thing that was noticed, in one cell or in many.

    Attributes:
        rule: Stable name, such as `csv.encoding-guessed` or `text.no-break-space`; counts are kept by it.
        message: What was found and what was made of it, as a sentence without a final stop and without any cell's content, since
            the journal keeps it.
        count: How many cells or rows it is true of; 0 where it is of the file as a whole.
        column: Header of the column, "" where it is of rows or of the file.
        letter: The column's letter, "" likewise.
        first_row: Row number of the first of them, 0 where it is of the file as a whole.
        sample: A few words of the file that let a person judge, never of a sensitive column; shown on the screen and kept nowhere.
    """

    rule: str
    message: str
    count: int = 0
    column: str = ""
    letter: str = ""
    first_row: int = 0
    sample: str = ""

    @property
    def where(self) -> str:
        """The column by letter and header, else that it is of rows or of the file as a whole."""
        column = " ".join(part for part in (self.letter, self.column) if part)
        return column or ("rows" if self.first_row else "the file")


def tallied(notes: Iterable[Note]) -> tuple[Note, ...]:
    """
    Notes of the same rule, message and column as one, in the order in which they first came.

    Counts are summed; the first row and the sample are those of the first.
    """
    found: dict[tuple[str, str, str], Note] = {}
    for note in notes:
        key = (note.rule, note.message, note.letter)
        before = found.get(key)
        found[key] = note if before is None else replace(before, count=before.count + note.count)
    return tuple(found.values())


def by_column(notes: Iterable[Note]) -> list[Note]:
    """Notes as people read them: of the file and its rows first, then column by column, each in the order in which they came."""
    return sorted(notes, key=lambda note: (len(note.letter), note.letter))
