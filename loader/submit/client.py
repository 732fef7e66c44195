"""
The only user of httpx, over the transport that is its own: one request out, one reply in.

What matters most here is the difference between a request that certainly never left (it may be sent again) and one whose
answer was lost (it must be looked up).
"""

import ipaddress
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import httpx

from loader import __version__
from loader.errors import SettingsError
from loader.models.record import Record
from loader.submit.transport import RETRY_AFTER, Transport

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
TOTAL_TIMEOUT_S = 90.0
_ADDRESSES_KEPT = 256
"""So many addresses are read once and kept: those of operations, and of the loans at hand."""


class Reply(Record, frozen=True):
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
        self._read_timeout_s = read_timeout_s
        self._headers = {
            "Authorization": f"Bearer {address.token}",
            "Autopal-Instance-Id": address.tenant,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",  # what is read without further packages
            "User-Agent": f"loan-batch-loader/{__version__}",
        }
        self._url = lru_cache(_ADDRESSES_KEPT)(lambda path: httpx.URL(address.base_url + path))

    async def __aenter__(self) -> Self:
        self._transport = Transport(  # made now: the first request is not to be late
            self._headers,
            connections=self._concurrency,
            connect_s=CONNECT_TIMEOUT_S,
            read_s=self._read_timeout_s,
            total_s=max(TOTAL_TIMEOUT_S, self._read_timeout_s + CONNECT_TIMEOUT_S),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

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
            # A stream, not a content: httpx then leaves length and host to the transport, at a tenth of the time.
            request = httpx.Request(
                method, self._url(path), params=query, stream=httpx.ByteStream(body or b"")
            )
            response = await self._transport.handle_async_request(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failure(error, _since(started))
        assert isinstance(
            response.stream, httpx.SyncByteStream
        )  # whole: there is nothing to be read or decoded
        content = b"".join(response.stream)
        retry_after = response.headers.get(RETRY_AFTER) if response.headers else None
        return Reply(response.status_code, content, retry_after, _since(started))


def _failure(error: Exception, elapsed_ms: float) -> NeverSent | AnswerLost:
    reason = _reason(error.__cause__ or error)
    if isinstance(error, httpx.ConnectError | httpx.InvalidURL):
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
