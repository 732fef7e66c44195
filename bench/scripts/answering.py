"""
A server that answers every request with status 200 and an id of its own, at once or after a while; it prints its port.

    python bench/scripts/answering.py --latency-ms 50

It reads nothing but where a request ends, so that it is not what is measured. `GET /counted` tells how many other requests came since
it was asked last, and when the first and the last came, in seconds of a clock that only goes forward.
"""

import argparse
import asyncio
import json
import time
from itertools import count
from typing import Any

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
ENTITY = b'{"d":{"__metadata":{"uri":"Loans(id=%d)","type":"Entity.Loan"},"id":%d,"active":1,"deleted":0}}'


class Counted:
    """What has come since somebody asked."""

    ids = count(1)
    requests = 0
    first = last = 0.0

    def one(self) -> None:
        """Count a request."""
        self.last = time.monotonic()
        if not self.requests:
            self.first = self.last
        self.requests += 1

    def told(self) -> bytes:
        """The counts as JSON; counting begins anew."""
        text = json.dumps({"requests": self.requests, "first": self.first, "last": self.last}).encode()
        self.requests = 0
        return text


class Answering(asyncio.Protocol):
    """One connection; a client sends its next request when it has its answer."""

    def __init__(self, counted: Counted, latency_s: float) -> None:
        self._counted = counted
        self._latency_s = latency_s
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        """Keep what answers go through."""
        self._transport = transport
        self._later = asyncio.get_running_loop().call_later

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            at = head.find(b"content-length:")
            whole = end + 4 + (int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0)
            if len(self._read) < whole:
                return
            self._read = self._read[whole:]
            if head.startswith(b"get /counted"):
                self._answer(self._counted.told())
                continue
            self._counted.one()
            number = next(self._counted.ids)
            entity = ENTITY % (number, number)
            if self._latency_s:
                self._later(self._latency_s, self._answer, entity)
            else:
                self._answer(entity)

    def _answer(self, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(HEAD % (len(body), body))


async def serve(latency_s: float) -> None:
    """Serve until the process is ended."""
    counted = Counted()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(counted, latency_s), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--latency-ms", type=float, default=0)
    uvloop.run(serve(parser.parse_args().latency_ms / 1000))


if __name__ == "__main__":
    main()
