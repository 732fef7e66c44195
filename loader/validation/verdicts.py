"""What decides, for all rows with one signature, whether they are plain."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from loader.models.layout import Constant, Leaf, leaves_of
from loader.models.marker import surely_markable
from loader.models.structure import Place, locate
from loader.validation.nesting import Nestings
from loader.validation.payload import missing_fields
from loader.validation.presence import Alike, Mark, Memory, Signature, Varied
from loader.validation.rule import TODAY, Condition
from loader.validation.rules import RULES
from loader.validation.step_facts import StepFacts

Tests: TypeAlias = tuple[tuple[Condition, tuple[Leaf, ...]], ...]
"""Conditions of which a plain row meets none, each with where its values come from."""


class Verdicts:
    """
    The verdicts on the rows of one step, by their signatures.

    Args:
        facts: The step.
        nestings: Its nestings.

    Attributes:
        deciding: The positions of the paths by whose values the models decide what is required.
    """

    def __init__(self, facts: StepFacts, nestings: Nestings) -> None:
        self._facts = facts
        self._nestings = nestings
        self._conditions = [rule.condition for rule in RULES.get(facts.operation.model, ())]
        if facts.operation.marker_fields:
            self._conditions.append(_without_room(facts))
        places = [locate(facts.operation.model, path) for path in facts.shape.paths]
        self.deciding = frozenset(
            index for index, place in enumerate(places) if place.steps[-1].name in place.model.deciding
        )
        self._idle = self._told_by_others(places)
        self._known: Memory[Tests | None] = Memory(self._tests)

    def of(self, alike: Alike) -> Tests | None:
        """What is still to be tried with some rows, None where none of them is plain, or it is not worth finding out."""
        return self._known.of(alike)

    def that_count(self, marks: Sequence[Any]) -> list[Any]:
        """The marks of a batch, those of a column as if all its values were there where it matters to no verdict."""
        counting = list(marks)
        for index, others in self._idle.items():
            if others is None or any(_are_all_there(marks[other]) for other in others):
                counting[index] = Mark.THERE
        return counting

    def _told_by_others(self, places: Sequence[Place]) -> dict[int, Sequence[int] | None]:
        """
        The paths of fields that are never required and that no condition reads.

        Each with those of other columns that are within its object: if one of them is filled in all rows, the object is there in
        all rows anyway. None for a field of the payload itself.
        """
        read = {path for condition in self._conditions for path in condition.reads}
        objects = [tuple(map(str, place.steps[:-1])) for place in places]
        idle: dict[int, Sequence[int] | None] = {}
        for index, (path, place) in enumerate(zip(self._facts.shape.paths, places, strict=True)):
            name = place.steps[-1].name
            if path in self._facts.constants or path in read or index in self.deciding:
                continue
            if name in {
                *place.model.required,
                *place.model.required_with_defaults,
                *place.model.required_by_kind,
            }:
                continue
            own = objects[index]
            idle[index] = (
                [
                    other
                    for other, of in enumerate(objects)
                    if other != index
                    and of[: len(own)] == own
                    and self._facts.shape.paths[other] not in self._facts.constants
                ]
                if own
                else None
            )
        return idle

    def _tests(self, signature: Signature) -> Tests | None:
        facts, nestings = self._facts, self._nestings
        sample = nestings.sample(signature)
        if not nestings.are_valid or missing_fields(
            facts.operation.model, sample, "", (), relaxed=facts.relaxed
        ):
            return None
        leaves = dict(leaves_of(nestings.nesting(signature)))
        tests = []
        for condition in self._conditions:
            read = tuple(
                Constant(facts.today) if path == TODAY else leaves.get(path, Constant(None))
                for path in condition.reads
            )
            fixed = [leaf.value for leaf in read if isinstance(leaf, Constant)]
            if len(fixed) < len(read):
                tests.append((condition, read))
            elif condition.holds(*fixed):
                return None
        return tuple(tests)


def _are_all_there(mark: Any) -> bool:
    """Whether a column has a value in each row, be it null or an empty text."""
    return type(mark) is not Varied and mark is not Mark.OMITTED


def _without_room(facts: StepFacts) -> Condition:
    """Met by payloads whose texts cannot take a marker."""
    operation = facts.operation

    def holds(*texts: str | None) -> bool:
        return not operation.takes_marker(texts, facts.marker_field)

    def spares(*columns: Sequence[str]) -> bool:
        return all(map(surely_markable, columns))

    return Condition(operation.marker_fields, holds, spares)
