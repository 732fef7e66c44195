"""What an answer means. The bodies are the documented shapes of LoanPro reference 4.2, literally."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.submit.answers import (
    Accepted,
    Rejected,
    Throttled,
    Unauthorised,
    Unclear,
    Warned,
    judge,
    message_of,
    parse,
    retry_after_s,
)
from loader.submit.client import Reply


def reply(status, body=b"", retry_after=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content, retry_after, 12.0)


def test_success_is_status_200_and_a_root_d():
    """LoanPro's own rule for success has two parts (reference 1.6)."""
    assert Accepted(4321, {"id": 4321, "displayId": "L1"}) == judge(
        reply(200, {"d": {"id": 4321, "displayId": "L1"}})
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Bad Gateway</body></html>",
        b'{"id": 4321}',
        b'{"d": [4321]}',
        b'{"d": {}}',
        b'{"d": {"id": "x"}}',
        b"[]",
        b"true",
        b"[" * 100_000,
    ],
)
def test_a_200_that_is_not_the_promised_json_is_unclear(body):
    """Nobody knows whether such a request took effect."""
    assert isinstance(judge(reply(200, body)), Unclear)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599, 301, 307])
def test_a_failing_service_is_unclear(status):
    """LoanPro reports its own time-outs as 500 (reference 4.1)."""
    assert isinstance(judge(reply(status, {"d": {"id": 1}})), Unclear)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_stops_everything(status):
    """The row is not to blame."""
    assert isinstance(judge(reply(status, {"message": "no"})), Unauthorised)


SHAPES = {
    "help centre, list": (
        {
            "code": "409-CN0001",
            "message": "Conflict",
            "context": {"ip": "1.2.3.4", "errors": ["Mail Address is required"]},
        },
        "Conflict; Mail Address is required",
    ),
    "help centre, object": (
        {"code": "409-CN0001", "message": "Conflict", "context": {"errors": {"a": "one", "b": "two"}}},
        "Conflict; one; two",
    ),
    "odata, value": (
        {"error": {"type": "ApiException", "message": {"lang": "en", "value": "Loan amount is required"}}},
        "Loan amount is required",
    ),
    "odata, text": ({"error": {"message": "Loan amount is required"}}, "Loan amount is required"),
    "odata inside d": ({"d": {"error": {"message": {"value": "no such loan"}}}}, "no such loan"),
    "odata, any json": ({"error": {"message": ["a", "b"]}}, '["a", "b"]'),
    "plain message": ({"message": "no"}, "no"),
    "plain error": ({"error": "no"}, "no"),
}


@pytest.mark.parametrize(("body", "message"), SHAPES.values(), ids=SHAPES)
def test_the_message_is_found_in_each_shape(body, message):
    """All four shapes of an error keep their words, whole."""
    assert Rejected(message) == judge(reply(409, body))


def test_status_200_with_an_error_body_is_a_refusal():
    """LoanPro once answered a missing loan with 200 and an error (reference 4.2, point 3)."""
    body = {"error": {"message": {"value": "Resource not found for the segment 'Loans'"}}}

    assert Rejected("Resource not found for the segment 'Loans'") == judge(reply(200, body))


def test_a_409_with_warnings_is_held():
    """A list of warnings beside the error asks for a person (reference 4.2, point 2)."""
    verdict = judge(
        reply(409, {"error": {"message": {"value": "Stopped"}}, "warnings": ["Loan L1 already exists"]})
    )

    assert Warned("Stopped; Loan L1 already exists", ("Loan L1 already exists",)) == verdict


@pytest.mark.parametrize(
    "message", ["Transaction warning: same address", "A customer with this SSN already exists"]
)
def test_a_409_that_speaks_of_a_duplicate_is_held(message):
    """Also where the warning comes without a list of its own."""
    assert isinstance(judge(reply(409, {"message": message})), Warned)


def test_throttling_names_its_pause():
    """429 certainly had no effect; Retry-After says how long to wait."""
    assert Throttled("slow down", 7.0) == judge(reply(429, {"message": "slow down"}, "7"))
    assert 3.0 == judge(reply(503, b"", "3")).pause_s


def test_retry_after_in_all_its_forms():
    """Seconds, a date, a date that has passed, nothing, nonsense (RFC 9110, 10.2.3)."""
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert 90.0 == retry_after_s("90", now)
    assert 60.0 == retry_after_s(format_datetime(now + timedelta(minutes=1), usegmt=True), now)
    assert 0.0 == retry_after_s(format_datetime(now - timedelta(days=1), usegmt=True), now)
    assert retry_after_s(None) is None
    assert retry_after_s("soon") is None
    assert retry_after_s("-5") is None


@given(st.binary(max_size=400), st.integers(100, 599))
def test_no_answer_raises(body, status):
    """Whatever comes back has a meaning and a message."""
    assert judge(reply(status, body)) is not None
    assert message_of(reply(status, body))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda c: (
            st.lists(c)
            | st.dictionaries(
                st.sampled_from(["d", "error", "message", "value", "warnings", "context", "errors", "id"]), c
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_raises(body):
    """Documented names in undocumented places do not confuse the judge."""
    for status in (200, 409):
        assert judge(reply(status, body)) is not None


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=6,
        ).flatmap(
            lambda value: st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]).map(
                lambda encoding: json.dumps(value).encode(encoding)
            )
        ),
    )
)
def test_a_body_is_read_as_the_library_reads_it(body):
    """The decoder that is made once takes and refuses what `json.loads` does, in every encoding, with exact numbers."""
    try:
        wanted = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        wanted = None

    assert repr(wanted) == repr(parse(body))
