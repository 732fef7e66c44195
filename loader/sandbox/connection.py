"""
A connection that the application may cut: TCP is closed without a byte of an answer.

ASGI has no word for it. The server's protocol class is the one place that knows the transport, so it leaves each
connection's `abort` in the scope's `state`.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from starlette.types import Receive, Scope

_CUT = "cut_connection"


def protocol_class() -> type[asyncio.Protocol]:
    """Uvicorn's HTTP protocol, the fast one if `httptools` is installed, with connections that can be cut."""
    fast = find_spec("httptools") is not None
    module = import_module(f"uvicorn.protocols.http.{'httptools_impl' if fast else 'h11_impl'}")
    base: Any = module.HttpToolsProtocol if fast else module.H11Protocol

    class CuttableProtocol(base):  # type: ignore[misc]
        app_state: dict[str, Any]

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, _CUT: transport.abort}

    return CuttableProtocol


async def cut(scope: Scope, receive: Receive) -> None:
    """
    Close the connection of this request at once, and wait until the server has noticed.

    Raises:
        RuntimeError: The server is not one that `process` has set up.
    """
    abort: Callable[[], None] | None = scope.get("state", {}).get(_CUT)
    if abort is None:
        raise RuntimeError(
            "this server cannot cut a connection: run the sandbox through loader.sandbox.process"
        )
    abort()
    await gone(receive)


async def gone(receive: Receive) -> None:
    """Wait until the client has given up or the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass
