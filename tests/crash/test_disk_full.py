"""The disk of the journal is full: the run stops cleanly, nothing is unrecorded, and it goes on when there is room again."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import TEMPLATE
from .test_killed import settled, true_outcomes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")


@pytest.mark.parametrize("point", ["checking:1", "after-intent:1", "before-finish:1"])
def test_full(die, loader, witness, portfolio, point):
    """Exit 7 and one message; what was sent is found by `resume`, or the file is submitted anew if nothing was."""
    full = die(point, "submit", portfolio.path, "-t", TEMPLATE, "--yes", DISK_FULL="1")

    assert 7 == full.returncode, full.stderr
    assert "error: the journal" in full.stderr
    assert "Traceback" not in full.stderr
    if point.startswith("checking"):
        assert 0 == loader("submit", portfolio.path, "-t", TEMPLATE, "--yes")[0]
        return
    assert settled(loader, witness, portfolio)


def test_full_again_while_resuming(die, loader, witness, portfolio):
    """Room for nothing more, once more."""
    assert (
        7
        == die("after-answer:3", "submit", portfolio.path, "-t", TEMPLATE, "--yes", DISK_FULL="1").returncode
    )
    assert 7 == die("looking-up:2", "resume", "--yes", DISK_FULL="1").returncode

    assert settled(loader, witness, portfolio)


RUNS = Path("loader-runs")
BALLAST = RUNS / "ballast"


@pytest.fixture
def small_disk(tenant):
    """The run directory is a real disk of two megabytes."""
    RUNS.mkdir()
    mount = shutil.which("mount")
    if mount is None or not sys.platform.startswith("linux"):
        pytest.skip("mounts a tmpfs, as Linux does")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", RUNS.resolve()],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield
    subprocess.run(["umount", RUNS.resolve()], check=True)


def one_message(ended, *words):
    """It told what is wrong, once, without a traceback."""
    assert 1 == ended.stderr.count("error: "), ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert [] == [word for word in words if word not in ended.stderr]
    return ended.returncode


def announced(folder):
    """By natural key, how often the journal says that its request was to be sent; read from a copy on another disk."""
    folder.mkdir()
    for part in RUNS.glob("journal.sqlite*"):
        if not part.name.endswith("-shm"):
            shutil.copy(part, folder)
    copy = sqlite3.connect(folder / "journal.sqlite")
    try:
        assert ("ok",) == copy.execute("PRAGMA integrity_check").fetchone()
        return dict(copy.execute("SELECT key, attempts FROM steps"))
    finally:
        copy.close()


def created_by(tenant):
    """How many requests that create something have arrived; look-ups need no intent."""
    counts = tenant.counts()["requests"]
    return sum(counts.get(f"POST odata.svc/{entities}", 0) for entities in ("Loans", "Customers"))


@pytest.mark.parametrize("point", ["after-intent:2", "before-outcome:2"])
def test_a_small_disk(die, loader, witness, tenant, portfolio, small_disk, tmp_path, point):
    """What the tenant was sent has its intent; with room again, `resume` ends with every loan exactly once."""
    before = created_by(tenant)
    full = die(point, "submit", portfolio.path, "-t", TEMPLATE, "--yes", BALLAST=str(BALLAST))
    requests = created_by(tenant) - before
    intents = announced(tmp_path / "copy")

    assert 7 == one_message(full, "the journal", "disk is full")
    assert 0 < requests <= sum(intents.values())
    held = [key for of_keys in witness.held(portfolio).values() for key, ids in of_keys.items() if ids]
    assert [] == [key for key in held if not intents[key]]
    assert len(held) < len(intents)
    code, told = loader("resume", "--yes")
    assert (7, True) == (code, "the journal" in told["error"])
    BALLAST.unlink()
    assert settled(loader, witness, portfolio)


def test_a_small_disk_without_room_for_the_reports(die, loader, witness, portfolio, small_disk):
    """Exit 8, the journal is whole, and the reports are written once there is room."""
    full = die("after-finish:1", "submit", portfolio.path, "-t", TEMPLATE, "--yes", BALLAST=str(BALLAST))

    assert 8 == one_message(full, "results.xlsx cannot be written", "make room on the disk", "loader report")
    assert [BALLAST] == [
        path for path in RUNS.rglob("*") if path.suffix in {".xlsx", ".part"} or path == BALLAST
    ]
    BALLAST.unlink()
    assert 0 == loader("report")[0]
    assert 1 == len(list(RUNS.glob("*/results.xlsx")))
    assert true_outcomes(loader, witness, portfolio)
