"""What we do with runs that are finished: reports written again, and how soon it is known that nothing is left."""

import shutil
import sqlite3
import sys
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from bench.command import OURS, SCRIPTS, Readings, loader, of_clock, of_rows, target
from bench.measure import FailedError, Measured, measured
from bench.stage import ROOT, Stage
from bench.submits import submitted

_KNOWN = r"to be sent +0\b|this file is complete"
"""What a command says once it knows that there is no more to do."""


def report(stage: Stage) -> Readings:
    """The results workbook of a finished run, written again."""
    folder, run = finished(stage, stage.sizes.report)
    options: list[str | Path] = [
        "--format",
        "xlsx",
        "--output",
        stage.scratch / "again.xlsx",
        "--run-dir",
        folder,
    ]
    done = measured([*loader(), "report", run, *options], cwd=ROOT)
    return of_rows(done, stage.sizes.report)


def resume_finished(stage: Stage) -> Readings:
    """`resume` of a run that is finished: it says so."""
    folder, run = finished(stage, stage.sizes.finished)
    command = [*loader(), "resume", run, "--yes", *target(stage.at_once.url), "--run-dir", folder]
    done = measured(command, cwd=ROOT, env=OURS, ok=(0, 7))
    if "nothing of it is left" not in done.err:
        raise FailedError(f"it did not say that nothing is left: {done.err}")
    return of_clock(done)


def resume_killed(stage: Stage) -> Readings:
    """`resume` of a run that was killed right after the last answer; reports are written."""
    folder, run = _copy(stage)
    measured([sys.executable, SCRIPTS / "as_killed.py", folder, run], cwd=ROOT, env=OURS)
    command = [*loader(), "resume", run, "--yes", *target(stage.at_once.url), "--run-dir", folder]
    return _known(measured(command, cwd=ROOT, env=OURS, waiting_for=_KNOWN))


def submit_again(stage: Stage) -> Readings:
    """`submit` of a file all of which was sent before, with its reports in place; nothing is."""
    folder, _ = _copy(stage, reports=True)
    rows = stage.sizes.finished
    options: list[str | Path] = ["-t", "loan", "--yes", *target(stage.at_once.url), "--run-dir", folder]
    done = measured(
        [*loader(), "submit", stage.loans(rows), *options], cwd=ROOT, env=OURS, waiting_for=_KNOWN
    )
    if "this file is complete" not in done.err:
        raise FailedError(f"it did not say that the file is complete: {done.err[-300:]}")
    return _known(done)


@lru_cache
def finished(stage: Stage, rows: int) -> tuple[Path, str]:
    """A run directory with a finished run of so many loans, all accepted, and the run's name."""
    stage.say(f"submitting {rows:,} loans, for a run that is finished")
    folder = stage.fresh(f"finished-{rows}")
    submitted(stage, folder, rows)
    (run,) = (path.name for path in folder.iterdir() if path.is_dir())
    with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        journal.execute("pragma wal_checkpoint(truncate)")
    return folder, run


def _copy(stage: Stage, *, reports: bool = False) -> tuple[Path, str]:
    """A copy of the finished run, with its reports or without, to be written to."""
    original, run = finished(stage, stage.sizes.finished)
    folder = stage.scratch / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder, ignore=None if reports else shutil.ignore_patterns("*.xlsx"))
    return folder, run


def _known(done: Measured) -> Readings:
    return of_clock(done) | {"known_s": done.seconds if done.said_at is None else done.said_at}
