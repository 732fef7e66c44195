"""How payload models nest: their fields by LoanPro's names, and the paths that templates write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic.fields import FieldInfo
from rapidfuzz import fuzz, process

from loader.models.fields import is_read_only, value_type
from loader.models.payload import Payload, Results

_STEP = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\[(?P<number>\d+)\])?")
_NEAR = 60.0  # of 100; below that a suggestion misleads more than it helps


class UnknownField(LookupError):  # noqa: N818 - says what it is, as the names in loader.errors do
    """
    A path that leads to no field.

    Attributes:
        path: The path as it was written.
        nearest: Existing paths that look like it, the nearest first; may be empty.
        message: What is wrong, as a sentence without a final stop.
        hint: What to do about it, as an order, or "".
    """

    def __init__(self, path: str, nearest: Sequence[str], message: str = "") -> None:
        self.path = path
        self.nearest = list(nearest)
        self.message = message or f"there is no field {path}"
        self.hint = f"did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(f"{self.message}; {self.hint}" if self.hint else self.message)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of a path.

    Attributes:
        name: LoanPro's name of the field.
        number: Number of the list item from 1; None where the step is not into a list.
    """

    name: str
    number: int | None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}[{self.number}]"


def parse_path(path: str) -> tuple[Step, ...]:
    """
    The steps of a path such as `Phones[1].phone`: full stops between fields, list items numbered from 1.

    Raises:
        UnknownField: It is not written like a path.
    """
    steps = []
    for part in path.split("."):
        found = _STEP.fullmatch(part)
        number = int(found["number"]) if found and found["number"] else None
        if found is None or number == 0:
            raise UnknownField(
                path,
                [],
                f"{path!r} is not a payload path; write it like LoanSetup.loanAmount or Phones[1].phone",
            )
        steps.append(Step(found["name"], number))
    return tuple(steps)


@cache
def fields_by_name(model: type[Payload]) -> Mapping[str, FieldInfo]:
    """The fields of a model by LoanPro's names, in the model's order."""
    return MappingProxyType({field.alias or name: field for name, field in model.model_fields.items()})


@cache
def _nested_by_name(model: type[Payload]) -> Mapping[str, tuple[type[Payload], bool]]:
    found = {}
    for name, field in fields_by_name(model).items():
        kind = value_type(field)
        if isinstance(kind, type) and issubclass(kind, Results):
            found[name] = (item_model(kind), True)
        elif isinstance(kind, type) and issubclass(kind, Payload):
            found[name] = (kind, False)
    return MappingProxyType(found)


def item_model(results: type[Results[Any]]) -> type[Payload]:
    """The model of a wrapped list's items."""
    model: type[Payload] = results.__pydantic_generic_metadata__["args"][0]
    return model


def nested(model: type[Payload], name: str) -> tuple[type[Payload], bool] | None:
    """The model of an object or list that a field holds, and whether it is a list; None for a plain value."""
    return _nested_by_name(model).get(name)


@cache
def leaf_paths(model: type[Payload]) -> tuple[str, ...]:
    """Every plain field below a model that may be sent, lists by their first item, in the models' order."""
    paths: list[str] = []
    for name, field in fields_by_name(model).items():
        inner = nested(model, name)
        if inner is None and is_read_only(field):
            continue
        if inner is None:
            paths.append(name)
        else:
            step = f"{name}[1]" if inner[1] else name
            paths.extend(f"{step}.{path}" for path in leaf_paths(inner[0]))
    return tuple(paths)


def nearest_names(wanted: str, names: Sequence[str], limit: int = 3) -> list[str]:
    """Names that look like the one wanted, the nearest first; case does not matter."""
    found = process.extract(
        wanted, names, scorer=fuzz.WRatio, processor=str.casefold, limit=limit, score_cutoff=_NEAR
    )
    return [name for name, _score, _index in found]


def nearest_paths(model: type[Payload], path: str, limit: int = 3) -> list[str]:
    """
    Paths of a model that look like the one wanted, the nearest first.

    The last name counts most, since `loanAmount` without its `LoanSetup.` is the commonest slip.
    """
    paths = leaf_paths(model)
    last = path.rpartition(".")[2].casefold()
    same = [p for p in paths if p.rpartition(".")[2].casefold() == last]
    if same:
        ranked = process.extract(path, same, scorer=fuzz.ratio, processor=str.casefold, limit=limit)
        return [found for found, _score, _index in ranked]
    return nearest_names(path, paths, limit)


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a path leads.

    Attributes:
        model: The model that has the field.
        field: The field.
        steps: The path's steps.
    """

    model: type[Payload]
    field: FieldInfo
    steps: tuple[Step, ...]


def locate(model: type[Payload], path: str) -> Place:
    """
    Find the plain field that a path leads to.

    Raises:
        UnknownField: There is none: a name is unknown, a list lacks its number, a number stands where there is no list,
            or the path ends at an object.
    """
    steps = parse_path(path)
    here = model
    for position, step in enumerate(steps, start=1):
        field = fields_by_name(here).get(step.name)
        if field is None:
            raise UnknownField(path, nearest_paths(model, path))
        inner = nested(here, step.name)
        if inner is None:
            if step.number is not None:
                raise UnknownField(
                    path, [], f"{step.name} in {path} is not a list: leave out [{step.number}]"
                )
            if position < len(steps):
                raise UnknownField(
                    path, nearest_paths(model, path), f"{step.name} in {path} has no fields of its own"
                )
            return Place(here, field, steps)
        if inner[1] and step.number is None:
            raise UnknownField(
                path, [], f"{step.name} in {path} is a list: number the item, as in {step.name}[1]"
            )
        if not inner[1] and step.number is not None:
            raise UnknownField(path, [], f"{step.name} in {path} is not a list: leave out [{step.number}]")
        here = inner[0]
    below = [f"{path}.{name}" for name in here.required[:3] or tuple(fields_by_name(here))[:3]]
    raise UnknownField(path, below, f"{path} is an object: name one of its fields")
