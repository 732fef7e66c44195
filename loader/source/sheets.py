"""Which sheet of a workbook is meant."""

import python_calamine as calamine
from rapidfuzz import process

from loader.errors import SourceError


def visible_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Names of the worksheets that a user sees, in their order; charts are none."""
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def sheets_with_content(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Names of the visible worksheets that hold any cell; reads each of them."""
    return [name for name in visible_sheets(workbook) if workbook.get_sheet_by_name(name).end is not None]


def choose_sheet(workbook: calamine.CalamineWorkbook, wanted: str | None, file: str) -> str:
    """
    The name of the sheet as the workbook spells it.

    Args:
        workbook: Open.
        wanted: Name in any case, hidden sheets included; None for the first visible sheet.
        file: Name of the file, for the message.

    Raises:
        SourceError: There is no such sheet; those that there are stand in the hint, the most similar first.
    """
    if wanted is None:
        visible = visible_sheets(workbook)
        if not visible:
            raise SourceError(f"{file} has no visible worksheet", hint="name the sheet that holds the rows")
        return visible[0]
    names = [
        sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if wanted in names:
        return wanted
    folded = {
        name.strip().casefold(): name for name in names
    }  # names differ by more than case in every format
    found = folded.get(wanted.strip().casefold())
    if found is not None:
        return found
    nearest = [name for name, _, _ in process.extract(wanted, names, limit=None)]
    listed = ", ".join(f'"{name}"' for name in nearest)
    raise SourceError(f'{file} has no sheet "{wanted}"', hint=f"its sheets are {listed}")
