"""The parts of the benchmark suite: its files are valid and repeatable, its arithmetic is right, what is missing is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.__main__ import take, to_take
from bench.data import (
    LOANS,
    PORTFOLIO,
    loans,
    portfolio,
    write_loans,
    write_portfolio,
    write_prepared,
    write_workbook,
)
from bench.figures import CASES, FAST, LIMITS, Bound, Figure, Taken, figures, judge
from bench.measure import FailedError, measured
from bench.peers import MissingError, Peers
from bench.servers import after
from bench.stage import QUICK, Sizes
from bench.table import as_json, print_tables
from loader.cli.app import run

ROOT = Path(__file__).parents[3]
AT_LEAST_THREE = Figure(
    "check", "ours by theirs", "check", "rows_per_s", Bound(at_least=True, number=3), "naive_check"
)


def test_files_are_the_same_whenever_they_are_made():
    assert list(portfolio(50)) == list(portfolio(50))
    assert list(portfolio(50))[:20] == list(portfolio(20))
    assert list(loans(50)) == list(loans(50))


def test_files_have_the_columns_that_are_told():
    assert {len(row) for row in portfolio(100)} == {len(PORTFOLIO)} == {30}
    assert {len(row) for row in loans(100)} == {len(LOANS)}


@pytest.mark.parametrize(
    ("name", "write", "template"),
    [
        ("portfolio.csv", write_portfolio, "portfolio"),
        ("portfolio.csv.gz", write_portfolio, "portfolio"),
        ("portfolio.xlsx", write_workbook, "portfolio"),
        ("loans.csv", write_loans, "loan"),
    ],
)
def test_every_row_is_valid_and_no_rule_speaks(name, write, template, tmp_path, capsys):
    """A file with warnings would measure something else."""
    write(tmp_path / name, 300)

    assert (
        run(["check", str(tmp_path / name), "-t", template, "--json", "--run-dir", str(tmp_path / "runs")])
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["outcomes"]["not_sent"] == 300
    assert told["rules"] == []


def test_peers_that_cannot_map_get_the_same_loans_in_loanpros_words(tmp_path):
    write_prepared(tmp_path / "prepared.csv", 20)
    _, *lines = (tmp_path / "prepared.csv").read_text().splitlines()

    assert [line.split(",")[0] for line in lines] == [row[0] for row in loans(20)]
    assert all(line.split(",")[2].startswith("loan.class.") for line in lines)


def test_a_figure_is_judged_by_medians():
    taken = {
        "check": Taken([{"rows_per_s": 90.0}, {"rows_per_s": 10.0}, {"rows_per_s": 100.0}]),
        "naive_check": Taken([{"rows_per_s": 30.0}, {"rows_per_s": 29.0}, {"rows_per_s": 31.0}]),
    }

    judged = judge(AT_LEAST_THREE, taken)
    assert (judged.ours, judged.beside, judged.ratio, judged.met) == (90.0, 30.0, 3.0, True)


def test_a_ratio_is_told_by_processor_time_too():
    """On a machine that does other work it is the one to look at."""
    taken = {
        "check": Taken([{"rows_per_s": 50.0, "cpu_us": 10.0}]),
        "naive_check": Taken([{"rows_per_s": 25.0, "cpu_us": 60.0}]),
    }

    assert judge(AT_LEAST_THREE, taken).worked == 6


@pytest.mark.parametrize(
    ("at_least", "value", "met"),
    [(True, 2.99, False), (True, 3, True), (False, 3, True), (False, 3.01, False)],
)
def test_a_bound_is_kept_on_its_own_side(at_least, value, met):
    assert Bound(at_least, 3).met_by(value) is met


def test_what_is_not_there_is_told_and_judges_nothing():
    taken = {"check": Taken([{"rows_per_s": 90.0}]), "naive_check": Taken(missing="no registry")}

    judged = judge(AT_LEAST_THREE, taken)
    assert (judged.ours, judged.met) == (90.0, None)
    assert "no registry" in judged.why


def test_what_fails_of_ours_keeps_no_bound():
    taken = {"check": Taken(failed="exit code 10"), "naive_check": Taken([{"rows_per_s": 1.0}])}

    judged = judge(AT_LEAST_THREE, taken)
    assert judged.met is False
    assert "exit code 10" in judged.why


def test_commands_run_in_turns_and_what_is_missing_is_run_once(monkeypatch):
    calls = []

    def missing(_stage):
        calls.append("theirs")
        raise MissingError("nobody is at home")

    monkeypatch.setitem(
        CASES, "check", lambda _stage: calls.append("ours") or {"rows_per_s": 1.0, "seconds": 1.0}
    )
    monkeypatch.setitem(CASES, "naive_check", missing)
    taken = to_take([AT_LEAST_THREE], [])
    take(None, taken, 3, Console(quiet=True))

    assert calls == ["ours", "theirs", "ours", "ours"]
    assert taken["naive_check"].missing == "nobody is at home"


def test_every_figure_names_commands_that_there_are():
    for figure in figures(Sizes()):
        assert figure.case in CASES
        assert figure.beside in {"", *CASES, *LIMITS}


def test_the_table_shows_every_figure_and_why_one_is_open(capsys):
    wanted = figures(QUICK)
    taken = {name: Taken(missing="not today") for name in CASES} | {
        name: Taken([{"requests_per_s": rate}]) for name, rate in LIMITS.items()
    }
    taken["limited"] = Taken([{"requests_per_s": 499.0, "seconds": 6.0, "cpu_s": 1.0}])
    judged = [judge(figure, taken) for figure in wanted]
    print_tables(Console(width=200), judged, taken, {"machine": "this one"})

    shown = capsys.readouterr().out
    assert all(figure.what.strip() in shown for figure in wanted)
    assert "frictionless: not there, not today" in shown
    (line,) = (line for line in shown.splitlines() if "latency 50 ms" in line)
    assert "499 requests/s" in line
    assert "yes" in line
    written = json.loads(as_json(judged, taken, QUICK, {"machine": "this one"}))
    (entry,) = (entry for entry in written["figures"] if entry["beside"] == FAST)
    assert (entry["met"], entry["ratio"]) == (True, 499 / 500)


def test_a_command_is_measured_whole(tmp_path):
    """Processor time of children counts; the moment of a word is told."""
    work = "import sys; sum(range(3_000_000)); print('so far', file=sys.stderr, flush=True); print('done')"
    command = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    done = measured([sys.executable, "-c", command], cwd=tmp_path, waiting_for="so far")

    assert done.out == "done\n"
    assert done.err == "so far\n"
    assert 0 < done.said_at <= done.seconds
    assert done.cpu_s > 0.03
    assert done.memory > 1_000_000


def test_a_command_that_fails_is_no_figure(tmp_path):
    with pytest.raises(FailedError, match=r"exit code 3: it was me"):
        measured(
            [sys.executable, "-c", "import sys; print('it was me', file=sys.stderr); sys.exit(3)"],
            cwd=tmp_path,
        )


def test_a_command_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(FailedError, match="ended after"):
        measured(
            [sys.executable, "-c", "while True: pass"],
            cwd=tmp_path,
            within_s=0.2,
        )


def test_a_program_that_is_not_there_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    peers = Peers(tmp_path, lambda _text: None)

    with pytest.raises(MissingError, match="node is not installed"):
        assert peers.newman
    with pytest.raises(MissingError, match="wrk is not installed"):
        peers.program("wrk")


def test_what_cannot_be_installed_is_missing_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python-that-went"))

    with pytest.raises(MissingError, match=r"python-that-went could not install it: .*No such file"):
        assert Peers(tmp_path, lambda _text: None).python


def test_the_journal_can_be_left_out_of_sending(tmp_path):
    """All is sent without it; nothing is recorded, so that nothing has an outcome."""
    write_loans(tmp_path / "loans.csv", 30)
    with after(0) as server:
        ended = subprocess.run(
            [
                *(sys.executable, ROOT / "bench" / "scripts" / "sending.py", "off", "submit", tmp_path / "loans.csv"),
                *("-t", "loan", "--yes", "--json", "--base-url", server.url, "--tenant", "1", "--rate", "none"),
                *("--run-dir", tmp_path / "runs"),
            ],
            env={**os.environ, "LOANPRO_TOKEN": "none", "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        requests, _ = server.counted()

    assert requests == 30
    assert json.loads(ended.stdout)["outcomes"]["not_sent"] == 30
    assert "sending=" in ended.stderr
