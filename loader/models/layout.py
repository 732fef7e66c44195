"""
The nesting of payloads that have the same fields, apart from their values.

Most rows of a file have one of a few layouts: what is true of the nesting alone is found once for each of them, and the rows take
their values from columns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeAlias

from loader.models.payload import Payload
from loader.models.structure import fields_by_name, nested

_Columns: TypeAlias = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Constant:
    """
    A value that all payloads of a layout have.

    Attributes:
        value: As it is sent.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """
    A value that each payload has of its own.

    Attributes:
        index: Position of its column among the columns of values.
    """

    index: int


Leaf: TypeAlias = Constant | Column


class Layout:
    """
    What payloads of one nesting have in common.

    Args:
        nesting: A payload with a `Leaf` in the place of each value, in the order in which it is sent.

    Attributes:
        leaves: Path of each value to where it comes from, in the order of the paths: the same for all payloads that would say the
            same, however they came about.
    """

    def __init__(self, nesting: Mapping[str, Any]) -> None:
        self._nesting = nesting
        self.leaves: Mapping[str, Leaf] = dict(sorted(leaves_of(nesting), key=itemgetter(0)))

    def payloads(self, columns: _Columns, count: int) -> list[dict[str, Any]]:
        """
        The payloads themselves.

        Args:
            columns: The columns of values, one value for each payload.
            count: How many payloads.
        """
        return list(_filled(self._nesting, columns, count))

    def values(self, columns: _Columns, count: int) -> list[Iterable[Any]]:
        """The values alone, column by column, in the order of their paths."""
        return [_of_leaf(leaf, columns, count) for leaf in self.leaves.values()]


def leaves_of(payload: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value below a payload with its path, list items numbered from 0; what is empty counts as a value."""
    if isinstance(payload, dict) and payload:
        for name, value in payload.items():
            yield from leaves_of(value, f"{path}.{name}" if path else name)
    elif isinstance(payload, list) and payload:
        for number, value in enumerate(payload):
            yield from leaves_of(value, f"{path}.{number}")
    else:
        yield path, payload


def in_model_order(model: type[Payload], payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload with its fields in the order of the model, which is that of a checked payload."""
    ordered = {}
    for name in fields_by_name(model):
        if name not in payload:
            continue
        value, inner = payload[name], nested(model, name)
        if inner is not None and inner[1]:
            ordered[name] = {"results": [in_model_order(inner[0], item) for item in value["results"]]}
        else:
            ordered[name] = value if inner is None else in_model_order(inner[0], value)
    return ordered


def _of_leaf(leaf: Leaf, columns: _Columns, count: int) -> Iterable[Any]:
    return columns[leaf.index] if isinstance(leaf, Column) else repeat(leaf.value, count)


def _filled(part: Any, columns: _Columns, count: int) -> Any:
    """One value, object or list for each payload."""
    match part:
        case dict():
            names = tuple(part)
            if not names:
                return [{} for _ in range(count)]
            values = zip(*(_filled(inner, columns, count) for inner in part.values()), strict=True)
            return [dict(zip(names, row)) for row in values]  # noqa: B905 - equal by construction, and checking costs a third
        case list():
            return map(list, zip(*(_filled(inner, columns, count) for inner in part), strict=True))
        case _:
            return _of_leaf(part, columns, count)
