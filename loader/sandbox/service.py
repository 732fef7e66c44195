"""
One request from its arrival to its answer: counted, let in, perhaps struck by a fault, carried out, made durable.

An answer never leaves before the commit that holds its effect. Requests that arrive together share a commit.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from loader.sandbox import refusals
from loader.sandbox.clock import Clock
from loader.sandbox.connection import cut, gone
from loader.sandbox.counts import Counts
from loader.sandbox.faults import Dice, Fault
from loader.sandbox.limits import Limits, SlidingWindow, retry_after
from loader.sandbox.routes import Router, is_write
from loader.sandbox.store import Store

_encode = msgspec.json.Encoder().encode
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_JSON = "application/json"
_CREATES = {"odata.svc/Loans": "Loans", "odata.svc/Customers": "Customers"}
_FAULT_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, complete."""

    status: int
    body: bytes
    content_type: str = _JSON
    headers: Mapping[str, str] | None = None


class GroupCommit:
    """Lets requests wait for a commit that they share."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[asyncio.Future[None]] = []

    async def durable(self) -> None:
        """Return once everything written so far is committed."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._commit)
        future = loop.create_future()
        self._waiting.append(future)
        await future

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self._store.commit()
        except Exception as error:  # noqa: BLE001 - each waiting request raises it as its own
            self._store.rollback()
            for future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for future in waiting:
            if not future.done():
                future.set_result(None)


class Service:
    """
    The ASGI application below the base path.

    Args:
        store: The tenant's file.
        router: What carries requests out.
        counts: Where they are counted.
        token: The token that requests must bear.
        dice: Where faults come from.
        slow_s: Delay of a slow answer, in seconds.
        limits: Throttle and latency.
        clock: Where the time comes from.
    """

    def __init__(
        self,
        *,
        store: Store,
        router: Router,
        counts: Counts,
        token: str,
        dice: Dice,
        slow_s: float,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._commits = GroupCommit(store)
        self._router = router
        self._counts = counts
        self._credentials = (b"bearer " + token.encode(), str(store.identity.tenant).encode())
        self._dice = dice
        self._slow_s = slow_s
        self._limits = limits
        self._clock = clock
        self._window = SlidingWindow()
        self._latency = random.Random(0)  # noqa: S311 - a delay, repeatable on purpose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        method = scope["method"]
        self._counts.arrived(method, path, self._clock.monotonic())
        body = await _body(receive)
        refusal = self._turned_away(scope)
        fault = None if refusal else self._dice.draw(write=is_write(method, path))
        if fault:
            self._counts.faults[fault.value] += 1
        await self._delay(fault)
        if refusal is None and (fault is None or fault.takes_effect):
            answer = await self._carry_out(method, path, scope["query_string"].decode("latin-1"), body)
        else:
            answer = self._refused(refusal) if refusal else Answer(200, b"")
        if fault in {Fault.DROP_BEFORE, Fault.DROP_AFTER}:
            await cut(scope, receive)
        elif fault in {Fault.HANG_BEFORE, Fault.HANG_AFTER}:
            await gone(receive)
        else:
            await self._send(self._spoilt(fault, answer) if fault else answer, send)

    def _turned_away(self, scope: Scope) -> refusals.Refusal | None:
        """Who is not let in: the wrong credentials, and too many at once."""
        headers = dict(scope["headers"])
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        given = (scheme.lower() + b" " + token, headers.get(b"autopal-instance-id", b""))
        if given != self._credentials:
            return refusals.unauthorised()
        limit = self._limits.requests_per_second
        if limit is None:
            return None
        now = self._clock.monotonic()
        wait_s = self._window.room(now, limit)
        if wait_s > 0:
            return refusals.throttled(retry_after(self._limits, wait_s, self._clock.now()))
        self._window.add(now)
        return None

    async def _delay(self, fault: Fault | None) -> None:
        low, high = self._limits.latency_ms
        delay_s = self._latency.uniform(low, high) / 1000 if high else 0.0
        delay_s += self._slow_s if fault is Fault.SLOW else 0.0
        if delay_s:
            await self._clock.sleep(delay_s)

    async def _carry_out(self, method: str, path: str, query: str, body: bytes) -> Answer:
        creates = _CREATES.get(path.removesuffix("()")) if method == "POST" else None
        try:
            answer = Answer(200, _encode({"d": self._router.answer(method, path, query, body)}))
        except refusals.Refusal as refusal:
            answer, creates = self._refused(refusal), None
        if is_write(method, path):
            # A refusal waits too: it may speak of a duplicate that is not durable yet.
            await self._commits.durable()
            self._counts.created.update([creates] if creates else [])
        return answer

    def _refused(self, refusal: refusals.Refusal) -> Answer:
        self._counts.refused[refusal.reason] += 1
        return Answer(refusal.status, _encode(refusal.body), headers=refusal.headers)

    def _spoilt(self, fault: Fault, answer: Answer) -> Answer:
        wait = retry_after(self._limits, _FAULT_WAIT_S, self._clock.now())
        if fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER}:
            return self._refused(refusals.out_of_order(500))
        if fault in {Fault.HTML_BEFORE, Fault.HTML_AFTER}:
            return Answer(502, _HTML, "text/html")
        if fault is Fault.THROTTLED:
            return self._refused(refusals.throttled(wait))
        if fault is Fault.UNAVAILABLE:
            return self._refused(refusals.out_of_order(503, wait))
        accepted = answer.status < 300  # noqa: PLR2004  a refusal has no `d` that it could lack
        return Answer(answer.status, b"{}") if fault is Fault.NO_D and accepted else answer

    async def _send(self, answer: Answer, send: Send) -> None:
        self._counts.answers[str(answer.status)] += 1
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", str(len(answer.body)).encode()),
            *((name.encode(), value.encode()) for name, value in (answer.headers or {}).items()),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _body(receive: Receive) -> bytes:
    message: Any = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)
