"""Mapped batches to checked batches: the plain rows as columns, every other row by itself with all that is wrong with it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from loader.mapping.mapped import MappedBatch
from loader.mapping.mapper import Mapper
from loader.mapping.spec import Template
from loader.source.table import Described
from loader.validation.amounts import amounts_of
from loader.validation.checked import CheckedBatch, CheckedColumns, CheckedRow, LinkColumn
from loader.validation.no_row import worth_mending
from loader.validation.on_demand import BatchOnDemand, StepOnDemand
from loader.validation.screen import StepColumns, StepScreen
from loader.validation.step_check import StepCheck
from loader.validation.step_facts import StepFacts


class Validator:
    """
    Checks the batches of one file against the payload models of the template's operations.

    Args:
        template: The template.
        mapper: The template bound to the file.
        table: The file.
        today: The date that "in the future" is measured from.
        secret: The journal's, with which keys that are personal data, and digests of what holds them, are hashed; b"" where the
            template has no such key.
    """

    def __init__(
        self, template: Template, mapper: Mapper, table: Described, *, today: date, secret: bytes = b""
    ) -> None:
        self._sheet = table.sheet
        self._secret = secret
        self._facts = tuple(
            StepFacts.of(template, mapper, number, table, today=today, secret=secret)
            for number in range(len(template.steps))
        )
        self._screens = tuple(StepScreen(facts) for facts in self._facts)
        self._checks = tuple(StepCheck(facts, mapper, table) for facts in self._facts)

    def check(self, mapped: MappedBatch) -> CheckedBatch:
        """A batch, checked."""
        count = len(mapped.batch.rows)
        apart = {*mapped.excluded, *mapped.batch.bad_rows, *mapped.issues}
        checked: dict[int, CheckedRow] = {}
        steps = (
            self._screened(mapped, apart) if count else list(map(_without_rows, self._facts, self._screens))
        )
        rows = BatchOnDemand(mapped.batch, self._sheet, self._secret, steps, checked)
        if apart:
            checked.update(self._one_by_one(mapped, steps, rows, sorted(apart)))
        unusual = {at: row for at, row in checked.items() if not _is_plain(row)}
        return CheckedBatch(
            mapped.batch, mapped.notes, tuple(_columns(step, unusual) for step in steps), unusual, rows
        )

    def _screened(self, mapped: MappedBatch, apart: set[int]) -> list[StepOnDemand]:
        """The steps of the rows that are plain; all others go apart."""
        count = len(mapped.batch.rows)
        identities: list[tuple[StepFacts, Sequence[str]]] = []
        found = []
        for facts, screen, step in zip(self._facts, self._screens, mapped.steps, strict=True):
            keys, links = facts.keys(step, mapped.batch), facts.link_keys(step, identities)
            identities.append((facts, keys))
            apart.update(screen.without_identity(keys, links))
            columns = screen.columns(step, apart)
            totals = [next(f.values for f in step.fields if f.path == path) for path in facts.totals]
            found.append(StepOnDemand(facts, screen.layouts, columns, keys, links, totals))
        for screen, checked in zip(self._screens, found, strict=True):
            screen.judge(checked.columns, count, apart)
        return found

    def _one_by_one(
        self,
        mapped: MappedBatch,
        steps: Sequence[StepOnDemand],
        rows: BatchOnDemand,
        positions: Sequence[int],
    ) -> dict[int, CheckedRow]:
        """The rows at some positions, checked with all that is to be said about them."""
        batch = mapped.batch
        prepared = [
            (check, check.prepare(step, of.keys, of.links, positions))
            for check, step, of in zip(self._checks, mapped.steps, steps, strict=True)
        ]
        found = {}
        for position in positions:
            ref, digest = rows.ref(position), rows.row_digest(position)
            if position in mapped.excluded:
                found[position] = CheckedRow(ref, digest, mapped.excluded[position], (), ())
                continue
            issues = mapped.issues.get(position, [])
            checked = tuple(check.row(of, batch, position, issues) for check, of in prepared)
            found[position] = CheckedRow(ref, digest, None, checked, worth_mending(issues))
        return found


def _without_rows(facts: StepFacts, screen: StepScreen) -> StepOnDemand:
    links: list[list[str]] = [[] for _ in facts.links]
    totals: list[list[Any]] = [[] for _ in facts.totals]
    return StepOnDemand(facts, screen.layouts, StepColumns([], True, []), [], links, totals)


def _is_plain(row: CheckedRow) -> bool:
    """Whether a row that was checked by itself can be sent, and there is nothing to say about it."""
    return row.excluded is None and not row.issues and all(step.payload is not None for step in row.steps)


def _columns(step: StepOnDemand, unusual: Mapping[int, Any]) -> CheckedColumns:
    """The columns of a step, with nothing of unusual rows."""
    facts = step.facts
    links = tuple(
        LinkColumn(link.field, link.entity, link.role, _without(unusual, keys, ""))
        for link, keys in zip(facts.links, step.links, strict=True)
    )
    amounts = tuple(_without(unusual, amounts_of(values), None) for values in step.totals)
    return CheckedColumns(facts.operation, _without(unusual, step.keys, ""), links, amounts)


def _without(unusual: Mapping[int, Any], column: Sequence[Any], instead: Any) -> Sequence[Any]:
    if not unusual:
        return column
    rest = list(column)
    for position in unusual:
        rest[position] = instead
    return rest
