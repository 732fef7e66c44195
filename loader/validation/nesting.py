"""
What is true of all rows in which the same fields are there: how their payloads nest, and which conditions decide whether they are plain.

A file has few of these nestings, however many rows it has; each is decided once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

from loader.mapping.mapped import OMITTED
from loader.models.checking import ColumnCheck
from loader.models.layout import Column, Constant, Layout, Leaf, in_model_order, leaves_of
from loader.models.marker import marked, marker_of, surely_markable
from loader.models.structure import locate
from loader.validation.payload import missing_fields
from loader.validation.rule import TODAY, Condition
from loader.validation.rules import RULES
from loader.validation.step_facts import StepFacts

_REMEMBERED: Final = 1_024
_FEW: Final = 256
_WORTH: Final = 8


class Mark(IntEnum):
    """What the nesting has to know of a value; of one that a model decides by (`Payload.deciding`) it knows the value itself."""

    THERE = 0
    OMITTED = 1
    NULL = 2
    EMPTY = 3
    """The empty text, which is no value where one is required."""


Signature: TypeAlias = tuple[Any, ...]
"""For each path of a step's shape the mark of its value, or the value itself."""


@dataclass(frozen=True, slots=True)
class Nesting:
    """
    What rows with the same signature have in common, where they may be plain.

    Attributes:
        layout: Of their payloads, with all that this program adds of its own.
        conditions: A row that meets any of them is not plain; each with where its values come from.
        text: Where the text comes from that the marker is added to, which is then one more column after those of the shape; None for
            an operation without markers.
    """

    layout: Layout
    conditions: tuple[tuple[Condition, tuple[Leaf, ...]], ...]
    text: Leaf | None


class Nestings:
    """
    The nestings of one step, by their signatures.

    Args:
        facts: The step.

    Attributes:
        are_written_out: Whether the template's own values are all sent as they are encoded at first sight (`CheckedValues`).
    """

    def __init__(self, facts: StepFacts) -> None:
        self._facts = facts
        self._operation = facts.operation
        self._known: dict[Signature, Nesting | None] = {}
        self._constants, self._all_valid, self.are_written_out = {}, True, True
        for index, path in enumerate(facts.shape.paths):
            if path in facts.constants:
                value = facts.constants[path]
                checked = ColumnCheck(facts.operation.model, path).check([value], {type(value)})
                self._constants[index] = Constant(checked.values[0])
                self._all_valid = self._all_valid and not checked.faulty
                self.are_written_out = self.are_written_out and checked.are_written_out
        self._conditions = [rule.condition for rule in RULES.get(facts.operation.model, ())]
        if facts.operation.marker_fields:
            self._conditions.append(_without_room(facts))

    def of(self, signature: Signature, rows: int) -> Nesting | None:
        """
        The nesting of some rows, None where none of them is plain or it is not worth finding out.

        Args:
            signature: Of all of them.
            rows: How many they are.
        """
        if signature not in self._known:
            if len(self._known) >= _FEW and rows < _WORTH:
                return None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[signature] = self._decided(signature)
        return self._known[signature]

    def _decided(self, signature: Signature) -> Nesting | None:
        facts, model = self._facts, self._operation.model
        columns = [[OMITTED if mark is Mark.OMITTED else index] for index, mark in enumerate(signature)]
        (indices,) = facts.shape.build(columns, 1)
        indices = in_model_order(model, indices)
        sample = _filled(indices, lambda index: self._sample(index, signature[index]))
        nesting = _filled(indices, lambda index: self._leaf(index, signature[index]))
        if not self._all_valid or missing_fields(model, sample, "", (), relaxed=facts.relaxed):
            return None
        leaves = dict(leaves_of(nesting))
        conditions = []
        for condition in self._conditions:
            read = tuple(
                Constant(facts.today) if path == TODAY else leaves.get(path, Constant(None))
                for path in condition.reads
            )
            if all(isinstance(leaf, Constant) for leaf in read):
                if condition.holds(*(leaf.value for leaf in read)):
                    return None
            else:
                conditions.append((condition, read))
        nesting, text = self._completed(nesting)
        return Nesting(Layout(nesting), tuple(conditions), text)

    def _sample(self, index: int, mark: Any) -> Any:
        """A value that stands for all of its mark."""
        if index in self._constants:
            return self._constants[index].value
        return {Mark.THERE: True, Mark.NULL: None, Mark.EMPTY: ""}[mark] if type(mark) is Mark else mark

    def _leaf(self, index: int, mark: Any) -> Leaf:
        if index in self._constants:
            return self._constants[index]
        return Constant(None) if mark is Mark.NULL else Column(index)

    def _completed(self, nesting: dict[str, Any]) -> tuple[dict[str, Any], Leaf | None]:
        """The nesting of a completed payload (`Operation.completed`), and the leaf of the text that is marked."""
        operation = self._operation
        whole = {**nesting, **{name: Constant(value) for name, value in operation.always.items()}}
        if not operation.marker_fields:
            return whole, None
        name = self._facts.marker_field or operation.marker_fields[0]
        text = whole.get(name, Constant(None))
        whole[name] = Column(len(self._facts.shape.paths))
        return whole, text


def marked_texts(facts: StepFacts, texts: Sequence[str | None], keys: Sequence[str]) -> list[str]:
    """The texts of rows, each with the marker of its key."""
    name = facts.operation.name
    return [marked(text or "", marker_of(name, key)) for text, key in zip(texts, keys, strict=True)]


def deciding_paths(facts: StepFacts) -> frozenset[int]:
    """The positions of the paths by whose values the models decide what is required."""
    model = facts.operation.model
    places = (locate(model, path) for path in facts.shape.paths)
    return frozenset(
        index for index, place in enumerate(places) if place.steps[-1].name in place.model.deciding
    )


def _without_room(facts: StepFacts) -> Condition:
    """Met by payloads whose texts cannot take a marker."""
    operation = facts.operation

    def holds(*texts: str | None) -> bool:
        return not operation.takes_marker(texts, facts.marker_field)

    def spares(*columns: Sequence[str]) -> bool:
        return all(map(surely_markable, columns))

    return Condition(operation.marker_fields, holds, spares)


def _filled(part: Any, value_of: Callable[[int], Any]) -> Any:
    """An object with other values in the places of its numbers."""
    if isinstance(part, Mapping):
        return {name: _filled(inner, value_of) for name, inner in part.items()}
    return [_filled(inner, value_of) for inner in part] if isinstance(part, list) else value_of(part)
