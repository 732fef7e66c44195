"""Finds in a workbook of any kind what calamine does not tell of one sheet's cells."""

import struct
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from loader.errors import SourceError
from loader.source.ods_marks import find_ods_marks
from loader.source.sheet_marks import SheetMarks
from loader.source.xls_marks import find_xls_marks
from loader.source.xlsb_marks import find_xlsb_marks
from loader.source.xlsx_marks import find_xlsx_marks


def find_marks(path: Path, sheet: str, sheet_index: int) -> SheetMarks:
    """
    Errors and percentages among the cells of one sheet.

    Args:
        path: A workbook of any kind.
        sheet: Name of the sheet.
        sheet_index: Its position among all sheets, from 0.

    Raises:
        SourceError: The file is damaged, or does not say where such a cell stands.
    """
    try:
        if not zipfile.is_zipfile(path):
            return find_xls_marks(path, sheet_index)
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
        if "content.xml" in names:
            return find_ods_marks(path, sheet)
        if "xl/workbook.bin" in names:
            return find_xlsb_marks(path, sheet)
        return find_xlsx_marks(path, sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError) as error:
        raise _damaged(path, sheet, error) from error
    except (struct.error, LookupError, StopIteration, UnicodeDecodeError) as error:
        raise _damaged(path, sheet, error) from error


def _damaged(path: Path, sheet: str, error: Exception) -> SourceError:
    return SourceError(
        f'{path.name}, sheet "{sheet}" cannot be searched for errors and percentages: {error}',
        hint="open it in the spreadsheet program, let it be repaired, and save it again as .xlsx",
    )
