"""A workbook through python-calamine: opening it, choosing its sheet, and every failure said in plain words."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from loader.errors import SourceError
from loader.source.damage import told_as_damage
from loader.source.file_state import unreadable
from loader.source.headers import OUR_SHEET
from loader.source.reading import Password
from loader.source.workbook.bounds import require_bounded
from loader.source.workbook.protected import Content, decrypted, says_encrypted

_UNKNOWN_ERROR = "cell error value"


@dataclass(frozen=True, slots=True)
class Book:
    """
    A workbook that is open.

    Attributes:
        path: The file that the user named.
        content: What is read.
        workbook: The same, open in calamine.
    """

    path: Path
    content: Content
    workbook: calamine.CalamineWorkbook

    @property
    def name(self) -> str:
        """How messages name it."""
        return self.path.name


@contextmanager
def opened_book(path: Path, password: Password | None = None) -> Iterator[Book]:
    """
    The workbook behind a path, decrypted where it has a password.

    Args:
        path: The file.
        password: Of a workbook that has one; None where nobody can be asked.

    Raises:
        SourceError: It is not a whole workbook, or protected by a password that is not known.
    """
    with ExitStack() as stack:
        content: Content = path
        try:
            _require_bounded(path, path.name)
            workbook = _loaded(path.name, path)
        except (calamine.PasswordError, SourceError) as error:
            if isinstance(error, SourceError) and not says_encrypted(path):
                raise
            content = stack.enter_context(decrypted(path, password))
            _require_bounded(content, path.name)
            workbook = _loaded(path.name, content)
        yield Book(path, content, stack.enter_context(workbook))


def _require_bounded(content: Content, name: str) -> None:
    with told_as_damage(name):
        require_bounded(content, name)


def _loaded(name: str, content: Content) -> calamine.CalamineWorkbook:
    if not isinstance(content, Path):
        content.seek(0)  # calamine reads on from where the last reader stopped
    with _translated(name):
        try:
            return calamine.load_workbook(content)
        except OSError as error:
            if isinstance(content, Path):
                raise unreadable(content, error) from error
            raise


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


def size_of(cells: calamine.CalamineSheet) -> tuple[int, int]:
    """Row number of the last row with content, and the count of columns up to the last one with any; 0 and 0 for an empty sheet."""
    return (cells.end[0] + 1, cells.end[1] + 1) if cells.end else (0, 0)


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Failures of calamine as failures for the user."""
    try:
        yield
    except calamine.PasswordError:
        raise
    except (calamine.CalamineError, OSError) as error:
        raise _damaged(where, error) from error
    except BaseException as error:
        # A damaged file can make the Rust library panic, which arrives as an exception that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(where, error) from error


def _damaged(where: str, error: BaseException) -> SourceError:
    if _UNKNOWN_ERROR in str(
        error
    ):  # Excel shows #GETTING_DATA or #CALC! where older programs know of no such error
        return SourceError(
            f"{where} cannot be read: {error}",
            hint="find the cells that show this error, mend their formulas or clear them, and save it again",
        )
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


def hidden_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Names of the worksheets that a user does not see, the very hidden ones too; that of our own in a rejected workbook aside."""
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible != calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        and sheet.name != OUR_SHEET
    ]


def worksheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Names of all worksheets, hidden ones too; charts are none."""
    return [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
