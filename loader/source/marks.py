"""Finds in a workbook of any kind what calamine does not tell of one sheet's cells."""

import struct
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from loader.errors import SourceError
from loader.source.ods_marks import find_ods_marks
from loader.source.protected import Content
from loader.source.sheet_marks import SheetMarks
from loader.source.xls_marks import find_xls_marks
from loader.source.xlsb_marks import find_xlsb_marks
from loader.source.xlsx_marks import find_xlsx_marks


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
    try:
        if not zipfile.is_zipfile(content):
            return find_xls_marks(_bytes_of(content), sheet_index)
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
        if "content.xml" in names:
            return find_ods_marks(content, sheet)
        if "xl/workbook.bin" in names:
            return find_xlsb_marks(content, sheet)
        return find_xlsx_marks(content, sheet, f'{name}, sheet "{sheet}"')
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError) as error:
        raise _damaged(name, sheet, error) from error
    except (struct.error, LookupError, StopIteration, UnicodeDecodeError) as error:
        raise _damaged(name, sheet, error) from error


def _bytes_of(content: Content) -> bytes:
    if isinstance(content, Path):
        return content.read_bytes()
    content.seek(0)
    return content.read()


def _damaged(name: str, sheet: str, error: Exception) -> SourceError:
    return SourceError(
        f'{name}, sheet "{sheet}" cannot be searched for errors and percentages: {error}',
        hint="open it in the spreadsheet program, let it be repaired, and save it again as .xlsx",
    )
