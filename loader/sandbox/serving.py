"""The child's side: serves one tenant on a loopback port until it is told to stop, or its parent is gone."""

import gc
import json
import logging
import os
import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loader.errors import UsageError
from loader.sandbox.faults import FaultPlan
from loader.sandbox.limits import Limits

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
TOKEN_VARIABLE = "LOADER_SANDBOX_TOKEN"  # noqa: S105 - the name of a variable
DEFAULT_TOKEN = "sandbox"  # noqa: S105 - guards invented data on this machine


@dataclass(frozen=True)
class Serving:
    """
    How to serve a tenant.

    Attributes:
        file: The tenant's SQLite file.
        port: Port on the loopback interface; 0 for a free one.
        token: The token that requests must bear.
        faults: What goes wrong on purpose.
        limits: Throttle, latency, search lag.
        parent_pipe: Whether to end when standard input ends.
        as_json: Whether to announce the tenant as one line of JSON rather than for a person.
    """

    file: Path
    port: int = 0
    token: str = DEFAULT_TOKEN
    faults: FaultPlan = field(default_factory=FaultPlan)
    limits: Limits = field(default_factory=Limits)
    parent_pipe: bool = False
    as_json: bool = False


def serve(serving: Serving) -> None:
    """
    Serve until Ctrl-C, SIGTERM, or the end of the parent's pipe.

    Raises:
        UsageError: The port is taken, or the file is served by another process.
    """
    listener = _listen(serving.port)
    import uvicorn  # noqa: PLC0415 - slow to load, and not needed to refuse bad options

    from loader.sandbox.app import create_app  # noqa: PLC0415
    from loader.sandbox.connection import protocol_class  # noqa: PLC0415

    with listener:
        app = create_app(serving.file, token=serving.token, faults=serving.faults, limits=serving.limits)
        config = uvicorn.Config(
            app,
            http=protocol_class(),
            ws="none",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
            backlog=1024,
        )

        class Announcing(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets=sockets)
                _announce(
                    serving, listener.getsockname()[1], app.state.identity.tenant, app.state.identity.uuid
                )

        server = Announcing(config)
        if serving.parent_pipe:
            threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
        gc.freeze()  # a search for cycles through all the modules would hold every answer for a tenth of a second
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return  # uvicorn has shut down already; Ctrl-C is how a sandbox ends
        finally:
            app.state.store.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} of {HOST} cannot be used: {error.strerror}",
            hint="give another --port, or 0 for a free one",
        ) from error
    return listener


def _announce(serving: Serving, port: int, tenant: int, identity: str) -> None:
    base_url = f"http://{HOST}:{port}/api/public/api/1/"
    if serving.as_json:
        line = json.dumps(
            {"base_url": base_url, "tenant": str(tenant), "token": serving.token, "uuid": identity}
        )
    else:
        line = (
            f"Sandbox tenant {tenant} in {serving.file}\n\n"
            f"  base URL  {base_url}\n  tenant    {tenant}\n  token     {serving.token}\n\n"
            "Use it from another terminal:\n\n"
            f"  export LOANPRO_BASE_URL={base_url} LOANPRO_TENANT={tenant}\n"
            f"  export LOANPRO_TOKEN={serving.token}\n\n"
            "Stop it with Ctrl-C."
        )
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _end_with_parent(server: "uvicorn.Server") -> None:
    """Standard input ends when the parent closes its side, and when the parent dies in whatever way."""
    while sys.stdin.buffer.read(1):
        pass
    server.should_exit = True
