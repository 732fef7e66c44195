"""
Runs a command of loader and kills it, without warning, when it passes a named point for the n-th time.

A script of its own: `python dying.py submit ...` with `DIE_AT=after-intent:3` in the environment. The program knows nothing
of it; its functions are wrapped from outside. With `DISK_FULL=1` it lives on, but its journal cannot grow any more; with the path
of a file as `BALLAST` it fills the disk of that file and lives on.
`QUICK=1` takes the waiting out of it.
"""

import asyncio
import contextlib
import itertools
import os
import resource
import signal
import sqlite3
import sys
import threading
from functools import partial
from pathlib import Path

import loader.report.publish
from loader.cli.app import run
from loader.journal import recorder, runs, writer
from loader.submit import asking, attempt, client, settle

POINTS = (
    "checking", "before-intent", "inside-intent", "after-intent", "after-sending", "after-answer", "before-outcome",
    "inside-outcome", "after-outcome", "looking-up", "before-finish", "after-finish", "writing-report",
)  # fmt: skip
_SEEN_BY_SERVER_S = 0.04

WANTED, _, _COUNT = os.environ.get("DIE_AT", ":1").partition(":")
_PASSED = {point: itertools.count(1) for point in POINTS}


def here(point):
    """Die, or let the disk be full, if it is here and now."""
    if point == WANTED and next(_PASSED[point]) == int(_COUNT):
        if os.environ.get("BALLAST"):
            drop_ballast(Path(os.environ["BALLAST"]))
        elif os.environ.get("DISK_FULL"):
            fill_disk()
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def fill_disk():
    """No file of this process can grow beyond what the journal has reached."""
    size = Path("loader-runs/journal.sqlite-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def drop_ballast(path):
    """Fill the disk to its last byte."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def wrapped(holder, name, before=None, after=None):
    """Pass one point before a function runs and another one after it."""
    inner = getattr(holder, name)

    def call(*arguments, **options):
        here(before)
        result = inner(*arguments, **options)
        here(after)
        return result

    setattr(holder, name, call)


def wrap_commits():
    """Before, inside and after the transactions of the journal's thread."""
    inner = writer.Writer._commit

    def commit(self, connection, batch):
        kind = "intent" if any(entry.statement is writer._INTENT for entry in batch) else "outcome"
        threading.current_thread().kind = kind
        here(f"before-{kind}")
        inner(self, connection, batch)
        here(f"after-{kind}")

    class Connection(sqlite3.Connection):
        """Of the journal's thread, which commits by leaving a `with` block."""

        def __exit__(self, *raised):
            here(f"inside-{getattr(threading.current_thread(), 'kind', '')}")
            return super().__exit__(*raised)

    writer.Writer._commit = commit
    sqlite3.connect = partial(sqlite3.connect, factory=Connection)


def wrap_requests():
    """While the server has the request, and when its answer is here."""
    inner = client.Client.send

    async def send(self, method, path, **options):
        creates = method == "POST" and "Search" not in path
        if not creates:
            here("looking-up")
        elif WANTED == "after-sending":
            under_way = asyncio.ensure_future(inner(self, method, path, **options))
            await asyncio.sleep(_SEEN_BY_SERVER_S)
            here("after-sending")
            return await under_way
        answer = await inner(self, method, path, **options)
        if creates:
            here("after-answer")
        return answer

    client.Client.send = send


def main():
    """Wrap, then run."""
    wrapped(recorder.Recorder, "add", after="checking")
    wrapped(runs, "finish_run", before="before-finish", after="after-finish")
    wrapped(loader.report.publish, "_to_disk", before="writing-report")
    wrap_commits()
    wrap_requests()
    if os.environ.get("QUICK"):
        settle.PAUSE_BETWEEN_LOOKS_S = 0.01
        attempt.backoff = asking.backoff = lambda *_: 0.01
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
