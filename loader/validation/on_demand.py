"""Makes of the columns of a checked batch what only some of its users need: digests, payloads, whole rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, repeat
from typing import Any

from loader.models.content import LinkContent, content_digest, digests_of, head_of, in_field_order
from loader.models.encoding import encode_all
from loader.models.layout import in_model_order
from loader.models.row import RowRef
from loader.source.table import Batch
from loader.source.texts import all_filled
from loader.validation.amounts import amounts_of
from loader.validation.cell_digests import hash_of_cells, hashes_of_rows
from loader.validation.checked import CheckedRow, CheckedStep, WantedLink
from loader.validation.nesting import Layouts
from loader.validation.presence import Alike, alike, row_by_row
from loader.validation.screen import StepColumns
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

    def payloads(self, apart: Collection[int]) -> Sequence[dict[str, Any] | None]:
        """The payload of each row, None for some rows that are left out."""
        found = ((rows, self._payloads_of(rows)) for rows in self._alike(apart))
        return row_by_row(found, len(self.keys), None)

    def digests(self, apart: Collection[int]) -> Sequence[bytes]:
        """The digest of what each row would send (`content_digest`), b"" for some rows that are left out."""
        found = (part for rows in self._alike(apart) for part in self._digests_of(rows))
        return row_by_row(found, len(self.keys), b"")

    def rows(self, apart: Collection[int], digests: Sequence[bytes]) -> Iterator[CheckedStep]:
        """The step of each row, with these digests; of some rows that are left out it says nothing."""
        amounts = list(map(amounts_of, self.totals))
        return map(
            CheckedStep,
            repeat(self.facts.operation),
            self.keys,
            self.payloads(apart),
            digests,
            self._wanted_links(),
            zip(*amounts, strict=True) if amounts else repeat(()),
        )

    def _alike(self, apart: Collection[int]) -> Iterator[Alike]:
        return alike(self.columns.marks, len(self.keys), apart)

    def _payloads_of(self, rows: Alike) -> Sequence[dict[str, Any]]:
        layout = self.layouts.of(rows)
        if layout is None:
            return self._one_by_one(rows)
        columns = layout.columns(self.facts, rows, self.columns.values, self.keys)
        return layout.layout.payloads(columns, len(rows.rows))

    def _digests_of(self, whole: Alike) -> Iterator[tuple[Alike, Iterable[bytes]]]:
        """Rows of one signature, those with the same links together, with the digests of what they would send."""
        secret, layout = self.facts.secret, self.layouts.of(whole)
        if layout is None:
            payloads = zip(whole.rows, self._one_by_one(whole), strict=True)
            yield whole, (content_digest(payload, self._links_of(at), secret) for at, payload in payloads)
            return
        for rows, links in self._by_links(whole):
            head = head_of(tuple(layout.layout.leaves), tuple(link for link, _ in links))
            columns = layout.columns(self.facts, rows, self.columns.values, self.keys)
            values = layout.layout.values(columns, len(rows.rows))
            content = zip(*values, *(rows.of(keys) for _, keys in links), strict=True)
            encoded = encode_all(content, are_written_out=self.columns.are_written_out)
            yield rows, digests_of(head, encoded, secret)

    def _one_by_one(self, rows: Alike) -> list[dict[str, Any]]:
        """The payloads of a few rows of a signature that is not worth a layout."""
        facts = self.facts
        columns = [rows.of(column) for column in self.columns.values]
        built = facts.shape.build(columns, len(rows.rows))
        ordered = (in_model_order(facts.operation.model, payload) for payload in built)
        return [
            facts.operation.completed(payload, self.keys[at], facts.marker_field)
            for at, payload in zip(rows.rows, ordered, strict=True)
        ]

    def _links_of(self, position: int) -> list[tuple[LinkContent, str]]:
        """The links of one row."""
        links = zip(self.facts.links, self.links, strict=True)
        return [(link, keys[position]) for link, keys in links if keys[position]]

    def _wanted_links(self) -> Iterable[tuple[WantedLink, ...]]:
        """The links of each row."""
        if not self.links:
            return repeat(())
        columns = (
            map(WantedLink, repeat(link.field), repeat(link.entity), keys, repeat(link.role))
            for link, keys in zip(self.facts.links, self.links, strict=True)
        )
        whole = zip(*columns, strict=True)
        if all(map(all_filled, self.links)):
            return whole
        return (tuple(link for link in links if link.key) for links in whole)

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
    _digests: dict[int, Sequence[bytes]] = field(default_factory=dict)

    def row_digests(self) -> Sequence[bytes]:
        """See `CheckedBatch`."""
        if self._row_digests is None:
            self._row_digests = hashes_of_rows(self.secret, self.batch.columns)
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
            found = list(self.steps[step].digests(self.checked))
            for position, row in self.checked.items():
                found[position] = row.steps[step].digest if row.steps else b""
            self._digests[step] = found
        return self._digests[step]

    def rows(self) -> list[CheckedRow]:
        """See `CheckedBatch`."""
        steps = [step.rows(self.checked, self.step_digests(number)) for number, step in enumerate(self.steps)]
        whole = zip(*steps, strict=True)
        found = list(map(CheckedRow, self._refs(), self.row_digests(), repeat(None), whole, repeat(())))
        for position, row in self.checked.items():
            found[position] = row
        return found

    def _refs(self) -> Iterator[RowRef]:
        """Where each row stands."""
        batch = self.batch
        ordinals, lines, originals = count(batch.first_ordinal), batch.other_lines, batch.originals
        return map(
            RowRef,
            ordinals,
            repeat(self.sheet),
            batch.rows,
            repeat(None) if lines is None else lines,
            repeat(None) if originals is None else originals,
        )

    def ref(self, position: int) -> RowRef:
        """Where a row stands."""
        batch = self.batch
        row = batch.rows[position]
        line = batch.lines[position] if batch.lines is not None else row
        original = batch.originals[position] if batch.originals is not None else None
        return RowRef(
            batch.first_ordinal + position, self.sheet, row, line if line != row else None, original
        )
