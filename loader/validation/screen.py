"""
Tells, column by column, which rows of a batch are plain: they can be sent, and there is nothing to say about them.

Whatever a row is told by is looked at for all rows at once: the types of the values, which fields are there, the conditions of the
rules. It tells no more than that a row is not plain; what is wrong with it is found by `StepCheck`, row by row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from loader.mapping.mapped import BAD, OMITTED, Absent, MappedStep
from loader.models.checking import CheckedValues, ColumnCheck
from loader.models.layout import Column
from loader.source.texts import Texts
from loader.validation.nesting import Mark, Nesting, Nestings, deciding_paths
from loader.validation.no_row import that_are_no_rows
from loader.validation.step_facts import StepFacts


@dataclass(frozen=True, slots=True)
class StepColumns:
    """
    The columns of one step, checked.

    Attributes:
        values: For each path of the step's shape one value for each row, as it is sent where the row is plain.
        are_written_out: Whether every value is sent as it is encoded at first sight (`CheckedValues`).
        marks: For each path what the nesting has to know of the values: one mark for all rows, or a list with one for each.
    """

    values: Sequence[Sequence[Any]]
    are_written_out: bool
    marks: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Group:
    """
    Rows whose payloads nest alike.

    Attributes:
        nesting: How they nest.
        positions: Their positions in the batch, ascending; None for all rows of it.
    """

    nesting: Nesting
    positions: Sequence[int] | None

    def of(self, column: Sequence[Any]) -> Sequence[Any]:
        """The values of these rows from a column of the batch."""
        if self.positions is None:
            return column
        return (
            itemgetter(*self.positions)(column) if len(self.positions) > 1 else (column[self.positions[0]],)
        )


class StepScreen:
    """
    The screen of one step of the template.

    Args:
        facts: The step.
    """

    def __init__(self, facts: StepFacts) -> None:
        self._facts = facts
        self._nestings = Nestings(facts)
        self._deciding = deciding_paths(facts)
        self._checks = {
            index: ColumnCheck(facts.operation.model, path)
            for index, path in enumerate(facts.shape.paths)
            if path not in facts.constants
        }

    def without_identity(self, keys: Sequence[str], links: Sequence[Sequence[str]]) -> Iterator[int]:
        """The rows without a natural key, with one that shows that they are no rows of data, or without the entity they add to."""
        facts = self._facts
        if not all(keys):
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
            kinds: set[type] = {str} if isinstance(field.values, Texts) else set(map(type, field.values))
            marks.append(_marks(field.values, kinds, deciding=index in self._deciding))
            found = _valid(check, field.values, kinds, apart)
            values.append(found.values)
            are_written_out = are_written_out and found.are_written_out
        return StepColumns(values, are_written_out, marks)

    def groups(self, columns: StepColumns, count: int, apart: set[int]) -> list[Group]:
        """
        Sort the rows by how they nest, and try the conditions of the rules.

        Args:
            columns: As `columns` left them.
            count: How many rows the batch has.
            apart: The rows that are not plain; they are in no group. Those that this finds are added.
        """
        found = []
        for signature, positions in list(_by_signature(columns.marks, count, apart)):
            rows = range(count) if positions is None else positions
            nesting = self._nestings.of(signature, len(rows))
            if nesting is None:
                apart.update(rows)
                continue
            group = Group(nesting, positions)
            met = _that_meet(nesting, group, columns, rows)
            if met:
                apart |= met
                group = Group(nesting, [at for at in rows if at not in met])
            if len(met) < len(rows):
                found.append(group)
        return found


def _that_meet(nesting: Nesting, group: Group, columns: StepColumns, rows: Sequence[int]) -> set[int]:
    """The rows of a group that meet any condition of its nesting."""
    met: set[int] = set()
    for condition, leaves in nesting.conditions:
        read = [
            group.of(columns.values[leaf.index]) if isinstance(leaf, Column) else (leaf.value,)
            for leaf in leaves
        ]
        met.update(rows[at] for at in condition.met_by(read, len(rows)))
    return met


def _marks(values: Sequence[Any], kinds: set[type], *, deciding: bool) -> Any:
    """The marks of a column's values: one where all have the same, else one for each."""
    has_empty = str in kinds and not all(values) and "" in values
    if not deciding and not has_empty and Absent not in kinds and type(None) not in kinds:
        return Mark.THERE
    if has_empty or deciding:
        marks = [_mark(value) for value in values]
    else:
        marks = list(map(_MARK_OF_TYPE.__getitem__, map(type, values)))
    if deciding:
        marks = [value if mark is Mark.THERE else mark for mark, value in zip(marks, values, strict=True)]
    return marks[0] if marks.count(marks[0]) == len(marks) else marks


class _MarkOfType(dict[type, Mark]):
    def __missing__(self, kind: type) -> Mark:
        return Mark.THERE


_MARK_OF_TYPE = _MarkOfType({Absent: Mark.OMITTED, type(None): Mark.NULL})


def _mark(value: Any) -> Mark:
    return Mark.EMPTY if type(value) is str and not value else _MARK_OF_TYPE[type(value)]


def _valid(check: ColumnCheck, values: Sequence[Any], kinds: set[type], apart: set[int]) -> CheckedValues:
    """A column as it is sent; rows with a value that is refused go apart."""
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


def _by_signature(
    marks: Sequence[Any], count: int, apart: set[int]
) -> Iterator[tuple[tuple[Any, ...], Sequence[int] | None]]:
    """Each signature of the rows that are not apart, with their positions; None where these are all of the batch."""
    varying = [index for index, mark in enumerate(marks) if type(mark) is list]
    if not varying and not apart:
        yield tuple(marks), None
        return
    rows = [at for at in range(count) if at not in apart] if apart else range(count)
    if not varying:
        if rows:
            yield tuple(marks), rows
        return
    found: dict[Any, list[int]] = defaultdict(list)
    seen = list(zip(*(marks[index] for index in varying), strict=True))
    for at in rows:
        found[seen[at]].append(at)
    for combination, positions in found.items():
        signature = list(marks)
        for index, mark in zip(varying, combination, strict=True):
            signature[index] = mark
        yield tuple(signature), positions
