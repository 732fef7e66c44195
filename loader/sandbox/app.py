"""The tenant as an ASGI application, with two questions of its own beside LoanPro's endpoints."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from loader.sandbox.catalogue import NESTED, TOP
from loader.sandbox.clock import Clock, SystemClock
from loader.sandbox.counts import Counts
from loader.sandbox.faults import Dice, FaultPlan
from loader.sandbox.limits import Limits
from loader.sandbox.reading import Reader
from loader.sandbox.routes import Router
from loader.sandbox.searching import Searcher
from loader.sandbox.service import Service
from loader.sandbox.store import Document, Store
from loader.sandbox.tenant import Tenant

BASE_PATH = "/api/public/api/1"


class LoopbackOnly:
    """Lets no one in who does not come from this machine; there is real personal data behind it at times."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        client = scope.get("client")
        if scope["type"] == "http" and (client is None or not ip_address(client[0]).is_loopback):
            await PlainTextResponse("The sandbox answers this machine alone", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def create_app(
    path: Path,
    *,
    token: str = "sandbox",  # noqa: S107 - guards invented data on this machine
    faults: FaultPlan | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> Starlette:
    """
    The tenant that lives in a file; the file is made where there is none.

    The application's `state` holds `counts` (Counts), `identity` (Identity) and `store` (Store). The store closes when
    the server shuts down.

    Args:
        path: The tenant's SQLite file.
        token: The token that requests must bear.
        faults: What goes wrong on purpose; nothing by default.
        limits: Throttle, latency, search lag; none by default.
        clock: Where the time comes from; the machine's clock by default.

    Raises:
        UsageError: Another process serves the file, or it is no sandbox tenant.
    """
    faults, limits, clock = faults or FaultPlan(), limits or Limits(), clock or SystemClock()
    store = Store(path)
    reader = Reader(store)
    counts = Counts()
    router = Router(Tenant(store, reader, clock), reader, Searcher(store, reader, clock, limits.search_lag_s))
    service = Service(
        store=store,
        router=router,
        counts=counts,
        token=token,
        dice=Dice(faults),
        slow_s=faults.slow_s,
        limits=limits,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    async def tell_counts(_request: Request) -> JSONResponse:
        return JSONResponse(counts.as_json())

    async def tell_sum(request: Request) -> JSONResponse:
        entity, field = request.query_params.get("entity", ""), request.query_params.get("field", "")
        if entity not in TOP and entity not in NESTED:
            return JSONResponse({"message": f"There is no entity {entity!r}"}, 409)
        documents = store.bodies(entity.lower() if entity in TOP else "nested", entity)
        return JSONResponse({"entity": entity, "field": field, **_total(documents, field)})

    app = Starlette(
        routes=[
            Route("/_sandbox/counts", tell_counts),
            Route("/_sandbox/sum", tell_sum),
            Mount(BASE_PATH, app=service),
        ],
        lifespan=lifespan,
    )
    app.add_middleware(LoopbackOnly)
    app.state.counts, app.state.identity, app.state.store = counts, store.identity, store
    return app


def _total(documents: Iterable[Document], field: str) -> dict[str, str | int]:
    """The exact sum of a field such as `LoanSetup.loanAmount`, and in how many records it has a value."""
    total, found = Decimal(0), 0
    for document in documents:
        value: object = document
        for part in field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str | int):
            total += Decimal(value)
            found += 1
    return {"sum": str(total), "count": found}
