"""Our own commands, each measured as a user starts it: a new process, start-up, reports and all."""

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.measure import FailedError, Measured, measured
from bench.servers import Server
from bench.stage import ROOT, Stage

CONCURRENCY = 64
SLOW_RATE = 50
FAST_RATE = 500
_TOKEN = {"LOANPRO_TOKEN": "none"}
_STARTED_S, _BEFORE_END_S = 4.0, 1.0
_SCRIPTS = Path(__file__).with_name("scripts")

Readings = dict[str, float]


def help_(_stage: Stage) -> Readings:
    """`loader --help`."""
    return _clock(measured([*_loader(), "--help"], cwd=ROOT, look=False))


def check_ten(stage: Stage) -> Readings:
    """A check of ten rows."""
    command = [*_check(stage, stage.portfolio(10)), "-t", "portfolio"]
    return _clock(measured(command, cwd=ROOT, look=False))


def check(stage: Stage) -> Readings:
    """A check of the large portfolio."""
    return _checked(stage, stage.portfolio(stage.sizes.check), stage.sizes.check)


def check_part(stage: Stage) -> Readings:
    """A check of a smaller portfolio."""
    return _checked(stage, stage.portfolio(stage.sizes.part), stage.sizes.part)


def check_workbook(stage: Stage) -> Readings:
    """A check of a workbook."""
    return _checked(stage, stage.workbook(stage.sizes.workbook), stage.sizes.workbook)


def submit(stage: Stage) -> Readings:
    """Loans to a server that answers at once, no limit."""
    rows = stage.sizes.submit
    folder = stage.fresh("submit")
    done = _submitted(stage, folder, rows)
    (run,) = (path for path in folder.iterdir() if path.is_dir())
    if not (run / "results.xlsx").is_file():
        raise FailedError("there is no results workbook")
    journal = sum(path.stat().st_size for path in folder.glob("journal.sqlite*"))
    return _of_rows(done, rows) | {"journal_bytes": journal / rows}


def sending(stage: Stage) -> Readings:
    """The phase of sending alone, as it is."""
    return _sending(stage, "on")


def sending_without_journal(stage: Stage) -> Readings:
    """The phase of sending alone, with a journal that records no request and no answer."""
    return _sending(stage, "off")


def paced(stage: Stage) -> Readings:
    """At 50 rows a second to a server that answers after 50 ms: what it takes of a core once it is under way."""
    done = _submitted(stage, stage.fresh("paced"), stage.sizes.paced, stage.late, f"{SLOW_RATE}/s")
    end = done.looks[-1].at - _BEFORE_END_S
    return _clock(done) | {"core_share": done.share_of_a_core(_STARTED_S, end)}


def limited(stage: Stage) -> Readings:
    """At 500 rows a second to a server that answers after 50 ms, 64 in flight: the pace that the server saw."""
    rows = stage.sizes.limited
    stage.late.counted()
    done = _submitted(stage, stage.fresh("limited"), rows, stage.late, f"{FAST_RATE}/s")
    requests, seconds = stage.late.counted()
    if requests != rows:
        raise FailedError(f"{requests:,} requests for {rows:,} rows")
    return _of_rows(done, rows) | {"requests_per_s": (requests - 1) / seconds}


def report(stage: Stage) -> Readings:
    """The results workbook of a finished run, written again."""
    folder, run = finished(stage, stage.sizes.report)
    target = stage.scratch / "again.xlsx"
    done = measured(
        [*_loader(), "report", run, "--format", "xlsx", "--output", target, "--run-dir", folder], cwd=ROOT
    )
    return _of_rows(done, stage.sizes.report)


def resume_finished(stage: Stage) -> Readings:
    """`resume` of a run that is finished: it says so."""
    folder, run = finished(stage, stage.sizes.finished)
    command = [*_loader(), "resume", run, "--yes", *_target(stage.at_once), "--run-dir", folder]
    done = measured(command, cwd=ROOT, env=_TOKEN, ok=(0, 7))
    if "nothing of it is left" not in done.err:
        raise FailedError(f"it did not say that nothing is left: {done.err}")
    return _clock(done)


def resume_killed(stage: Stage) -> Readings:
    """`resume` of a run that was killed right after the last answer; reports are written."""
    folder, run = _copy(stage)
    measured(
        [sys.executable, _SCRIPTS / "as_killed.py", folder, run], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    command = [*_loader(), "resume", run, "--yes", *_target(stage.at_once), "--run-dir", folder]
    return _known(measured(command, cwd=ROOT, env=_TOKEN, waiting_for=_KNOWN))


def submit_again(stage: Stage) -> Readings:
    """`submit` of a file all of which was sent before; nothing is."""
    folder, _ = _copy(stage)
    rows = stage.sizes.finished
    command = [
        *_loader(),
        "submit",
        stage.loans(rows),
        "-t",
        "loan",
        "--yes",
        *_target(stage.at_once),
        "--run-dir",
        folder,
    ]
    done = measured(command, cwd=ROOT, env=_TOKEN, waiting_for=_KNOWN)
    if "this file is complete" not in done.err:
        raise FailedError(f"it did not say that the file is complete: {done.err[-300:]}")
    return _known(done)


@lru_cache
def finished(stage: Stage, rows: int) -> tuple[Path, str]:
    """A run directory with a finished run of so many loans, all accepted, and the run's name."""
    stage.say(f"submitting {rows:,} loans, for a run that is finished")
    folder = stage.fresh(f"finished-{rows}")
    _submitted(stage, folder, rows)
    (run,) = (path.name for path in folder.iterdir() if path.is_dir())
    with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        journal.execute("pragma wal_checkpoint(truncate)")
    return folder, run


_KNOWN = "(?i)nothing|complete"
"""What a command says once it knows that there is no more to do."""


def _loader() -> list[str | Path]:
    return [sys.executable, "-m", "loader"]


def _check(stage: Stage, path: Path) -> list[str | Path]:
    return [*_loader(), "check", path, "--run-dir", stage.fresh("check")]


def _target(server: Server) -> list[str]:
    return ["--base-url", server.url, "--tenant", "1"]


def _checked(stage: Stage, path: Path, rows: int) -> Readings:
    done = measured([*_check(stage, path), "-t", "portfolio", "--json"], cwd=ROOT)
    told = _told(done)
    if told["outcomes"]["not_sent"] != rows:
        raise FailedError(f"not all rows are valid: {told['outcomes']}")
    return _of_rows(done, rows)


def _submitted(
    stage: Stage, folder: Path, rows: int, server: Server | None = None, rate: str = "none"
) -> Measured:
    """The loans, submitted; all of them are accepted."""
    command = [*_loader(), *_submit(stage, folder, rows, server or stage.at_once, rate)]
    done = measured(command, cwd=ROOT, env=_TOKEN)
    told = _told(done)
    if told["outcomes"]["accepted"] != rows:
        raise FailedError(f"not all rows were accepted: {told['outcomes']}")
    return done


def _submit(stage: Stage, folder: Path, rows: int, server: Server, rate: str) -> list[str | Path]:
    return [
        "submit",
        stage.loans(rows),
        *("-t", "loan", "--yes", "--json", *_target(server)),
        *("--rate", rate, "--concurrency", str(CONCURRENCY), "--run-dir", folder),
    ]


def _sending(stage: Stage, journal: str) -> Readings:
    rows = stage.sizes.sending
    arguments = _submit(stage, stage.fresh("sending"), rows, stage.at_once, "none")
    command = [sys.executable, _SCRIPTS / "sending.py", journal, *arguments]
    done = measured(command, cwd=ROOT, env={**_TOKEN, "PYTHONPATH": str(ROOT)}, ok=(0, 1))
    outcomes = _told(done)["outcomes"]
    if outcomes["accepted" if journal == "on" else "not_sent"] != rows:
        raise FailedError(f"not all were sent: {outcomes}")
    (line,) = (line for line in done.err.splitlines() if line.startswith("sending="))
    seconds, cpu_s = map(float, line.removeprefix("sending=").split())
    return {"seconds": seconds, "cpu_s": cpu_s, "rows_per_s": rows / seconds, "cpu_us": cpu_s / rows * 1e6}


def _copy(stage: Stage) -> tuple[Path, str]:
    """A copy of the finished run, without its reports, to be written to."""
    original, run = finished(stage, stage.sizes.finished)
    folder = stage.scratch / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("*.xlsx"))
    return folder, run


def _told(done: Measured) -> dict[str, Any]:
    try:
        return dict(json.loads(done.out))
    except ValueError as error:
        raise FailedError(f"it printed no JSON: {done.out[:200]}") from error


def _clock(done: Measured) -> Readings:
    return {"seconds": done.seconds, "cpu_s": done.cpu_s, "peak_mb": done.memory / 1e6}


def _known(done: Measured) -> Readings:
    return _clock(done) | {"known_s": done.seconds if done.said_at is None else done.said_at}


def _of_rows(done: Measured, rows: int) -> Readings:
    return _clock(done) | {"rows_per_s": rows / done.seconds, "cpu_us": done.cpu_s / rows * 1e6}
