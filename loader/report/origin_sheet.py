"""Writes the hidden sheet by which a rejected workbook says where its rows come from."""

from typing import Any

from loader.models.origin import Origin
from loader.report.cells import put
from loader.source.headers import OUR_SHEET
from loader.source.workbook.origin_sheet import origin_lines


def write_origin_sheet(book: Any, origin: Origin) -> None:
    """
    Add the sheet to a workbook; Excel does not offer to unhide it.

    Args:
        book: Workbook of XlsxWriter in constant memory.
        origin: What it says.
    """
    taken = {sheet.name.casefold() for sheet in book.worksheets()}
    # A user's sheet of that name comes first: what this one says is then not found again, and that is told.
    sheet = book.add_worksheet(OUR_SHEET if OUR_SHEET.casefold() not in taken else None)
    sheet.very_hidden()
    for row, texts in enumerate(origin_lines(origin)):
        for column, text in enumerate(texts):
            put(sheet, row, column, text, None)
