"""Runs: begun, found again, listed, finished."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from loader.errors import JournalError
from loader.journal.records import RunRecord
from loader.journal.schema import RunState, runs
from loader.journal.store import Journal
from loader.models.note import Note
from loader.models.origin import Origin

_OWN_COLUMNS = {
    "name",
    "kind",
    "tenant",
    "host",
    "rows_read",
    "blank_rows",
    "started_at",
    "finished_at",
    "exit_code",
    "stopped",
}


@dataclass(frozen=True, slots=True)
class RunHandle:
    """
    A run in the journal.

    Attributes:
        number: Its number in the journal.
        state: How far it has come.
        operations: Its template's steps, in order.
        record: All else that is known of it.
        settings: What `resume` needs beside the record: names and numbers, never a secret.
    """

    number: int
    state: RunState
    operations: tuple[str, ...]
    record: RunRecord
    settings: Mapping[str, Any]


def begin_run(
    journal: Journal, record: RunRecord, operations: Sequence[str], settings: Mapping[str, Any]
) -> RunHandle:
    """
    Enter a new run, in the state `checking`.

    Raises:
        JournalError: The journal cannot be written, or a run of that name is there already.
    """
    manifest = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in _OWN_COLUMNS}
    manifest["origin"] = record.origin and asdict(record.origin)
    manifest["notes"] = _without_samples(record.notes)
    values = {
        "name": record.name,
        "kind": record.kind,
        "state": RunState.CHECKING,
        "tenant": record.tenant,
        "host": record.host,
        "started_at": record.started_at.timestamp(),
        "operations": list(operations),
        "manifest": {**manifest, "settings": dict(settings)},
    }
    with journal.begin() as connection:
        connection.execute(runs.insert(), [values])
    return find_run(journal, record.name)


def finish_run(
    journal: Journal,
    run: RunHandle,
    state: RunState,
    *,
    exit_code: int,
    stopped: str = "",
) -> None:
    """Record how sending ended; `stopped` says why, if it did so before the last row."""
    _update(
        journal,
        run,
        state=state,
        exit_code=exit_code,
        stopped=stopped,
        finished_at=time.time() if state is RunState.FINISHED else None,
    )


def set_state(journal: Journal, run: RunHandle, state: RunState) -> None:
    """Record how far the run has come."""
    _update(journal, run, state=state)


def set_rows(
    journal: Journal, run: RunHandle, *, rows_read: int, blank_rows: int, notes: Sequence[Note] = ()
) -> None:
    """Record how much the source held, and what was noticed while it was read; samples are not kept."""
    _update(journal, run, rows_read=rows_read, blank_rows=blank_rows)
    _amend_manifest(journal, run, notes=_without_samples(notes))


def _without_samples(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """Notes for the journal, which keeps nothing of what cells hold."""
    return [asdict(replace(note, sample="")) for note in notes]


def set_found_pace(journal: Journal, run: RunHandle, found: str) -> None:
    """Record the pace that was found, beside the one that was asked for."""
    _amend_manifest(journal, run, rate=found)


def _amend_manifest(journal: Journal, run: RunHandle, **values: Any) -> None:
    with journal.begin() as connection:
        query = sa.select(runs.c.manifest).where(runs.c.run == run.number)
        manifest = {**connection.execute(query).scalar_one(), **values}
        connection.execute(runs.update().where(runs.c.run == run.number).values(manifest=manifest))


def find_same(journal: Journal, record: RunRecord) -> RunHandle | None:
    """
    The newest run of the same file and sheet, with the same template, to the same tenant; None if there is none.

    A run that was undone, in part or whole, is none: it knows as accepted what is not there any more.
    """
    there = list_runs(journal)
    undone = {
        run.settings.get("undoes") for run in there if run.state not in {RunState.CHECKING, RunState.DECLINED}
    }
    same = [
        run
        for run in there
        if run.record.name not in undone
        and all(getattr(run.record, name) == getattr(record, name) for name in _SAME)
        and run.state is not RunState.CHECKING
    ]
    return same[-1] if same else None


_SAME = ("kind", "host", "tenant", "source_digest", "sheet", "template_digest")


def find_run(journal: Journal, name: str) -> RunHandle:
    """
    A run by its name, or by a beginning of it that fits no other.

    Raises:
        JournalError: No run or several runs are so named.
    """
    found = [run for run in list_runs(journal) if run.record.name.startswith(name)]
    exact = [run for run in found if run.record.name == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        names = ", ".join(run.record.name for run in found[:5])
        raise JournalError(f"{name} is the beginning of several runs: {names}", hint="write more of the name")
    raise JournalError(
        f"there is no run named {name} in {journal.path.parent}",
        hint="`loader runs` lists the runs there are",
    )


def last_run(journal: Journal, states: Sequence[RunState] = tuple(RunState)) -> RunHandle | None:
    """The newest run in one of the given states, None if there is none."""
    found = [run for run in list_runs(journal) if run.state in states]
    return found[-1] if found else None


def list_runs(journal: Journal) -> list[RunHandle]:
    """All runs, oldest first."""
    with journal.read() as connection:
        found = connection.execute(sa.select(runs).order_by(runs.c.run)).mappings().all()
    return [_handle(row) for row in found]


def new_name(journal: Journal, source_stem: str, now: datetime) -> str:
    """A name that no run has yet: the time in UTC, then what the file is called."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", source_stem).strip("-").lower()[:40] or "run"
    base = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{stem}"
    taken = {run.record.name for run in list_runs(journal)}
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _update(journal: Journal, run: RunHandle, **values: Any) -> None:
    with journal.begin() as connection:
        connection.execute(runs.update().where(runs.c.run == run.number).values(**values))


def _handle(row: Mapping[Any, Any]) -> RunHandle:
    manifest = dict(row["manifest"])
    settings = manifest.pop("settings")
    values: dict[str, Any] = {
        **{name: tuple(value) if isinstance(value, list) else value for name, value in manifest.items()},
        **{name: row[name] for name in _OWN_COLUMNS},
        "started_at": _moment(row["started_at"]),
        "finished_at": _moment(row["finished_at"]) if row["finished_at"] is not None else None,
    }
    values["notes"] = tuple(Note(**note) for note in values["notes"])
    values["origin"] = Origin(**values["origin"]) if values["origin"] else None
    record = RunRecord(**values)
    return RunHandle(
        number=row["run"],
        state=RunState(row["state"]),
        operations=tuple(row["operations"]),
        record=record,
        settings=settings,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
