"""One real server on the loopback interface, in a thread of the test, so that tests own its clock and see its store."""

import socket
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from loader.sandbox.app import BASE_PATH, create_app
from loader.sandbox.connection import protocol_class
from loader.sandbox.faults import FaultPlan
from loader.sandbox.limits import Limits


class HandClock:
    """A clock that only tests move."""

    def __init__(self):
        self.seconds = 1_600_000_000.0
        self.slept = []

    def now(self):
        return self.seconds

    def monotonic(self):
        return self.seconds

    async def sleep(self, seconds):
        self.slept.append(seconds)


@dataclass
class Served:
    """A running tenant and a client that knows its credentials."""

    app: Any
    port: int
    http: httpx.Client
    clock: HandClock

    def loan(self, display_id: str, **more: Any) -> httpx.Response:
        return self.http.post("odata.svc/Loans", json=loan_payload(display_id, **more))

    def loans(self) -> list[str]:
        rows = self.app.state.store.select("SELECT display_id FROM loans WHERE deleted = 0 ORDER BY id")
        return [display_id for (display_id,) in rows]

    def counts(self) -> dict[str, Any]:
        return self.http.get(f"http://127.0.0.1:{self.port}/_sandbox/counts").json()


def loan_payload(display_id: str, **more: Any) -> dict[str, Any]:
    """The smallest useful payload of LoanPro reference 3.1."""
    setup = {
        "loanClass": "loan.class.consumer",
        "loanType": "loan.type.installment",
        "loanAmount": "12000.00",
        "loanRate": "12.0212",
        "contractDate": "2021-05-12",
        "firstPaymentDate": "2021-06-12",
    }
    return {"displayId": display_id, "LoanSetup": setup, **more}


@contextmanager
def running(path, faults="", limits=None):
    clock = HandClock()
    app = create_app(path, faults=FaultPlan.parse(faults), limits=limits or Limits(), clock=clock)
    config = uvicorn.Config(
        app, http=protocol_class(), log_config=None, access_log=False, timeout_graceful_shutdown=1, ws="none"
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    headers = {"Authorization": "Bearer sandbox", "Autopal-Instance-Id": str(app.state.identity.tenant)}
    base = f"http://127.0.0.1:{port}{BASE_PATH}/"
    try:
        with httpx.Client(base_url=base, headers=headers, timeout=5) as http:
            yield Served(app, port, http, clock)
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()
        assert not thread.is_alive()


@pytest.fixture
def serve(tmp_path):
    """Starts a tenant: `serve(faults=..., limits=...)`; several calls give several tenants."""
    with ExitStack() as stack:
        started = []

        def start(**options):
            started.append(None)
            return stack.enter_context(running(tmp_path / f"tenant{len(started)}.sqlite", **options))

        yield start


@pytest.fixture
def payload():
    """Builds the smallest useful loan."""
    return loan_payload
