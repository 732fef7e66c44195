"""Opens a workbook that is written in flat memory and published whole; the one place that starts XlsxWriter."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loader.errors import ReportError
from loader.report.publish import published
from loader.report.styles import FONT


@contextmanager
def opened_book(
    target: Path, *, title: str, created: datetime, run: str = "", private: bool = False
) -> Iterator[Any]:
    """
    A workbook of XlsxWriter that lies under *target* once the block has ended without an exception.

    It keeps one row of each sheet in memory: rows must be written in ascending order, and a sheet must not be read
    back. The same content written again gives the same bytes.

    Args:
        target: Where the workbook is to be.
        title: Title in the document's properties.
        created: Moment of creation in the document's properties; aware.
        run: Name of the run that can rebuild it, "" for none.
        private: True for mode 0600 from the first byte on; temporary files are private in any case.

    Raises:
        ReportError: The workbook cannot be written; nothing is left under the target that was not there before.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - costs 0.1 s, which commands without a workbook need not pay
    from xlsxwriter.exceptions import FileCreateError, XlsxWriterException  # noqa: PLC0415

    from loader.report.row_sheet import RowSheet  # noqa: PLC0415

    with published(target, run=run, private=private) as path, closing(_Archive(path)) as archive:
        book = Workbook(
            archive,
            {"constant_memory": True, "tmpdir": str(path.parent), "default_format_properties": dict(FONT)},
        )
        book.worksheet_class = RowSheet
        book.use_zip64()
        book.set_properties(
            {"title": title, "author": "loader", "created": created.astimezone(UTC).replace(tzinfo=None)}
        )
        try:
            yield book
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise (cause if isinstance(cause, OSError) else OSError(str(cause))) from error
        except XlsxWriterException as error:
            raise ReportError(
                f"{target} cannot be written: {error}", hint="use the CSV or JSON report instead"
            ) from error
        finally:
            for sheet in book.worksheets():
                # Open only where the block failed; that failure counts, not what closing on a full disk adds to it.
                with suppress(OSError):
                    sheet.row_data_fh.close()


class _Archive:
    """
    The file of a workbook, which fails once and no more.

    XlsxWriter leaves its archive open where writing has failed; whenever that is thrown away, it is written to again, and Python would print that
    failure over the message about the first one.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._at = 0
        self._lost = False

    def write(self, part: bytes) -> int:
        self._unless_lost(lambda: self._file.write(part))
        self._at += len(part)
        return len(part)

    def flush(self) -> None:
        self._unless_lost(self._file.flush)

    def seek(self, position: int) -> int:
        self._unless_lost(lambda: self._file.seek(position))
        self._at = position
        return position

    def tell(self) -> int:
        return self._at  # of a lost file too: sizes are reckoned from it

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._lost = True
            with suppress(OSError):  # the flush before has told it
                self._file.close()

    def _unless_lost(self, do: Callable[[], object]) -> None:
        if self._lost:
            return
        try:
            do()
        except OSError:
            self._lost = True
            raise
