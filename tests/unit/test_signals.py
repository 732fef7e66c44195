"""Ctrl-C is never lost."""

import signal
import sys
import threading

import pytest

from loader.signals import interruptions_kept, interrupts_held


class Cleared:
    """Does something while it is cleared away, where Python can but drop what is raised."""

    def __init__(self, do):
        self._do = do

    def __del__(self):
        self._do()


def lose_one():
    """Be interrupted where Python drops it, and go on."""
    Cleared(lambda: signal.raise_signal(signal.SIGINT))
    threading.Event().wait(20)


def test_an_interruption_that_python_drops_comes_again():
    with interruptions_kept(), pytest.raises(KeyboardInterrupt):
        lose_one()


def test_other_failures_that_python_drops_are_told_as_ever(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(str(lost.exc_value)))
    with interruptions_kept():
        Cleared(lambda: [].remove("it"))

    assert ["list.remove(x): x not in list"] == told
    with interruptions_kept(), pytest.raises(KeyboardInterrupt):
        lose_one()
    assert 1 == len(told)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="systems without masks hold nothing")
def test_an_interruption_that_is_held_comes_after_the_block():
    passed = []

    def interrupted():
        with interrupts_held():
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            passed.append("still in the block")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ["still in the block"] == passed
