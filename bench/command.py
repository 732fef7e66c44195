"""How commands of ours are called, and what is taken from every command that was measured."""

import json
import sys
from pathlib import Path
from typing import Any

from bench.measure import FailedError, Measured
from bench.stage import ROOT

SCRIPTS = Path(__file__).with_name("scripts")
OURS = {"PYTHONPATH": str(ROOT), "LOANPRO_TOKEN": "none", "PYTHONDONTWRITEBYTECODE": ""}
"""Environment of our own commands; their byte code is kept, as pip makes it for whatever it installs, the peers too."""

Readings = dict[str, float]
"""What was read of one measured command, by name: `seconds`, `rows_per_s`, `cpu_us` (processor time a row), `peak_mb`, ..."""


def loader() -> list[str | Path]:
    """The command `loader`, as this working copy has it."""
    return [sys.executable, "-m", "loader"]


def target(url: str, tenant: str = "1") -> list[str]:
    """Options that name a tenant."""
    return ["--base-url", url, "--tenant", tenant]


def told(done: Measured) -> dict[str, Any]:
    """
    The JSON that a command printed.

    Raises:
        FailedError: It printed none.
    """
    try:
        return dict(json.loads(done.out))
    except ValueError as error:
        raise FailedError(f"it printed no JSON: {done.out[:200]}") from error


def of_clock(done: Measured) -> Readings:
    """Readings of a whole command."""
    return {"seconds": done.seconds, "cpu_s": done.cpu_s, "peak_mb": done.memory / 1e6}


def of_rows(done: Measured, rows: int) -> Readings:
    """Readings of a whole command, by its rows too."""
    return of_clock(done) | {"rows_per_s": rows / done.seconds, "cpu_us": done.cpu_s / rows * 1e6}


def work_s(done: Measured) -> float:
    """Seconds that a script tells of its work alone."""
    (line,) = (line for line in done.out.splitlines() if line.startswith("work="))
    return float(line.removeprefix("work="))
