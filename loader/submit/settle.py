"""
Settles what is unknown: is the entity there, and is it ours?

The natural key is looked up in the ways that the operation names, OData before search, since a search index lags behind
(LoanPro reference, 7). Only two looks that were answered and found nothing mean "not there", and not where an answer may hold the
entity without showing it. What is found is read back with all that the payload holds, and compared.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loader.models.comparison import created_at, differences, items_of, not_shown
from loader.models.look_up import LookUp
from loader.models.operation import Operation, entity_id
from loader.submit.answers import error_object, parse
from loader.submit.client import Reply

LOOKS_BEFORE_NOT_THERE = 2
PAUSE_BETWEEN_LOOKS_S = 5.0
"""What took no effect by then is taken to have had none: LoanPro gives no time (LoanPro reference 4.4)."""
CLOCKS_MAY_DIFFER = timedelta(minutes=15)
"""An entity created longer than this before the run began is not the run's own, whatever the clocks say."""
_ROUNDS = 2
_OK = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one entity has the key."""

    remote_id: int


@dataclass(frozen=True, slots=True)
class NotThere:
    """Two looks found nothing."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one entity has the key: a person must decide."""

    remote_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CannotLook:
    """The service would not say."""

    reason: str


LookedUp = Found | NotThere | Several | CannotLook

Ask = Callable[[LookUp], Awaitable[Reply | str]]
"""Sends a look-up at the run's pace; a text says why no answer could be had."""


async def look_up(
    operation: Operation,
    key: str,
    ask: Ask,
    pause: Callable[[float], Awaitable[None]],
    *,
    enough: int = LOOKS_BEFORE_NOT_THERE,
) -> LookedUp:
    """
    Look for the entity that the operation makes.

    Args:
        operation: Knows how its entities are found by key.
        key: The natural key.
        ask: Sends one look-up.
        pause: Waits between two looks, in seconds.
        enough: So many looks that find nothing mean "not there"; one is enough for what has been there for long.
    """
    empty_looks, hidden, reason = 0, 0, "no look-up was answered"
    for number, look in enumerate(list(operation.look_ups(key)) * _ROUNDS):
        if number:
            await pause(PAUSE_BETWEEN_LOOKS_S)
        answer = await ask(look)
        entities = answer if isinstance(answer, str) else _entities(answer, look)
        if isinstance(entities, str):
            reason = entities
            continue
        matching = [entity for entity in entities.shown if operation.matches(entity, key)]
        if not matching and entities.missing:
            reason = entities.missing
            continue
        found = _ids(matching)
        if found is None:
            return CannotLook("the look-up's answer names no id")
        if len(found) > 1:
            return Several(tuple(sorted(found)))
        if found:
            return Found(found.pop())
        hidden = max(hidden, sum(operation.hides(entity, key) for entity in entities.shown))
        empty_looks += look.proves_absence
        if empty_looks == enough and not hidden:
            return NotThere()
    if hidden:
        return CannotLook(f"LoanPro does not show enough of {hidden} that may be it")
    return CannotLook(reason)


async def all_shown(
    operation: Operation, key: str, ask: Ask, pause: Callable[[float], Awaitable[None]]
) -> list[dict[str, Any]] | CannotLook:
    """
    Everything in the list that the operation adds to, from the first look-up that shows it whole.

    Args:
        operation: Knows how its entities are found.
        key: Natural key of one of them.
        ask: Sends one look-up.
        pause: Waits between two looks, in seconds.
    """
    reason = "no look-up was answered"
    for number, look in enumerate(list(operation.look_ups(key)) * _ROUNDS):
        if number:
            await pause(PAUSE_BETWEEN_LOOKS_S)
        answer = await ask(look)
        entities = answer if isinstance(answer, str) else _entities(answer, look)
        if isinstance(entities, _Entities) and not entities.missing:
            return entities.shown
        reason = entities if isinstance(entities, str) else entities.missing
    return CannotLook(reason)


def _ids(entities: list[dict[str, Any]]) -> set[int] | None:
    """Ids of entities, None where one has none."""
    try:
        return {entity_id(entity) for entity in entities}
    except ValueError:
        return None


async def compare(
    operation: Operation, remote_id: int, payload: Mapping[str, Any], begun_at: datetime | None, ask: Ask
) -> str | CannotLook:
    """
    Whether an entity that was found is what the payload asked for.

    Args:
        operation: Knows how its entities are read.
        remote_id: LoanPro's id.
        payload: What was sent.
        begun_at: When the run began: what is older is not its own. None where it need not be.
        ask: Sends a look-up.

    Returns:
        "" where it is ours, else why it is not, or why nobody can say.
    """
    look = operation.read_back(remote_id, payload)
    answer = await ask(look)
    if isinstance(answer, str):
        return CannotLook(answer)
    entity = _entity(answer, look, remote_id)
    if entity is None:
        return CannotLook(f"reading it back was answered with status {answer.status}")
    made = created_at(entity)
    if begun_at is not None and made is not None and made < begun_at - CLOCKS_MAY_DIFFER:
        return f"it was in LoanPro before this run: created {made:%Y-%m-%d %H:%M} UTC"
    if hidden := not_shown(payload, entity):
        return f"LoanPro does not show its {', '.join(hidden)}, so that nobody can compare"
    other = differences(dict(payload), entity)
    return f"it has other values: {', '.join(other)}" if other else ""


@dataclass(frozen=True, slots=True)
class _Entities:
    """What an answer lists, and why it may not be all, "" where it is."""

    shown: list[dict[str, Any]]
    missing: str = ""


def _entity(reply: Reply, look: LookUp, remote_id: int) -> dict[str, Any] | None:
    """The entity that was read back, from inside the answered one where it is an item of its list."""
    if look.inside:
        items = _entities(reply, look)
        shown = [] if isinstance(items, str) else items.shown
        return next((item for item in shown if str(item.get("id")) == str(remote_id)), None)
    body = parse(reply.body)
    entity = body.get("d") if isinstance(body, dict) else None
    there = reply.status == _OK and isinstance(entity, dict) and entity.get("id") is not None
    return entity if there else None


def _entities(reply: Reply, look: LookUp) -> _Entities | str:
    """
    The entities of a list answer, or why it is none.

    All documented forms of a list are taken (LoanPro reference, 1.6). Whatever is no list says nothing about what is there: an
    error may stand inside `d`, under status 200 (4.2).
    """
    body = parse(reply.body)
    if reply.status != _OK or not isinstance(body, dict) or error_object(body) is not None:
        return f"the look-up was answered with status {reply.status}"
    found = body.get("d")
    if look.inside:
        found = found.get(look.inside) if isinstance(found, dict) else None
    entities = items_of(found)
    if entities is None:
        return "the look-up's answer holds no list"  # deferred, or about something else: nobody has looked
    left_out = _left_out(found, len(entities))
    if left_out and not entities:
        return left_out
    if not all(look.asked_for(entity) for entity in entities):
        return _Entities(entities, "the look-up's answer shows what was not asked for")
    return _Entities(entities, left_out if look.whole else "")


def _left_out(found: Any, shown: int) -> str:
    """What a list's summary says is missing from it: a page of a list proves nothing (LoanPro reference 1.5)."""
    summary = found.get("summary") if isinstance(found, dict) else None
    total = summary.get("total") if isinstance(summary, dict) else None
    if isinstance(total, int | str) and str(total).isdecimal() and int(total) > shown:
        return f"the look-up's answer shows {shown} of {total}"
    return ""
