"""
Every way in which the tenant says no, and the body that says it.

LoanPro answers errors in four shapes, some with status 200 (LoanPro reference 4.2). All of them occur here:

    what is wrong                        status  reason               body
    token or tenant id                   401     unauthorised         code, message, context.errors as a list
    no such endpoint                     404     no-endpoint          code, message, context.errors as an object
    a field has a bad value              409     invalid              code, message, context.errors as an object
    a field is missing                   409     missing              error.message.value
    a possible duplicate                 409     warning              error.message.value, and the list `warnings`
    GET of a record that is not there    200     not-found            error.message.value
    change of one that is not there      409     not-found            d.error.message.value
    link to one that is not there        409     no-link              error.message as text
    a query option                       409     query                error.message as a list
    the state forbids it                 409     state                message
    the body is not JSON                 409     malformed            message
    too many requests                    429     throttled            message
    out of order, on purpose             500/503 fault                code, message, context.errors as a list
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the program
    """
    An answer that refuses the request.

    Attributes:
        status: HTTP status code.
        reason: Name in the table above.
        body: The JSON body.
        headers: Further headers.
    """

    def __init__(
        self, status: int, reason: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = body
        self.headers = headers or {}


def _help_centre(status: int, number: int, message: str, errors: object) -> dict[str, Any]:
    return {
        "code": f"{status}-CN{number:04}",
        "message": message,
        "context": {"ip": "127.0.0.1", "uri": "/api/public/api/1/", "user_id": 1, "errors": errors},
    }


def _odata(kind: str, message: object) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}


def _text(message: str) -> dict[str, str]:
    return {"lang": "en-US", "value": message}


def unauthorised() -> Refusal:
    """The token, the tenant id, or both are not valid."""
    message = "Unauthorized"
    return Refusal(
        401, "unauthorised", _help_centre(401, 1, message, ["Invalid token or Autopal-Instance-Id"])
    )


def no_endpoint(path: str) -> Refusal:
    """There is nothing at this path, or not for this method."""
    return Refusal(404, "no-endpoint", _help_centre(404, 2, "Endpoint not found", {"path": path}))


def invalid(errors: Mapping[str, str]) -> Refusal:
    """Fields with a bad value, each with what is wrong with it."""
    return Refusal(409, "invalid", _help_centre(409, 3, "Invalid value", dict(errors)))


def missing(labels: Sequence[str]) -> Refusal:
    """Required fields, in words such as `Mail Address`, that the payload lacks."""
    message = ", ".join(f"{label} is required" for label in labels)
    return Refusal(409, "missing", _odata("ValidationException", _text(message)))


def warning(warnings: Sequence[str]) -> Refusal:
    """Transaction warnings: possible duplicates, which `__ignoreWarnings` may override."""
    body = _odata("TransactionWarning", _text("The transaction was stopped by warnings"))
    return Refusal(409, "warning", {**body, "warnings": list(warnings)})


def not_found(entity: str, *, reading: bool) -> Refusal:
    """The record is not there; a read says so with status 200."""
    body = _odata("ODataException", _text(f"Resource not found for the segment '{entity}'"))
    return Refusal(200, "not-found", body) if reading else Refusal(409, "not-found", {"d": body})


def no_link(entity: str, key: int) -> Refusal:
    """The record that a link names is not there."""
    return Refusal(409, "no-link", {"error": {"message": f"{entity}({key}) does not exist"}})


def query(message: str) -> Refusal:
    """A query option, or a search, that cannot be understood."""
    return Refusal(409, "query", _odata("ODataException", [message]))


def state(message: str) -> Refusal:
    """What the record is does not allow this change."""
    return Refusal(409, "state", {"message": message})


def malformed(message: str) -> Refusal:
    """The body is not the JSON object that it must be."""
    return Refusal(409, "malformed", {"message": message})


def throttled(wait: str) -> Refusal:
    """Too many requests; *wait* is the `Retry-After` header."""
    return Refusal(429, "throttled", {"message": "Too many requests"}, {"retry-after": wait})


def out_of_order(status: int, wait: str = "") -> Refusal:
    """A fault on purpose, 500 or 503; *wait* is the `Retry-After` header, "" for none."""
    body = _help_centre(status, 5, "Internal service error", ["The service could not complete the request"])
    return Refusal(status, "fault", body, {"retry-after": wait} if wait else {})
