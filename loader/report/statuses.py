"""What an HTTP status code means coming from LoanPro, in words for a reader who does not know HTTP."""

from functools import cache
from http import HTTPStatus

# LoanPro reference 4.1: 200, 401, 404, 409 and 500 are LoanPro's own explanations; it documents none of the others.
_MEANINGS = {
    200: "answered",
    401: "token or tenant id not valid",
    403: "access refused",
    404: "wrong endpoint",
    408: "request timed out",
    409: "could not be done, see message",
    422: "payload not valid",
    429: "too many requests",
    500: "fault or time-out in LoanPro",
    502: "gateway fault",
    503: "service not available",
    504: "gateway timed out",
}


@cache
def status_meaning(status: int | None, attempts: int) -> str:
    """
    The meaning of a step's last answer.

    A 200 is only "answered": LoanPro also answers 200 with an error in the body (LoanPro reference 4.2), and the
    outcome says what it came to.

    Args:
        status: The status code, None where there was no answer.
        attempts: How often the request was sent; without any, there is nothing to explain.
    """
    if status is None:
        return "no answer" if attempts else ""
    if status in _MEANINGS:
        return _MEANINGS[status]
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "not a known status"
