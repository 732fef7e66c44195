"""Where the cells of one field, key or link come from: columns, joined or cut, without the words that mean nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from loader.mapping.columns import ColumnConversion, cleaned, joined, parted, without
from loader.mapping.field_spec import Split
from loader.mapping.refusal import Refusal, explained
from loader.mapping.repairs import NULL_WORD, Cleaning, free_text
from loader.mapping.suspicions import numbers_among_zeros, suspicions
from loader.masking import looks_sensitive
from loader.models.issue import Issue
from loader.source.table import Batch, Header

Noticed: TypeAlias = tuple[Header, str, Sequence[int]]
"""A column, a rule of `repairs.MESSAGES`, and the positions of the cells that it is true of, ascending."""

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Cells:
    """
    The cells of one field for all rows of a batch, ready for the conversion.

    Attributes:
        texts: One text for each row.
        kinds: Their kinds, None where all are text.
        noticed: What was noticed on the way, or done to them.
    """

    texts: Sequence[str]
    kinds: bytes | None
    noticed: list[Noticed] = field(default_factory=list)


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
        clean: What the conversion frees texts of.
        nulls: Words that mean nothing, as the template declares them.
        is_text: Whether any word is a value, so that what it may mean beside must be told.
        keeps_zeros: Whether the cells identify something by a text in which zeros on the left count.
    """

    path: str
    headers: tuple[Header, ...]
    between: str
    split: Split | None
    convert: ColumnConversion
    sensitive: bool
    all_needed: bool = False
    clean: Cleaning = free_text
    nulls: frozenset[str] = _NOTHING
    is_text: bool = False
    keeps_zeros: bool = False

    def cells(self, batch: Batch) -> Cells:
        """The cells to convert."""
        if not self.headers:
            return Cells([""] * len(batch.rows), None)
        noticed: list[Noticed] = []
        columns = [self._column(batch, header, noticed) for header in self.headers]
        kinds = [batch.kinds[header.index] for header in self.headers]
        texts, of_kind = (columns[0], kinds[0]) if len(columns) == 1 else joined(columns, kinds, self.between)
        if self.all_needed and len(columns) > 1:
            whole = (all(cell.strip() for cell in cells) for cells in zip(*columns, strict=True))
            texts = [text if there else "" for text, there in zip(texts, whole, strict=True)]
        if self.split:
            texts, of_kind = parted(texts, of_kind, self.split.by, self.split.part)
            texts = self._without_nulls(texts, self.headers[0], noticed)
        if self.is_text:
            found = suspicions(texts, of_kind, identifies=self.keeps_zeros)
            noticed += [(self.headers[0], rule, positions) for rule, positions in found]
        return Cells(texts, of_kind, noticed)

    def issue(self, batch: Batch, at: int, text: str, refusal: Refusal) -> Issue:
        """The issue of one refused cell; of joined columns it stands at the first."""
        header = self.headers[0] if self.headers else None
        refusal = explained(refusal, text)
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

    def _column(self, batch: Batch, header: Header, noticed: list[Noticed]) -> Sequence[str]:
        """One column, cleaned where it will be joined or cut and cannot be cleaned afterwards."""
        cells, kinds = batch.columns[header.index], batch.kinds[header.index]
        if self.split or len(self.headers) > 1:
            cells, repaired = cleaned(cells, self.clean)
            noticed += [(header, rule, positions) for rule, positions in repaired.items()]
        if self.keeps_zeros:
            noticed += [(header, rule, positions) for rule, positions in numbers_among_zeros(cells, kinds)]
        return self._without_nulls(cells, header, noticed)

    def _without_nulls(self, cells: Sequence[str], header: Header, noticed: list[Noticed]) -> Sequence[str]:
        if not self.nulls:
            return cells
        left, found = without(self.nulls, cells)
        noticed.append((header, NULL_WORD, found))
        return left
