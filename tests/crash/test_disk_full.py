"""The disk of the journal is full: the run stops cleanly, nothing is unrecorded, and it goes on when there is room again."""

import sys

import pytest

from .conftest import TEMPLATE
from .test_killed import settled

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
