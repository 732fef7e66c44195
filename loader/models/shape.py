"""
From columns of values to nested payloads: compiled once for a file, then run batch by batch.

A nested object or list item that takes fields from columns is left out of a row in which none of them has a value: a
constant alone does not make a phone. One that is made of constants only is always there. A list without items is left
out with its wrapper.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from loader.models.payload import Payload
from loader.models.structure import Step, UnknownField, locate

_Object = dict[str, Any]
_Columns = Sequence[Sequence[Any]]


@dataclass(slots=True)
class _Node:
    """One object of the payload: which columns fill it, and which objects and lists it holds."""

    sourced: dict[str, int] = field(default_factory=dict)
    constant: dict[str, int] = field(default_factory=dict)
    objects: dict[str, "_Node"] = field(default_factory=dict)
    lists: dict[str, dict[int, "_Node"]] = field(default_factory=dict)

    def child(self, step: Step) -> "_Node":
        if step.number is None:
            return self.objects.setdefault(step.name, _Node())
        return self.lists.setdefault(step.name, {}).setdefault(step.number, _Node())

    def is_sourced(self) -> bool:
        """Whether any field of it, or of what it holds, comes from a column."""
        items = (item for numbered in self.lists.values() for item in numbered.values())
        return bool(self.sourced) or any(node.is_sourced() for node in (*self.objects.values(), *items))


class PayloadShape:
    """
    The nesting of one step's payload.

    Args:
        model: The operation's payload model.
        paths: One path for each column of values, as templates write them, such as `Phones[1].phone`.
        constants: Those of the paths whose values are the template's own and no cell's.
        absent: The values that stand for "no value": all members of one or several enumerations.

    Raises:
        UnknownField: A path leads to no field of the model, or two paths are the same.
        ValueError: An absent value is not an enumeration's member, or other members of it are not absent.
    """

    def __init__(
        self,
        model: type[Payload],
        paths: Sequence[str],
        constants: Collection[str] = (),
        absent: Collection[Enum] = (),
    ) -> None:
        self.model = model
        self.paths = tuple(paths)
        # Absent values are told by their type: that needs neither the hash nor the equality of a Decimal.
        self._absent = frozenset(type(value) for value in absent)
        if any(not issubclass(kind, Enum) or not set(kind) <= set(absent) for kind in self._absent):
            raise ValueError("absent values are all the members of an enumeration")
        self._root = _compiled(model, self.paths, frozenset(constants))

    def build(self, columns: _Columns, count: int) -> list[_Object]:
        """
        One payload for each row.

        Args:
            columns: For each path, one value for each row.
            count: Number of rows.

        Raises:
            ValueError: There are not as many columns as paths, or a column is not as long as *count*.
        """
        if len(columns) != len(self.paths) or any(len(column) != count for column in columns):
            raise ValueError(f"{len(self.paths)} columns of {count} values are expected")
        absent = self._absent
        gaps = [
            ()
            if absent.isdisjoint(map(type, column))
            else [i for i, value in enumerate(column) if type(value) in absent]
            for column in columns
        ]
        return _Filler(columns, gaps, count).root(self._root)


def _compiled(model: type[Payload], paths: Sequence[str], constants: frozenset[str]) -> _Node:
    root = _Node()
    for index, path in enumerate(paths):
        *parents, last = locate(model, path).steps
        node = root
        for step in parents:
            node = node.child(step)
        if last.name in node.sourced or last.name in node.constant:
            raise UnknownField(path, [], f"{path} is given twice")
        (node.constant if path in constants else node.sourced)[last.name] = index
    return root


@dataclass(frozen=True, slots=True)
class _Filler:
    """
    Fills the nodes of a shape for one batch. Where an object is not in a row, None stands for it.

    Attributes:
        columns: The values, column by column.
        gaps: For each column, the rows in which it has no value.
        count: Number of rows.
    """

    columns: _Columns
    gaps: Sequence[Sequence[int]]
    count: int

    def root(self, node: _Node) -> list[_Object]:
        """The payload itself, which is there whether or not it has any field."""
        rows = self._leaves(node.sourced)
        self._add_sourced(node, rows)
        self._add_constant(node, rows)
        return rows

    def nested(self, node: _Node) -> list[_Object | None]:
        """An object below the payload."""
        rows = self._leaves(node.sourced)
        if not node.is_sourced():
            self._add_constant(node, rows)
            return list(rows)
        self._add_sourced(node, rows)
        there = [row for row in rows if row]
        if len(there) == self.count:
            self._add_constant(node, rows)
            return list(rows)
        kept: list[_Object | None] = [row or None for row in rows]
        self._add_constant(node, kept)
        return kept

    def _leaves(self, leaves: dict[str, int]) -> list[_Object]:
        """Plain fields, those without a value left out."""
        if not leaves:
            return [{} for _ in range(self.count)]
        names = tuple(leaves)
        values = zip(*(self.columns[index] for index in leaves.values()), strict=True)
        rows = [dict(zip(names, row)) for row in values]  # noqa: B905 - equal by construction, and checking costs a third
        # Rows are made whole and their gaps taken out, column by column: most columns have none.
        for name, index in leaves.items():
            for gap in self.gaps[index]:
                del rows[gap][name]
        return rows

    def _add_sourced(self, node: _Node, rows: Sequence[_Object]) -> None:
        """Objects and lists that take something from a column."""
        for name, child in node.objects.items():
            if child.is_sourced():
                _set(rows, name, self.nested(child))
        for name, numbered in node.lists.items():
            if any(item.is_sourced() for item in numbered.values()):
                _set(rows, name, self._wrapped(numbered))

    def _add_constant(self, node: _Node, rows: Sequence[_Object | None]) -> None:
        """What is the template's own, where the object is there at all."""
        if node.constant:
            for row, constants in zip(rows, self._leaves(node.constant), strict=True):
                if row is not None:
                    row.update(constants)
        for name, child in node.objects.items():
            if not child.is_sourced():
                _set(rows, name, self.nested(child))
        for name, numbered in node.lists.items():
            only = {number: item for number, item in numbered.items() if not item.is_sourced()}
            if only:
                _set(rows, name, self._wrapped(only), replace=False)

    def _wrapped(self, numbered: dict[int, _Node]) -> Iterator[_Object | None]:
        """A list's items in the order of their numbers, or None for a row in which no column fills one."""
        nodes = [numbered[number] for number in sorted(numbered)]
        if len(nodes) == 1:
            for item in self.nested(nodes[0]):
                yield None if item is None else {"results": [item]}
            return
        sourced = [node.is_sourced() for node in nodes]
        anyhow = not any(sourced)
        for items in zip(*(self.nested(node) for node in nodes), strict=True):
            there = [item for item in items if item is not None]
            if anyhow or len(there) == len(items) or any(map(_both, items, sourced)):
                yield {"results": there}
            else:
                yield None


def _both(item: _Object | None, sourced: bool) -> bool:  # noqa: FBT001 - called by map
    return item is not None and sourced


def _set(rows: Sequence[_Object | None], name: str, values: Any, *, replace: bool = True) -> None:
    for row, value in zip(rows, values, strict=True):
        if row is not None and value is not None and (replace or name not in row):
            row[name] = value
