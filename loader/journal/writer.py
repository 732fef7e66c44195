"""
One thread that writes intents and outcomes, many to a transaction.

It takes everything that was queued since its last commit, commits, and only then tells those who wait. Batches so size
themselves to the disk, without a timer. A caller that awaits `intent` knows that the intent is on disk.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import bindparam

from loader.errors import JournalError
from loader.journal.schema import State, steps
from loader.journal.store import Journal
from loader.models.outcome import Outcome, StepResult

_ONE_STEP = sa.and_(
    steps.c.run == bindparam("b_run"),
    steps.c.ordinal == bindparam("b_ordinal"),
    steps.c.step == bindparam("b_step"),
)
_INTENT = (
    steps.update()
    .where(_ONE_STEP)
    .values(state=State.SENDING, attempts=steps.c.attempts + 1, sent_at=bindparam("v_sent_at"))
)
_OUTCOME = (
    steps.update()
    .where(_ONE_STEP)
    .values(
        state=bindparam("v_state"),
        attempts=bindparam("v_attempts"),
        status=sa.func.coalesce(
            bindparam("v_status"), steps.c.status
        ),  # a look-up settles; it does not wipe out what was answered
        remote_id=bindparam("v_remote_id"),
        parent_id=bindparam("v_parent_id"),
        sent_at=sa.func.coalesce(bindparam("v_sent_at"), steps.c.sent_at),
        elapsed_ms=sa.func.coalesce(bindparam("v_elapsed_ms"), steps.c.elapsed_ms),
        message=bindparam("v_message"),
        advice=bindparam("v_advice"),
        fate=bindparam("v_fate"),
    )
)


@dataclass(frozen=True, slots=True)
class StepId:
    """Which step of which row of which run."""

    run: int
    ordinal: int
    step: int

    @property
    def bound(self) -> dict[str, int]:
        """The identity as parameters of the writer's statements."""
        return {"b_run": self.run, "b_ordinal": self.ordinal, "b_step": self.step}


@dataclass(frozen=True, slots=True)
class _Entry:
    statement: sa.Update
    values: Mapping[str, Any]
    done: "asyncio.Future[None]"


class Writer:
    """
    The only writer of a run's steps while it is being sent; use it as a context manager inside the event loop.

    Once a write has failed, every later one fails too: nothing may be sent that cannot be recorded.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._failure: JournalError | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()

    async def intent(self, step: StepId) -> None:
        """
        Record that the step's request is about to be sent; durable on return.

        Raises:
            JournalError: It could not be recorded; the request must not be sent.
        """
        await self._write(_INTENT, step.bound | {"v_sent_at": time.time()})

    async def outcome(self, step: StepId, result: StepResult, fate: str | None = None) -> None:
        """
        Record what became of a step; durable on return. One that was not sent is planned as before.

        Args:
            step: Which one.
            result: What became of it.
            fate: What has become of the entity, where an undo has found it archived or deleted.

        Raises:
            JournalError: It could not be recorded; a resumed run settles the step by looking it up.
        """
        values = step.bound | {
            "v_state": State.PLANNED if result.outcome is Outcome.NOT_SENT else State(result.outcome.value),
            "v_attempts": result.attempts,
            "v_status": result.status,
            "v_remote_id": result.remote_id,
            "v_parent_id": result.parent_id,
            "v_sent_at": result.sent_at.timestamp() if result.sent_at else None,
            "v_elapsed_ms": result.elapsed_ms,
            "v_message": result.message or None,
            "v_advice": result.advice or None,
            "v_fate": fate,
        }
        await self._write(_OUTCOME, values)

    def _write(self, statement: sa.Update, values: Mapping[str, Any]) -> "asyncio.Future[None]":
        done = self._loop.create_future()
        self._queue.put(_Entry(statement, values, done))
        return done

    def _run(self) -> None:
        """Whatever goes wrong here becomes the failure that every waiter hears of: none may wait for ever."""
        connection: sa.Connection | None = None
        closing = False
        while not closing:
            batch, closing = self._take()
            if not batch:
                continue
            try:
                if connection is None:
                    connection = self._journal.engine.connect()
                self._commit(connection, batch)
            except Exception as error:  # noqa: BLE001  the thread must not die with waiters
                self._failure = self._failure or JournalError(
                    f"the journal {self._journal.path} cannot be written: {type(error).__name__}",
                    hint="what was recorded before is safe; run `loader resume`",
                )
            self._loop.call_soon_threadsafe(_resolve, batch, self._failure)
        if connection is not None:
            connection.close()

    def _take(self) -> tuple[list[_Entry], bool]:
        """All entries that are queued, at least one, and whether the end was among them."""
        entry = self._queue.get()
        batch: list[_Entry] = []
        while entry is not None:
            batch.append(entry)
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, connection: sa.Connection, batch: list[_Entry]) -> None:
        """One durable transaction; a step stands in a batch at most once, since its caller waits for each write."""
        if self._failure is not None:
            return
        by_statement: dict[int, tuple[sa.Update, list[Mapping[str, Any]]]] = {}
        for entry in batch:
            by_statement.setdefault(id(entry.statement), (entry.statement, []))[1].append(entry.values)
        try:
            with self._journal.translated(), connection.begin():
                for statement, values in by_statement.values():
                    connection.execute(statement, values)
            self._journal.must_be_there()  # after the commit: what went into a deleted file is not durable
        except JournalError as error:
            self._failure = error


def _resolve(batch: list[_Entry], failure: JournalError | None) -> None:
    for entry in batch:
        if entry.done.done():  # its waiter was cancelled; the write stands all the same
            continue
        if failure is None:
            entry.done.set_result(None)
        else:
            entry.done.set_exception(failure)
