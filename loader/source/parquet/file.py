"""Parquet files, read in record batches: flat in memory, numbers exact, rows numbered as if the file were a sheet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loader.errors import SourceError
from loader.models.folding import folded
from loader.models.note import Note
from loader.models.origin import Origin
from loader.source.arrow import arrow
from loader.source.batching import Block, block_of, rebatch
from loader.source.ending import ended
from loader.source.file_state import FileState, digest_of
from loader.source.headers import HeaderRow, read_headers
from loader.source.mended import origin_lost
from loader.source.percent_signs import with_signs
from loader.source.reading import Reading, StopAt
from loader.source.table import Batch, Facts, Header

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC: Final = b"PAR1"
"""First bytes of a Parquet file (https://parquet.apache.org/docs/file-format/)."""

_HEADER_ROW: Final = 1
_ROWS_PER_BLOCK: Final = 4_096
_BUFFER_BYTES: Final = 1 << 20
_AS_IT_IS: Final = Reading()


@dataclass(slots=True)
class ParquetTable:
    """
    A Parquet file as a table; see `SourceTable`.

    Its columns' names are row 1, so that its first row is row 2, as in the same table saved as CSV or as a workbook.

    Attributes:
        path: The file.
        sheet: Always "".
        header_row: Always 1.
        headers: The columns, without our own of a rejected file.
        digest: SHA-256 of the file's bytes.
        facts: The format.
        notes: What was noticed while it was opened.
        origin: Always None: such a file does not say where its rows come from.
    """

    path: Path
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    digest: str
    facts: Facts
    notes: tuple[Note, ...]
    origin: Origin | None
    _state: FileState
    _stop_at: StopAt | None

    def batches(self, rows_per_batch: int | None = None) -> Iterator[Batch]:
        """Read the table from its first row; see `SourceTable`."""
        self._state.require_unchanged(self.path)
        wanted = ended(self._blocks(), self.headers, _HEADER_ROW, self._stop_at)
        yield from rebatch(
            wanted, width=len(self.headers), header_row=_HEADER_ROW, rows_per_batch=rows_per_batch
        )
        self._state.require_unchanged(self.path)

    def pieces(self) -> None:
        """See `SourceTable`: one process reads it."""
        return

    def _blocks(self) -> Iterator[Block]:
        from loader.source.parquet.cells import texts_and_kinds  # noqa: PLC0415  (only where a Parquet file is read)

        row = _HEADER_ROW + 1
        kept = len(self.headers)
        with _opened(self.path) as file:
            for batch in file.iter_batches(batch_size=_ROWS_PER_BLOCK, use_threads=False):
                columns = [texts_and_kinds(batch.column(index)) for index in range(kept)]
                if batch.num_rows:
                    yield block_of(
                        range(row, row + batch.num_rows),
                        [texts for texts, _ in columns],
                        [kinds for _, kinds in columns],
                        {},
                    )
                row += batch.num_rows


def open_parquet(path: Path, reading: Reading = _AS_IT_IS) -> ParquetTable:
    """
    Open a Parquet file: read its columns' names and its digest.

    A row of headers that the template names does not apply: the names stand in the file's own place for them.

    Args:
        path: The file.
        reading: What is known of it.

    Raises:
        SourceError: The file is damaged, has no columns, or a column that is used holds no plain values.
    """
    state = FileState.of(path)
    digest = digest_of(path)
    with _opened(path) as file:
        schema = file.schema_arrow
        found = read_headers(schema.names, where=path.name, letters_used=reading.letters_used)
        notes = _unreadable_columns(path.name, schema, found, reading)
        if found.ours:
            notes = (*notes, origin_lost(path.name, reading, has_columns=True))
    state.require_unchanged(path)
    table = ParquetTable(
        path=path,
        sheet="",
        header_row=_HEADER_ROW,
        headers=found.headers,
        digest=digest,
        facts=Facts(
            "Parquet",
            header_rows=reading.header_rows,
            declared_row=reading.header_row,
            names_apart=True,
        ),
        notes=notes,
        origin=None,
        _state=state,
        _stop_at=reading.stop_at,
    )
    if _holds_signs(path):
        table.headers = with_signs(table.headers, table.batches(), reading.percents)
    return table


def _holds_signs(path: Path) -> bool:
    """Whether there is a percent sign in any column of texts; stops at the first."""
    from loader.source.parquet.cells import holds_signs  # noqa: PLC0415

    with _opened(path) as file:
        batches = file.iter_batches(batch_size=_ROWS_PER_BLOCK, use_threads=False)
        return any(holds_signs(column) for batch in batches for column in batch.columns)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from pyarrow import parquet  # noqa: PLC0415  (only where a Parquet file is read)

    pa = arrow()
    try:
        with parquet.ParquetFile(
            path, pre_buffer=False, buffer_size=_BUFFER_BYTES, page_checksum_verification=True
        ) as file:
            yield file
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
        raise SourceError(
            f"{path.name} cannot be read as Parquet: {error}", hint="write it again, or save the table as CSV"
        ) from error


def _unreadable_columns(
    name: str, schema: "pa.Schema", found: HeaderRow, reading: Reading
) -> tuple[Note, ...]:
    """
    Notes of columns that hold lists, records or bytes.

    Raises:
        SourceError: The template names one of them.
    """
    from loader.source.parquet.cells import is_plain  # noqa: PLC0415

    wanted = frozenset(map(folded, reading.headers_wanted))
    notes = []
    for header in found.headers:
        kind = schema.field(header.index).type
        if is_plain(kind):
            continue
        if folded(header.name) in wanted or header.letter in reading.letters_used:
            raise SourceError(
                f'{name}: column "{header.name}" ({header.letter}) holds values of type {kind}, which is no single value',
                hint="write the part of it that is wanted as a column of its own, or as text",
            )
        message = "the column holds lists, records or bytes, and is read only for the rejected workbook"
        notes.append(Note("parquet.not-plain", message, column=header.name, letter=header.letter))
    return tuple(notes)
