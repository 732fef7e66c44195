"""Our submits, each measured as a user starts it: start-up, check, sending, journal and reports. All rows must be accepted."""

import json
import sys
from datetime import datetime
from pathlib import Path

from bench.command import OURS, SCRIPTS, Readings, loader, of_clock, of_rows, target, told
from bench.measure import FailedError, Measured, measured
from bench.stage import ROOT, Stage
from loader.sandbox.process import SandboxProcess

CONCURRENCY = 64
SLOW_RATE = 50
FAST_RATE = 500
_STARTED_S, _BEFORE_END_S = 4.0, 1.0


def submit(stage: Stage) -> Readings:
    """Loans to a server that answers at once, no limit."""
    rows = stage.sizes.submit
    folder = stage.fresh("submit")
    done = submitted(stage, folder, rows)
    (run,) = (path for path in folder.iterdir() if path.is_dir())
    if not (run / "results.xlsx").is_file():
        raise FailedError("there is no results workbook")
    journal = sum(path.stat().st_size for path in folder.glob("journal.sqlite*"))
    return of_rows(done, rows) | {"journal_bytes": journal / rows}


def sending(stage: Stage) -> Readings:
    """The phase of sending alone, as it is."""
    return _sending(stage, "on")


def sending_without_journal(stage: Stage) -> Readings:
    """The phase of sending alone, with a journal that records no request and no answer."""
    return _sending(stage, "off")


def paced(stage: Stage) -> Readings:
    """
    At 50 rows a second to a tenant that answers after 20 to 200 ms and refuses what comes faster, in any window of a second.

    What it takes of a core once it is under way, the pace between the first request and the last, and what was refused (429).
    """
    rows, folder, rate = stage.sizes.paced, stage.fresh("paced"), f"{SLOW_RATE}/s"
    answers = folder / "answers.json"
    with SandboxProcess(folder / "tenant.sqlite", throttle=rate, latency="20-200ms") as tenant:
        done = submitted(
            stage, folder / "runs", rows, tenant.base_url, rate, tenant=tenant.tenant, token=tenant.token
        )
        refused = tenant.counts()["answers"].get("429", 0)
    write = [*loader(), "report", "--format", "json", "--output", answers, "--run-dir", folder / "runs"]
    measured(write, cwd=ROOT, look=False)
    steps = [step for row in json.loads(answers.read_bytes())["rows"] for step in row["steps"]]
    sent = sorted(datetime.fromisoformat(step["sent_at"]) for step in steps)
    under_way = done.share_of_a_core(_STARTED_S, done.looks[-1].at - _BEFORE_END_S)
    pace = (len(sent) - 1) / (sent[-1] - sent[0]).total_seconds()
    return of_clock(done) | {"core_share": under_way, "requests_per_s": pace, "refused": refused}


def limited(stage: Stage) -> Readings:
    """At 500 rows a second to a server that answers after 50 ms, 64 in flight: the pace that the server saw."""
    rows = stage.sizes.limited
    stage.late.counted()
    done = submitted(stage, stage.fresh("limited"), rows, stage.late.url, f"{FAST_RATE}/s")
    requests, seconds = stage.late.counted()
    if requests != rows:
        raise FailedError(f"{requests:,} requests for {rows:,} rows")
    return of_rows(done, rows) | {"requests_per_s": (requests - 1) / seconds}


def submitted(
    stage: Stage,
    folder: Path,
    rows: int,
    url: str = "",
    rate: str = "none",
    *,
    tenant: str = "1",
    token: str = "none",
) -> Measured:
    """The loans, submitted; all of them are accepted."""
    command = [*loader(), *_submit(stage, folder, rows, url or stage.at_once.url, rate, tenant)]
    done = measured(command, cwd=ROOT, env={**OURS, "LOANPRO_TOKEN": token})
    found = told(done)
    if found["outcomes"]["accepted"] != rows:
        raise FailedError(f"not all rows were accepted: {found['outcomes']}")
    return done


def _submit(
    stage: Stage, folder: Path, rows: int, url: str, rate: str = "none", tenant: str = "1"
) -> list[str | Path]:
    return [
        "submit",
        stage.loans(rows),
        *("-t", "loan", "--yes", "--json", *target(url, tenant)),
        *("--rate", rate, "--concurrency", str(CONCURRENCY), "--run-dir", folder),
    ]


def _sending(stage: Stage, journal: str) -> Readings:
    rows = stage.sizes.sending
    arguments = _submit(stage, stage.fresh("sending"), rows, stage.at_once.url)
    command = [sys.executable, SCRIPTS / "sending.py", journal, *arguments]
    done = measured(command, cwd=ROOT, env=OURS, ok=(0, 1))
    outcomes = told(done)["outcomes"]
    if outcomes["accepted" if journal == "on" else "not_sent"] != rows:
        raise FailedError(f"not all were sent: {outcomes}")
    (line,) = (line for line in done.err.splitlines() if line.startswith("sending="))
    seconds, cpu_s = map(float, line.removeprefix("sending=").split())
    return {"seconds": seconds, "cpu_s": cpu_s, "rows_per_s": rows / seconds, "cpu_us": cpu_s / rows * 1e6}
