"""What people would use instead, and what bounds everybody: each a process of its own, start-up and all, as ours are."""

import re
import sys
from pathlib import Path

from bench.command import SCRIPTS, Readings, of_rows, work_s
from bench.finished import finished
from bench.measure import FailedError, Measured, measured
from bench.stage import Stage
from bench.submits import CONCURRENCY

_WRK_S = 5
_PEER_WITHIN_S = 1_200
_BODY = f'{{"displayId":"L0000001","LoanSetup":{{"title":"{"x" * 440}"}}}}'  # as long as a loan's


def frictionless(stage: Stage) -> Readings:
    """frictionless `validate` with a schema, the same file."""
    return _script(
        stage, "frictionless_check.py", stage.portfolio(stage.sizes.check), rows=stage.sizes.check, own=False
    )


def pandera(stage: Stage) -> Readings:
    """pandera on pandas, the same file."""
    return _script(
        stage, "pandera_check.py", stage.portfolio(stage.sizes.check), rows=stage.sizes.check, own=False
    )


def naive_check(stage: Stage) -> Readings:
    """The naive script, a part of the rows."""
    return _script(stage, "naive.py", "check", stage.portfolio(stage.sizes.part), rows=stage.sizes.part)


def arrow(stage: Stage) -> Readings:
    """pyarrow reading the same file as text, streamed, and doing nothing with it."""
    return _script(stage, "arrow_text.py", stage.portfolio(stage.sizes.check), rows=stage.sizes.check)


def calamine(stage: Stage) -> Readings:
    """python-calamine reading the values of the same workbook and doing nothing with them."""
    rows = stage.sizes.workbook
    done = _run(stage, sys.executable, SCRIPTS / "calamine_values.py", stage.workbook(rows))
    return of_rows(done, rows) | {"work_s": work_s(done)}


def xlsxwriter(stage: Stage) -> Readings:
    """xlsxwriter in constant memory writing the same cells by their type."""
    rows = stage.sizes.report
    return _script(stage, "xlsxwriter_cells.py", _cells(stage), stage.scratch / "alone.xlsx", rows=rows)


def naive_submit(stage: Stage) -> Readings:
    """The naive script, a part of the rows."""
    rows = stage.sizes.naive
    return _script(stage, "naive.py", "submit", stage.loans(rows), stage.at_once.url, rows=rows)


def by_hand(stage: Stage) -> Readings:
    """The good script."""
    rows = stage.sizes.submit
    results = stage.scratch / "by_hand.csv"
    return _script(stage, "by_hand.py", stage.loans(rows), stage.at_once.url, results, rows=rows)


def newman(stage: Stage) -> Readings:
    """newman with the rows as iterations, a part of them."""
    rows = stage.sizes.newman
    options = ["-d", stage.prepared(rows), "--env-var", f"url={stage.at_once.url}", "--silent"]
    return of_rows(_run(stage, *stage.peers.newman, "run", SCRIPTS / "newman.json", *options), rows)


def k6(stage: Stage) -> Readings:
    """k6 with the rows from the file."""
    rows = stage.sizes.submit
    values = {"FILE": stage.prepared(rows), "ROWS": rows, "URL": stage.at_once.url}
    options = [part for name, value in values.items() for part in ("-e", f"{name}={value}")]
    return of_rows(_run(stage, stage.peers.k6, "run", "--quiet", *options, SCRIPTS / "k6.js"), rows)


def wrk(stage: Stage) -> Readings:
    """wrk sending the same body again and again."""
    options = ["-t", "1", "-c", CONCURRENCY, "-d", f"{_WRK_S}s", "-s", SCRIPTS / "post.lua"]
    done = _run(stage, stage.peers.program("wrk"), *options, stage.at_once.url)
    requests = re.search(r"(\d+) requests in ([\d.]+)s", done.out)
    if requests is None or "Non-2xx" in done.out:
        raise FailedError(f"wrk: {done.out[-300:]}")
    return {"rows_per_s": int(requests[1]) / float(requests[2]), "seconds": done.seconds, "cpu_s": done.cpu_s}


def curl(stage: Stage) -> Readings:
    """curl sending the same body again and again, in one process."""
    rows = stage.sizes.submit
    options = ["--silent", "--parallel", "--parallel-max", CONCURRENCY, "--output", "/dev/null"]
    body = ["--header", "Content-Type: application/json", "--data", _BODY]
    return of_rows(
        _run(stage, stage.peers.program("curl"), *options, *body, f"{stage.at_once.url}Loans?n=[1-{rows}]"),
        rows,
    )


def _cells(stage: Stage) -> Path:
    """The cells of our results workbook, row by row, for another writer."""
    folder, run = finished(stage, stage.sizes.report)
    cells = stage.scratch / "cells.pickle"
    if not cells.is_file():
        _script(stage, "cells_of.py", folder / run / "results.xlsx", cells, rows=1)
    return cells


def _script(stage: Stage, name: str, *arguments: object, rows: int, own: bool = True) -> Readings:
    """A script of ours over somebody's library: in our own environment, or in that of the peers."""
    python = sys.executable if own else stage.peers.python
    return of_rows(_run(stage, python, SCRIPTS / name, *arguments), rows)


def _run(stage: Stage, *command: object) -> Measured:
    return measured([str(part) for part in command], cwd=stage.scratch, within_s=_PEER_WITHIN_S)
