"""
The parent's side: a tenant in a child process, for as long as a `with` block lasts.

The child has a session of its own, so that Ctrl-C reaches the parent alone; it ends when the pipe to its standard
input closes, which the system sees to even when the parent is killed.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from loader.errors import ServiceError
from loader.sandbox.faults import FaultPlan
from loader.sandbox.limits import Limits
from loader.sandbox.serving import DEFAULT_TOKEN, TOKEN_VARIABLE

_START_S = 15.0
_STOP_S = 5.0
_ASK_S = 10.0
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class SandboxProcess:
    """
    A tenant served by a child process; use it as a context manager.

    Attributes (from the start on):
        base_url: Base URL of its API, with a slash at the end.
        tenant: Its id, for `Autopal-Instance-Id`.
        token: The token that it wants.
        uuid: Its random identity, kept in its file.
        log: The file beside the tenant's file that takes the child's log.

    Args:
        file: The tenant's SQLite file; made where there is none.
        port: Port on the loopback interface; 0 for a free one, which later starts keep.
        token: The token that requests must bear.
        faults: What goes wrong on purpose, as `FaultPlan.parse` reads it.
        throttle: Most requests per second, as in `50/s`; "" for no limit.
        retry_after: `seconds` or `date`: the form of `Retry-After`.
        latency: Extra delay of answers, as in `20-200ms`; "" for none.
        search_lag_s: How long a new record stays invisible to searches.

    Raises:
        UsageError: One of the last five cannot be read.
    """

    base_url: str
    tenant: str
    token: str
    uuid: str

    def __init__(
        self,
        file: Path,
        *,
        port: int = 0,
        token: str = DEFAULT_TOKEN,
        faults: str = "",
        throttle: str = "",
        retry_after: str = "seconds",
        latency: str = "",
        search_lag_s: float = 0.0,
    ) -> None:
        # Read here already, so that a slip in an option is told as what it is and not as a child that did not start.
        FaultPlan.parse(faults)
        Limits.parse(throttle=throttle, latency=latency, search_lag_s=search_lag_s, retry_after=retry_after)
        self.file = file.absolute()
        self.log = self.file.with_name(self.file.name + ".log")
        self._wanted_token = token
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._arguments = [
            *("--file", str(self.file), "--parent-pipe"),
            *(f"--faults={faults}", f"--throttle={throttle}", f"--retry-after={retry_after}"),
            *(f"--latency={latency}", f"--search-lag={search_lag_s}"),
        ]

    def __enter__(self) -> Self:
        """Start the child; see `start`."""
        self.start()
        return self

    def start(self) -> None:
        """
        Start the child and wait until it serves; after `kill` or `stop` it comes back at the same address.

        Raises:
            ServiceError: It does not start; the message quotes the end of its log.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        paths = [str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            TOKEN_VARIABLE: self._wanted_token,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' way to keep Ctrl-C away
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "loader.sandbox", "--port", str(self._port), *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                start_new_session=True,
                creationflags=flags,
            )
        try:
            told = self._first_line()
        except BaseException:
            self.kill()
            raise
        self.base_url, self.tenant = told["base_url"], told["tenant"]
        self.token, self.uuid = told["token"], told["uuid"]
        self._port = urlsplit(self.base_url).port or self._port

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the child end, and wait for it."""
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._running().pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process is not None and self._process.poll() is None

    def counts(self) -> dict[str, Any]:
        """
        What the tenant has seen since its start (`Counts.as_json`).

        Raises:
            ServiceError: The child does not answer.
        """
        return self._ask("/_sandbox/counts")

    def total(self, entity: str, field: str) -> dict[str, Any]:
        """
        The exact sum of a field: `sum`, a decimal number as text, and `count`, the records that have it.

        Raises:
            ServiceError: The child does not answer, or does not know the entity.
        """
        return self._ask("/_sandbox/sum?" + urlencode({"entity": entity, "field": field}))

    def stop(self) -> None:
        """Close the child's pipe and wait until it has ended; a second time does nothing."""
        if self._process is None:
            return
        _close(self._process.stdin)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _close(self._process.stdout)
        self._process = None

    def kill(self) -> None:
        """End the child at once, as a power cut would; its file keeps all that it has answered for."""
        if self._process is not None:
            self._process.kill()
            self.stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServiceError("the sandbox is not running", hint="use it inside its with block")
        return self._process

    def _first_line(self) -> dict[str, str]:
        lines: queue.Queue[bytes] = queue.Queue()
        stdout = self._running().stdout
        if stdout is None:
            raise ServiceError("the sandbox has no standard output")
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=_START_S)
        except queue.Empty:
            line = b""
        if not line:
            said = self.log.read_text("utf-8", "replace").strip().splitlines()[-2:]
            raise ServiceError(
                f"the sandbox did not start: {' '.join(said) or 'it said nothing'}", hint=f"see {self.log}"
            )
        told: dict[str, str] = json.loads(line)
        return told

    def _ask(self, path: str) -> dict[str, Any]:
        parts = urlsplit(self.base_url)
        try:
            with urlopen(f"{parts.scheme}://{parts.netloc}{path}", timeout=_ASK_S) as answer:  # noqa: S310 - our own URL
                found: dict[str, Any] = json.load(answer)
        except (URLError, OSError, ValueError) as error:
            raise ServiceError(
                f"the sandbox at {parts.netloc} does not answer: {error}", hint=f"see {self.log}"
            ) from error
        return found


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        stream.close()
