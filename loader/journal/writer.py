"""
One thread that writes intents and outcomes, many to a transaction.

It is given everything that has come since its last commit, commits, and only then tells those who wait. Batches so size
themselves to the disk; where nobody is missed, what was accepted waits a moment and goes with the next intents. A caller that awaits `intent` knows
that the intent is on disk. Thread and event loop meet twice a batch, not twice an entry: each meeting costs more than the entry itself.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from loader.errors import JournalError
from loader.journal.schema import State
from loader.journal.store import Journal
from loader.models.outcome import Outcome, StepResult
from loader.models.record import Record

_INTENT = (
    f"UPDATE steps SET state = '{State.SENDING}', attempts = attempts + 1, sent_at = ? "  # noqa: S608  our own words
    "WHERE run = ? AND ordinal = ? AND step = ?"
)
_OUTCOME = """
    UPDATE steps SET state = ?, attempts = ?, status = coalesce(?, status), remote_id = ?, parent_id = ?,
        sent_at = coalesce(?, sent_at), elapsed_ms = coalesce(?, elapsed_ms), message = ?, advice = ?, fate = ?
    WHERE run = ? AND ordinal = ? AND step = ?
"""  # a look-up settles; it does not wipe out what was answered
_STATES = {
    outcome: State.PLANNED.value if outcome is Outcome.NOT_SENT else State(outcome.value).value
    for outcome in Outcome
}
"""As plain texts: SQLite's driver looks for a converter for anything else."""


class StepId(Record, frozen=True):
    """Which step of which row of which run."""

    run: int
    ordinal: int
    step: int


@dataclass(slots=True)
class _Entry:
    statement: str
    values: tuple[Any, ...]
    done: "asyncio.Future[None]"


class Writer:
    """
    The only writer of a run's steps while it is being sent; use it as a context manager inside the event loop.

    Once a write has failed, every later one fails too: nothing may be sent that cannot be recorded.

    Args:
        journal: Where to.
        leisure_s: Tells for how many seconds the outcome `accepted` may wait now. Nothing else ever waits, and it takes along what does.
    """

    def __init__(self, journal: Journal, leisure_s: Callable[[], float]) -> None:
        self._journal = journal
        self._leisure_s = leisure_s
        self._queue: queue.SimpleQueue[list[_Entry] | None] = queue.SimpleQueue()
        self._waiting: list[_Entry] = []
        self._busy = False
        self._urgent = False
        self._later: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._failure: JournalError | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand_over()  # what those have left who were cancelled
        self._queue.put(None)
        self._thread.join()

    def intent(self, step: StepId) -> "asyncio.Future[None]":
        """
        Record that the step's request is about to be sent; durable once it has been awaited.

        Raises:
            JournalError: When awaited: it could not be recorded; the request must not be sent.
        """
        self._urgent = True
        return self._write(_INTENT, (time.time(), step.run, step.ordinal, step.step))

    def outcome(self, step: StepId, result: StepResult, fate: str | None = None) -> "asyncio.Future[None]":
        """
        Record what became of a step; durable once it has been awaited. One that was not sent is planned as before.

        Args:
            step: Which one.
            result: What became of it.
            fate: What has become of the entity, where an undo has found it archived or deleted.

        Raises:
            JournalError: When awaited: it could not be recorded; a resumed run settles the step by looking it up.
        """
        values = (
            _STATES[result.outcome],
            result.attempts,
            result.status,
            result.remote_id,
            result.parent_id,
            result.sent_at.timestamp() if result.sent_at else None,
            result.elapsed_ms,
            result.message or None,
            result.advice or None,
            fate,
            step.run,
            step.ordinal,
            step.step,
        )
        # Enough of those may stop the run.
        self._urgent = self._urgent or result.outcome is not Outcome.ACCEPTED
        return self._write(_OUTCOME, values)

    def _write(self, statement: str, values: tuple[Any, ...]) -> "asyncio.Future[None]":
        done = self._loop.create_future()
        self._waiting.append(_Entry(statement, values, done))
        self._come_together()
        return done

    def _come_together(self) -> None:
        """See to it that the thread is given what waits: with what else comes in this turn of the loop, or in a moment."""
        if self._busy or not self._waiting:
            return
        leisure_s = 0.0 if self._urgent else self._leisure_s()
        if leisure_s <= 0:
            self._busy = True
            self._no_later()
            self._loop.call_soon(self._hand_over)
        elif self._later is None:
            self._later = self._loop.call_later(leisure_s, self._hand_over)

    def _no_later(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _hand_over(self) -> None:
        """Give the thread all that waits, if anything does."""
        self._no_later()
        self._urgent = False
        self._busy = bool(self._waiting)
        if self._waiting:
            self._queue.put(self._waiting)
            self._waiting = []

    def _run(self) -> None:
        """Whatever goes wrong here becomes the failure that every waiter hears of: none may wait for ever."""
        connection: sa.PoolProxiedConnection | None = None
        while (batch := self._queue.get()) is not None:
            try:
                if connection is None:
                    connection = self._journal.engine.raw_connection()
                self._commit(connection, batch)
            except Exception as error:  # noqa: BLE001  the thread must not die with waiters
                self._failure = self._failure or JournalError(
                    f"the journal {self._journal.path} cannot be written: {type(error).__name__}",
                    hint="what was recorded before is safe; run `loader resume`",
                )
            self._loop.call_soon_threadsafe(self._resolve, batch, self._failure)
        if connection is not None:
            connection.close()

    def _commit(self, connection: sa.PoolProxiedConnection, batch: list[_Entry]) -> None:
        """One durable transaction; a step stands in a batch at most once, since its caller waits for each write."""
        if self._failure is not None:
            return
        values_of: dict[str, list[tuple[Any, ...]]] = {}
        for entry in batch:
            values_of.setdefault(entry.statement, []).append(entry.values)
        try:
            # SQLite's driver itself: SQLAlchemy's part would be near half of a commit.
            driver = connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            with self._journal.translated(), driver:  # which commits, or rolls back
                for statement, values in values_of.items():
                    driver.executemany(statement, values)
            self._journal.must_be_there()  # after the commit: what went into a deleted file is not durable
        except JournalError as error:
            self._failure = error

    def _resolve(self, batch: list[_Entry], failure: JournalError | None) -> None:
        for entry in batch:
            if entry.done.done():  # its waiter was cancelled; the write stands all the same
                continue
            if failure is None:
                entry.done.set_result(None)
            else:
                entry.done.set_exception(failure)
        # Once those who were told have gone on, and have more to write.
        self._loop.call_soon(self._next_batch)

    def _next_batch(self) -> None:
        self._busy = False
        self._come_together()
