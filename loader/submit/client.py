"""
The only user of httpx and of the sockets below it: one request out, one reply in.

What matters most here is the difference between a request that certainly never left (it may be sent again) and one whose
answer was lost (it must be looked up). httpx-aiohttp reports both a refused connection and a connection dropped after
sending as `httpx.ConnectTimeout`, so the difference is read from aiohttp's own error below it.
"""

import asyncio
import ipaddress
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from loader import __version__
from loader.errors import SettingsError

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
TOTAL_TIMEOUT_S = 90.0

_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""aiohttp raises these before a connection stands: not one byte of the request has been sent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """
    An answer of the service, whole.

    Attributes:
        status: HTTP status code.
        body: As it came, decompressed.
        retry_after: The header's text, None if there was none.
        elapsed_ms: From sending to the last byte.
    """

    status: int
    body: bytes
    retry_after: str | None
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The request certainly did not leave this machine."""

    reason: str


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """The request may have arrived; nobody knows what became of it."""

    reason: str
    elapsed_ms: float


Received = Reply | NeverSent | AnswerLost


@dataclass(frozen=True, slots=True)
class Address:
    """
    Which tenant to talk to, and as whom.

    Attributes:
        base_url: With a slash at its end.
        tenant: LoanPro's tenant (instance) id.
        token: The API token; it never appears in the representation.
    """

    base_url: str
    tenant: str
    token: str

    def __repr__(self) -> str:
        return f"Address(base_url={self.base_url!r}, tenant={self.tenant!r}, token='***')"

    @classmethod
    def checked(cls, base_url: str, tenant: str, token: str) -> "Address":
        """
        An address to which a token may be sent.

        Raises:
            SettingsError: The base URL is no http(s) address, or it is plain http to another machine.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError(
                f"the base URL {base_url!r} is no https address",
                hint="it looks like https://loanpro.simnang.com/api/public/api/1/",
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(
                "the base URL holds more than scheme, host and path",
                hint="leave credentials, ? and # out of it; the token comes from LOANPRO_TOKEN",
            )
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise SettingsError(
                f"the base URL {base_url!r} is not encrypted: the token would be readable on its way",
                hint="use https; plain http is allowed to this machine alone",
            )
        return cls(base_url.rstrip("/") + "/", tenant, token)

    @property
    def host(self) -> str:
        """Host and port in their one spelling: small letters, and no port where it is the scheme's own."""
        parts = urlsplit(self.base_url)
        host = (parts.hostname or "").lower()
        host = f"[{host}]" if ":" in host else host
        own_port = {"https": 443, "http": 80}[parts.scheme]
        return host if parts.port in {None, own_port} else f"{host}:{parts.port}"


class Client:
    """
    Talks to one tenant over kept connections; use it as an async context manager.

    Args:
        address: Where, and as whom.
        concurrency: Connections at most.
        read_timeout_s: How long to wait for an answer.
    """

    def __init__(self, address: Address, *, concurrency: int, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self._address = address
        self._concurrency = concurrency
        self._timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S)
        self._total_timeout_s = max(TOTAL_TIMEOUT_S, read_timeout_s + CONNECT_TIMEOUT_S)
        self._headers = {
            "Authorization": f"Bearer {address.token}",
            "Autopal-Instance-Id": address.tenant,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"loan-batch-loader/{__version__}",
        }

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(
            base_url=self._address.base_url,
            headers=self._headers,
            timeout=self._timeout,
            transport=AiohttpTransport(
                client=self._session()
            ),  # made now: the first request is not to be late
            follow_redirects=False,  # a redirect must not carry the token elsewhere
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def _session(self) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=_CleanConnector(limit=self._concurrency, ssl=httpx.create_ssl_context()),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent",),
        )
        # aiohttp sends a PUT or DELETE a second time by itself when a kept connection drops. A PUT that adds a
        # nested record would add it twice (LoanPro reference, 4.5), and our journal would know of one.
        session._retry_connection = False  # noqa: SLF001  there is no public switch
        return session

    async def send(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Received:
        """
        Send one request once.

        Args:
            method: HTTP method.
            path: Below the base URL, without a slash at its beginning.
            query: Parameters, not yet encoded.
            body: JSON, or None.
        """
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._total_timeout_s):
                response = await self._http.request(method, path, params=query, content=body)
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, TimeoutError, OSError) as error:
            return _failure(error, _since(started))
        return Reply(
            response.status_code, response.content, response.headers.get("Retry-After"), _since(started)
        )


class _CleanConnector(aiohttp.TCPConnector):
    """
    Leaves a kept connection behind on which something came that nobody had asked for.

    A proxy may answer twice, or answer a connection that is idle. aiohttp would take it for the answer to the next request, and a row
    would be shown with another row's result.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  aiohttp's own signature
    ) -> aiohttp.connector.Connection:
        """A connection without unread bytes; one that was just made is taken as it is."""
        connection = await super().connect(req, traces, timeout)
        for _ in range(self.limit):
            if connection.protocol is None or not connection.protocol.should_close:
                break
            connection.close()
            connection = await super().connect(req, traces, timeout)
        return connection


def _failure(error: BaseException, elapsed_ms: float) -> NeverSent | AnswerLost:
    cause = error if isinstance(error, TimeoutError) else error.__cause__ or error
    reason = _reason(cause)
    if isinstance(cause, _NEVER_LEFT) or isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return NeverSent(reason)
    return AnswerLost(reason, elapsed_ms)


def _reason(error: BaseException) -> str:
    """A short sentence for a person; library texts may hold addresses but never headers or bodies."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return f"no trusted encrypted connection: {error}"
        case aiohttp.ClientConnectorDNSError():
            return f"the host name {error.host} is not known"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port}: {_system_words(error.os_error)}"
        case aiohttp.ConnectionTimeoutError():
            return f"no connection within {CONNECT_TIMEOUT_S:g} s"
        case aiohttp.ServerDisconnectedError():
            return "the connection was dropped before an answer came"
        case TimeoutError():
            return "no answer within the time allowed"
        case _:
            return f"the connection broke: {error or type(error).__name__}"


def _system_words(error: OSError) -> str:
    """The system's own words; the event loops put call and address in their place."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
