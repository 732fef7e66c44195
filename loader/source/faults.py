"""Cells that calamine shows as blank although they hold an error: a blank cell would quietly leave a field out."""

import struct
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from loader.errors import SourceError
from loader.source.ods_faults import find_ods_faults
from loader.source.xls_faults import find_xls_faults
from loader.source.xlsb_faults import find_xlsb_faults
from loader.source.xlsx_faults import find_xlsx_faults

Faults = dict[int, dict[int, str]]
"""Row number to position of the column to what the cell shows: `#N/A`, or `=B2*2` for a formula without a result."""


def find_faults(path: Path, sheet: str, sheet_index: int) -> Faults:
    """
    The faulty cells of one sheet.

    Args:
        path: A workbook of any kind.
        sheet: Name of the sheet.
        sheet_index: Its position among all sheets, from 0.

    Raises:
        SourceError: The file is damaged.
    """
    try:
        if not zipfile.is_zipfile(path):
            return find_xls_faults(path, sheet_index)
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
        if "content.xml" in names:
            return find_ods_faults(path, sheet)
        if "xl/workbook.bin" in names:
            return find_xlsb_faults(path, sheet)
        return find_xlsx_faults(path, sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError) as error:
        raise _damaged(path, sheet, error) from error
    except (struct.error, LookupError, StopIteration, UnicodeDecodeError) as error:
        raise _damaged(path, sheet, error) from error


def _damaged(path: Path, sheet: str, error: Exception) -> SourceError:
    return SourceError(
        f'{path.name}, sheet "{sheet}" cannot be searched for errors: {error}',
        hint="open it in the spreadsheet program, let it be repaired, and save it again as .xlsx",
    )
