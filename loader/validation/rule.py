"""What a rule is, and how it is asked: of one payload, or of the columns of many."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any, Final

from loader.mapping.known_values import Repeated
from loader.models.issue import Issue, Severity

TODAY: Final = "(today)"
"""Stands among the paths of a rule for the day on which it is asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a rule found.

    Attributes:
        field: Path of the field to look at first.
        message: What was found and what was expected; without the value where that is sensitive.
        advice: What to do about it, as an order; "" where the message says it all.
        value: The value of the field.
        sensitive: True where the value must be masked.
    """

    field: str
    message: str
    advice: str = ""
    value: Any = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A condition over some values of a payload.

    Attributes:
        reads: Paths of the values, none of them in a list; all that the condition looks at.
        holds: Whether it is met by these values, in their order; None stands for one that is absent or null.
        spares: A quick proof that none of many payloads meets it, from a column for each value (one value alone where it is the same
            in all of them), none of which is None; it may say no where none does. None where there is no such proof.
    """

    reads: tuple[str, ...]
    holds: Callable[..., bool]
    spares: Callable[..., bool] | None = None

    def spares_all(self, columns: Sequence[Sequence[Any]]) -> bool:
        """Whether it is seen at once that no payload meets it (`met_by`)."""
        has_null = any(len(c) == 1 and c[0] is None for c in columns)
        return self.spares is not None and not has_null and self.spares(*columns)

    def met_by(self, columns: Sequence[Sequence[Any]], count: int) -> list[int]:
        """
        The payloads that meet it, by position, ascending.

        Args:
            columns: For each value that is read, one for each payload, or one alone where it is the same in all of them.
            count: How many payloads.
        """
        if self.spares_all(columns):
            return []
        varying = [column for column in columns if len(column) != 1]
        if len(varying) == 1 and isinstance(varying[0], Repeated):
            return self._met_by_different(columns, varying[0])
        whole = (repeat(c[0], count) if len(c) == 1 else c for c in columns)
        return [at for at, holds in enumerate(map(self.holds, *whole)) if holds]

    def _met_by_different(self, columns: Sequence[Sequence[Any]], varying: Repeated) -> list[int]:
        """The same where one column alone varies, and its values repeat themselves."""
        different = varying.different
        whole = (different if column is varying else repeat(column[0], len(different)) for column in columns)
        met = [code for code, holds in enumerate(map(self.holds, *whole)) if holds]
        return varying.positions(met) if met else []


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule.

    Attributes:
        name: Stable name, such as `loan.first-payment-before-contract`.
        severity: An error keeps the row from being sent.
        condition: When there is something to say.
        find: What there is to say then, from the values that the condition reads.
    """

    name: str
    severity: Severity
    condition: Condition
    find: Callable[..., Finding]


def findings(rules: Iterable[Rule], payload: Mapping[str, Any], today: date) -> list[Issue]:
    """Everything that the rules find in a payload."""
    issues = []
    for rule in rules:
        values = [today if path == TODAY else value_at(payload, path) for path in rule.condition.reads]
        if rule.condition.holds(*values):
            found = rule.find(*values)
            value = "" if found.value is None else str(found.value)
            issues.append(
                Issue(
                    rule.name,
                    found.message,
                    found.advice,
                    rule.severity,
                    found.field,
                    value=value,
                    sensitive=found.sensitive,
                )
            )
    return issues


def value_at(payload: Mapping[str, Any], path: str) -> Any:
    """The value at a path through objects, None where there is none."""
    here: Any = payload
    for name in path.split("."):
        here = (here or {}).get(name)
    return here
