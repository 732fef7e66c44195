"""What a template says of a file before it is opened: where its rows are, and which columns it will be asked for."""

from collections.abc import Iterator
from dataclasses import replace

from loader.mapping.field_spec import PERCENTAGES, LinkSpec
from loader.mapping.fit import link_is_sensitive, type_of
from loader.mapping.spec import Step, Template
from loader.mapping.written import ColumnRef
from loader.models.folding import folded
from loader.models.operation import UnknownOperation
from loader.models.structure import UnknownField
from loader.source.reading import Reading


def as_template_says(reading: Reading, template: Template) -> Reading:
    """What the user says of the file, with what the template says of it."""
    return replace(
        reading,
        header_row=template.rows.header[-1],
        header_rows=len(template.rows.header),
        hidden=reading.hidden or template.rows.hidden,
        merged=template.rows.merged,
        stop_at=template.rows.ends,
        letters_used=frozenset(ref.letter for ref in columns_named(template) if ref.letter),
        headers_wanted=frozenset(ref.name for ref in columns_named(template) if ref.name),
        keyed_by_row=any(step.key.of_row for step in template.steps),
        sensitive=frozenset(ref.letter or folded(ref.name) for ref in _sensitive_refs(template)),
        percents=frozenset(ref.letter or folded(ref.name) for ref in _refs_of_percents(template)),
    )


def columns_named(template: Template) -> list[ColumnRef]:
    """All columns that the template names, by header or letter."""
    specs = [spec for step in template.steps for spec in step.fields.values()]
    links = [link for step in template.steps for several in step.links.values() for link in several]
    return [
        *(ref for spec in specs for ref in (spec.column or ())),
        *(ref for spec in specs if spec.join for ref in spec.join.columns),
        *(ref for link in links for ref in (link.column or ())),
        *(ref for step in template.steps for ref in (step.key.column or ())),
        *(ref for step in template.steps if step.key.join for ref in step.key.join.columns),
        *(template.rows.skip_if.column if template.rows.skip_if else ()),
        *(template.rows.stop_at.column if template.rows.stop_at else ()),
    ]


def _refs_of_percents(template: Template) -> Iterator[ColumnRef]:
    """The columns whose plain numbers would be misread beside percentages."""
    for step in template.steps:
        for spec in step.fields.values():
            if spec.as_ in PERCENTAGES:
                yield from (*(spec.column or ()), *(spec.join.columns if spec.join else ()))


def _sensitive_refs(template: Template) -> Iterator[ColumnRef]:
    """
    The columns that fill sensitive fields.

    What LoanPro does not know counts as sensitive: binding refuses such a template, but only once the file is open.
    """
    for step in template.steps:
        for path, spec in step.fields.items():
            if spec.sensitive or _field_is_sensitive(step, path):
                yield from (*(spec.column or ()), *(spec.join.columns if spec.join else ()))
        for link in (link for several in step.links.values() for link in several):
            if _link_is_sensitive(link):
                yield from link.column or ()
        if step.key.sensitive:
            yield from (*(step.key.column or ()), *(step.key.join.columns if step.key.join else ()))


def _field_is_sensitive(step: Step, path: str) -> bool:
    try:
        return type_of(step, path).sensitive
    except (UnknownField, UnknownOperation):
        return True


def _link_is_sensitive(link: LinkSpec) -> bool:
    try:
        return link_is_sensitive(link)
    except (UnknownField, UnknownOperation):
        return True
