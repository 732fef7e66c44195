"""Binds a template to the columns of one file. Everything that does not fit is said at once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from loader.errors import TemplateError
from loader.mapping.cell_source import CellSource
from loader.mapping.date_formats import PIVOT
from loader.mapping.field_spec import FieldSpec, LinkSpec
from loader.mapping.file_columns import FileColumns
from loader.mapping.fit import check_fields, is_parent, link_is_sensitive, settled, type_of
from loader.mapping.mapped import OMITTED
from loader.mapping.mapper import (
    BoundField,
    BoundLink,
    BoundSkip,
    BoundStep,
    Mapper,
    UndecidedDate,
    words_of_skip,
)
from loader.mapping.refusal import BLANK
from loader.mapping.spec import Step
from loader.mapping.template import LoadedTemplate
from loader.mapping.yaml_lines import Place
from loader.source.table import Header


def bind(loaded: LoadedTemplate, table_headers: tuple[Header, ...]) -> Mapper:
    """
    Find the template's columns in a file.

    A header is matched without regard to case, outer white space and the length of inner white space. Every column that the
    template uses must be there, save those declared `optional: true`.

    Args:
        loaded: The template.
        table_headers: The columns of the file, in its order.

    Raises:
        TemplateError: The template does not fit LoanPro, or the file lacks a column, or has a used header twice; the
            message has one line for each problem.
    """
    if problems := check_fields(loaded):
        raise TemplateError(
            "\n".join(problems), hint="`loader fields` lists every field with its type and values"
        )
    columns = FileColumns(loaded, table_headers)
    steps = tuple(
        _bound_step(step, columns, ("steps", number)) for number, step in enumerate(loaded.template.steps)
    )
    skip = _bound_skip(loaded, columns)
    _find_stop(loaded, columns)
    if columns.problems:
        raise TemplateError(
            "\n".join(columns.problems),
            hint="correct the header in the file or its name in the template; "
            "a column that the file may lack is declared with `optional: true`",
        )
    sources = [source for step in steps for source in step.sources]
    return Mapper(
        steps=steps,
        skip=skip,
        key_columns=_in_order(
            header
            for step in steps
            for source in (
                *(b.source for b in step.fields if b.source and b.path in step.key),
                *([step.key_source] if step.key_source else []),
            )
            for header in source.headers
        ),
        sensitive_columns=frozenset(
            h.index for source in sources if source.sensitive for h in source.headers
        ),
        unused=tuple(header for header in table_headers if header.index not in columns.used),
        template=loaded,
        undecided=tuple(_undecided(loaded, steps)),
        _places=_places(steps),
    )


def _undecided(loaded: LoadedTemplate, steps: Iterable[BoundStep]) -> Iterator[UndecidedDate]:
    """The dates for which the template declares several formats, as far as the file has their columns."""
    for number, (step, bound) in enumerate(zip(loaded.template.steps, steps, strict=True)):
        for field in bound.fields:
            spec = step.fields[field.path]
            if field.source and field.source.headers and spec.format and len(spec.format) > 1:
                pivot = PIVOT if spec.pivot is None else spec.pivot
                yield UndecidedDate(number, field.path, field.source, spec.format, pivot)


def _bound_step(step: Step, columns: FileColumns, place: Place) -> BoundStep:
    fields = tuple(
        _bound_field(step, path, spec, columns, (*place, "fields", path))
        for path, spec in step.fields.items()
    )
    links = tuple(
        BoundLink(
            name,
            link.to,
            link.by,
            link.role,
            _link_source(step, name, link, columns, (*place, "links", name, number)),
        )
        for name, of_name in step.links.items()
        for number, link in enumerate(of_name)
    )
    return BoundStep(
        step.operation, step.key.names, fields, links, _key_source(step, columns, (*place, "key"))
    )


def _key_source(step: Step, columns: FileColumns, place: Place) -> CellSource | None:
    """The lender's own number where no field of the payload holds it."""
    key = step.key
    if key.field or key.fields:
        return None
    if key.join:
        refs = key.join.columns
        headers = tuple(h for ref in refs for h in columns.find([ref], (*place, "join"), optional=False))
    else:
        headers = columns.find(key.column or (), place, optional=False)
    source = columns.source_of(key, key.names[0], headers, BLANK, sensitive=key.sensitive, identifies=True)
    return replace(source, between=key.join.with_ if key.join else "", all_needed=True)


def _bound_field(step: Step, path: str, spec: FieldSpec, columns: FileColumns, place: Place) -> BoundField:
    if spec.constant:
        return BoundField(path, None, settled(step, path, spec.value))
    if spec.join:
        headers = tuple(
            header
            for ref in spec.join.columns
            for header in columns.find([ref], (*place, "join"), optional=spec.optional)
        )
    else:
        headers = columns.find(spec.column or (), place, optional=spec.optional)
    if spec.choices:
        spec = spec.model_copy(
            update={"choices": {word: settled(step, path, value) for word, value in spec.choices.items()}}
        )
    source = columns.source_of(
        spec,
        path,
        headers,
        _blank_value(step, path, spec),
        sensitive=spec.sensitive or type_of(step, path).sensitive,
        identifies=path == step.key.field,
    )
    return BoundField(path, replace(source, between=spec.join.with_ if spec.join else "", split=spec.split))


def _blank_value(step: Step, path: str, spec: FieldSpec) -> Any:
    if spec.has_default:
        return settled(step, path, spec.default)
    if path in step.key.names:
        return BLANK
    return {"omit": OMITTED, "null": None, "empty": "", "error": BLANK}[spec.blank]


def _link_source(
    step: Step, name: str, link: LinkSpec, columns: FileColumns, place: Place
) -> CellSource | None:
    if link.column is None:
        return None
    required = link.blank == "error" or is_parent(step, name)
    return columns.source_of(
        link,
        name,
        columns.find(link.column, place, optional=link.optional),
        BLANK if required else OMITTED,
        sensitive=link_is_sensitive(link),
        identifies=True,
    )


def _bound_skip(loaded: LoadedTemplate, columns: FileColumns) -> BoundSkip | None:
    skip = loaded.template.rows.skip_if
    if skip is None:
        return None
    found = columns.find(skip.column, ("rows", "skip_if", "column"), optional=False)
    return BoundSkip(found[0], words_of_skip(found[0], skip.is_)) if found else None


def _find_stop(loaded: LoadedTemplate, columns: FileColumns) -> None:
    """The column at which the rows end must be there, or they would not end."""
    stop = loaded.template.rows.stop_at
    if stop and stop.column:
        columns.find(stop.column, ("rows", "stop_at", "column"), optional=False)


def _in_order(headers: Iterable[Header]) -> tuple[Header, ...]:
    return tuple(sorted(set(headers), key=lambda header: header.index))


def _places(steps: tuple[BoundStep, ...]) -> dict[tuple[int, str], Header]:
    places: dict[tuple[int, str], Header] = {}
    for number, step in enumerate(steps):
        for source in reversed(step.sources):
            if source.headers:
                places[number, source.path] = source.headers[0]
    return places
