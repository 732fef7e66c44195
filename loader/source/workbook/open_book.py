"""A workbook that is open, with its sheets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from loader.errors import SourceError
from loader.source.damage import told_as_damage
from loader.source.file_state import FileState
from loader.source.reading import Password
from loader.source.workbook.bounds import require_extent
from loader.source.workbook.marks import find_marks
from loader.source.workbook.sheet_marks import SheetMarks
from loader.source.workbook.workbook import Book, opened_book, read_sheet, worksheets


@dataclass(slots=True)
class OpenBook:
    """
    A workbook that is open, perhaps with a sheet that is read already.

    Attributes:
        book: The workbook.
    """

    book: Book
    _sheet: str = ""
    _read: tuple[calamine.CalamineSheet, SheetMarks] | None = None

    def sheet(self, name: str) -> tuple[calamine.CalamineSheet, SheetMarks]:
        """
        The cells of a sheet, and what is found beside them.

        Raises:
            SourceError: The sheet is damaged, or too large.
        """
        read, self._read = self._read, None
        return read if read is not None and name == self._sheet else _read(self.book, name)


@dataclass(frozen=True, slots=True)
class BookAhead:
    """A workbook that was opened before it was known how it is to be read: in which state of the file, and what closes it."""

    found: OpenBook
    state: FileState
    closing: ExitStack


def open_ahead(path: Path) -> BookAhead | None:
    """
    A workbook with its sheet, if it has but one.

    Returns:
        None where it has several, or something is wrong: who opens the file meets it too, and says so.
    """
    try:
        state = FileState.of(path)
        with ExitStack() as closing:
            book = closing.enter_context(opened_book(path))
            sheets = worksheets(book.workbook)
            if len(sheets) != 1:
                return None
            found = OpenBook(book, sheets[0], _read(book, sheets[0]))
            return BookAhead(found, state, closing.pop_all())
    except SourceError:
        return None


@contextmanager
def opened(
    path: Path, state: FileState, password: Password | None, ahead: BookAhead | None = None
) -> Iterator[OpenBook]:
    """
    The workbook behind a path; see `opened_book`.

    Args:
        path: The file.
        state: Of the file, now: what was opened ahead in another one is of no use.
        password: Of a workbook that has one.
        ahead: What was opened ahead, if anything; it is closed.

    Raises:
        SourceError: It cannot be opened.
    """
    with ahead.closing if ahead else ExitStack() as closing:
        if ahead and ahead.state == state:
            yield ahead.found
        else:
            yield OpenBook(closing.enter_context(opened_book(path, password)))


def _read(book: Book, sheet: str) -> tuple[calamine.CalamineSheet, SheetMarks]:
    index = book.workbook.sheet_names.index(sheet)
    where = f'{book.name}, sheet "{sheet}"'
    with told_as_damage(where):
        require_extent(book.content, sheet, where)
    if book.content is not book.path:  # one open file serves one reader at a time
        return read_sheet(book.workbook, sheet, book.name), find_marks(book.content, book.name, sheet, index)
    with ThreadPoolExecutor(1) as pool:  # both leave the interpreter's lock to others while they unpack
        searching = pool.submit(find_marks, book.content, book.name, sheet, index)
        cells = read_sheet(book.workbook, sheet, book.name)
        return cells, searching.result()
