"""Mapped batches to checked rows: every issue of a row at once, with the cell that it comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from loader.mapping.field_spec import ROW
from loader.mapping.mapped import BAD, OMITTED, Absent, MappedBatch, MappedField, MappedLink, MappedStep
from loader.mapping.mapper import Mapper
from loader.mapping.spec import Template
from loader.masking import looks_sensitive, masked_text
from loader.models.concealed import concealed_key
from loader.models.encoding import encode
from loader.models.issue import Issue
from loader.models.marker import row_key
from loader.models.operations import find_operation
from loader.models.row import RowRef
from loader.models.shape import PayloadShape
from loader.source.table import Batch, Described
from loader.validation.checked import (
    CheckedBatch,
    CheckedColumns,
    CheckedRow,
    CheckedStep,
    LinkColumn,
    WantedLink,
)
from loader.validation.no_row import no_row, worth_mending
from loader.validation.payload import PayloadCheck

_CELL_END = "\x1f"
_DIGEST_BYTES = 16


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
        index_of = {header.letter: header.index for header in table.headers}
        self._steps = tuple(
            _StepCheck(template, mapper, number, index_of, table, today=today, secret=secret)
            for number in range(len(template.steps))
        )

    def check(self, mapped: MappedBatch) -> CheckedBatch:
        """A batch, checked."""
        rows = tuple(self._rows(mapped))
        unusual = {
            position: row for position, row in enumerate(rows) if row.issues or row.excluded is not None
        }
        steps = tuple(
            check.columns(step, number, rows, unusual)
            for number, (check, step) in enumerate(zip(self._steps, mapped.steps, strict=True))
        )
        return CheckedBatch(mapped.batch, mapped.notes, steps, unusual, _Rows(rows))

    def _rows(self, mapped: MappedBatch) -> Iterator[CheckedRow]:
        """All rows of a batch, in the order of the file."""
        batch = mapped.batch
        if not batch.rows:
            return
        steps = [check.prepare(step) for check, step in zip(self._steps, mapped.steps, strict=True)]
        cells = zip(*batch.columns, strict=True)
        for position, (row, row_cells) in enumerate(zip(batch.rows, cells, strict=True)):
            line = batch.lines[position] if batch.lines is not None else row
            original = batch.originals[position] if batch.originals is not None else None
            ref = RowRef(
                batch.first_ordinal + position, self._sheet, row, line if line != row else None, original
            )
            digest = _digest_of_cells(row_cells, batch, position, self._secret)
            if position in mapped.excluded:
                yield CheckedRow(ref, digest, mapped.excluded[position], (), ())
                continue
            issues = mapped.issues.get(position, [])
            checked: list[CheckedStep] = []
            for check, prepared in zip(self._steps, steps, strict=True):
                checked.append(check.row(prepared, batch, position, checked, issues))
            yield CheckedRow(ref, digest, None, tuple(checked), worth_mending(issues))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a batch, made already."""

    rows: tuple[CheckedRow, ...]

    def row_digests(self) -> Sequence[bytes]:
        """See the protocol."""
        return [row.digest for row in self.rows]

    def step_digests(self, step: int) -> Sequence[bytes]:
        """See the protocol."""
        return [row.steps[step].digest if row.steps else b"" for row in self.rows]

    def row(self, position: int) -> CheckedRow:
        """See the protocol."""
        return self.rows[position]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One step's columns of a batch, ready to be taken row by row."""

    payloads: list[dict[str, Any]]
    keys: Sequence[Any] | None
    fields: tuple[MappedField, ...]
    links: tuple[MappedLink, ...]
    totals: tuple[Sequence[Any], ...]


class _StepCheck:
    """The compiled checks of one step of the template."""

    def __init__(
        self,
        template: Template,
        mapper: Mapper,
        number: int,
        index_of: dict[str, int],
        table: Described,
        *,
        today: date,
        secret: bytes,
    ) -> None:
        step = template.steps[number]
        bound = mapper.steps[number]
        self._operation = find_operation(step.operation).keyed_by(step.key.names)
        self._secret = secret if step.key.fields else b""
        self._key_path = step.key.names[0] if len(step.key.names) == 1 else ""
        self._key_header = (mapper.place_of(number, self._key_path) or ("",))[0]
        self._check = PayloadCheck(self._operation.model, relaxed=step.tenant_defaults, today=today)
        self._shape = PayloadShape(
            self._operation.model,
            [field.path for field in bound.fields],
            [field.path for field in bound.fields if field.source is None],
            (OMITTED, BAD),
        )
        self._marker_field = step.marker
        self._source = (table.digest, table.sheet)
        self._origin = table.origin
        same = [other.operation == step.operation for other in template.steps[: number + 1]]
        self._number = sum(same)
        self._totals = tuple(path for path in template.totals if path in step.fields)
        self._columns = sorted(
            {
                header.index
                for source in (*(field.source for field in bound.fields), bound.key_source)
                if source
                for header in source.headers
            }
        )
        self._constants = {field.path for field in bound.fields if field.source is None}
        self._places = {
            field.path: (*place, index_of[place[1]])
            for field in bound.fields
            if (place := mapper.place_of(number, field.path)) is not None
        }

    def columns(
        self, step: MappedStep, number: int, rows: Sequence[CheckedRow], unusual: Mapping[int, CheckedRow]
    ) -> CheckedColumns:
        """The step's columns, with nothing of unusual rows."""
        steps = [None if at in unusual else row.steps[number] for at, row in enumerate(rows)]
        links = [
            LinkColumn(
                link.field,
                link.to,
                link.role,
                [
                    ("" if at in unusual else _made_by(rows[at].steps, link))
                    if link.keys is None
                    else link.keys[at]
                    for at in range(len(rows))
                ],
            )
            for link in step.links
        ]
        return CheckedColumns(
            self._operation,
            [one.key if one else "" for one in steps],
            tuple(links),
            tuple([one.amounts[n] if one else None for one in steps] for n in range(len(self._totals))),
        )

    def prepare(self, step: MappedStep) -> _Prepared:
        """Lay a batch's columns of this step ready."""
        by_path = {field.path: field.values for field in step.fields}
        columns = [field.values for field in step.fields]
        payloads = self._shape.build(columns, len(columns[0]))
        return _Prepared(
            payloads,
            self._keys(step, by_path),
            step.fields,
            step.links,
            tuple(by_path[path] for path in self._totals),
        )

    def _keys(self, step: MappedStep, by_path: Mapping[str, Sequence[Any]]) -> Sequence[Any] | None:
        """The natural keys of a batch, None where they are made from the rows' places."""
        if step.keys is not None or step.key == (ROW,):
            return step.keys
        if len(step.key) == 1:
            return by_path[step.key[0]]
        together = zip(*(by_path[name] for name in step.key), strict=True)
        return [self._concealed(step.key, values) for values in together]

    def _concealed(self, fields: tuple[str, ...], values: tuple[Any, ...]) -> str | Absent:
        if any(value is None or isinstance(value, Absent) for value in values):
            return BAD
        return concealed_key(self._secret, fields, [str(value) for value in values])

    def row(
        self,
        prepared: _Prepared,
        batch: Batch,
        position: int,
        earlier: Sequence[CheckedStep],
        issues: list[Issue],
    ) -> CheckedStep:
        """Check one row's payload, after the earlier steps of the row; what it finds is added to the issues of its cells."""
        key_text = self._key(prepared, batch, position)
        amounts = tuple(_amount(values[position]) for values in prepared.totals)
        if position in batch.bad_rows:
            return CheckedStep(self._operation, "", None, b"", (), amounts)
        links = tuple(
            WantedLink(link.field, link.to, key, link.role)
            for link in prepared.links
            if (key := _made_by(earlier, link) if link.keys is None else link.keys[position])
        )
        # Where a cell was refused, "is missing" about its field would say the same thing twice, and about a constant beside it,
        # which is left out with the object when that has nothing else, it would be untrue.
        refused = (
            {field.path for field in prepared.fields if field.values[position] is BAD} if issues else set()
        )
        settled = refused | self._constants if refused else refused
        payload, found = self._check.check(prepared.payloads[position])
        if payload is not None and key_text:
            payload, more = self._completed(payload, key_text)
            found += more
        if prepared.keys is not None and (issue := no_row(key_text, self._key_header, self._key_path)):
            payload = None
            found.append(issue)
        issues.extend(self._placed(issue, batch, position) for issue in found if issue.field not in settled)
        if payload is None or refused or not key_text or self._lacks_parent(links):
            return CheckedStep(
                self._operation, key_text, None, self._cells_digest(batch, position), links, amounts
            )
        digest = _digest(payload, links, self._secret)
        return CheckedStep(self._operation, key_text, payload, digest, links, amounts)

    def _key(self, prepared: _Prepared, batch: Batch, position: int) -> str:
        """The row's natural key, "" where it could not be had."""
        if prepared.keys is None:
            return self._row_key(batch, position)
        key = prepared.keys[position]
        return "" if key is OMITTED or key is BAD or key is None else str(key)

    def _row_key(self, batch: Batch, position: int) -> str:
        """The key of a row's place: of a mended row the place at which it was read first."""
        original = batch.originals[position] if batch.originals is not None else None
        if self._origin is None or original is None:
            return row_key(*self._source, batch.rows[position], self._number)
        return row_key(self._origin.source_digest, self._origin.sheet, original, self._number)

    def _completed(self, payload: dict[str, Any], key: str) -> tuple[dict[str, Any] | None, list[Issue]]:
        """The payload with what this program adds of its own, or the issue that its text cannot take the marker."""
        operation = self._operation
        try:
            return operation.completed(payload, key, self._marker_field), []
        except ValueError as error:
            name = self._marker_field or operation.marker_fields[0]
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
        return _hash(self._secret, "cells", *cells)

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


def _amount(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, Decimal | int) else None


def _made_by(earlier: Sequence[CheckedStep], link: MappedLink) -> str:
    """The key of what an earlier step of the row makes, "" where that has none."""
    return next(
        step.key
        for step in earlier
        if step.operation.entity_group == link.to and step.operation.key_fields == link.by
    )


def _digest(payload: dict[str, Any], links: tuple[WantedLink, ...], secret: bytes) -> bytes:
    """Digest of all that the step would send, with the links by their keys: ids differ from tenant to tenant."""
    content = blake2b(encode(payload), digest_size=_DIGEST_BYTES, key=secret)
    for link in links:
        content.update(_CELL_END.join((link.field, link.entity, link.key, link.role, "")).encode())
    return content.digest()


def _digest_of_cells(cells: tuple[str, ...], batch: Batch, position: int, secret: bytes) -> bytes:
    bad = batch.bad_rows.get(position)
    return _hash(secret, *(bad.cells if bad is not None else cells))


def _hash(secret: bytes, *texts: str) -> bytes:
    content = _CELL_END.join(texts).encode(errors="surrogatepass")
    return blake2b(content, digest_size=_DIGEST_BYTES, key=secret).digest()
