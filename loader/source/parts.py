"""Which part of a workbook is read: a sheet, or a table or a named range in one."""

from collections.abc import Sequence
from dataclasses import dataclass

from loader.models.note import Note
from loader.source.structure import Area
from loader.source.workbook import Book, choose_sheet, hidden_sheets


@dataclass(frozen=True, slots=True)
class Part:
    """
    What was chosen.

    Attributes:
        sheet: Name of the sheet.
        area: The part of it, None for all of it.
        notes: What is told of the choice.
    """

    sheet: str
    area: Area | None = None
    notes: Sequence[Note] = ()


def choose_part(book: Book, wanted: str | None) -> Part:
    """
    The part of a workbook that is read.

    Args:
        book: Open.
        wanted: Name in any case, hidden sheets included; None for the first visible sheet.

    Raises:
        SourceError: There is no such sheet; those that there are stand in the hint, the most similar first.
    """
    sheet = choose_sheet(book.workbook, wanted, book.name)
    hidden = hidden_sheets(book.workbook)
    if sheet in hidden:
        return Part(
            sheet, notes=(Note("sheet.hidden-read", "the sheet is hidden, and read since it was named"),)
        )
    if hidden:
        message = "hidden sheets are not read; `--sheet` with the name of one reads it"
        return Part(sheet, notes=(Note("sheet.hidden", message, len(hidden)),))
    return Part(sheet)
