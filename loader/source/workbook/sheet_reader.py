"""What a process does that reads a workbook for another one: it opens it, and then gives its rows, some thousand at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from loader.source.table import Batch
from loader.source.workbook.open_book import open_ahead
from loader.source.workbook.questions import Opening, Rows
from loader.source.workbook.sheet_table import SheetTable

if TYPE_CHECKING:
    from loader.source.workbook.excel_file import ExcelTable


class SheetReader:
    """
    Reads the sheet of a workbook at once, where it has but one, before anybody has said how.

    Args:
        path: The file; whatever is wrong with it is told where it is opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table: ExcelTable | None = None
        self._batches: Iterator[Batch] = iter(())
        with ThreadPoolExecutor(1) as pool:  # calamine leaves the interpreter to others
            reading = pool.submit(open_ahead, path)
            import_module("loader.source.workbook.excel_file")
            import_module("pyarrow.compute")  # through which the cells go next
        self._ahead = reading.result()

    def do(self, piece: Opening | Rows | str) -> SheetTable | Batch | None:
        """
        Open the table, begin to read it anew, or (`MORE`) read on.

        Returns:
            The table, but for its rows; or some of its rows; None after the last.

        Raises:
            SourceError: The workbook cannot be opened, or read any further.
        """
        match piece:
            case Opening(reading=reading):
                from loader.source.workbook.excel_file import open_excel  # noqa: PLC0415  it is loaded by now

                ahead, self._ahead = self._ahead, None
                self._table = open_excel(self._path, reading, ahead)
                return self._table.without_rows()
            case Rows(per_batch=per_batch):
                assert self._table is not None
                self._batches = self._table.batches(per_batch)
        return next(self._batches, None)

    def gathered(self) -> None:
        """Nothing."""
