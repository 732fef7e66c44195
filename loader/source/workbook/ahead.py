"""
A workbook that another process reads: while this one loads what will look at the rows, and then while it looks at those before.

calamine reads a sheet as a whole, and its cells become columns of text in Python; of both this process sees nothing but the columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from loader.errors import SourceError
from loader.processes.hand import Hand, ProcessLostError
from loader.source.workbook.questions import MORE, Opening, Rows
from loader.source.workbook.sheet_table import SheetTable

if TYPE_CHECKING:
    from pathlib import Path

    from loader.source.reading import Reading
    from loader.source.table import Batch
    from loader.source.workbook.sheet_reader import SheetReader


class PasswordWantedError(Exception):
    """The workbook has a password, for which the process cannot ask."""


@dataclass
class TableAhead(SheetTable):
    """One sheet of a workbook as a table that another process reads."""

    _reader: Reader

    def batches(self, rows_per_batch: int | None = None) -> Iterator[Batch]:
        """Read the table from its first row below the headers; see `SourceTable`. It can be read but once at a time."""
        # The process looked when it was asked for the first rows, which may be long ago.
        self.state.require_unchanged(self.path)
        yield from self._reader.batches(rows_per_batch)


_begun: dict[Path, Reader] = {}


def read_ahead(path: Path) -> None:
    """
    Have another process read a workbook, for whoever opens it next.

    Args:
        path: The file; whatever is wrong with it is told where it is opened.
    """
    _begun[path] = Reader(path)


def taken(path: Path) -> Reader | None:
    """The process that reads a file, for who opens that now; it ends where it is not used."""
    return _begun.pop(path, None)


def opened_ahead(reading: Reading, reader: Reader | None) -> TableAhead | None:
    """
    The table of a workbook that another process reads; None where none does, and where somebody must be asked for a password.

    Args:
        reading: What is known of it.
        reader: The process.

    Raises:
        SourceError: As from `open_excel`; or the process has ended.
    """
    if reader is None:
        return None
    password = reading.password and replace(reading.password, ask=_ask_nobody, known="")
    try:
        opened = reader.open(replace(reading, password=password))
    except PasswordWantedError:
        return None
    return TableAhead(**vars(replace(opened, password=reading.password)), _reader=reader)


def _ask_nobody() -> NoReturn:
    raise PasswordWantedError


class Reader:
    """
    The process that reads; it ends when nobody holds this any more.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._hand = Hand(partial(_sheet_reader, path), is_first=True)
        self._begun: Rows | None = None  # those whose first batches are asked for, and that nobody reads yet
        self._last: object = None  # who reads

    def open(self, reading: Reading) -> SheetTable:
        """The table, but for its rows."""
        self._ask(Opening(reading))
        opened: SheetTable = self._answer()
        self._begin(Rows(None))
        return opened

    def batches(self, rows_per_batch: int | None) -> Iterator[Batch]:
        """The rows; who still reads from before must not read on."""
        rows = Rows(rows_per_batch)
        if self._begun != rows:
            self._begin(rows)
        self._begun, self._last = None, (this := object())
        while (batch := self._answer()) is not None:
            self._ask(MORE)  # read there while this one is looked at here
            yield batch
            if self._last is not this:
                raise RuntimeError("a table that is read ahead was read twice at a time")

    def _begin(self, rows: Rows) -> None:
        """Have the first batches read."""
        self._begun = None
        while self._hand.owed:
            with suppress(SourceError):  # of rows that nobody wants any more
                self._answer()
        self._ask(rows)
        self._ask(MORE)
        self._begun = rows

    def _ask(self, question: Opening | Rows | str) -> None:
        with self._told():
            self._hand.say(question)

    def _answer(self) -> Any:
        with self._told():
            return self._hand.heard()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The end of the process, as a failure for the user."""
        try:
            yield
        except ProcessLostError as error:
            raise SourceError(f"{self._name} was not read to its end: {error}", hint=error.hint) from error


def _sheet_reader(path: Path) -> SheetReader:
    """Called in the process, which loads more than this one needs so soon."""
    from loader.source.workbook.sheet_reader import SheetReader  # noqa: PLC0415

    return SheetReader(path)
