"""Our start-up and our checks, each measured as a user starts it: a new process, start-up and all."""

import sys
from pathlib import Path

from bench.command import OURS, SCRIPTS, Readings, loader, of_clock, of_rows, told, work_s
from bench.measure import FailedError, measured
from bench.stage import ROOT, Stage


def help_(_stage: Stage) -> Readings:
    """`loader --help`."""
    return of_clock(measured([*loader(), "--help"], cwd=ROOT, env=OURS, look=False))


def check_ten(stage: Stage) -> Readings:
    """A check of ten rows."""
    command = [*_check(stage, stage.portfolio(10)), "-t", "portfolio"]
    return of_clock(measured(command, cwd=ROOT, env=OURS, look=False))


def check(stage: Stage) -> Readings:
    """A check of the large portfolio."""
    return _checked(stage, stage.portfolio(stage.sizes.check), stage.sizes.check)


def check_part(stage: Stage) -> Readings:
    """A check of a smaller portfolio, for its memory."""
    return _checked(stage, stage.portfolio(stage.sizes.part), stage.sizes.part, closely=True)


def check_utf16(stage: Stage) -> Readings:
    """A check of the large portfolio in UTF-16, which is transcoded."""
    return _checked(stage, stage.portfolio_utf16(stage.sizes.check), stage.sizes.check)


def check_gzip(stage: Stage) -> Readings:
    """A check of the large portfolio, packed, which is unpacked as a stream."""
    return _checked(stage, stage.portfolio_gzip(stage.sizes.check), stage.sizes.check)


def check_workbook(stage: Stage) -> Readings:
    """A check of a workbook."""
    return _checked(stage, stage.workbook(stage.sizes.workbook), stage.sizes.workbook)


def read_workbook(stage: Stage) -> Readings:
    """Our reading of a workbook alone, without start-up and check."""
    path = stage.workbook(stage.sizes.workbook)
    done = measured([sys.executable, SCRIPTS / "our_cells.py", path], cwd=ROOT, env=OURS)
    return of_rows(done, stage.sizes.workbook) | {"work_s": work_s(done)}


def _check(stage: Stage, path: Path) -> list[str | Path]:
    return [*loader(), "check", path, "--run-dir", stage.fresh("check")]


def _checked(stage: Stage, path: Path, rows: int, *, closely: bool = False) -> Readings:
    done = measured([*_check(stage, path), "-t", "portfolio", "--json"], cwd=ROOT, env=OURS, closely=closely)
    found = told(done)
    if found["outcomes"]["not_sent"] != rows:
        raise FailedError(f"not all rows are valid: {found['outcomes']}")
    return of_rows(done, rows)
