"""Makes of the columns of a checked batch what only some of its users need: digests, payloads, whole rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.models.content import LinkContent, digests_of, head_of, in_field_order
from loader.models.encoding import encode_all
from loader.models.layout import Column
from loader.models.row import RowRef
from loader.source.table import Batch
from loader.validation.checked import CheckedRow, CheckedStep, WantedLink
from loader.validation.nesting import marked_texts
from loader.validation.screen import Group, StepColumns
from loader.validation.step_check import amount_of, hash_of_cells
from loader.validation.step_facts import StepFacts


@dataclass(frozen=True, slots=True)
class StepOnDemand:
    """
    The plain rows of one step.

    Attributes:
        facts: The step.
        columns: The values of all rows, path by path.
        groups: The plain rows by how their payloads nest; rows that only another step keeps from being plain may be among them.
        keys: The natural keys of all rows.
        links: For each link the keys of all rows.
        totals: For each control total the values of all rows.
    """

    facts: StepFacts
    columns: StepColumns
    groups: Sequence[Group]
    keys: Sequence[str]
    links: Sequence[Sequence[str]]
    totals: Sequence[Sequence[Any]]

    def payloads(self) -> dict[int, dict[str, Any]]:
        """Position of each row to its payload."""
        found: dict[int, dict[str, Any]] = {}
        for group in self.groups:
            rows = self._rows(group)
            payloads = group.nesting.layout.payloads(self._columns(group), len(rows))
            found.update(zip(rows, payloads, strict=True))
        return found

    def digests(self) -> dict[int, bytes]:
        """Position of each row to the digest of what it would send (`content_digest`)."""
        found: dict[int, bytes] = {}
        for whole in self.groups:
            for group, links in self._by_links(whole):
                layout, rows = group.nesting.layout, self._rows(group)
                head = head_of(tuple(layout.leaves), tuple(link for link, _ in links))
                values = layout.values(self._columns(group), len(rows))
                content = zip(*values, *(group.of(keys) for _, keys in links), strict=True)
                encoded = encode_all(content, are_written_out=self.columns.are_written_out)
                found.update(zip(rows, digests_of(head, encoded, self.facts.secret), strict=True))
        return found

    def step(self, position: int, payload: dict[str, Any], digest: bytes) -> CheckedStep:
        """The step of one row."""
        return CheckedStep(
            self.facts.operation,
            self.keys[position],
            payload,
            digest,
            tuple(
                WantedLink(link.field, link.entity, keys[position], link.role)
                for link, keys in zip(self.facts.links, self.links, strict=True)
                if keys[position]
            ),
            tuple(amount_of(values[position]) for values in self.totals),
        )

    def _rows(self, group: Group) -> Sequence[int]:
        return range(len(self.keys)) if group.positions is None else group.positions

    def _columns(self, group: Group) -> Sequence[Sequence[Any]]:
        """The values of a group's rows, path by path; of paths that its payloads do not have, nothing."""
        nesting = group.nesting
        used = {leaf.index for leaf in nesting.layout.leaves.values() if isinstance(leaf, Column)}
        columns = [group.of(of) if index in used else () for index, of in enumerate(self.columns.values)]
        if nesting.text is None:
            return columns
        keys = group.of(self.keys)
        if isinstance(nesting.text, Column):
            texts = group.of(self.columns.values[nesting.text.index])
        else:
            texts = [nesting.text.value] * len(keys)
        return [*columns, marked_texts(self.facts, texts, keys)]

    def _by_links(self, group: Group) -> Iterator[tuple[Group, list[tuple[LinkContent, Sequence[str]]]]]:
        """The rows of a group by the links that they have, each link with the keys of the batch."""
        links = in_field_order(zip(self.facts.links, self.links, strict=True))
        if all(all(keys) for _, keys in links):
            yield group, links
            return
        found: dict[tuple[bool, ...], list[int]] = defaultdict(list)
        for at in self._rows(group):
            found[tuple(bool(keys[at]) for _, keys in links)].append(at)
        for has, positions in found.items():
            yield (
                Group(group.nesting, positions),
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
            found = self.steps[step].digests()
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
            self._payloads = [step.payloads() for step in self.steps]
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
