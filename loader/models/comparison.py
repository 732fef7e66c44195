"""
Whether an entity that was read back is what was sent.

LoanPro answers with money as text, days as `/Date(seconds)/`, flags as 0 and 1, and nested entities that were not asked
for as `__deferred` (LoanPro reference 1.5, 1.6, 1.8).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

_SERVICE_DATE = re.compile(r"/Date\((-?\d{1,15})\)/")
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = frozenset({"", "0000-00-00", "0000-00-00 00:00:00", "/Date(-62169984000)/"})
_TRUTHS: dict[Any, bool] = {1: True, 0: False, "1": True, "0": False, "true": True, "false": False}


def differences(sent: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """
    Paths of the values that were sent and that the entity read back contradicts, in the order of the payload.

    What the entity does not show contradicts nothing: a field that is missing, a nested entity that is deferred, control
    fields. A list's items are compared with the items found that fit them best, since LoanPro does not promise their order.

    Args:
        sent: The payload, as `encode` takes it.
        found: The entity, as LoanPro's answer has it.
    """
    return list(_object_differences(sent, found, ""))


def nested_fields(sent: Mapping[str, Any]) -> list[str]:
    """Names of the objects and lists of a payload that hold something to compare."""
    return [
        name
        for name, value in sent.items()
        if isinstance(value, dict)
        and not name.startswith("__")
        and (any(_leaves(value, "")) or _linked(value))
    ]


def items_of(found: Any) -> list[dict[str, Any]] | None:
    """
    The items of a list in any of the forms in which LoanPro writes one, None where it is none.

    `{"results": [...]}`, a bare list, or an object with numbers as names, as PHP writes a list with gaps (LoanPro reference 1.6).
    """
    if isinstance(found, dict) and "results" in found:
        found = found["results"]
    if isinstance(found, dict) and found and all(str(key).isdecimal() for key in found):
        found = list(found.values())
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return None
    return found


def not_shown(sent: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Names of the objects and lists of a payload that the entity does not show, and that nobody can compare."""
    return [
        name
        for name in nested_fields(sent)
        if name not in found or (isinstance(found[name], dict) and "__deferred" in found[name])
    ]


def created_at(found: Mapping[str, Any]) -> datetime | None:
    """When LoanPro created the entity, aware UTC; None where it does not say (LoanPro reference 3.3)."""
    text = found.get("created")
    moment = _SERVICE_DATE.fullmatch(text) if isinstance(text, str) else None
    if moment is None or text in _NEVER:
        return None
    try:
        return _EPOCH + timedelta(seconds=int(moment[1]))
    except OverflowError:
        return None


def day_of(text: str) -> date | None:
    """
    The UTC calendar day of a date as LoanPro writes it, or None for a date that was never set.

    Raises:
        ValueError: It is no date.
    """
    if text in _NEVER:
        return None
    if found := _SERVICE_DATE.fullmatch(text):
        try:
            return (_EPOCH + timedelta(seconds=int(found[1]))).date()
        except OverflowError as error:
            raise ValueError(f"{text} is out of range") from error
    if found := _ISO_DATE.fullmatch(text):
        return date.fromisoformat(found[1])
    raise ValueError(f"{text!r} is not a date of LoanPro's")


def _object_differences(sent: dict[str, Any], found: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in sent.items():
        if name.startswith("__") or name not in found:
            continue
        path = f"{prefix}{name}"
        there = found[name]
        if isinstance(value, dict):
            yield from _nested_differences(value, there, path)
        elif not _same(value, there):
            yield path


def _nested_differences(sent: dict[str, Any], found: Any, path: str) -> Iterator[str]:
    if isinstance(found, dict) and "__deferred" in found:
        return
    if linked := _linked(sent):
        there = {str(item.get("id")) for item in items_of(found) or []}
        yield from (f"{path}[{n}]" for n, remote_id in enumerate(linked, start=1) if remote_id not in there)
    elif "results" in sent:
        yield from _list_differences(sent["results"], items_of(found) or [], path)
    elif isinstance(found, dict):
        yield from _object_differences(sent, found, f"{path}.")
    else:
        yield from _leaves(sent, f"{path}.")


def _linked(sent: dict[str, Any]) -> list[str]:
    """The ids that a list links, in its order; empty for any other list. A link may be dropped in silence (1.7)."""
    items = sent.get("results")
    if not isinstance(items, list):
        return []
    return [str(item["__id"]) for item in items if isinstance(item, dict) and "__id" in item]


def _list_differences(sent: list[dict[str, Any]], found: list[Any], path: str) -> Iterator[str]:
    """The items that fit each other best are paired first, so that an exact one is never used up by another."""
    prefixes = [f"{path}[{number}]." for number in range(1, len(sent) + 1)]
    pairs = [
        (list(_object_differences(item, other, prefixes[index])), index, position)
        for index, item in enumerate(sent)
        for position, other in enumerate(found)
        if isinstance(other, dict)
    ]
    pairs.sort(key=lambda pair: (len(pair[0]), pair[1], pair[2]))
    paired: dict[int, list[str]] = {}
    taken: set[int] = set()
    for unlike, index, position in pairs:
        if index not in paired and position not in taken:
            paired[index] = unlike
            taken.add(position)
    for index, item in enumerate(sent):
        yield from paired[index] if index in paired else _leaves(item, prefixes[index])


def _leaves(sent: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, value in sent.items():
        if name.startswith("__"):
            continue
        if name == "results" and isinstance(value, list):
            for number, item in enumerate(value, start=1):
                yield from _leaves(item, f"{prefix.removesuffix('.')}[{number}].")
        elif isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _same(sent: Any, found: Any) -> bool:
    match sent:
        case None | "":
            return found is None or found in _NEVER
        case bool():
            return _truth(found) is sent
        case date():
            return _same_day(sent, found)
        case int() | Decimal():
            return _same_number(sent, found)
        case str():
            return _same_text(sent, found)
        case _:
            return bool(sent == found)


def _truth(found: Any) -> bool | None:
    key = found.casefold() if isinstance(found, str) else found
    return _TRUTHS.get(key) if isinstance(key, str | int) else None


def _same_day(sent: date, found: Any) -> bool:
    try:
        return isinstance(found, str) and day_of(found) == sent
    except ValueError:
        return False


def _same_number(sent: int | Decimal, found: Any) -> bool:
    if isinstance(found, bool):
        return sent == int(found)
    if isinstance(found, str) and found.casefold() in ("true", "false"):
        return sent == int(found.casefold() == "true")
    if isinstance(found, str) and found.endswith((".yes", ".no")):
        return sent == int(found.endswith(".yes"))
    if not isinstance(found, str | int | float | Decimal):
        return False
    try:
        return Decimal(str(found)) == sent
    except InvalidOperation:
        return False


def _same_text(sent: str, found: Any) -> bool:
    """Exact; but a yes or no of an enumeration may come back as a flag (LoanPro reference 2.2, `firstDayInterest`)."""
    if sent.endswith((".yes", ".no")) and _truth(found) is not None:
        return _truth(found) is sent.endswith(".yes")
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return False
    return str(found) == sent
