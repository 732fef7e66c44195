"""Commands in the process where that is quick, in a clean folder without settings."""

import os

import pytest
from cli.commands import ROOT, Said, sample, write

from loader.cli.app import run


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """An empty current folder, no settings of the user's own, a plain terminal of 100 columns."""
    for name in os.environ:
        if name.startswith(("LOADER_", "LOANPRO_")) and name != "LOADER_SETTLE_AFTER_S":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def loader(capsys, monkeypatch):
    """Runs a command in this process, without a pause between two looks for what may be there."""
    monkeypatch.setattr("loader.submit.settle.PAUSE_BETWEEN_LOOKS_S", 0.01)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return call


@pytest.fixture
def good():
    """A file of twelve rows without a fault."""
    return write("good.csv", sample())


@pytest.fixture
def tenant(monkeypatch):
    """Points the environment at a sandbox, as a user would at LoanPro."""

    def point(process, token="right"):
        monkeypatch.setenv("LOANPRO_TENANT", process.tenant)
        monkeypatch.setenv("LOANPRO_TOKEN", token)
        monkeypatch.setenv("LOANPRO_BASE_URL", process.base_url)
        return process

    return point
