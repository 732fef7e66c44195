"""What a killed process was writing is removed by the next; what a living one writes, and what a user has, stays."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loader.report import aside
from loader.report.aside import folder_aside, sweep
from loader.report.publish import published

ROOT = Path(__file__).parents[3]
WRITES_FOR_EVER = """
import sys, time
from pathlib import Path
from loader.report.publish import published
with published(Path(sys.argv[1]), private=True) as path:
    path.write_text("Ada's number")
    print(path, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def writing(tmp_path):
    """A process in the middle of a report, and the file that it writes."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_FOR_EVER, str(tmp_path / "rejected.xlsx")],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_killed_process_is_swept_and_a_living_one_is_not(tmp_path, writing):
    """The next report beside it removes what was left, and nothing before its writer is dead."""
    process, half = writing
    with published(tmp_path / "results.xlsx"):
        assert "Ada's number" == half.read_text()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert half.exists()
    with published(tmp_path / "results.xlsx"):
        assert not half.parent.exists()

    assert ["results.xlsx"] == [path.name for path in tmp_path.iterdir()]


def test_a_users_own_files_stay(tmp_path):
    """Whatever they are called: only a folder that holds our lock, or nothing, is ours."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".loader-12345678.part").mkdir(parents=True)
    (elsewhere / ".loader-12345678.part" / ".lock").write_text("")
    folder = tmp_path / "reports"
    (folder / ".loader-abcdefgh.part").mkdir(parents=True)
    (folder / ".loader-abcdefgh.part" / "mine.xlsx").write_text("mine")
    (folder / ".loader-notes.part").mkdir()
    (folder / ".loader-bbbbbbbb.part").write_text("a file")
    (folder / ".loader-cccccccc.part").symlink_to(elsewhere / ".loader-12345678.part")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    sweep(folder)

    assert before == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))


def test_one_that_died_before_it_had_its_lock_is_swept(tmp_path):
    """An empty folder of our name."""
    (tmp_path / ".loader-abcdefgh.part").mkdir()
    sweep(tmp_path)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_sweep_between_making_and_locking_leaves_a_private_folder(tmp_path, monkeypatch):
    """The lock makes the folder again; it is as private as the first."""
    made = aside.mkdtemp

    def swept_at_once(**options):
        folder = made(**options)
        sweep(tmp_path)
        return folder

    monkeypatch.setattr(aside, "mkdtemp", swept_at_once)
    with folder_aside(tmp_path) as folder:
        assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
        sweep(tmp_path)
        assert folder.is_dir()
    assert [] == list(tmp_path.iterdir())


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    """A report can be written there, and nobody takes its folder away."""

    def no_lock(self, **options):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(aside.FileLock, "acquire", no_lock)
    with folder_aside(tmp_path) as folder:
        (folder / "half").write_text("")
        sweep(tmp_path)
        assert folder.is_dir()
    assert [] == list(tmp_path.iterdir())
