"""How the payloads of rows with one signature nest, apart from their values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader.mapping.mapped import OMITTED
from loader.models.checking import ColumnCheck
from loader.models.layout import Column, Constant, Layout, Leaf, in_model_order
from loader.models.marker import marked, marker_of
from loader.validation.presence import Alike, Mark, Memory, Signature
from loader.validation.step_facts import StepFacts


class Nestings:
    """
    The nestings of one step.

    Args:
        facts: The step.

    Attributes:
        are_valid: Whether the template's own values are all taken by their fields.
        are_written_out: Whether they are all sent as they are encoded at first sight (`CheckedValues`).
    """

    def __init__(self, facts: StepFacts) -> None:
        self._facts = facts
        self._constants, self.are_valid, self.are_written_out = {}, True, True
        for index, path in enumerate(facts.shape.paths):
            if path in facts.constants:
                value = facts.constants[path]
                checked = ColumnCheck(facts.operation.model, path).check([value], {type(value)})
                self._constants[index] = Constant(checked.values[0])
                self.are_valid = self.are_valid and not checked.faulty
                self.are_written_out = self.are_written_out and checked.are_written_out

    def nesting(self, signature: Signature) -> dict[str, Any]:
        """A payload with a `Leaf` in the place of each value, in the order of the model."""
        indices = self._indices(signature)
        return {
            name: _filled(part, lambda index: self._leaf(index, signature[index]))
            for name, part in indices.items()
        }

    def sample(self, signature: Signature) -> dict[str, Any]:
        """A payload with some value in the place of each that is there: it lacks what all payloads of this signature lack."""
        indices = self._indices(signature)
        return {
            name: _filled(part, lambda index: self._sample(index, signature[index]))
            for name, part in indices.items()
        }

    def _indices(self, signature: Signature) -> dict[str, Any]:
        """A payload with the position of its path in the place of each value."""
        columns = [[OMITTED if mark is Mark.OMITTED else index] for index, mark in enumerate(signature)]
        (indices,) = self._facts.shape.build(columns, 1)
        return in_model_order(self._facts.operation.model, indices)

    def _leaf(self, index: int, mark: Any) -> Leaf:
        if index in self._constants:
            return self._constants[index]
        return Constant(None) if mark is Mark.NULL else Column(index)

    def _sample(self, index: int, mark: Any) -> Any:
        if index in self._constants:
            return self._constants[index].value
        return {Mark.THERE: True, Mark.NULL: None, Mark.EMPTY: ""}[mark] if type(mark) is Mark else mark


@dataclass(frozen=True, slots=True)
class StepLayout:
    """
    The layout of what is sent for rows of one signature, with all that this program adds of its own.

    Attributes:
        layout: The layout.
        text: Where the text comes from that the marker is added to; the text with its marker is one more column after those of the
            step's shape. None for an operation without markers.
    """

    layout: Layout
    text: Leaf | None

    def columns(
        self, facts: StepFacts, of: Alike, values: Sequence[Sequence[Any]], keys: Sequence[str]
    ) -> Sequence[Sequence[Any]]:
        """
        The columns from which the layout takes the values of some rows; of paths that it does not have, nothing.

        Args:
            facts: The step.
            of: The rows.
            values: The values of the batch, path by path.
            keys: The natural keys of the batch.
        """
        used = {leaf.index for leaf in self.layout.leaves.values() if isinstance(leaf, Column)}
        columns = [of.of(column) if index in used else () for index, column in enumerate(values)]
        if self.text is None:
            return columns
        own_keys = of.of(keys)
        texts = (
            of.of(values[self.text.index])
            if isinstance(self.text, Column)
            else [self.text.value] * len(own_keys)
        )
        name = facts.operation.name
        marks = (marker_of(name, key) for key in own_keys)
        return [*columns, [marked(text or "", mark) for text, mark in zip(texts, marks, strict=True)]]


class Layouts:
    """
    The layouts of one step, by their signatures; those of a file are remembered, within bounds.

    Args:
        facts: The step.
        nestings: Its nestings.
    """

    def __init__(self, facts: StepFacts, nestings: Nestings) -> None:
        self._facts = facts
        self._nestings = nestings
        self._known: Memory[StepLayout] = Memory(self._layout)

    def of(self, alike: Alike) -> StepLayout | None:
        """The layout of some rows, None where they are so few that it is not worth making."""
        return self._known.of(alike)

    def _layout(self, signature: Signature) -> StepLayout:
        """See `Operation.completed`."""
        operation = self._facts.operation
        nesting = self._nestings.nesting(signature)
        nesting |= {name: Constant(value) for name, value in operation.always.items()}
        if not operation.marker_fields:
            return StepLayout(Layout(nesting), None)
        name = self._facts.marker_field or operation.marker_fields[0]
        text = nesting.get(name, Constant(None))
        nesting[name] = Column(len(self._facts.shape.paths))
        return StepLayout(Layout(nesting), text)


def _filled(part: Any, value_of: Callable[[int], Any]) -> Any:
    """An object with other values in the places of its numbers."""
    if isinstance(part, Mapping):
        return {name: _filled(inner, value_of) for name, inner in part.items()}
    return [_filled(inner, value_of) for inner in part] if isinstance(part, list) else value_of(part)
