"""
A transport under the httpx API, on aiohttp's connections: the only user of the sockets.

httpx's own pool slows down with every connection that it keeps, and a client of httpx costs more than the rest of a row together; what is
done here for a request is what differs from the request before. Two things matter more than speed: a request that certainly never
left is told from one whose answer was lost, and nothing is ever sent twice.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx

_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""aiohttp raises these before a connection stands: not one byte of the request has been sent."""

RETRY_AFTER = "Retry-After"
"""The one header of an answer that is of use to us; to hold all of them costs more than to read the body."""


class Transport(httpx.AsyncBaseTransport):
    """
    One request out, one whole answer in; to be made inside the event loop.

    Args:
        headers: Sent with every request, beside its own.
        connections: At most.
        connect_s: Seconds in which a connection must stand.
        read_s: Seconds in which something of the answer must come.
        total_s: Seconds for the whole request.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        connections: int,
        connect_s: float,
        read_s: float,
        total_s: float,
    ) -> None:
        self._session = aiohttp.ClientSession(
            connector=_CleanConnector(limit=connections, ssl=httpx.create_ssl_context()),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=total_s, sock_connect=connect_s, sock_read=read_s),
        )
        # aiohttp sends a PUT or DELETE a second time by itself when a kept connection drops. A PUT that adds a
        # nested record would add it twice (LoanPro reference, 4.5), and our journal would know of one.
        self._session._retry_connection = False  # noqa: SLF001  there is no public switch

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """
        Send a request once, whose body stands ready; its answer is whole and not compressed. A redirect is an answer like any other: it must not carry the token elsewhere.

        Raises:
            httpx.ConnectError: The request certainly never left.
            httpx.TransportError: Any other: it may have arrived.
        """
        assert isinstance(request.stream, httpx.SyncByteStream)
        try:
            answer = await self._session.request(
                request.method,
                str(request.url),
                headers=request.headers.multi_items() if request.headers else None,
                data=b"".join(request.stream) or None,
                allow_redirects=False,
            )
            body = await answer.read()
        except _NEVER_LEFT as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        read = ", ".join(answer.headers.getall(RETRY_AFTER, ()))
        return httpx.Response(
            answer.status,
            headers=[(RETRY_AFTER.encode(), read.encode(errors="surrogateescape"))] if read else None,
            stream=httpx.ByteStream(body),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()


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
        for _ in range(self.limit):
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()
        return await super().connect(req, traces, timeout)
