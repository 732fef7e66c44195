"""Maps batches: every column of the template converted, every problem an issue in its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loader.mapping.cell_source import CellSource, Noticed
from loader.mapping.known_values import Repeated
from loader.mapping.mapped import MappedBatch, MappedField, MappedLink, MappedStep
from loader.mapping.refusal import quoted
from loader.mapping.repairs import MESSAGES
from loader.mapping.template import LoadedTemplate
from loader.models.folding import folded
from loader.models.issue import Issue
from loader.models.note import Note
from loader.source.table import Batch, Header
from loader.source.texts import Texts


@dataclass(frozen=True, slots=True)
class BoundField:
    """One payload field: a constant of the template, or cells."""

    path: str
    source: CellSource | None
    value: Any = None


@dataclass(frozen=True, slots=True)
class BoundLink:
    """One link, by the cells that hold the natural key; None where an earlier step of the row makes what is linked."""

    field: str
    to: str
    by: tuple[str, ...]
    role: str
    source: CellSource | None


@dataclass(frozen=True, slots=True)
class BoundStep:
    """
    One step of the template, bound to the columns of a file.

    Attributes:
        operation: Name in the operations catalogue.
        key: The field or fields that are the key, `row`, or `key` where `key_source` holds it.
        fields: Where the payload comes from.
        links: What is linked.
        key_source: The cells with the lender's own number, where no field of the payload holds it.
    """

    operation: str
    key: tuple[str, ...]
    fields: tuple[BoundField, ...]
    links: tuple[BoundLink, ...]
    key_source: CellSource | None = None

    @property
    def sources(self) -> list[CellSource]:
        """Where its cells come from: of the key, the fields and the links."""
        return [
            *([self.key_source] if self.key_source else []),
            *(field.source for field in self.fields if field.source),
            *(link.source for link in self.links if link.source),
        ]


@dataclass(frozen=True, slots=True)
class BoundSkip:
    """
    The rows that the template leaves out.

    Attributes:
        header: The column to look at.
        words: Folded texts, each with the reason as people read it.
    """

    header: Header
    words: dict[str, str]

    def excluded(self, batch: Batch) -> dict[int, str]:
        """Position to reason."""
        reasons: dict[str, str | None] = {}
        found: dict[int, str] = {}
        cells = batch.columns[self.header.index]
        if isinstance(cells, Texts) and self.words.keys().isdisjoint(map(folded, set(cells.different))):
            return found
        for at, cell in enumerate(cells):
            if cell not in reasons:
                reasons[cell] = self.words.get(folded(cell))
            if (reason := reasons[cell]) is not None and at not in batch.bad_rows:
                found[at] = reason
        return found


@dataclass(frozen=True, slots=True)
class UndecidedDate:
    """
    A date whose format is to be judged by its whole column.

    Attributes:
        step: Position of its step, from 0.
        path: Payload path of its field.
        source: Its cells.
        formats: The formats that the template declares, at least two.
        pivot: The first two-digit year that is of the 1900s.
    """

    step: int
    path: str
    source: CellSource
    formats: tuple[str, ...]
    pivot: int


@dataclass(frozen=True, slots=True)
class Mapper:
    """
    A template bound to the columns of one file.

    Attributes:
        steps: The steps, in the template's order.
        skip: The rows to leave out, or None.
        key_columns: The columns that hold natural keys of the steps, in the order of the file.
        sensitive_columns: Positions of the columns that hold personal data.
        unused: The columns that the template does not use.
        template: What was bound: each date has one format, once it is judged.
        undecided: Dates that must be judged before anything is mapped; `judging.py` does it.
        notes: What was noticed while they were judged.
    """

    steps: tuple[BoundStep, ...]
    skip: BoundSkip | None
    key_columns: tuple[Header, ...]
    sensitive_columns: frozenset[int]
    unused: tuple[Header, ...]
    template: LoadedTemplate
    undecided: tuple[UndecidedDate, ...] = ()
    notes: tuple[Note, ...] = ()
    _places: dict[tuple[int, str], Header] = field(default_factory=dict)

    @property
    def sources(self) -> list[CellSource]:
        """Where the cells of all steps come from."""
        return [source for step in self.steps for source in step.sources]

    def place_of(self, step_index: int, path: str) -> tuple[str, str] | None:
        """
        Header and letter of the column that fills a field, or holds a link's key; of joined columns the first.

        Args:
            step_index: Position of the step, from 0.
            path: Payload path as the template writes it, or the field of a link.

        Returns:
            None for constants, for columns that the file may lack and does, and for what the template does not fill.
        """
        header = self._places.get((step_index, path))
        return (header.name, header.letter) if header else None

    def map(self, batch: Batch) -> MappedBatch:
        """Convert a batch, column by column; what cannot be converted is an issue of its row, never an exception."""
        assert not self.undecided, "formats are judged before anything is mapped"
        excluded = self.skip.excluded(batch) if self.skip else {}
        issues = {at: [Issue(bad.rule, bad.message, bad.advice)] for at, bad in batch.bad_rows.items()}
        findings = _Findings(batch, excluded.keys() | batch.bad_rows.keys(), issues)
        steps = tuple(_mapped(step, findings) for step in self.steps)
        return MappedBatch(batch, excluded, steps, issues, (*batch.notes, *findings.notes.values()))


def words_of_skip(header: Header, words: Sequence[str]) -> dict[str, str]:
    """The reasons for leaving rows out, by the folded text of the cell; they quote the template, not the cell."""
    name = quoted(header.name) if header.name else f"column {header.letter}"
    return {folded(word): f"{name} is {quoted(word) if folded(word) else 'blank'}" for word in words}


@dataclass(frozen=True, slots=True)
class _Findings:
    """
    What comes to light while a batch is converted.

    Attributes:
        batch: The batch.
        quiet: Positions of the rows of which nothing is said, since they are left out or bad as a whole.
        issues: Position to the issues of that row.
        notes: Rule and letter of the column to the note.
    """

    batch: Batch
    quiet: set[int]
    issues: dict[int, list[Issue]]
    notes: dict[tuple[str, str], Note] = field(default_factory=dict)

    def converted(self, source: CellSource) -> Sequence[Any]:
        """The values of one field, key or link."""
        if not source.headers:  # each cell that the file lacks is blank
            blank = source.convert([""], None)
            assert not blank.refused, "where blank cells are refused, the file has the column"
            return Repeated(blank.values, np.zeros(len(self.batch.rows), np.int32))
        cells = source.cells(self.batch)
        column = source.convert(cells.texts, cells.kinds)
        for at, refusal in column.refused.items():
            if at not in self.quiet:
                issue = source.issue(self.batch, at, cells.texts[at], refusal)
                self.issues.setdefault(at, []).append(issue)
        for noticed in cells.noticed:
            self._tell(noticed)
        for rule, positions in column.repaired.items():
            self._tell((source.headers[0], rule, positions))
        return column.values

    def _tell(self, noticed: Noticed) -> None:
        """Make a note of cells; where several fields read one column, the note that counts most of them stays."""
        header, rule, positions = noticed
        told = [at for at in positions if at not in self.quiet]
        before = self.notes.get((rule, header.letter))
        if told and (before is None or before.count < len(told)):
            first_row = self.batch.rows[told[0]]
            note = Note(rule, MESSAGES[rule], len(told), header.name, header.letter, first_row)
            self.notes[rule, header.letter] = note


def _texts_alone(values: Sequence[Any]) -> Sequence[str]:
    """Values that are text, "" for others."""
    if isinstance(values, Texts):
        return values
    return [value if type(value) is str else "" for value in values]


def _mapped(step: BoundStep, findings: _Findings) -> MappedStep:
    count = len(findings.batch.rows)
    numbers = findings.converted(step.key_source) if step.key_source else None
    fields = []
    for bound in step.fields:
        if bound.source is None:
            fields.append(MappedField(bound.path, [bound.value] * count, constant=True))
        else:
            values = findings.converted(bound.source)
            fields.append(MappedField(bound.path, values, constant=False))
    links = []
    for link in step.links:
        keys = None
        if link.source is not None:
            values = findings.converted(link.source)
            keys = _texts_alone(values)
        links.append(MappedLink(link.field, link.to, link.by, link.role, keys))
    return MappedStep(step.operation, step.key, tuple(fields), tuple(links), numbers)
