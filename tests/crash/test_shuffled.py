"""Answers that come back in any order belong to their rows."""

import csv
import json
from decimal import Decimal

import pytest

from loader.cli.app import run
from loader.sandbox.process import SandboxProcess
from loader.sandbox.store import Store

from .conftest import TEMPLATE, Portfolio

ROWS = 90
NOT_COMPARED = {"remote_id", "sent_at", "elapsed_ms"}


@pytest.fixture
def submitted(tmp_path, tenant, monkeypatch, capsys):
    """Submits the file to a fresh tenant of random latencies; gives the rows of the report and what the tenant holds."""

    def call(path, concurrency):
        folder = tmp_path / str(concurrency)
        folder.mkdir()
        with SandboxProcess(folder / "t.sqlite", token="right", latency="1-30ms") as process:
            monkeypatch.setenv("LOANPRO_BASE_URL", process.base_url)
            monkeypatch.setenv("LOANPRO_TENANT", process.tenant)
            at = ["--run-dir", str(folder / "runs")]
            sent = ["--concurrency", str(concurrency), "--yes", *at]
            assert 0 == run(["submit", str(path), "-t", str(TEMPLATE), *sent])
        assert 0 == run(["report", "--format", "json", "--output", str(folder / "r.json"), *at])
        capsys.readouterr()
        store = Store(folder / "t.sqlite")
        held = {
            entity["id"]: entity for group in ("customers", "loans") for entity in store.bodies(group, "")
        }
        linked = {loan: store.links(loan, "Customers") for loan in held}
        store.close()
        return json.loads((folder / "r.json").read_text())["rows"], held, linked

    return call


def without_chance(rows):
    """The rows without what differs from run to run."""
    return [
        {**row, "steps": [{n: v for n, v in step.items() if n not in NOT_COMPARED} for step in row["steps"]]}
        for row in rows
    ]


def test_no_answer_is_swapped(submitted, tmp_path):
    """At concurrency 64 every row has the id of the loan with its own number, amount and borrower; as at concurrency 1."""
    path = Portfolio(tmp_path / "loans.csv", ROWS).path
    with path.open(newline="") as file:
        wanted = list(csv.DictReader(file))
    at_once, held, linked = submitted(path, 64)
    one_by_one, _, _ = submitted(path, 1)

    assert without_chance(one_by_one) == without_chance(at_once)
    assert ROWS == len(at_once)
    for row, source in zip(at_once, wanted, strict=True):
        loan = held[row["steps"][1]["remote_id"]]
        ((borrower, _),) = linked[loan["id"]]
        assert source["Loan No"] == loan["displayId"]
        assert Decimal(source["Principal"]) == Decimal(loan["LoanSetup"]["loanAmount"])
        assert (source["Borrower No"], source["First Name"]) == (
            held[borrower]["customId"],
            held[borrower]["firstName"],
        )
