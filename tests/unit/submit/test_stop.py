"""When a service that fails stops the run, and when it does not."""

import json

from fakes.scripted_server import Answer
from fakes.tiny_tenant import LOST_500, TinyTenant

from loader.errors import ServiceError
from loader.journal.schema import State, steps
from loader.models.encoding import encode
from loader.models.outcome import Outcome


def is_look_up(request):
    return request.method == "GET" or "Search" in request.target


def test_ten_failures_in_a_row_stop_the_run(harness, make):
    """A service that is down is not knocked at for every row of the file."""
    harness.server.close()
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(200)])
    stop = harness.send(concurrency=4)

    assert isinstance(stop.error, ServiceError)
    assert "10 requests in a row failed" in stop.reason
    assert {Outcome.NOT_SENT} == {result.outcome for result in harness.results()}


def test_look_ups_that_fail_now_and_then_stop_nothing(harness, make):
    """What many requests became is looked up, and each look-up fails once: those between are answered, so none fail in a row."""
    tenant, asked = TinyTenant(), set()
    for number in range(40):
        tenant.entities[number + 1] = (f"L{number}", json.loads(encode(make.loan(f"L{number}").payload)))

    def answer(request):
        if request.target in asked:
            return tenant(request)
        asked.add(request.target)
        return Answer(500)

    harness.server.answer = answer
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(40)])
    with harness.journal.begin() as connection:
        connection.execute(steps.update().values(state=State.SENDING, attempts=1))
    stop = harness.send()

    assert not stop.asked(), stop.reason
    assert {Outcome.ACCEPTED} == {result.outcome for result in harness.results()}
    assert all(is_look_up(request) for request in harness.server.requests)


def test_look_ups_that_are_never_answered_stop_the_run(harness, make):
    """Nobody can be told from what is there: the rest waits."""
    harness.server.answer = lambda _request: Answer(500)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(40)])
    with harness.journal.begin() as connection:
        connection.execute(steps.update().values(state=State.SENDING, attempts=1))
    stop = harness.send()

    assert "requests in a row failed: look-ups are not answered" in stop.reason
    assert len(harness.server.requests) < 20


def test_look_ups_that_are_answered_do_not_hide_that_nothing_is_taken(harness, make):
    """Each creation fails and each look-up is answered: the run stops all the same."""
    harness.server.answer = TinyTenant(*[LOST_500] * 200)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(200)])
    stop = harness.send(concurrency=4)

    assert isinstance(stop.error, ServiceError)
    assert "requests in a row failed: status 500" in stop.reason
    assert len(harness.server.requests) < 60
