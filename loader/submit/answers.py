"""
What an answer means, judged by status and body alike (design, section 4; LoanPro reference 4.1 and 4.2).

Status 200 proves nothing: LoanPro's own rule asks for a root object `d` too, and errors come in four shapes, one of them under
status 200.
"""

import email.utils
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loader.models.operation import entity_id
from loader.models.record import Record
from loader.submit.client import Reply

_DECODER = json.JSONDecoder(parse_float=Decimal)
"""Made once: `json.loads` makes one for each answer."""
_LONGEST_RAW_TEXT = 300
_UNAUTHORISED_STATUSES = {401, 403}
_WARNING_WORDS = ("warning", "duplicate", "already exists", "already in use", "already used")


class Accepted(Record, frozen=True):
    """LoanPro took it."""

    remote_id: int
    entity: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """LoanPro refused it for good."""

    message: str


@dataclass(frozen=True, slots=True)
class Warned:
    """LoanPro raised a transaction warning: a person must decide."""

    message: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows whether it took effect; `pause_s` is the wait that the service asked for, None if none."""

    reason: str
    pause_s: float | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Refused for now, before it took effect (429); None where the service names no time."""

    message: str
    pause_s: float | None


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """The token or the tenant id is wrong: the run must stop."""

    message: str


@dataclass(frozen=True, slots=True)
class Misdirected:
    """There is nothing at the address that takes such requests: the run must stop."""

    message: str


Verdict = Accepted | Rejected | Warned | Unclear | Throttled | Unauthorised | Misdirected


def judge(reply: Reply, *, now: datetime | None = None) -> Verdict:
    """
    The meaning of an answer to a request that creates an entity.

    Args:
        reply: The answer.
        now: The time that a Retry-After date is measured from; the present if None.
    """
    if reply.status in _UNAUTHORISED_STATUSES:
        return Unauthorised(message_of(reply))
    if reply.status == 429:  # noqa: PLR2004  Too Many Requests
        return Throttled(message_of(reply), retry_after_s(reply.retry_after, now))
    if is_passing(reply.status):
        return Unclear(reason_of(reply), retry_after_s(reply.retry_after, now))
    if 200 <= reply.status < 300:  # noqa: PLR2004  success, if the body agrees
        return _judge_success(reply)
    if reply.status < 400:  # noqa: PLR2004  a redirect: nobody promised anything
        return Unclear(f"status {reply.status}: the service redirects instead of answering")
    return _refused(reply)


def _refused(reply: Reply) -> Rejected | Warned:
    """A refusal, read with care: a transaction warning is for a person to decide."""
    warnings = tuple(_warnings(parse(reply.body)))
    message = message_of(reply)
    if warnings or (reply.status == 409 and _sounds_like_warning(message)):  # noqa: PLR2004  Conflict
        return Warned(message, warnings or (message,))
    return Rejected(message)


def is_passing(status: int) -> bool:
    """True for a status that speaks of the service's state and not of the request: asking again may help."""
    return status in {408, 429} or status >= 500  # noqa: PLR2004  any server error


def _judge_success(reply: Reply) -> Verdict:
    body = parse(reply.body)
    if not isinstance(body, dict):
        return Unclear(f"status {reply.status}, but the answer is no JSON object")
    if error_object(body) is not None:
        return _refused(reply)
    entity = body.get("d")
    if not isinstance(entity, dict):
        return Unclear(f'status {reply.status}, but the answer has no root object "d"')
    try:
        return Accepted(entity_id(entity), entity)
    except ValueError as error:
        return Unclear(f"status {reply.status}, but {error}")


def parse(body: bytes) -> Any:
    """The body as JSON with exact numbers, None where it is none."""
    try:
        return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError):
        return None


def says_something(reply: Reply) -> bool:
    """Whether the body has one of LoanPro's forms: a root object `d`, or an error in any of its shapes (LoanPro reference 4.1 and 4.2)."""
    body = parse(reply.body)
    return isinstance(body, dict) and (body.get("d") is not None or any(_messages(body)))


def message_of(reply: Reply) -> str:
    """
    The service's own words, whole: from any of the four error shapes, else the beginning of the text.

    Order as in LoanPro reference 4.2: `d.error` or `error`, its `message.value` or `message`; `warnings`; else
    `message` with `context.errors`; else the first 300 characters.
    """
    body = parse(reply.body)
    parts = list(dict.fromkeys(part for part in _messages(body) if part))
    if parts:
        return "; ".join(parts)
    text = " ".join(reply.body.decode(errors="replace").split())
    return text[:_LONGEST_RAW_TEXT] or "the answer is empty"


def _messages(body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        return
    error = error_object(body)
    if isinstance(error, dict):
        message = error.get("message")
        yield _text(message.get("value", message) if isinstance(message, dict) else message)
    elif error is not None:
        yield _text(error)
    yield from _warnings(body)
    yield _text(body.get("message"))
    context = body.get("context")
    if isinstance(context, dict):
        errors = context.get("errors")
        found = (
            errors.values() if isinstance(errors, dict) else errors if isinstance(errors, list) else [errors]
        )
        yield from (_text(part) for part in found)


def error_object(body: dict[str, Any]) -> Any:
    """The error that an answer holds at its root or inside `d`, None where there is none (LoanPro reference 4.2)."""
    inner = body.get("d")
    if isinstance(inner, dict) and inner.get("error"):
        return inner["error"]
    return body.get("error") or None


def _warnings(body: Any) -> Iterator[str]:
    """The list that LoanPro sends beside the error, at the root, inside `d` or inside the error."""
    if not isinstance(body, dict):
        return
    for holder in (body, body.get("d"), error_object(body)):
        found = holder.get("warnings") if isinstance(holder, dict) else None
        if isinstance(found, list):
            yield from (_text(warning) for warning in found)


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value.strip() if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text.encode(errors="replace").decode()  # JSON may hold half of a pair, which no file can


def _sounds_like_warning(message: str) -> bool:
    folded = message.casefold()
    return any(word in folded for word in _WARNING_WORDS)


def reason_of(reply: Reply) -> str:
    """Status and words of an answer that gives nothing."""
    return f"status {reply.status}: {message_of(reply)}"


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """
    A Retry-After header in seconds, given as seconds or as a date (RFC 9110, 10.2.3).

    A date that has passed is 0; None where there is no header or it cannot be understood.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and text.isascii():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
