"""LoanPro carries out requests long after the process that sent them was killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from loader.sandbox.process import SandboxProcess

from .conftest import TEMPLATE, Portfolio, Witness

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")

LATE_S, SETTLE_AFTER_S = 3, 4


@pytest.fixture
def template(tmp_path):
    """Loans alone, which the tenant would take twice."""
    whole = yaml.safe_load(TEMPLATE.read_text("utf-8"))
    (loans,) = (step for step in whole["steps"] if step["operation"] == "loans.create")
    del loans["links"]
    path = tmp_path / "loans.yaml"
    path.write_text(yaml.safe_dump(whole | {"steps": [loans]}), "utf-8")
    return path


def test_what_takes_effect_after_the_kill_is_found(loader, template, monkeypatch, tmp_path):
    """Four requests are under way when the process dies; resumed at once, it finds nothing, waits, and finds all: nothing is doubled."""
    portfolio = Portfolio(tmp_path / "late.csv", rows=4)
    assert 0 == loader("check", portfolio.path, "-t", template)[0]  # what is loaded now delays no resumed run
    monkeypatch.setenv("LOADER_SETTLE_AFTER_S", str(SETTLE_AFTER_S))
    with SandboxProcess(tmp_path / "t.sqlite", token="right", faults=f"slow=1,slow-s={LATE_S}") as late:
        monkeypatch.setenv("LOANPRO_BASE_URL", late.base_url)
        monkeypatch.setenv("LOANPRO_TENANT", late.tenant)
        command = ("submit", str(portfolio.path), "-t", str(template), "--yes")
        process = subprocess.Popen(
            [sys.executable, "-m", "loader", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while late.counts()["requests"].get("POST odata.svc/Loans", 0) < 4:
                assert process.poll() is None
                time.sleep(0.01)
        finally:
            process.kill()
            process.wait()
        assert {} == late.counts()["created"], "they are late"

        code, told = loader("resume", "--yes")
        counts, held = late.counts(), Witness(late).held(portfolio)["Loans"]

    assert (0, 4) == (code, told["outcomes"]["accepted"])
    assert ({"Loans": 4}, 4) == (counts["created"], counts["requests"]["POST odata.svc/Loans"])
    loader("report", "--format", "json", "--output", "all.json")
    found = [row["steps"][0] for row in json.loads(Path("all.json").read_text())["rows"]]
    assert {("no answer came; found in LoanPro afterwards", 1)} == {
        (step["message"], step["attempts"]) for step in found
    }
    assert list(held.values()) == [[step["remote_id"]] for step in found]
