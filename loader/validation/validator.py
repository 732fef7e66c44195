"""Mapped batches to checked rows: every issue of a row at once, with the cell that it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from loader.mapping.binding import Mapper
from loader.mapping.mapped import BAD, OMITTED, MappedBatch, MappedField, MappedStep
from loader.models.encoding import encode
from loader.models.issue import Issue
from loader.models.operations import find_operation
from loader.models.row import RowRef
from loader.models.shape import PayloadShape
from loader.validation.checked import CheckedRow, CheckedStep, WantedLink
from loader.validation.payload import PayloadCheck

_CELL_END = "\x1f"
_DIGEST_BYTES = 16


class Validator:
    """
    Checks the batches of one file against the payload models of the template's operations.

    Args:
        mapper: The template bound to the file.
        today: The date that "in the future" is measured from.
    """

    def __init__(self, mapper: Mapper, *, today: date) -> None:
        self._mapper = mapper
        self._steps = tuple(
            _StepCheck(mapper, number, today=today) for number in range(len(mapper.template.steps))
        )

    def check(self, mapped: MappedBatch) -> Iterator[CheckedRow]:
        """All rows of a batch, in the order of the file."""
        batch = mapped.batch
        columns = [check.prepare(step) for check, step in zip(self._steps, mapped.steps, strict=True)]
        cells = zip(*batch.columns, strict=True)
        sheet = self._mapper.sheet
        for position, (row, row_cells) in enumerate(zip(batch.rows, cells, strict=True)):
            ref = RowRef(batch.first_ordinal + position, sheet, row)
            digest = blake2b(_CELL_END.join(row_cells).encode(), digest_size=_DIGEST_BYTES).digest()
            if position in mapped.excluded:
                yield CheckedRow(ref, digest, mapped.excluded[position], (), ())
                continue
            issues = list(mapped.issues.get(position, ()))
            unreadable = position in batch.bad_rows
            steps = tuple(
                check.row(prepared, position, issues, unreadable=unreadable)
                for check, prepared in zip(self._steps, columns, strict=True)
            )
            yield CheckedRow(ref, digest, None, steps, tuple(issues))


class _Prepared:
    """One step's columns of a batch, ready to be taken row by row."""

    def __init__(
        self, step: MappedStep, payloads: list[dict[str, Any]], totals: Sequence[MappedField | None]
    ) -> None:
        self.payloads = payloads
        self.keys = next(field.values for field in step.fields if field.path == step.key)
        self.fields = step.fields
        self.links = step.links
        self.totals = totals


class _StepCheck:
    """The compiled checks of one step of the template."""

    def __init__(self, mapper: Mapper, number: int, *, today: date) -> None:
        step = mapper.template.steps[number]
        self._mapper = mapper
        self._number = number
        self._operation = find_operation(step.operation)
        self._check = PayloadCheck(self._operation.model, relaxed=step.tenant_defaults, today=today)
        self._shape: PayloadShape | None = None
        self._totals = mapper.totals_of(number)

    def prepare(self, step: MappedStep) -> _Prepared:
        fields = step.fields
        if self._shape is None:
            self._shape = PayloadShape(
                self._operation.model,
                [field.path for field in fields],
                constants=frozenset(field.path for field in fields if field.constant),
                absent=(OMITTED, BAD),
            )
        count = len(fields[0].values)
        payloads = self._shape.build([field.values for field in fields], count)
        by_path = {field.path: field for field in fields}
        return _Prepared(step, payloads, [by_path.get(path) for path in self._totals])

    def row(
        self, prepared: _Prepared, position: int, issues: list[Issue], *, unreadable: bool
    ) -> CheckedStep:
        """Check one row's payload; its issues are added to those that the conversions found."""
        links = tuple(
            WantedLink(link.field, link.to, link.keys[position], link.role)
            for link in prepared.links
            if link.keys[position]
        )
        amounts = tuple(
            _amount(field.values[position]) if field is not None else None for field in prepared.totals
        )
        key = prepared.keys[position]
        key_text = "" if key is OMITTED or key is BAD or key is None else str(key)
        if unreadable:
            return CheckedStep(self._operation, "", None, b"", (), amounts)
        bad = {field.path for field in prepared.fields if field.values[position] is BAD}
        payload, found = self._check.check(prepared.payloads[position])
        for issue in found:
            if not _follows_from(issue, bad):
                issues.append(self._placed(issue, prepared, position))
        digest = _digest(payload, links) if payload is not None and not bad else b""
        return CheckedStep(self._operation, key_text, payload if not bad else None, digest, links, amounts)

    def _placed(self, issue: Issue, prepared: _Prepared, position: int) -> Issue:
        """The issue with the cell that the field was read from."""
        place = self._mapper.place_of(self._number, issue.field)
        if place is None:
            return issue
        header, letter = place
        value = next((str(f.values[position]) for f in prepared.fields if f.path == issue.field), "")
        cell = self._mapper.cell_of(self._number, issue.field, position)
        return replace(issue, column=header, letter=letter, value=cell if cell is not None else value)


def _follows_from(issue: Issue, bad: set[str]) -> bool:
    """True for "is missing" about a field whose cell was refused: the refusal says it already."""
    return issue.field in bad


def _amount(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else None


def _digest(payload: dict[str, Any], links: tuple[WantedLink, ...]) -> bytes:
    """Digest of all that the step would send, with the links by their keys: ids differ from tenant to tenant."""
    content = blake2b(encode(payload), digest_size=_DIGEST_BYTES)
    for link in links:
        content.update(_CELL_END.join((link.field, link.entity, link.key, link.role)).encode())
    return content.digest()
