"""
Servers on this machine that take every request: nginx with a fixed answer where it is installed, and one of ours that can take its time.

nginx makes the id of each answer from the numbers of the connection and of the request on it, so that no two are the same.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import FailedError

_UP_WITHIN_S = 10.0
_SCRIPT = Path(__file__).with_name("scripts") / "answering.py"
_NGINX = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    tcp_nodelay on;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fast; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    map $connection_requests $padded {{
        "~^.{{1}}$" "000000$connection_requests"; "~^.{{2}}$" "00000$connection_requests"; "~^.{{3}}$" "0000$connection_requests";
        "~^.{{4}}$" "000$connection_requests"; "~^.{{5}}$" "00$connection_requests"; "~^.{{6}}$" "0$connection_requests";
        default "$connection_requests";
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            return 200 '{{"d":{{"__metadata":{{"uri":"Loans(id=$connection$padded)","type":"Entity.Loan"}},"id":$connection$padded,"active":1,"deleted":0}}}}';
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """
    A server that is up.

    Attributes:
        name: What it is.
        port: On the loopback address.
    """

    name: str
    port: int

    @property
    def url(self) -> str:
        """Its address, with a slash at its end."""
        return f"http://127.0.0.1:{self.port}/"

    def counted(self) -> tuple[int, float]:
        """Requests since it was asked last, and the seconds from the first to the last; of our own server only."""
        with urllib.request.urlopen(self.url + "counted") as answer:
            told = json.loads(answer.read())
        return told["requests"], told["last"] - told["first"]


@contextmanager
def at_once(folder: Path) -> Iterator[Server]:
    """
    The server that answers at once: nginx, or ours where there is none.

    Args:
        folder: Of its files; it is made.

    Raises:
        FailedError: It does not come up.
    """
    program = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if program is None:
        with after(0) as server:
            yield server
        return
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    (folder / "nginx.conf").write_text(_NGINX.format(port=port))
    process = subprocess.Popen(
        [program, "-p", f"{folder}/", "-c", "nginx.conf", "-e", "error.log"], cwd=folder
    )
    try:
        _wait_for(process, port)
        version = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
        yield Server(version.split(":")[-1].strip().replace("/", " "), port)
    finally:
        _end(process)


@contextmanager
def after(latency_ms: float) -> Iterator[Server]:
    """
    Our own server, which answers after so many milliseconds and counts.

    Raises:
        FailedError: It does not come up.
    """
    command = [sys.executable, str(_SCRIPT), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise FailedError("the server that answers after a while did not start")
        yield Server(f"own server on uvloop, {latency_ms:g} ms", int(line))
    finally:
        _end(process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _UP_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise FailedError("nginx did not come up; see error.log in its folder")


def _end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
