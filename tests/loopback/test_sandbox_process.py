"""The tenant in a process of its own: how it starts, how it ends, and what outlives it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import httpx
import pytest
from click.testing import CliRunner

from loader.errors import ServiceError, UsageError
from loader.sandbox.process import SandboxProcess


def post(sandbox, body):
    headers = {"Authorization": f"Bearer {sandbox.token}", "Autopal-Instance-Id": sandbox.tenant}
    return httpx.post(f"{sandbox.base_url}odata.svc/Loans", json=body, headers=headers)


def test_it_serves_within_the_block_and_remembers_afterwards(tmp_path, payload):
    """Base URL, tenant, token and uuid are told; a second process on the file finds the same tenant and loan."""
    file = tmp_path / "tenant.sqlite"
    with SandboxProcess(file, token="given") as sandbox:
        assert sandbox.base_url.startswith("http://127.0.0.1:")
        assert sandbox.base_url.endswith("/api/public/api/1/")
        assert sandbox.token == "given"
        assert post(sandbox, payload("L1")).status_code == 200
        assert sandbox.counts()["created"] == {"Loans": 1}
        identity = (sandbox.tenant, sandbox.uuid)
    assert not sandbox.alive
    assert sandbox.log.read_text() == ""
    with SandboxProcess(file) as again:
        assert (again.tenant, again.uuid) == identity
        assert again.total("Loans", "LoanSetup.loanAmount") == {
            "entity": "Loans",
            "field": "LoanSetup.loanAmount",
            "sum": "12000.00",
            "count": 1,
        }


def test_what_was_answered_survives_a_kill(tmp_path, payload):
    """An answer comes after its commit: a killed tenant comes back at its address with all that it confirmed."""
    with SandboxProcess(tmp_path / "tenant.sqlite") as sandbox:
        for number in range(20):
            assert post(sandbox, payload(f"L{number}")).status_code == 200
        before = (sandbox.base_url, sandbox.uuid)
        sandbox.kill()
        assert not sandbox.alive
        sandbox.start()
        assert (sandbox.base_url, sandbox.uuid) == before
        assert sandbox.total("Loans", "LoanSetup.loanAmount")["count"] == 20


@pytest.mark.skipif(os.name != "posix", reason="kill -9 and sessions are of POSIX")
def test_it_ends_when_its_parent_is_killed(tmp_path):
    """Even -9 closes the pipe; and the child sits in a session of its own, out of reach of Ctrl-C."""
    code = (
        "import sys, time; from pathlib import Path; from loader.sandbox.process import SandboxProcess\n"
        "with SandboxProcess(Path(sys.argv[1])) as s:\n    print(s.pid, s.base_url, flush=True); time.sleep(60)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "tenant.sqlite")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as parent:
        child, base_url = parent.stdout.readline().split()
        assert os.getsid(int(child)) == int(child) != os.getsid(parent.pid)
        port = urlsplit(base_url).port
        assert _listens(port)
        parent.kill()
    until = time.monotonic() + 5
    while _listens(port) and time.monotonic() < until:
        pass
    assert not _listens(port)


def _listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_child_that_cannot_start_says_why(tmp_path):
    """The failure quotes the child's own words and says where its log is."""
    (tmp_path / "mine.sqlite").write_text("my shopping list, of no use as a tenant" * 50)
    with pytest.raises(ServiceError, match="not a sandbox tenant") as caught:
        SandboxProcess(tmp_path / "mine.sqlite").start()
    assert "mine.sqlite.log" in caught.value.hint


def test_a_slip_in_an_option_is_told_before_anything_starts(tmp_path):
    """Wrong usage, not a service that failed; and no file is made."""
    with pytest.raises(UsageError, match="there is no fault 'colour'"):
        SandboxProcess(tmp_path / "tenant.sqlite", faults="colour=1")
    assert list(tmp_path.iterdir()) == []


def test_a_second_process_on_the_file_is_turned_away(tmp_path):
    """One tenant, one server."""
    file = tmp_path / "tenant.sqlite"
    with SandboxProcess(file), pytest.raises(ServiceError, match="another sandbox serves this file"):
        SandboxProcess(file).start()


@pytest.mark.skipif(os.name != "posix", reason="interrupts by signal")
def test_the_command_serves_until_it_is_interrupted(tmp_path):
    """`loader sandbox` tells what to export, serves, and ends well on Ctrl-C."""
    file = tmp_path / "runs" / "sandbox.sqlite"
    code = "from loader.cli.sandbox import sandbox; sandbox()"
    arguments = [sys.executable, "-c", code, "--port", "0", "--file", str(file)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        said = ""
        while "Ctrl-C" not in said:
            line = command.stdout.readline()
            assert line, command.stderr.read()
            said += line
        exported = dict(word.split("=", 1) for word in said.split() if word.startswith("LOANPRO_"))
        assert exported.keys() == {"LOANPRO_BASE_URL", "LOANPRO_TENANT", "LOANPRO_TOKEN"}
        headers = {
            "Authorization": f"Bearer {exported['LOANPRO_TOKEN']}",
            "Autopal-Instance-Id": exported["LOANPRO_TENANT"],
        }
        with urlopen(Request(exported["LOANPRO_BASE_URL"] + "odata.svc/Loans", headers=headers)) as answer:
            assert json.load(answer)["d"]["results"] == []
        command.send_signal(signal.SIGINT)
        assert command.wait(5) == 0
        assert command.stderr.read() == ""


def test_the_command_explains_itself_and_refuses_nonsense(tmp_path):
    """Help has an example; a bad option is a usage error before anything is served or deleted."""
    from loader.cli.sandbox import sandbox

    assert "Example: loader sandbox" in " ".join(
        CliRunner().invoke(sandbox, ["--help"]).output.replace("`", "").split()
    )
    file = tmp_path / "sandbox.sqlite"
    result = CliRunner().invoke(sandbox, ["--file", str(file), "--faults", "colour=1"])
    assert isinstance(result.exception, UsageError)
    assert not file.exists()
