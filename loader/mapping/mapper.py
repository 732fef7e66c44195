"""Maps batches: every column of the template converted, every problem an issue in its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.mapping.columns import ColumnConversion, joined, parted
from loader.mapping.field_spec import Split
from loader.mapping.mapped import MappedBatch, MappedField, MappedLink, MappedStep
from loader.mapping.refusal import Refusal, quoted
from loader.masking import looks_sensitive
from loader.models.folding import folded
from loader.models.issue import Issue
from loader.source.table import Batch, Header

_RAGGED = "row.ragged"


@dataclass(frozen=True, slots=True)
class CellSource:
    """
    Where the cells of one field or link come from, and how they are converted.

    Attributes:
        path: Field that issues name.
        headers: Its columns; several where they are joined; none where the file may lack the column and does.
        between: What stands between joined columns.
        split: The part to take, or None.
        convert: Conversion of the column.
        sensitive: Whether the cells are personal data.
        all_needed: Whether joined cells are blank where one of them is: half of a number identifies nothing.
    """

    path: str
    headers: tuple[Header, ...]
    between: str
    split: Split | None
    convert: ColumnConversion
    sensitive: bool
    all_needed: bool = False

    def cells(self, batch: Batch) -> tuple[Sequence[str], bytes | None]:
        """The texts to convert, and their kinds."""
        if not self.headers:
            return [""] * len(batch.rows), None
        columns = [batch.columns[header.index] for header in self.headers]
        kinds = [batch.kinds[header.index] for header in self.headers]
        texts, of_kind = (columns[0], kinds[0]) if len(columns) == 1 else joined(columns, kinds, self.between)
        if self.all_needed and len(columns) > 1:
            whole = (all(cell.strip() for cell in cells) for cells in zip(*columns, strict=True))
            texts = [text if there else "" for text, there in zip(texts, whole, strict=True)]
        return parted(texts, of_kind, self.split.by, self.split.part) if self.split else (texts, of_kind)

    def issue(self, batch: Batch, at: int, text: str, refusal: Refusal) -> Issue:
        """The issue of one refused cell; of joined columns it stands at the first."""
        header = self.headers[0] if self.headers else None
        sensitive = self.sensitive or looks_sensitive(text)
        return Issue(
            rule=refusal.rule,
            message=refusal.sentence(text, sensitive=sensitive),
            advice=refusal.order(sensitive=sensitive),
            field=self.path,
            column=header.name if header else "",
            letter=header.letter if header else "",
            value=batch.columns[header.index][at] if header else "",
            sensitive=sensitive,
        )


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
        for at, cell in enumerate(batch.columns[self.header.index]):
            if cell not in reasons:
                reasons[cell] = self.words.get(folded(cell))
            if (reason := reasons[cell]) is not None and at not in batch.bad_rows:
                found[at] = reason
        return found


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
    """

    steps: tuple[BoundStep, ...]
    skip: BoundSkip | None
    key_columns: tuple[Header, ...]
    sensitive_columns: frozenset[int]
    unused: tuple[Header, ...]
    _places: dict[tuple[int, str], Header] = field(default_factory=dict)

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
        excluded = self.skip.excluded(batch) if self.skip else {}
        issues = {at: [Issue(_RAGGED, bad.message, _RAGGED_ADVICE)] for at, bad in batch.bad_rows.items()}
        quiet = excluded.keys() | batch.bad_rows.keys()
        steps = tuple(_mapped(step, batch, quiet, issues) for step in self.steps)
        return MappedBatch(batch, excluded, steps, issues, batch.notes)


_RAGGED_ADVICE = "mend the row so that each cell stands under its header"


def words_of_skip(header: Header, words: Sequence[str]) -> dict[str, str]:
    """The reasons for leaving rows out, by the folded text of the cell; they quote the template, not the cell."""
    name = quoted(header.name) if header.name else f"column {header.letter}"
    return {folded(word): f"{name} is {quoted(word) if folded(word) else 'blank'}" for word in words}


def _mapped(step: BoundStep, batch: Batch, quiet: set[int], issues: dict[int, list[Issue]]) -> MappedStep:
    count = len(batch.rows)
    numbers = _converted(step.key_source, batch, quiet, issues) if step.key_source else None
    fields = []
    for bound in step.fields:
        if bound.source is None:
            fields.append(MappedField(bound.path, [bound.value] * count, constant=True))
        else:
            values = _converted(bound.source, batch, quiet, issues)
            fields.append(MappedField(bound.path, values, constant=False))
    links = []
    for link in step.links:
        keys = None
        if link.source is not None:
            values = _converted(link.source, batch, quiet, issues)
            keys = [value if type(value) is str else "" for value in values]
        links.append(MappedLink(link.field, link.to, link.by, link.role, keys))
    return MappedStep(step.operation, step.key, tuple(fields), tuple(links), numbers)


def _converted(
    source: CellSource, batch: Batch, quiet: set[int], issues: dict[int, list[Issue]]
) -> Sequence[Any]:
    cells, kinds = source.cells(batch)
    column = source.convert(cells, kinds)
    for at, refusal in column.refused.items():
        if at not in quiet:
            issues.setdefault(at, []).append(source.issue(batch, at, cells[at], refusal))
    return column.values
