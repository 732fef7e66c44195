"""
Settles what is unknown: is the entity there, and is it ours?

The natural key is looked up in the ways that the operation names, OData before search, since a search index lags behind
(LoanPro reference, 7). Only two looks that were answered and found nothing mean "not there".
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from loader.models.look_up import LookUp
from loader.models.operations import Operation, entity_id
from loader.submit.answers import parse
from loader.submit.client import Reply

LOOKS_BEFORE_NOT_THERE = 2
PAUSE_BETWEEN_LOOKS_S = 2.0
_ROUNDS = 2
_OK = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one entity has the key."""

    remote_id: int
    entity: dict[str, Any]


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
    operation: Operation, key: str, ask: Ask, pause: Callable[[float], Awaitable[None]]
) -> LookedUp:
    """
    Look for the entity that the operation makes.

    Args:
        operation: Knows how its entities are found by key.
        key: The natural key.
        ask: Sends one look-up.
        pause: Waits between two looks, in seconds.
    """
    empty_looks, reason = 0, "no look-up was answered"
    for number, look in enumerate(list(operation.look_ups(key)) * _ROUNDS):
        if number:
            await pause(PAUSE_BETWEEN_LOOKS_S)
        answer = await ask(look)
        entities = answer if isinstance(answer, str) else _entities(answer)
        if isinstance(entities, str):
            reason = entities
            continue
        found = {entity_id(entity): entity for entity in entities if operation.matches(entity, key)}
        if len(found) > 1:
            return Several(tuple(sorted(found)))
        if found:
            return Found(*found.popitem())
        empty_looks += 1
        if empty_looks == LOOKS_BEFORE_NOT_THERE:
            return NotThere()
    return CannotLook(reason)


def _entities(reply: Reply) -> list[dict[str, Any]] | str:
    """The entities of a list answer, or why it is none. Both documented forms of a list are taken (LoanPro reference, 1.6)."""
    body = parse(reply.body)
    if reply.status != _OK or not isinstance(body, dict) or body.get("error"):
        return f"the look-up was answered with status {reply.status}"
    return list(_listed(body.get("d"))) if "d" in body else 'the look-up\'s answer has no root object "d"'


def _listed(found: Any) -> Iterator[dict[str, Any]]:
    entities = found.get("results", [found]) if isinstance(found, dict) else found
    if isinstance(entities, dict):  # LoanPro's PHP writes a list with gaps as an object
        entities = list(entities.values())
    if isinstance(entities, list):
        yield from (entity for entity in entities if isinstance(entity, dict))
