"""
Tells, column by column, which rows of a batch are plain: they can be sent, and there is nothing to say about them.

Whatever a row is told by is looked at for all rows at once: the types of the values, which fields are there, the conditions of the
rules. It tells no more than that a row is not plain; what is wrong with it is found by `StepCheck`, row by row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from loader.mapping.known_values import OneKind, Repeated, types_of
from loader.mapping.mapped import BAD, OMITTED, Absent, MappedStep
from loader.models.checking import CheckedValues, ColumnCheck
from loader.models.layout import Column, Leaf
from loader.source.texts import Texts, all_filled
from loader.validation.nesting import Layouts, Nestings
from loader.validation.no_row import that_are_no_rows
from loader.validation.presence import Alike, Mark, Varied, alike, marks_of
from loader.validation.rule import Condition
from loader.validation.step_facts import StepFacts
from loader.validation.verdicts import Tests, Verdicts


@dataclass(frozen=True, slots=True)
class StepColumns:
    """
    The columns of one step, checked.

    Attributes:
        values: For each path of the step's shape one value for each row, as it is sent where the row is plain.
        are_written_out: Whether every value is sent as it is encoded at first sight (`CheckedValues`).
        marks: For each path what is known of its values: one mark for all rows, or `Varied`.
    """

    values: Sequence[Sequence[Any]]
    are_written_out: bool
    marks: Sequence[Any]


class StepScreen:
    """
    The screen of one step of the template.

    Args:
        facts: The step.

    Attributes:
        layouts: The layouts of the payloads of its rows.
    """

    def __init__(self, facts: StepFacts) -> None:
        self._facts = facts
        self._nestings = Nestings(facts)
        self._verdicts = Verdicts(facts, self._nestings)
        self.layouts = Layouts(facts, self._nestings)
        self._checks = {
            index: ColumnCheck(facts.operation.model, path)
            for index, path in enumerate(facts.shape.paths)
            if path not in facts.constants
        }

    def without_identity(self, keys: Sequence[str], links: Sequence[Sequence[str]]) -> Iterator[int]:
        """The rows without a natural key, with one that shows that they are no rows of data, or without the entity they add to."""
        facts = self._facts
        if not all_filled(keys):
            yield from (at for at, key in enumerate(keys) if not key)
        if not facts.keyed_by_place:
            yield from that_are_no_rows(keys, facts.key_header)
        parent = facts.operation.parent
        if parent is not None:
            named = [of for link, of in zip(facts.links, links, strict=True) if link.field == parent.field]
            for at in range(len(keys)):
                if not any(of[at] for of in named):
                    yield at

    def columns(self, step: MappedStep, apart: set[int]) -> StepColumns:
        """
        Check the values of a batch by their types.

        Args:
            step: The step, mapped.
            apart: The rows that are not plain; those with a value that its field does not take are added.
        """
        values: list[Sequence[Any]] = []
        marks: list[Any] = []
        are_written_out = self._nestings.are_written_out
        for index, field in enumerate(step.fields):
            check = self._checks.get(index)
            if check is None:
                values.append(field.values)
                marks.append(Mark.THERE)
                continue
            kinds: set[type] = {str} if isinstance(field.values, Texts) else types_of(field.values)
            marks.append(marks_of(field.values, kinds, deciding=index in self._verdicts.deciding))
            found = _valid(check, field.values, kinds, apart)
            values.append(found.values)
            are_written_out = are_written_out and found.are_written_out
        return StepColumns(values, are_written_out, marks)

    def judge(self, columns: StepColumns, count: int, apart: set[int]) -> None:
        """
        Look for required fields, and try the conditions of the rules.

        Args:
            columns: As `columns` left them.
            count: How many rows the batch has.
            apart: The rows that are not plain, which are passed over; those that this finds are added.
        """
        are_sound = not apart
        spared: dict[tuple[Condition, tuple[Leaf, ...]], bool] = {}
        for rows in list(alike(self._verdicts.that_count(columns.marks), count, apart)):
            tests = self._verdicts.of(rows)
            if tests is None:
                apart.update(rows.rows)
                continue
            if are_sound:
                new = [test for test in tests if test not in spared]
                spared |= {test: _spares_all(*test, columns) for test in new}
                tests = tuple(test for test in tests if not spared[test])
            apart.update(_that_meet(tests, rows, columns))


def _spares_all(condition: Condition, leaves: tuple[Leaf, ...], columns: StepColumns) -> bool:
    """Whether it is seen at once that no row of the batch meets a condition, all of whose values are taken by their fields."""
    read = [leaf.index for leaf in leaves if isinstance(leaf, Column)]
    if not all(_are_values(columns.marks[index]) for index in read):
        return False
    whole = [columns.values[leaf.index] if isinstance(leaf, Column) else (leaf.value,) for leaf in leaves]
    return condition.spares_all(whole)


def _are_values(mark: Any) -> bool:
    """Whether a column has a value other than null in each row."""
    marks = mark.marks if type(mark) is Varied else (mark,)
    return not any(each is Mark.OMITTED or each is Mark.NULL for each in marks)


def _that_meet(tests: Tests, alike: Alike, columns: StepColumns) -> Iterator[int]:
    """The rows that meet any of some conditions."""
    for condition, leaves in tests:
        read = [
            alike.of(columns.values[leaf.index]) if isinstance(leaf, Column) else (leaf.value,)
            for leaf in leaves
        ]
        yield from (alike.rows[at] for at in condition.met_by(read, len(alike.rows)))


def _are_taken(check: ColumnCheck, values: Sequence[Any], kinds: set[type]) -> bool:
    """Whether what is known of a column tells that its field takes all values that there are."""
    if isinstance(values, Texts):
        return check.takes_all(str, longest=int(values.lengths.max()))
    if len(kinds) == 1 and check.takes_all(*kinds):
        return True
    if not isinstance(values, OneKind) or not check.takes_all(values.kind, room=values.room):
        return False
    return values.types_of_others <= {Absent}


def _valid_by_different(
    check: ColumnCheck, values: Repeated, kinds: set[type], apart: set[int]
) -> CheckedValues:
    """The same as `_valid` for a column whose values repeat themselves."""
    refused: set[int] = set()
    found = _valid(check, values.different, kinds, refused)
    if refused:
        apart.update(values.positions(list(refused)))
    if found.values is values.different:
        return found._replace(values=values)
    return found._replace(values=Repeated(found.values, values.codes))


def _valid(check: ColumnCheck, values: Sequence[Any], kinds: set[type], apart: set[int]) -> CheckedValues:
    """A column as it is sent; rows with a value that is refused go apart."""
    if isinstance(values, Repeated):
        return _valid_by_different(check, values, kinds, apart)
    if _are_taken(check, values, kinds):
        if isinstance(values, OneKind):
            apart.update(at for at in values.others if values[at] is BAD)
        return CheckedValues(values, (), are_written_out=True)
    if Absent not in kinds:
        checked = check.check(values, kinds)
        apart.update(checked.faulty)
        return checked
    there = [at for at, value in enumerate(values) if type(value) is not Absent]
    if len(there) < len(values):
        apart.update(at for at, value in enumerate(values) if value is BAD)
    if not there:
        return CheckedValues(values, (), are_written_out=True)
    given = [values[at] for at in there]
    checked = check.check(given, kinds - {Absent})
    apart.update(there[at] for at in checked.faulty)
    if checked.values is given:
        return checked._replace(values=values)
    column: list[Any] = [OMITTED] * len(values)
    for at, value in zip(there, checked.values, strict=True):
        column[at] = value
    return checked._replace(values=column)
