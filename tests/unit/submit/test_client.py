"""The one user of httpx, against a real server on the loopback interface."""

import asyncio
import socket

import pytest
from fakes.scripted_server import Answer, ScriptedServer, entity

from loader import __version__
from loader.errors import SettingsError
from loader.submit.client import Address, AnswerLost, Client, NeverSent, Reply


@pytest.fixture
def server():
    server = ScriptedServer()
    yield server
    server.close()


def send(base_url, *requests, timeout_s=5.0, **more):
    """Send requests one after the other over one client."""

    async def main():
        address = Address.checked(base_url, "5200", "canary-token")
        async with Client(address, concurrency=2, read_timeout_s=timeout_s) as client:
            return [await client.send(*request, **more) for request in requests]

    return asyncio.run(main())


def test_the_headers_are_loanpros(server):
    """Token, tenant, content type and our own version (reference 1.2)."""
    send(server.base_url, ("POST", "odata.svc/Loans"), body=b'{"a": 12.0212}')

    request = server.requests[0]
    assert "/api/public/api/1/odata.svc/Loans" == request.target
    assert b'{"a": 12.0212}' == request.body
    assert {
        "authorization": "Bearer canary-token",
        "autopal-instance-id": "5200",
        "content-type": "application/json",
        "user-agent": f"loan-batch-loader/{__version__}",
    }.items() <= request.headers.items()


def test_one_connection_is_kept(server):
    """Requests one after the other share a connection."""
    send(server.base_url, *[("POST", "odata.svc/Loans")] * 5)

    assert 5 == len(server.requests)
    assert 1 == server.connections


def test_an_answer_that_comes_twice_is_not_the_next_requests():
    """What comes on an idle connection answers nobody; else a row would be shown with another row's result."""
    refusal = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"
    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(refusal if writer is writers[0] else refusal.replace(b"400 No", b"200 OK"))

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Client(Address.checked(f"http://127.0.0.1:{port}/", "5200", "t"), concurrency=1) as client:
            first = await client.send("GET", "odata.svc/Loans(1)")
            writers[0].write(refusal)
            for _ in range(10):  # the bytes are in the client's socket; it reads them in the loop's next turn
                await asyncio.sleep(0)
            second = await client.send("GET", "odata.svc/Loans(2)")
        server.close()
        for writer in writers:
            writer.close()
        return first, second

    first, second = asyncio.run(main())

    assert (400, 200) == (first.status, second.status)
    assert 2 == len(writers)


def test_a_query_arrives_as_it_was_meant(server):
    """Reserved characters of a filter survive two libraries' ideas of quoting."""
    from urllib.parse import parse_qs, urlsplit

    wanted = "displayId eq 'A+B & O''Neil/#%25 é'"
    send(server.base_url, ("GET", "odata.svc/Loans"), query={"$filter": wanted, "$top": "2"})

    assert {"$filter": [wanted], "$top": ["2"]} == parse_qs(urlsplit(server.requests[0].target).query)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_a_dropped_request_arrives_once(server, method):
    """The library below never repeats a request by itself: a PUT that adds a payment would add it twice."""
    answers = iter([entity(1), Answer(drop=True)])
    server.answer = lambda _request: next(answers, entity(2))

    first, second = send(server.base_url, (method, "odata.svc/Loans(1)"), (method, "odata.svc/Loans(1)"))

    assert isinstance(first, Reply)
    assert isinstance(second, AnswerLost)
    assert 2 == len(server.requests)


def test_a_refused_connection_certainly_never_left():
    """No connection, no request: it may be sent again."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (received,) = send(f"http://127.0.0.1:{unused.getsockname()[1]}/", ("POST", "odata.svc/Loans"))

    assert isinstance(received, NeverSent)
    assert "no connection to 127.0.0.1" in received.reason


def test_an_unknown_host_is_named():
    """A typing mistake in the address is told from a service that fails."""
    (received,) = send("https://loanpro.invalid/api/", ("POST", "odata.svc/Loans"))

    assert NeverSent("the host name loanpro.invalid is not known") == received


def test_a_hanging_answer_is_lost(server):
    """A time-out after sending says nothing about what became of the request."""
    server.answer = lambda _request: Answer(hang=True)

    (received,) = send(server.base_url, ("POST", "odata.svc/Loans"), timeout_s=0.2)

    assert isinstance(received, AnswerLost)
    assert "no answer" in received.reason


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "999"}, {"Content-Length": "x"}, {"Content-Encoding": "gzip"}]
)
def test_an_answer_that_cannot_be_read_is_lost(server, headers):
    """A body cut off or garbled on its way is no answer."""

    def answer(_request):
        return Answer(200, b'{"d": {"id": 1}}', headers)

    server.answer = answer

    (received,) = send(server.base_url, ("POST", "odata.svc/Loans"), timeout_s=0.3)

    assert isinstance(received, AnswerLost)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_a_request_without_a_body_has_its_end(server, method):
    """The server is told that nothing follows; else the next request on the connection would be taken for a body."""
    first, second = send(server.base_url, (method, "odata.svc/Loans(1)"), (method, "odata.svc/Loans(2)"))

    assert [b"", b""] == [request.body for request in server.requests]
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)


def test_a_compressed_answer_is_read(server):
    """We say that we take compressed answers, so we read them."""
    import gzip

    body = b'{"d": {"id": 7}}'
    server.answer = lambda _request: Answer(200, gzip.compress(body), {"Content-Encoding": "gzip"})

    (received,) = send(server.base_url, ("POST", "odata.svc/Loans"))

    assert "gzip" in server.requests[0].headers["accept-encoding"]
    assert body == received.body


@pytest.mark.parametrize("wait", ["17", "d\xe9j\xe0"])
def test_a_wait_that_the_service_asks_for_is_heard(server, wait):
    """Whatever the case of the header, and whatever it holds."""
    server.answer = lambda _request: Answer(429, b"{}", {"retry-AFTER": wait})

    (received,) = send(server.base_url, ("POST", "odata.svc/Loans"))

    assert wait == received.retry_after


def test_a_redirect_is_not_followed(server):
    """The token goes to the address that was set and nowhere else."""
    server.answer = lambda _request: Answer(307, b"", {"Location": "http://127.0.0.2:1/elsewhere"})

    (received,) = send(server.base_url, ("POST", "odata.svc/Loans"))

    assert 307 == received.status
    assert 1 == len(server.requests)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://loanpro.simnang.com/api/",
        "ftp://loanpro.simnang.com/",
        "loanpro.simnang.com",
        "https://user:pw@host/",
        "",
        "https://host/?x=1",
    ],
)
def test_a_token_never_travels_in_the_clear(base_url):
    """Plain http to another machine, and what is no plain https address, is refused before anything is sent."""
    with pytest.raises(SettingsError):
        Address.checked(base_url, "5200", "canary-token")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_plain_http_stays_on_this_machine(host):
    """The loopback interface needs no encryption."""
    assert f"http://{host}:1/api/" == Address.checked(f"http://{host}:1/api", "5200", "t").base_url


def test_an_address_does_not_show_its_token():
    """Its representation may end in a log."""
    assert "canary" not in repr(Address.checked("https://host/api", "5200", "canary-token"))
