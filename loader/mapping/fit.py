"""Whether a template fits LoanPro: its operations, fields, constants and links, against the payload models."""

from collections.abc import Iterator
from typing import Any

from loader.mapping.field_spec import NUMERIC, FieldSpec, LinkSpec
from loader.mapping.field_types import FieldType, field_type, shown
from loader.mapping.refusal import Refusal
from loader.mapping.spec import Step
from loader.mapping.template import LoadedTemplate
from loader.mapping.template_errors import in_order
from loader.mapping.texts import nearest_of
from loader.mapping.written import Scalar
from loader.mapping.yaml_lines import Place
from loader.models.control_fields import IGNORE_WARNINGS
from loader.models.operation import LinkField, Operation, UnknownOperation
from loader.models.operations import OPERATIONS, find_operation, operation_of
from loader.models.person import PersonalKey
from loader.models.structure import UnknownField


def check_fields(loaded: LoadedTemplate) -> list[str]:
    """
    Everything in a template that LoanPro does not know or would not take, one line each, in the template's order.

    Each line names the template, the line, the place, and the nearest name where there is one.
    """
    return in_order(loaded.name, loaded.lines, _problems(loaded))


def type_of(step: Step, path: str) -> FieldType:
    """
    What a field of a step takes.

    Raises:
        UnknownField: The operation's payload has no such field.
        UnknownOperation: There is no such operation.
    """
    return field_type(find_operation(step.operation).model, path)


def settled(step: Step, path: str, written: Scalar) -> Any:
    """A constant of the template as a payload value; the template has been checked."""
    value = type_of(step, path).constant(written)
    assert not isinstance(value, Refusal), "check_fields has refused such a constant"
    return value


def is_parent(step: Step, link: str) -> bool:
    """Whether a link of a step names the entity that the step adds to."""
    parent = find_operation(step.operation).parent
    return parent is not None and parent.field == link


def link_is_sensitive(link: LinkSpec) -> bool:
    """Whether the natural key by which a link finds its entity is personal data."""
    return link.sensitive or any(field_type(operation_of(link.to).model, name).sensitive for name in link.by)


def _problems(loaded: LoadedTemplate) -> Iterator[tuple[Place, str]]:
    template = loaded.template
    for number, step in enumerate(template.steps):
        here: Place = ("steps", number)
        try:
            operation = find_operation(step.operation)
        except UnknownOperation as error:
            yield (*here, "operation"), _said(error)
            continue
        yield from _key_problems(step, operation, here)
        yield from _parent_problems(step, operation, (*here, "links"))
        yield from _marker_problems(step, operation, (*here, "marker"))
        for path, spec in step.fields.items():
            yield from _field_problems(operation, path, spec, (*here, "fields", path))
        for field, links in step.links.items():
            yield from _link_problems(
                operation, field, links, template.steps[:number], (*here, "links", field)
            )
    for number, path in enumerate(template.totals):
        yield from _total_problems(template.steps, path, ("totals", number))


def _key_problems(step: Step, operation: Operation, here: Place) -> Iterator[tuple[Place, str]]:
    key, place = step.key, (*here, "key")
    if not operation.key_fields:
        if (key.field or key.fields) and not key.of_row:
            yield (
                place,
                f"is {{column: ...}} with your own number of it, or row, and not {_written(key.names)!r}",
            )
        if key.optional:
            yield (*place, "optional"), "is the key, and so its column cannot be missing"
        return
    offered: list[tuple[str, ...]] = [(name,) for name in operation.key_fields]
    if operation.personal_key is not None:
        offered.append(operation.personal_key.fields)
    if key.names not in offered:
        given = repr(_written(key.names)) if key.field or key.fields else "a column"
        known = " or ".join(map(_written, offered))
        yield place, f"{given} cannot be the key of {operation.name}; it is {known}"
        return
    for name in key.names:
        if name not in step.fields:
            yield place, f"{name!r} is not among the step's fields; every row needs its key"
        else:
            yield from _key_field_problems(step.fields[name], (*here, "fields", name))
    if key.fields and operation.personal_key is not None:
        yield from _personal_key_problems(step, operation.personal_key, (*here, "fields"))


def _personal_key_problems(step: Step, key: PersonalKey, place: Place) -> Iterator[tuple[Place, str]]:
    """One person is written in one way only, and LoanPro's own refusal of a second such customer stays switched on."""
    for name, count in key.digits.items():
        spec = step.fields.get(name)
        if spec is not None and not spec.constant and (spec.as_, spec.length) != ("digits", count):
            yield (*place, name), f"is part of the key, and so needs `as: digits` and `length: {count}`"
    if IGNORE_WARNINGS in step.fields:
        yield (
            (*place, IGNORE_WARNINGS),
            f"cannot be sent with the key {_written(key.fields)}: LoanPro's warning stops a second such entity",
        )


def _parent_problems(step: Step, operation: Operation, place: Place) -> Iterator[tuple[Place, str]]:
    """What is added to a loan names exactly one in each row."""
    parent = operation.parent
    if parent is None:
        return
    links = step.links.get(parent.field, [])
    if len(links) != 1:
        wanted = f"{{{parent.field}: {{to: {parent.to}, by: {parent.by}, column: ...}}}}"
        yield place, f"{operation.name} needs exactly one link {parent.field}: {wanted}"
        return
    here: Place = (*place, parent.field, 0)
    if links[0].optional:
        yield (*here, "optional"), "says what the row belongs to, and so its column cannot be missing"
    if "blank" in links[0].given() and links[0].blank != "error":
        yield (*here, "blank"), "says what the row belongs to, and so a blank cell is always an error"


def _marker_problems(step: Step, operation: Operation, place: Place) -> Iterator[tuple[Place, str]]:
    if not step.marker or step.marker in operation.marker_fields:
        return
    if not operation.marker_fields:
        yield place, f"does not belong to {operation.name}, which is found by its key"
    else:
        known = " or ".join(operation.marker_fields)
        yield place, f"{step.marker!r} cannot carry the marker of {operation.name}; it is {known}"


def _key_field_problems(spec: FieldSpec, place: Place) -> Iterator[tuple[Place, str]]:
    """A row without its own key could neither be found again nor be told from another."""
    if spec.constant:
        yield place, "is the key, and so cannot be the same in every row"
    if spec.has_default:
        yield (*place, "default"), "is the key, and so cannot have a default"
    if spec.optional:
        yield (*place, "optional"), "is the key, and so its column cannot be missing"
    if "blank" in spec.given() and spec.blank != "error":
        yield (*place, "blank"), "is the key, and so a blank cell is always an error"


def _field_problems(
    operation: Operation, path: str, spec: FieldSpec, place: Place
) -> Iterator[tuple[Place, str]]:
    try:
        takes = field_type(operation.model, path)
    except UnknownField as error:
        yield place, _said(error)
        return
    if takes.refused:
        yield place, takes.refused
        return
    yield from _constant_problems(takes, spec, place)
    if not spec.constant and not takes.fits(spec.as_):
        given = f"`as: {spec.as_}`" if "as" in spec.given() else "text"
        yield place, f"takes {_article(takes.kind)}, and {given} never gives one; use {takes.wanted()}"
    if spec.blank == "empty" and not takes.takes(""):
        yield (*place, "blank"), f'"" is not {_article(takes.kind)}; leave the field out, or send null'


def _constant_problems(takes: FieldType, spec: FieldSpec, place: Place) -> Iterator[tuple[Place, str]]:
    written: list[tuple[Place, Scalar]] = []
    if spec.constant:
        written.append(((*place, "value"), spec.value))
    if spec.has_default:
        written.append(((*place, "default"), spec.default))
    written += [((*place, "choices", word), value) for word, value in (spec.choices or {}).items()]
    for at, value in written:
        given = takes.constant(value)
        if isinstance(given, Refusal):
            advice = given.order(sensitive=False)
            yield at, f"{shown(value)} {given.message}" + (f"; {advice}" if advice else "")


def _link_problems(
    operation: Operation, field: str, links: list[LinkSpec], earlier: list[Step], place: Place
) -> Iterator[tuple[Place, str]]:
    try:
        known = operation.link(field)
    except UnknownOperation as error:
        yield place, _said(error)
        return
    for number, link in enumerate(links):
        yield from _one_link_problems(known, link, earlier, (*place, number))


def _one_link_problems(
    known: LinkField, link: LinkSpec, earlier: list[Step], place: Place
) -> Iterator[tuple[Place, str]]:
    if link.to != known.to:
        yield (*place, "to"), f"{known.field} links {known.to}, not {link.to}"
    personal = operation_of(known.to).personal_key
    if personal is not None and link.by == personal.fields:
        yield from _row_link_problems(link, earlier, (*place, "by"))
    elif link.by != (known.by,):
        yield (*place, "by"), f"{known.to} are found by {known.by}, not by {_written(link.by)}"
    if not known.roles and link.role:
        yield (*place, "role"), f"{known.field} has no role"
    if known.roles and link.role not in known.roles:
        near = nearest_of(link.role, list(known.roles))
        wrong = f"there is no role {link.role!r}" if link.role else "a role is missing"
        yield (
            (*place, "role"),
            f"{wrong}; known are {', '.join(known.roles)}" + (f"; did you mean {near!r}?" if near else ""),
        )


def _row_link_problems(link: LinkSpec, earlier: list[Step], place: Place) -> Iterator[tuple[Place, str]]:
    """What has no number of its own is linked in the row that makes it, and must be the only one there."""
    makers = [
        step
        for step in earlier
        if step.operation in OPERATIONS
        and OPERATIONS[step.operation].entity_group == link.to
        and step.key.names == link.by
    ]
    if not makers:
        yield (
            place,
            f"{_written(link.by)} links to what an earlier step of the same row makes, and none makes {link.to} with that key",
        )
    elif len(makers) > 1:
        yield (
            place,
            f"{len(makers)} earlier steps make {link.to} with that key; which one is meant cannot be said",
        )


def _total_problems(steps: list[Step], path: str, place: Place) -> Iterator[tuple[Place, str]]:
    specs = [step.fields[path] for step in steps if path in step.fields]
    if not specs:
        near = nearest_of(path, [field for step in steps for field in step.fields])
        yield (
            place,
            f"{path!r} is not among the template's fields" + (f"; did you mean {near!r}?" if near else ""),
        )
    elif not any(spec.as_ in NUMERIC or isinstance(spec.value, int) for spec in specs):
        yield place, f"{path!r} is no number, and so has no sum"


def _written(names: tuple[str, ...]) -> str:
    """A key as templates write it."""
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _said(error: UnknownField | UnknownOperation) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _article(kind: str) -> str:
    if kind in {"money", "text"}:
        return kind
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
