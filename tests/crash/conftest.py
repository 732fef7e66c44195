"""A tenant that would take everything twice, a portfolio of its own for each test, and processes that die at a named point."""

import itertools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from loader.cli.app import run
from loader.sandbox.process import SandboxProcess

ROOT = Path(__file__).parents[2]
DYING = Path(__file__).with_name("dying.py")
TEMPLATE = ROOT / "bench" / "doubling.yaml"
HEADER = "Loan No,Borrower No,First Name,Last Name,Email,Street,Principal,Rate"
ROWS = 12
KEYS = {"Loans": "displayId", "Customers": "customId"}
_prefixes = (f"T{number}-" for number in itertools.count(1))


class Portfolio:
    """A file of loans with their borrowers, whose numbers no other test uses."""

    def __init__(self, path, rows=ROWS):
        self.path = path
        self.prefix = next(_prefixes)
        self.keys = {
            "Loans": [f"{self.prefix}L{n}" for n in range(1, rows + 1)],
            "Customers": [f"{self.prefix}B{n}" for n in range(1, rows + 1)],
        }
        lines = [
            f"{self.prefix}L{n},{self.prefix}B{n},Ada{n},Byron,a{n}@example.com,{n} Elm St,{1000 + n}.50,7.5%"
            for n in range(1, rows + 1)
        ]
        path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")


class Witness:
    """Asks the tenant itself what it holds."""

    def __init__(self, process):
        self.process = process

    def ids(self, entity, key):
        """Ids of all that the tenant holds under a key."""
        url = f"{self.process.base_url}odata.svc/{entity}?$filter={quote(f'{KEYS[entity]} eq ' + repr(key))}"
        headers = {
            "Authorization": f"Bearer {self.process.token}",
            "Autopal-Instance-Id": self.process.tenant,
        }
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return [found["id"] for found in json.load(answer)["d"]["results"]]

    def held(self, portfolio):
        """By entity, the ids under each key of the portfolio."""
        with ThreadPoolExecutor(24) as threads:
            return {
                entity: dict(zip(keys, threads.map(partial(self.ids, entity), keys), strict=True))
                for entity, keys in portfolio.keys.items()
            }


@pytest.fixture(scope="session")
def slow_tenant(tmp_path_factory):
    """Answers late, so that there is a moment in which a request is under way."""
    with SandboxProcess(
        tmp_path_factory.mktemp("tenant") / "t.sqlite", token="right", latency="80ms"
    ) as started:
        yield started


@pytest.fixture
def tenant(slow_tenant, monkeypatch, tmp_path):
    """The environment names the tenant, and the current folder is empty."""
    for name in os.environ:
        if name.startswith(("LOADER_", "LOANPRO_")) and name != "LOADER_SETTLE_AFTER_S":
            monkeypatch.delenv(name)
    monkeypatch.setenv("LOANPRO_TENANT", slow_tenant.tenant)
    monkeypatch.setenv("LOANPRO_TOKEN", "right")
    monkeypatch.setenv("LOANPRO_BASE_URL", slow_tenant.base_url)
    monkeypatch.setenv("LOADER_RATE", "none")
    monkeypatch.setenv("LOADER_CONCURRENCY", "4")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return slow_tenant


@pytest.fixture
def witness(tenant):
    """Who counts in the end."""
    return Witness(tenant)


@pytest.fixture
def portfolio(tmp_path):
    """Twelve loans of twelve borrowers."""
    return Portfolio(tmp_path / "loans.csv")


@pytest.fixture
def die(tenant):
    """Runs a command in a process that is killed at a point; gives back its exit code."""

    def start(point, *arguments, **environ):
        environment = {**os.environ, "DIE_AT": point, "QUICK": "1", **environ}
        return subprocess.run(
            [sys.executable, str(DYING), *map(str, arguments)],
            env=environment, check=False, timeout=120, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return start


@pytest.fixture
def loader(tenant, capsys, monkeypatch):
    """Runs a command in this process, without waiting; gives back its exit code and what it printed as JSON."""
    monkeypatch.setattr("loader.submit.settle.PAUSE_BETWEEN_LOOKS_S", 0.01)
    monkeypatch.setattr("loader.submit.attempt.backoff", lambda *_: 0.01)

    def call(*arguments):
        capsys.readouterr()
        code = run([str(argument) for argument in arguments] + ["--json"])
        return code, json.loads(capsys.readouterr().out)

    return call
