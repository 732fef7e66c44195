"""Checks one payload at a time: types and limits, required fields, rules. All that is wrong with it comes at once."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from loader.models.checking import validator_of
from loader.models.enumerations import enumeration
from loader.models.fields import is_sensitive, value_type
from loader.models.issue import Issue, Severity
from loader.models.payload import Payload
from loader.models.structure import fields_by_name, nested
from loader.validation.rule import findings
from loader.validation.rules import RULES
from loader.validation.wording import Location, field_of, issue_of

_NO_VALUES: Mapping[str, Collection[str]] = MappingProxyType({})


class PayloadCheck:
    """
    The checks of one operation's payloads.

    Args:
        model: The operation's model.
        relaxed: True where the tenant's defaults may fill required fields (`tenant_defaults` of the template).
        today: The day on which dates in the future are judged.
        tenant_values: Values that the tenant has beyond those known here, by the name of their collection, such as
            `geo.state`; what `GET collections(<name>)/items` told (LoanPro reference 1.9).
    """

    def __init__(
        self,
        model: type[Payload],
        *,
        relaxed: bool,
        today: date,
        tenant_values: Mapping[str, Collection[str]] = _NO_VALUES,
    ) -> None:
        self._model = model
        self._relaxed = relaxed
        self._today = today
        self._tenant_values = tenant_values
        self._rules = RULES.get(model, ())
        self._validate = validator_of(model).validate_python

    def check(
        self, payload: dict[str, Any], known_bad: Collection[str] = ()
    ) -> tuple[dict[str, Any] | None, list[Issue]]:
        """
        Check one payload.

        Args:
            payload: The nested payload, as `PayloadShape.build` makes it; it is not changed.
            known_bad: Paths whose cells have an issue already and are therefore absent; they are not reported missing.

        Returns:
            The payload as `encode` takes it, with LoanPro's names, only what was set, flags as 1 and 0; None if there is
            an error. And all issues, errors and warnings; their columns are the caller's to add.
        """
        try:
            valid: dict[str, Any] = self._validate(payload)
            issues: list[Issue] = []
        except ValidationError as error:
            valid, issues = self._mended(payload, error)
            known_bad = {*known_bad, *(issue.field for issue in issues)}
        issues += missing_fields(self._model, valid, "", known_bad, relaxed=self._relaxed)
        issues += findings(self._rules, valid, self._today)
        refused = any(issue.severity is Severity.ERROR for issue in issues)
        return (None if refused or known_bad else valid), issues

    def _mended(self, payload: dict[str, Any], error: ValidationError) -> tuple[dict[str, Any], list[Issue]]:
        """What is left of a payload without its faulty fields, so that the other checks can go on, and the issues."""
        issues: list[Issue] = []
        tolerated: list[tuple[Location, Any]] = []
        rest = _copied(payload)
        failure: ValidationError | None = error
        while failure is not None:
            removed = False
            for fault in failure.errors(include_url=False):
                location = fault["loc"]
                removed = _remove(rest, location) or removed
                if fault["type"] == "literal_error" and self._is_tenant_value(location, fault["input"]):
                    tolerated.append((location, fault["input"]))
                else:
                    issues.append(issue_of(fault, self._model))
            if not removed:  # the payload itself is no object: there is nothing left to look at
                return {}, issues
            valid, failure = self._attempt(rest)
        for location, value in tolerated:
            _insert(valid, location, value)
        return valid, issues

    def _attempt(self, payload: dict[str, Any]) -> tuple[dict[str, Any], ValidationError | None]:
        try:
            return self._validate(payload), None
        except ValidationError as error:
            return {}, error

    def _is_tenant_value(self, location: Location, value: object) -> bool:
        field = field_of(self._model, location)
        values = enumeration(value_type(field)) if field is not None else None
        return values is not None and value in self._tenant_values.get(values.group, ())


def missing_fields(
    model: type[Payload],
    payload: Mapping[str, Any],
    prefix: str,
    known_bad: Collection[str],
    *,
    relaxed: bool,
) -> list[Issue]:
    """The required fields that an object and what it holds do not have. Null and "" are no value."""
    issues: list[Issue] = []
    for name in model.required_fields(payload, relaxed=relaxed):
        value = payload.get(name)
        if not value and (value is None or value == ""):
            issues.extend(_absent(model, name, prefix, known_bad, relaxed=relaxed))
    for name, value in payload.items():
        if type(value) is not dict:
            continue
        inner = nested(model, name)
        if inner is None:
            continue
        if not inner[1]:
            issues += missing_fields(inner[0], value, f"{prefix}{name}.", known_bad, relaxed=relaxed)
            continue
        for number, item in enumerate(value["results"], start=1):
            issues += missing_fields(inner[0], item, f"{prefix}{name}[{number}].", known_bad, relaxed=relaxed)
    return issues


def _absent(
    model: type[Payload], name: str, prefix: str, known_bad: Collection[str], *, relaxed: bool
) -> Iterator[Issue]:
    """The issue of a missing field; of a missing object, those of the fields that it must have."""
    path = f"{prefix}{name}"
    if path in known_bad:
        return
    inner = nested(model, name)
    if inner is not None:
        for below in inner[0].required_fields({}, relaxed=relaxed):
            yield from _absent(inner[0], below, f"{path}.", known_bad, relaxed=relaxed)
        return
    sensitive = is_sensitive(fields_by_name(model)[name])
    yield Issue(
        "field.required",
        f"{path} is missing",
        "Fill the cell, or map the field",
        field=path,
        sensitive=sensitive,
    )


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _remove(payload: dict[str, Any], location: Location) -> bool:
    """
    Take a faulty value out, and tell whether it was still there.

    A whole list goes where one of its items is no object or it has no `results`, since taking the item out would
    renumber the others.
    """
    parts = list(location)
    while parts and (isinstance(parts[-1], int) or (parts[-1] == "results" and len(parts) > 1)):
        parts.pop()
    here: Any = payload
    for part in parts[:-1]:
        if isinstance(here, dict) and part not in here:
            return False
        here = here[part]
    return bool(parts) and here.pop(parts[-1], here) is not here


def _insert(payload: dict[str, Any], location: Location, value: object) -> None:
    """Put a value back that was taken out; the objects on the way are still there."""
    here: Any = payload
    for part in location[:-1]:
        here = here[part]
    here[location[-1]] = value
