"""What a person sees: help, tables and progress, on terminals of several widths and on none."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from cli.commands import CONTROL, changed, sample, write
from rich.console import Console

from loader.cli.app import _COMMANDS
from loader.cli.console import Terminal
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
        assert "Tenant" not in header or " at sandbox" in said.out

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


def test_a_complete_file_says_so_before_its_workbook_is_written_again(loader):
    """What it came to and that it is complete, each once and in this order; then the workbook. As JSON it is one document."""
    write("loans.csv", sample(3))
    arguments = ("submit", "loans.csv", "-t", "portfolio", "--sandbox", "--yes", "--json")
    first = loader(*arguments)
    (workbook,) = first.json["written"]
    Path(workbook).unlink()
    said = loader(*arguments)

    places = [
        said.err.index(words)
        for words in ("What to do", "Control totals", "this file is complete", f"wrote {workbook}")
    ]
    assert sorted(places) == places
    assert [1, 1] == [said.err.count(words) for words in ("What to do", "this file is complete")]
    assert first.json == said.json
    assert 0 == said.code


def test_nothing_is_sent_while_rows_are_invalid(loader):
    """`--on-invalid stop` shows plan, problems and issues, and says both ways on."""
    write("loans.csv", changed(sample(3), 1, "Principal", "abc"))
    arguments = ("loans.csv", "-t", "portfolio", "--sandbox", "--yes", "--on-invalid", "stop")
    said = loader("submit", *arguments, "--json")

    assert 1 == said.code == said.json["exit_code"]
    assert {"invalid": 1, "not_sent": 2} == {name: n for name, n in said.json["outcomes"].items() if n}
    assert "Plan of run" in said.err
    assert '"abc" is not an' in said.err
    assert "mend the rows and submit the file again, or send the others with: loader resume" in said.err


def test_fields_can_be_copied(loader, monkeypatch):
    """On a narrow terminal too, no path and no value is broken."""
    monkeypatch.setenv("COLUMNS", "40")
    said = loader("fields", "loan", "--find", "frequency")

    assert "loan: 1 field\n" in said.out
    assert "\nLoanSetup.paymentFrequency\n" in said.out
    assert "\n      loan.frequency.semimonthly\n" in said.out


def test_the_template_tells_what_it_does_not_use(loader):
    """`template check --file` names the columns that stay behind."""
    write("loans.csv", [[*row, "x" if number else "Remarks"] for number, row in enumerate(sample(2))])
    said = loader("template", "check", "portfolio", "--file", "loans.csv")

    assert 0 == said.code
    assert "fits loans.csv" in said.out
    assert "does not use: Remarks (W)" in said.out


@pytest.mark.skipif(sys.platform == "win32", reason="opens a pseudo-terminal")
@pytest.mark.parametrize("colours", [True, False])
def test_a_terminal_is_left_as_it_was(monkeypatch, colours):
    """The cursor is shown again; NO_COLOR is respected."""
    write("loans.csv", sample(20))
    monkeypatch.setenv("TERM", "xterm")
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    shown = on_terminal("check", "loans.csv", "-t", "portfolio")

    assert "20 rows" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0
    assert colours == bool(re.search(r"\x1b\[[\d;]*3\dm", shown))


def test_a_failure_shows_the_cursor_again(monkeypatch):
    """Whatever ends a command in the middle of its progress line."""
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen(80, terminal=True)
    monkeypatch.setattr("loader.cli.console.Console", lambda **_: screen.console)
    with suppress(KeyboardInterrupt), Terminal(as_json=False, yes=True) as terminal:
        terminal.reading(5)
        raise KeyboardInterrupt

    assert 1 == screen.text.count("\x1b[?25l") == screen.text.count("\x1b[?25h")


def on_terminal(*arguments):
    """What a command writes to a terminal of its own."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", *arguments], stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # the other end is closed when the process has ended
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    process.wait(20)
    return shown.decode()


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
        progress.show(done, lambda done=done: f"accepted {done}")
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
    progress.show(123400, lambda: "accepted 123,000  held 400  not sent 56")
    progress.close()

    for part in ("sending", "123,400/123,456", "95/s", "accepted 123,000  held 400  not sent 56"):
        assert part in screen.text
