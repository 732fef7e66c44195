"""
A server of our own on the loopback interface, independent of the sandbox: it answers what a test tells it to.

It speaks HTTP/1.1 over plain sockets, so that it can drop a connection at any byte, and remembers every request it has read
to its end.
"""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request, read to its end."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, eq=False)
class Answer:
    """What to send back; `drop` closes the connection instead, `hang` never answers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False


def entity(remote_id: int, **fields: Any) -> Answer:
    """LoanPro's success: status 200 and a root `d` (LoanPro reference 1.6 and 3.3)."""
    return Answer(200, json.dumps({"d": {"id": remote_id, **fields}}).encode())


def listed(*entities: dict[str, Any]) -> Answer:
    """LoanPro's list (LoanPro reference 1.6)."""
    found = {"results": list(entities), "summary": {"start": 0, "pageSize": 50, "total": len(entities)}}
    return Answer(200, json.dumps({"d": found}).encode())


class ScriptedServer:
    """
    Serves until `close`.

    Attributes:
        answer: Called with each request, one at a time; a test sets it.
        requests: All requests, in the order in which their last byte came.
        connections: How many connections were accepted.
    """

    def __init__(self) -> None:
        self.answer: Callable[[Request], Answer] = lambda _request: entity(1)
        self.requests: list[Request] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/api/public/api/1/"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                connection.close()
        self._thread.join()

    def posts(self) -> list[Request]:
        """The requests that create something."""
        return [r for r in self.requests if r.method == "POST" and "Search" not in r.target]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while (request := _read(stream)) is not None:
                with self._lock:
                    self.requests.append(request)
                    answer = self.answer(request)
                if answer.hang:
                    continue
                if answer.drop:
                    return
                try:
                    connection.sendall(_bytes_of(answer))
                except OSError:
                    return


def _read(stream: Any) -> Request | None:
    try:
        line = stream.readline()
        if not line:
            return None
        method, target, _ = line.decode().split(" ", 2)
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
    except (OSError, ValueError):
        return None
    return Request(method, target, headers, body)


def _bytes_of(answer: Answer) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body
