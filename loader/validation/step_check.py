"""Checks the rows of one step one by one: every issue, with the cell that it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loader.mapping.mapped import BAD, MappedField, MappedStep
from loader.mapping.mapper import Mapper
from loader.masking import looks_sensitive, masked_text
from loader.models.content import LinkContent, content_digest
from loader.models.issue import Issue
from loader.source.table import Batch, Described
from loader.validation.amounts import amount_of
from loader.validation.cell_digests import hash_of_cells
from loader.validation.checked import CheckedStep, WantedLink
from loader.validation.no_row import no_row
from loader.validation.payload import PayloadCheck
from loader.validation.step_facts import StepFacts


@dataclass(frozen=True, slots=True)
class StepRows:
    """
    Rows of one step, ready to be checked one by one.

    Attributes:
        payloads: Position in the batch to the nested payload.
        fields: The step's values.
        keys: Natural key of each row of the batch.
        links: For each link the keys of the rows of the batch.
        totals: The values of the control totals.
    """

    payloads: Mapping[int, dict[str, Any]]
    fields: tuple[MappedField, ...]
    keys: Sequence[str]
    links: Sequence[Sequence[str]]
    totals: tuple[Sequence[Any], ...]


class StepCheck:
    """
    The checks of one step of the template, for one row at a time.

    Args:
        facts: The step.
        mapper: The template bound to the file.
        table: The file.
    """

    def __init__(self, facts: StepFacts, mapper: Mapper, table: Described) -> None:
        self._facts = facts
        self._operation = facts.operation
        bound = mapper.steps[facts.number]
        self._check = PayloadCheck(facts.operation.model, relaxed=facts.relaxed, today=facts.today)
        self._columns = sorted(
            {
                header.index
                for source in (*(field.source for field in bound.fields), bound.key_source)
                if source
                for header in source.headers
            }
        )
        index_of = {header.letter: header.index for header in table.headers}
        self._places = {
            field.path: (*place, index_of[place[1]])
            for field in bound.fields
            if (place := mapper.place_of(facts.number, field.path)) is not None
        }

    def prepare(
        self, step: MappedStep, keys: Sequence[str], links: Sequence[Sequence[str]], positions: Sequence[int]
    ) -> StepRows:
        """Lay some rows of a batch ready."""
        by_path = {field.path: field.values for field in step.fields}
        columns = [[field.values[at] for at in positions] for field in step.fields]
        payloads = self._facts.shape.build(columns, len(positions))
        return StepRows(
            dict(zip(positions, payloads, strict=True)),
            step.fields,
            keys,
            links,
            tuple(by_path[path] for path in self._facts.totals),
        )

    def row(self, rows: StepRows, batch: Batch, position: int, issues: list[Issue]) -> CheckedStep:
        """Check one row's payload; what it finds is added to the issues of its cells."""
        facts = self._facts
        amounts = tuple(amount_of(values[position]) for values in rows.totals)
        if position in batch.bad_rows:
            return CheckedStep(self._operation, "", None, b"", (), amounts)
        key = rows.keys[position]
        links = tuple(
            WantedLink(link.field, link.entity, keys[position], link.role)
            for link, keys in zip(facts.links, rows.links, strict=True)
            if keys[position]
        )
        # Where a cell was refused, "is missing" about its field would say the same thing twice, and about a constant beside it,
        # which is left out with the object when that has nothing else, it would be untrue.
        refused = {field.path for field in rows.fields if field.values[position] is BAD} if issues else set()
        settled = refused | facts.constants.keys() if refused else refused
        payload, found = self._check.check(rows.payloads[position])
        if payload is not None and key:
            payload, more = self._completed(payload, key)
            found += more
        if not facts.keyed_by_place and (issue := no_row(key, facts.key_header, facts.key_path)):
            payload = None
            found.append(issue)
        issues.extend(self._placed(issue, batch, position) for issue in found if issue.field not in settled)
        if payload is None or refused or not key or self._lacks_parent(links):
            return CheckedStep(
                self._operation, key, None, self._cells_digest(batch, position), links, amounts
            )
        digest = content_digest(
            payload,
            [(LinkContent(link.field, link.entity, link.role), link.key) for link in links],
            facts.secret,
        )
        return CheckedStep(self._operation, key, payload, digest, links, amounts)

    def _completed(self, payload: dict[str, Any], key: str) -> tuple[dict[str, Any] | None, list[Issue]]:
        """The payload with what this program adds of its own, or the issue that its text cannot take the marker."""
        operation, marker_field = self._operation, self._facts.marker_field
        try:
            return operation.completed(payload, key, marker_field), []
        except ValueError as error:
            name = marker_field or operation.marker_fields[0]
            return None, [
                Issue("marker.no-room", str(error), "Shorten the text, and leave markers out", field=name)
            ]

    def _lacks_parent(self, links: tuple[WantedLink, ...]) -> bool:
        """Whether the entity that the step adds to is not named; an issue of the cell says so."""
        parent = self._operation.parent
        return parent is not None and all(link.field != parent.field for link in links)

    def _cells_digest(self, batch: Batch, position: int) -> bytes:
        """What the step was read from, so that two rows with the same mistake are still seen to be the same."""
        cells = (batch.columns[index][position] for index in self._columns)
        return hash_of_cells(self._facts.secret, ("cells", *cells))

    def _placed(self, issue: Issue, batch: Batch, position: int) -> Issue:
        """The issue with the cell that its field was read from."""
        place = self._places.get(issue.field)
        if place is None:
            return issue
        header, letter, index = place
        cell = batch.columns[index][position]
        placed = replace(issue, column=header, letter=letter, value=cell)
        if issue.sensitive or not looks_sensitive(cell):
            return placed
        return replace(placed, sensitive=True, message=masked_text(issue.message, [cell]))
