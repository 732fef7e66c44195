"""
A sending process that can die at any of its steps, within this process, and the sandbox that it sends to.

Death comes between two steps: what was committed stays, what was not is gone, and what is on its way arrives.
"""

import asyncio
import contextlib
import itertools
import socket
import sqlite3
import threading
import time
from collections import defaultdict
from datetime import date
from decimal import Decimal

import uvicorn
from fakes import harness as fakes

from loader.errors import JournalError
from loader.journal.writer import Writer
from loader.models.encoding import encode, payload_digest
from loader.models.operations import OPERATIONS
from loader.sandbox.app import create_app
from loader.sandbox.connection import protocol_class
from loader.sandbox.faults import FaultPlan
from loader.sandbox.limits import Limits
from loader.sandbox.store import Store
from loader.submit.client import Client
from loader.validation.checked import CheckedStep, WantedLink

TENANT, TOKEN = 5200, "canary-token"
"""What `fakes.harness` sends."""
_ADDRESS = {
    "address1": "1 Elm St",
    "city": "Boise",
    "state": "geo.state.ID",
    "zipcode": "83702",
    "country": "company.country.usa",
}


class Fate:
    """
    Kills at the n-th step.

    Args:
        at: Which one; None for never.
    """

    def __init__(self, at=None):
        self.at = at
        self.dead = False
        self._steps = itertools.count(1)
        self._task = None

    def begin(self):
        """The process lives, in the task that calls this."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()

    def step(self):
        """One step further; False for the dead."""
        if not self.dead and self.at is not None and next(self._steps) >= self.at:
            self.dead = True
            self._loop.call_soon_threadsafe(self._task.cancel)
        return not self.dead


class MortalWriter(Writer):
    """Dies before a commit or after it."""

    fate = Fate()

    def __enter__(self):
        self.fate.begin()
        return super().__enter__()

    def _commit(self, connection, batch):
        if self.fate.step():
            super()._commit(connection, batch)
        if not self.fate.step():
            self._failure = self._failure or JournalError("dead")


class MortalClient(Client):
    """Dies before a request or after its answer; the dead send nothing and hear nothing."""

    async def send(self, method, path, **options):
        if not MortalWriter.fate.step():
            await asyncio.Event().wait()
        received = await super().send(method, path, **options)
        if not MortalWriter.fate.step():
            await asyncio.Event().wait()
        return received


class QuickTenantClock:
    """The sandbox's clock; nobody sleeps."""

    now, monotonic = staticmethod(time.time), staticmethod(time.monotonic)

    async def sleep(self, seconds):
        await asyncio.sleep(0)


class Tenants:
    """One server for all examples, behind which each has a tenant of its own."""

    def __init__(self):
        self._app = None
        self._under_way = 0
        listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/public/api/1/"
        config = uvicorn.Config(
            self._serve, http=protocol_class(), log_config=None, access_log=False, ws="none", lifespan="off", interface="asgi3",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def tenant(self, path, faults="", limits=None):
        """A tenant in a file, with faults; gives its store."""
        Store(path).close()
        with contextlib.closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE tenant SET id = ?", (TENANT,))
        self._app = create_app(
            path,
            token=TOKEN,
            faults=FaultPlan.parse(faults),
            limits=limits or Limits(),
            clock=QuickTenantClock(),
        )
        try:
            yield self._app.state.store
        finally:
            self.settle()
            self._app.state.store.close()

    def settle(self):
        """Wait until what was on its way has arrived and taken effect."""
        until = time.monotonic() + 5
        while self._under_way:
            assert time.monotonic() < until, "a request does not come to its end"
            time.sleep(0.001)

    def close(self):
        self._server.should_exit = True
        self._thread.join(5)

    async def _serve(self, scope, receive, send):
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1


def borrower(key, **more):
    """A customer whom the tenant would take twice."""
    payload = {
        "customId": key,
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada@example.com",
        "__ignoreWarnings": True,
        "PrimaryAddress": _ADDRESS,
        "MailAddress": _ADDRESS,
        **more,
    }
    return _step("customers.create", key, payload)


def loan(key, amount, links=()):
    """A loan that the tenant would take twice."""
    setup = {
        "loanClass": "loan.class.consumer",
        "loanType": "loan.type.installment",
        "loanAmount": Decimal(amount),
        "loanRate": Decimal("7.5"),
        "loanRateType": "loan.rateType.annually",
        "loanTerm": 36,
        "contractDate": date(2024, 1, 5),
        "firstPaymentDate": date(2024, 2, 5),
    }
    payload = {"displayId": key, "__ignoreWarnings": True, "LoanSetup": setup}
    wanted = tuple(WantedLink("Customers", "customers", key, "primary") for key in links)
    return _step("loans.create", key, payload, wanted)


def _step(operation, key, payload, links=()):
    return CheckedStep(OPERATIONS[operation], key, payload, payload_digest(encode(payload)), links, ())


class Life:
    """A run that is sent, dies, and is sent again."""

    def __init__(self, folder, tenants, rows, **changes):
        self._tenants = tenants
        self.harness = fakes.Harness(folder, tenants)
        self.harness.begin(rows, operations=("customers.create", "loans.create"), **changes)

    def live(self, *, die_at=None, concurrency=8):
        """Send what is open, until the end or until death; True where it came to the end."""
        MortalWriter.fate = fate = Fate(die_at)
        with contextlib.suppress(asyncio.CancelledError, JournalError):
            self.harness.send(concurrency=concurrency, waves=4, last=True)
        self._tenants.settle()
        return not fate.dead

    def close(self):
        self.harness.journal.close()


def held(store):
    """By group, the ids under each natural key, as the tenant's own file has them."""
    found = {"customers": defaultdict(list), "loans": defaultdict(list)}
    for group, key in (("customers", "customId"), ("loans", "displayId")):
        for entity in store.bodies(group, ""):
            found[group][entity[key]].append(entity["id"])
    return found
