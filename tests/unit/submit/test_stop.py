"""When a service that fails stops the run, and when it does not."""

import itertools
import json

import pytest
from fakes.scripted_server import Answer
from fakes.tiny_tenant import LOST_500, TinyTenant, is_look_up

from loader.errors import ServiceError
from loader.models.encoding import encode
from loader.models.outcome import Outcome
from loader.submit.stop import Stop

HTML = Answer(200, b"<html>Back soon</html>")
NOWHERE = Answer(404, b"<html>Not found</html>")
EMPTY = Answer(200, b"{}")
ELSEWHERE = Answer(302, b"")


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
    harness.leave_in_doubt()
    stop = harness.send()

    assert not stop.asked(), stop.reason
    assert {Outcome.ACCEPTED} == {result.outcome for result in harness.results()}
    assert all(is_look_up(request) for request in harness.server.requests)


def test_look_ups_that_are_never_answered_stop_the_run(harness, make):
    """Nobody can be told from what is there: the rest waits."""
    harness.server.answer = lambda _request: Answer(500)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(40)])
    harness.leave_in_doubt()
    stop = harness.send()

    assert "10 look-ups in a row were not answered: status 500" == stop.reason
    assert len(harness.server.requests) < 20


def test_look_ups_that_are_answered_do_not_hide_that_nothing_is_taken(harness, make):
    """Each creation fails and each look-up is answered: the run stops all the same."""
    harness.server.answer = TinyTenant(*[LOST_500] * 200)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(200)])
    stop = harness.send(concurrency=4)

    assert isinstance(stop.error, ServiceError)
    assert "requests in a row failed: status 500" in stop.reason
    assert len(harness.server.requests) < 60


@pytest.mark.parametrize("useless", [HTML, NOWHERE, EMPTY, ELSEWHERE])
@pytest.mark.parametrize("between", [Answer(502), None])
def test_answers_that_say_nothing_are_none(harness, make, useless, between):
    """As of a proxy before a service that is away: whether or not others are lost between them, they do not keep the run going."""
    answers = itertools.cycle([between or useless, useless])
    harness.server.answer = lambda _request: next(answers)
    harness.begin([make.row(n, make.loan(f"L{n}")) for n in range(100)])
    harness.leave_in_doubt()
    stop = harness.send(concurrency=4)

    assert "look-ups in a row were not answered: status" in stop.reason
    assert len(harness.server.requests) < 30
    assert {Outcome.UNKNOWN} == {result.outcome for result in harness.results()}


def test_each_kind_of_request_is_counted_apart():
    """Nine failures of each are not ten in a row; whatever LoanPro decides begins both counts anew, a look-up its own alone."""
    stop = Stop()
    for decided in (True, False):
        for _ in range(9):
            stop.failed("status 500")
            stop.look_failed("status 500")
        assert not stop.asked()
        if decided:
            stop.answered()
    stop.look_answered()
    stop.look_failed("status 500")
    assert not stop.asked()
    stop.failed("status 502")

    assert "10 requests in a row failed: status 502" == stop.reason
