"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True)
def _soon_settled(monkeypatch):
    """Our own tenants work on a request for a moment at most: a lost answer is settled without a minute's wait."""
    monkeypatch.setenv("LOADER_SETTLE_AFTER_S", "0.5")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch, tmp_path_factory):
    """Tests that run side by side do not take each other for a second sender."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
