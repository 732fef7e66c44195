"""Scratch folders and the signals that come while they are made."""

import signal
import tempfile
import threading
from pathlib import Path

import pytest

from loader.scratch import ScratchFolder


@pytest.fixture
def among(tmp_path, monkeypatch):
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_with_its_block(among):
    """With all that is in it."""
    with ScratchFolder("check") as folder:
        (Path(folder) / "file").write_text("x")
        assert [Path(folder)] == list(among.glob("loader-check-*"))
    assert [] == list(among.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_is_made_leaves_nothing(among, monkeypatch, number):
    """The moment between the folder and the note that it is to be removed is over before the signal is heeded."""
    make = tempfile.mkdtemp

    def made_and_interrupted(*arguments):
        folder = make(*arguments)
        signal.raise_signal(number)
        return folder

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "mkdtemp", made_and_interrupted)
    former = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            ScratchFolder("check")
        assert interrupt is signal.getsignal(number)
    finally:
        signal.signal(number, former)

    assert [] == list(among.iterdir())


def test_other_threads_are_not_concerned(among):
    """Signals are heeded in the main thread alone, and can be set there alone."""
    made = []
    thread = threading.Thread(target=lambda: made.append(ScratchFolder("input")))
    thread.start()
    thread.join()

    assert [Path(made[0].name)] == list(among.iterdir())
    made[0].cleanup()
