"""Makes of the columns of a checked batch what only some of its users need: digests, payloads, whole rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.models.content import LinkContent, content_digest, digests_of, head_of, in_field_order
from loader.models.encoding import encode_all
from loader.models.layout import in_model_order
from loader.models.row import RowRef
from loader.source.table import Batch
from loader.validation.checked import CheckedRow, CheckedStep, WantedLink
from loader.validation.nesting import Layouts
from loader.validation.presence import Alike, alike
from loader.validation.screen import StepColumns
from loader.validation.step_check import amount_of, hash_of_cells
from loader.validation.step_facts import StepFacts


@dataclass(frozen=True, slots=True)
class StepOnDemand:
    """
    The plain rows of one step.

    Attributes:
        facts: The step.
        layouts: The layouts of its payloads.
        columns: The values of all rows, path by path.
        keys: The natural keys of all rows.
        links: For each link the keys of all rows.
        totals: For each control total the values of all rows.
    """

    facts: StepFacts
    layouts: Layouts
    columns: StepColumns
    keys: Sequence[str]
    links: Sequence[Sequence[str]]
    totals: Sequence[Sequence[Any]]

    def payloads(self, apart: Collection[int]) -> dict[int, dict[str, Any]]:
        """Position of each row to its payload, some rows left out."""
        found: dict[int, dict[str, Any]] = {}
        for rows in self._alike(apart):
            layout = self.layouts.of(rows)
            if layout is None:
                found.update(self._one_by_one(rows))
                continue
            columns = layout.columns(self.facts, rows, self.columns.values, self.keys)
            found.update(zip(rows.rows, layout.layout.payloads(columns, len(rows.rows)), strict=True))
        return found

    def digests(self, apart: Collection[int]) -> dict[int, bytes]:
        """Position of each row to the digest of what it would send (`content_digest`), some rows left out."""
        found: dict[int, bytes] = {}
        secret = self.facts.secret
        for whole in self._alike(apart):
            layout = self.layouts.of(whole)
            if layout is None:
                found.update(
                    (at, content_digest(payload, self._links_of(at), secret))
                    for at, payload in self._one_by_one(whole)
                )
                continue
            for rows, links in self._by_links(whole):
                head = head_of(tuple(layout.layout.leaves), tuple(link for link, _ in links))
                columns = layout.columns(self.facts, rows, self.columns.values, self.keys)
                values = layout.layout.values(columns, len(rows.rows))
                content = zip(*values, *(rows.of(keys) for _, keys in links), strict=True)
                encoded = encode_all(content, are_written_out=self.columns.are_written_out)
                found.update(zip(rows.rows, digests_of(head, encoded, secret), strict=True))
        return found

    def step(self, position: int, payload: dict[str, Any], digest: bytes) -> CheckedStep:
        """The step of one row."""
        return CheckedStep(
            self.facts.operation,
            self.keys[position],
            payload,
            digest,
            tuple(
                WantedLink(link.field, link.entity, key, link.role) for link, key in self._links_of(position)
            ),
            tuple(amount_of(values[position]) for values in self.totals),
        )

    def _alike(self, apart: Collection[int]) -> Iterator[Alike]:
        return alike(self.columns.marks, len(self.keys), apart)

    def _one_by_one(self, rows: Alike) -> Iterator[tuple[int, dict[str, Any]]]:
        """The payloads of a few rows of a signature that is not worth a layout."""
        facts = self.facts
        columns = [rows.of(column) for column in self.columns.values]
        for at, payload in zip(rows.rows, facts.shape.build(columns, len(rows.rows)), strict=True):
            ordered = in_model_order(facts.operation.model, payload)
            yield at, facts.operation.completed(ordered, self.keys[at], facts.marker_field)

    def _links_of(self, position: int) -> list[tuple[LinkContent, str]]:
        """The links of one row."""
        links = zip(self.facts.links, self.links, strict=True)
        return [(link, keys[position]) for link, keys in links if keys[position]]

    def _by_links(self, whole: Alike) -> Iterator[tuple[Alike, list[tuple[LinkContent, Sequence[str]]]]]:
        """Rows by the links that they have, each link with the keys of the batch."""
        links = in_field_order(zip(self.facts.links, self.links, strict=True))
        if all(all(keys) for _, keys in links):
            yield whole, links
            return
        found: dict[tuple[bool, ...], list[int]] = defaultdict(list)
        for at in whole.rows:
            found[tuple(bool(keys[at]) for _, keys in links)].append(at)
        for has, rows in found.items():
            yield (
                Alike(whole.signature, rows, are_all=False),
                [link for link, there in zip(links, has, strict=True) if there],
            )


@dataclass(slots=True)
class BatchOnDemand:
    """
    The rows of a checked batch, made on demand.

    Attributes:
        batch: The rows as they were read.
        sheet: Name of their sheet, "" where there is none.
        secret: The journal's, b"" where the template has no key that is personal data.
        steps: The template's steps.
        checked: Position to each row that was checked by itself.
    """

    batch: Batch
    sheet: str
    secret: bytes
    steps: Sequence[StepOnDemand]
    checked: Mapping[int, CheckedRow]
    _row_digests: list[bytes] | None = None
    _digests: dict[int, list[bytes]] = field(default_factory=dict)
    _payloads: list[dict[int, dict[str, Any]]] | None = None

    def row_digests(self) -> Sequence[bytes]:
        """See `CheckedBatch`."""
        if self._row_digests is None:
            self._row_digests = [
                hash_of_cells(self.secret, row) for row in zip(*self.batch.columns, strict=True)
            ]
            for position in self.batch.bad_rows:
                self._row_digests[position] = self.row_digest(position)
        return self._row_digests

    def row_digest(self, position: int) -> bytes:
        """Of one row alone."""
        bad = self.batch.bad_rows.get(position)
        cells = [column[position] for column in self.batch.columns] if bad is None else bad.cells
        return hash_of_cells(self.secret, cells)

    def step_digests(self, step: int) -> Sequence[bytes]:
        """See `CheckedBatch`."""
        if step not in self._digests:
            found = self.steps[step].digests(self.checked)
            for position, row in self.checked.items():
                found[position] = row.steps[step].digest if row.steps else b""
            self._digests[step] = [found[position] for position in range(len(self.batch.rows))]
        return self._digests[step]

    def row(self, position: int) -> CheckedRow:
        """See `CheckedBatch`."""
        checked = self.checked.get(position)
        if checked is not None:
            return checked
        if self._payloads is None:
            self._payloads = [step.payloads(self.checked) for step in self.steps]
        steps = (
            step.step(position, payloads[position], self.step_digests(number)[position])
            for number, (step, payloads) in enumerate(zip(self.steps, self._payloads, strict=True))
        )
        return CheckedRow(self.ref(position), self.row_digests()[position], None, tuple(steps), ())

    def ref(self, position: int) -> RowRef:
        """Where a row stands."""
        batch = self.batch
        row = batch.rows[position]
        line = batch.lines[position] if batch.lines is not None else row
        original = batch.originals[position] if batch.originals is not None else None
        return RowRef(
            batch.first_ordinal + position, self.sheet, row, line if line != row else None, original
        )
