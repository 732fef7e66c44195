"""Opens the journal, hands out its connections, and turns the database's failures into ours."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from loader.errors import JournalError
from loader.journal import schema
from loader.scratch import ScratchFolder

FILE_NAME = "journal.sqlite"


class Journal:
    """
    The journal of a run directory: one SQLite file for all its runs.

    Args:
        path: The file; its folder must exist.
        durable: False for a scratch journal that need not outlive the process.

    Raises:
        JournalError: The file cannot be opened, is damaged, or was written by a later version of this program.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        self._folder: ScratchFolder | None = None
        if not path.exists():
            _create_private(path)
        self.engine = sa.create_engine(
            "sqlite://", creator=self._connect, poolclass=sa.QueuePool, hide_parameters=True
        )
        sa.event.listen(self.engine, "connect", self._set_up_connection)
        with self.begin() as connection:
            self._bring_up_to_date(connection)
        self._files = {file: _identity(file) for file in (path, path.with_name(f"{path.name}-wal"))}

    @classmethod
    def in_directory(cls, run_dir: Path, *, create: bool = True) -> "Journal":
        """
        Open the journal of a run directory.

        Raises:
            JournalError: There is none and *create* is false, or the folder cannot be made.
        """
        path = run_dir / FILE_NAME
        if not create and not path.is_file():
            raise JournalError(
                f"there is no journal in {run_dir}",
                hint="run the command in the folder where the run was made, or name it with --run-dir",
            )
        try:
            run_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(
                f"the run directory {run_dir} cannot be made: {error.strerror}",
                hint="choose another folder with --run-dir",
            ) from error
        return cls(path)

    def _connect(self) -> sqlite3.Connection:
        """A connection to the file that is there: SQLite would make an empty one in the place of one that was deleted."""
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)

    def _set_up_connection(self, connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'FULL' if self._durable else 'OFF'}",  # FULL: each commit is fsync'd before it returns
        ):
            connection.execute(f"PRAGMA {pragma}")

    def _bring_up_to_date(self, connection: sa.Connection) -> None:
        version = schema.version_of(connection)
        if version is None:
            schema.create(connection)
        elif version > schema.SCHEMA_VERSION:
            raise JournalError(
                f"{self.path} was written by a later version of loader (journal version {version}, "
                f"this one knows {schema.SCHEMA_VERSION})",
                hint="install the newest loader, or name another folder with --run-dir",
            )

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """
        A connection in a transaction that is durable when the block ends.

        Raises:
            JournalError: The database refused; nothing of the block was kept.
        """
        with self.translated(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """
        A connection for reading.

        Raises:
            JournalError: The database refused.
        """
        with self.translated(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what the database raises inside the block into a JournalError."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise JournalError(
                f"the journal {self.path} cannot be used: {_cause(error)}",
                hint="check that the disk is not full and that nobody holds the file; a damaged file is restored "
                "from a copy, or left aside with another --run-dir",
            ) from error

    def must_be_there(self) -> None:
        """
        Make sure that what was committed can be found again.

        SQLite goes on writing to files that somebody has deleted or moved, and all of it is lost when the process ends. The log
        (`-wal`) holds what is not in the database file yet.

        Raises:
            JournalError: One of the journal's files is not where it was.
        """
        for file, identity in self._files.items():
            if identity is not None and _identity(file) != identity:
                raise JournalError(
                    f"{file} was deleted, moved or replaced while it was written to",
                    hint="put it back if you can, then run `loader resume`; without it, submit the file again: what is in LoanPro is "
                    "held, or found again",
                )

    def snapshot(self) -> "Journal":
        """
        A copy as of now in a temporary folder, for a report that must not change while it is written.

        The copy is private, and goes with the process; close it when done.

        Raises:
            JournalError: It cannot be made.
        """
        folder = ScratchFolder("journal")
        path = Path(folder.name) / FILE_NAME
        _create_private(path)
        try:
            with (
                contextlib.closing(sqlite3.connect(self.path)) as source,
                contextlib.closing(sqlite3.connect(path)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            raise JournalError(f"the journal {self.path} cannot be copied: {error}") from error
        journal = Journal(path, durable=False)
        journal._folder = folder
        return journal

    def close(self) -> None:
        """Give back all connections; the journal is whole on disk."""
        self.engine.dispose()
        if self._folder is not None:
            self._folder.cleanup()


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from any other, whatever it is called; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _create_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise JournalError(
            f"the journal {path} cannot be made: {error.strerror}",
            hint="choose another folder with --run-dir",
        ) from error


def _cause(error: SQLAlchemyError | sqlite3.Error) -> str:
    """The database's own words: SQLAlchemy's would repeat the statement with its values."""
    original = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
    return str(original) if original is not None else type(error).__name__
