"""What a person sees: help, tables and progress, on terminals of several widths and on none."""

import re

import pytest
from cli.commands import CONTROL, sample, write
from rich.console import Console

from loader.cli.app import _COMMANDS
from loader.cli.progress import Progress

SUBCOMMANDS = [
    (),
    *((name,) for name in _COMMANDS),
    *(("template", name) for name in ("list", "show", "check")),
]
LONG = "a-portfolio-with-a-rather-long-name-of-its-own"


class Screen:
    """A console whose text can be read back."""

    def __init__(self, width, *, terminal):
        self.console = Console(
            width=width, force_terminal=terminal, record=True, file=self, color_system=None
        )
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize("command", SUBCOMMANDS, ids=" ".join)
def test_help_fits_80_columns_and_its_example_stands_on_one_line(loader, monkeypatch, command):
    """An example can be copied whole."""
    monkeypatch.setenv("COLUMNS", "80")
    said = loader(*command, "--help")
    lines = [line.rstrip() for line in said.out.splitlines()]
    example = lines[lines.index(" Example:") + 1]

    assert 0 == said.code
    assert max(map(len, lines)) <= 80
    assert example.startswith("     loader ")
    assert "" == lines[lines.index(" Example:") + 2], "the example is one line"


def test_names_of_runs_are_never_broken(loader, monkeypatch):
    """On a narrow terminal other columns are left out; without a terminal all are shown."""
    write(f"{LONG}.csv", sample(1))
    loader("submit", f"{LONG}.csv", "-t", "portfolio", "--sandbox", "--yes")
    name = loader("runs", "--json").json[0]["run"]
    for width, last in ((60, "Run"), (80, "Outcomes"), (100, "Outcomes"), (200, "Source")):
        monkeypatch.setenv("COLUMNS", str(width))
        said = loader("runs")
        header = next(line for line in said.out.splitlines() if " Run" in line)

        assert name in said.out
        assert not CONTROL.search(said.out)
        assert max(map(len, said.out.splitlines())) <= width
        assert header.rstrip().endswith(last)

    monkeypatch.delenv("COLUMNS")
    assert f"{LONG}.csv" in loader("runs").out


def test_tenant_and_host_stand_before_the_question(loader, good, monkeypatch):
    """The plan and the question both name where it goes; the answer no sends nothing."""
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question))
    monkeypatch.setenv("LOANPRO_TENANT", "123")
    monkeypatch.setenv("LOANPRO_TOKEN", "x")
    said = loader("submit", good, "-t", "portfolio", "--base-url", "http://127.0.0.1:9/")

    assert ["Send 23 requests to tenant 123 at 127.0.0.1:9?"] == asked
    assert re.search(r"Tenant +123 at 127\.0\.0\.1:9", said.err)
    assert 130 == said.code
    assert "not confirmed" in said.err
    assert "carry on with: loader resume" in said.err


def test_no_control_codes_without_a_terminal(loader, good):
    """Output that goes to a file is plain text."""
    said = loader("submit", good, "-t", "portfolio", "--sandbox", "--yes", "--rate", "none")
    assert not CONTROL.search(said.out + said.err)
    assert "" == said.out


def test_progress_without_a_terminal_is_a_line_now_and_then(monkeypatch):
    """A line every ten seconds, with pace, time left and outcomes; no control codes."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    screen = Screen(80, terminal=False)
    progress = Progress(screen.console, "sending", 1000, live=False)
    for done in range(1, 301):
        now[0] = done / 10
        progress.show(done, f"accepted {done}")
    progress.close()

    assert 2 <= len(screen.text.splitlines()) <= 3
    assert "sending: 100 of 1,000, 10.0/s, 90 s left, accepted 100" in screen.text.replace("2 min", "90 s")
    assert not CONTROL.search(screen.text)


@pytest.mark.parametrize("width", [80, 120])
def test_the_progress_bar_keeps_its_figures_on_a_narrow_terminal(monkeypatch, width):
    """The bar gives way first."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    screen = Screen(width, terminal=True)
    progress = Progress(screen.console, "sending", 123456, live=True)
    now[0] = 1300.0
    progress.show(123400, "accepted 123,000  held 400  not sent 56")
    progress.close()

    for part in ("sending", "123,400/123,456", "95/s", "accepted 123,000  held 400  not sent 56"):
        assert part in screen.text
