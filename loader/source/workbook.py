"""A workbook through python-calamine: opening it, choosing its sheet, and every failure said in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import python_calamine as calamine
from rapidfuzz import process

from loader.errors import SourceError
from loader.source.file_state import unreadable


def open_workbook(path: Path) -> calamine.CalamineWorkbook:
    """
    The workbook behind a path; close it, or use it in a `with` statement.

    Raises:
        SourceError: It is protected by a password, or is not a whole workbook.
    """
    with _translated(path.name):
        try:
            return calamine.load_workbook(path)
        except OSError as error:
            raise unreadable(path, error) from error


def read_sheet(workbook: calamine.CalamineWorkbook, sheet: str, file: str) -> calamine.CalamineSheet:
    """
    All cells of one sheet.

    Raises:
        SourceError: The part of the file that holds it is damaged.
    """
    with _translated(f'{file}, sheet "{sheet}"'):
        return workbook.get_sheet_by_name(sheet)


def first_column(cells: calamine.CalamineSheet) -> int:
    """Position of the column in which calamine's rows begin; the rows themselves begin with row 1."""
    return cells.start[1] if cells.start else 0


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Failures of calamine as failures for the user."""
    try:
        yield
    except calamine.PasswordError as error:
        raise SourceError(
            f"{where} is protected by a password", hint="save it without a password, or save the sheet as CSV"
        ) from error
    except calamine.CalamineError as error:
        raise _damaged(where, error) from error
    except BaseException as error:
        # A damaged file can make the Rust library panic, which arrives as an exception that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(where, error) from error


def _damaged(where: str, error: BaseException) -> SourceError:
    return SourceError(
        f"{where} cannot be read as a workbook: {error}",
        hint="open it in the spreadsheet program, let it be repaired, and save it again",
    )


def visible_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Names of the worksheets that a user sees, in their order; charts are none."""
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def sheets_with_content(workbook: calamine.CalamineWorkbook, file: str) -> list[str]:
    """
    Names of the visible worksheets that hold any cell; reads each of them.

    A damaged one counts: whatever it holds, it is not read.
    """
    found = []
    for name in visible_sheets(workbook):
        try:
            filled = read_sheet(workbook, name, file).end is not None
        except SourceError:
            filled = True
        if filled:
            found.append(name)
    return found


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
