"""What is known of one step of a template before the first row of a file is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from loader.mapping.field_spec import ROW
from loader.mapping.mapped import BAD, OMITTED, Absent, MappedStep
from loader.mapping.mapper import Mapper
from loader.mapping.spec import Template
from loader.models.concealed import concealed_key
from loader.models.content import LinkContent
from loader.models.marker import row_key
from loader.models.operation import Operation
from loader.models.operations import find_operation
from loader.models.origin import Origin
from loader.models.shape import PayloadShape
from loader.source.table import Batch, Described
from loader.source.texts import Texts


@dataclass(frozen=True, slots=True)
class StepFacts:
    """
    One step of a template, laid over a file.

    Attributes:
        number: Which of the template's steps it is, from 0.
        operation: From the catalogue, by the key that the template chose.
        relaxed: True where the tenant's defaults may fill required fields.
        today: The day on which dates in the future are judged.
        secret: The journal's, where the key is personal data; else b"".
        shape: How the step's columns nest.
        constants: Payload path to the template's own value.
        totals: Paths of the control totals that are in this step.
        links: The links, in the template's order.
        key_path: Field of the natural key, "" where it is none or several.
        key_header: Header of the key's column, "" where it has none.
        marker_field: The text field that carries the marker, "" for the usual one.
        source: Digest of the file and name of the sheet.
        origin: The file in which a mended row was read first, None where there is none.
        repetition: Which of the template's steps of this operation it is, from 1.
    """

    number: int
    operation: Operation
    relaxed: bool
    today: date
    secret: bytes
    shape: PayloadShape
    constants: Mapping[str, Any]
    totals: tuple[str, ...]
    links: tuple[LinkContent, ...]
    key_path: str
    key_header: str
    marker_field: str
    source: tuple[str, str]
    origin: Origin | None
    repetition: int

    @classmethod
    def of(
        cls,
        template: Template,
        mapper: Mapper,
        number: int,
        table: Described,
        *,
        today: date,
        secret: bytes,
    ) -> Self:
        """
        Lay a step over a file.

        Args:
            template: The template.
            mapper: The template bound to the file.
            number: Number of the step, from 0.
            table: The file.
            today: The day on which dates in the future are judged.
            secret: The journal's, b"" where the template has no key that is personal data.
        """
        step, bound = template.steps[number], mapper.steps[number]
        operation = find_operation(step.operation).keyed_by(step.key.names)
        constants = {field.path: field.value for field in bound.fields if field.source is None}
        paths = [field.path for field in bound.fields]
        key_path = step.key.names[0] if len(step.key.names) == 1 else ""
        return cls(
            number=number,
            operation=operation,
            relaxed=step.tenant_defaults,
            today=today,
            secret=secret if step.key.fields else b"",
            shape=PayloadShape(operation.model, paths, constants, (OMITTED, BAD)),
            constants=constants,
            totals=tuple(path for path in template.totals if path in step.fields),
            links=tuple(LinkContent(link.field, link.to, link.role) for link in bound.links),
            key_path=key_path,
            key_header=(mapper.place_of(number, key_path) or ("",))[0],
            marker_field=step.marker,
            source=(table.digest, table.sheet),
            origin=table.origin,
            repetition=sum(other.operation == step.operation for other in template.steps[: number + 1]),
        )

    @property
    def keyed_by_place(self) -> bool:
        """Whether the place of a row is its natural key."""
        return self.key_path == ROW

    def keys(self, step: MappedStep, batch: Batch) -> Sequence[str]:
        """The natural key of each row as text, "" where it could not be had."""
        if self.keyed_by_place:
            return [self._key_of_place(batch, position) for position in range(len(batch.rows))]
        if step.keys is not None:
            return _texts(step.keys)
        by_path = {field.path: field.values for field in step.fields}
        if len(step.key) == 1:
            return _texts(by_path[step.key[0]])
        together = zip(*(by_path[name] for name in step.key), strict=True)
        return [self._concealed(step.key, values) for values in together]

    def _concealed(self, fields: tuple[str, ...], values: tuple[Any, ...]) -> str:
        if any(value is None or isinstance(value, Absent) for value in values):
            return ""
        return concealed_key(self.secret, fields, [str(value) for value in values])

    def _key_of_place(self, batch: Batch, position: int) -> str:
        """The key of a row's place: of a mended row the place at which it was read first."""
        original = batch.originals[position] if batch.originals is not None else None
        if self.origin is None or original is None:
            return row_key(*self.source, batch.rows[position], self.repetition)
        return row_key(self.origin.source_digest, self.origin.sheet, original, self.repetition)

    def link_keys(
        self, step: MappedStep, earlier: Sequence[tuple["StepFacts", Sequence[str]]]
    ) -> list[Sequence[str]]:
        """
        The key of each link in each row, "" where none is wanted.

        Args:
            step: The mapped step.
            earlier: The template's earlier steps with their keys.
        """
        return [
            link.keys
            if link.keys is not None
            else next(
                keys
                for facts, keys in earlier
                if facts.operation.entity_group == link.to and facts.operation.key_fields == link.by
            )
            for link in step.links
        ]


def _texts(values: Sequence[Any]) -> Sequence[str]:
    if isinstance(values, Texts) or set(map(type, values)) == {str}:
        return values
    return ["" if value is None or type(value) is Absent else str(value) for value in values]
