"""Finds in a workbook of any kind what calamine does not tell of one sheet's cells."""

import zipfile
from pathlib import Path
from typing import Final

from loader.source.damage import told_as_damage
from loader.source.workbook.formats.ods_marks import find_ods_marks
from loader.source.workbook.formats.xls_marks import find_xls_marks
from loader.source.workbook.formats.xlsb_marks import find_xlsb_marks
from loader.source.workbook.formats.xlsx_marks import find_xlsx_marks
from loader.source.workbook.protected import Content
from loader.source.workbook.sheet_marks import SheetMarks

_SAVE_AGAIN: Final = "open it in the spreadsheet program, let it be repaired, and save it again as .xlsx"


def find_marks(content: Content, name: str, sheet: str, sheet_index: int) -> SheetMarks:
    """
    Errors and percentages among the cells of one sheet.

    Args:
        content: A workbook of any kind.
        name: How messages name it.
        sheet: Name of the sheet.
        sheet_index: Its position among all sheets, from 0.

    Raises:
        SourceError: The file is damaged, or does not say where such a cell stands.
    """
    where = f'{name}, sheet "{sheet}"'
    with told_as_damage(where, hint=_SAVE_AGAIN):
        if not zipfile.is_zipfile(content):
            return find_xls_marks(_bytes_of(content), sheet_index)
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
        if "content.xml" in names:
            return find_ods_marks(content, sheet)
        if "xl/workbook.bin" in names:
            return find_xlsb_marks(content, sheet)
        return find_xlsx_marks(content, sheet, where)


def _bytes_of(content: Content) -> bytes:
    if isinstance(content, Path):
        return content.read_bytes()
    content.seek(0)
    return content.read()
