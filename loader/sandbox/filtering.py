"""
`$filter` of OData 3 as far as LoanPro documents it (LoanPro reference 1.5), turned into SQL.

    expression = and {"or" and}          and        = not {"and" not}
    not        = "not" not | primary     primary    = "(" expression ")" | call ["eq" boolean] | comparison
    comparison = operand ("eq"|"ne"|"gt"|"ge"|"lt"|"le") operand
    call       = ("substringof"|"startswith"|"endswith") "(" operand "," operand ")"
    operand    = field {"/" field} | 'text' | number | datetime'...' | true | false | null
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from loader.sandbox import refusals
from loader.sandbox.values import MOST_INTEGER, BadValue, Family, seconds_of

_TOKEN = re.compile(
    r"\s*(?:(?P<date>datetime'(?P<moment>[^']*)')|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w])"
    r"|(?P<name>[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*)|(?P<sign>[(),]))"
)
_COMPARE = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_CALLS = {
    "substringof": "instr({1}, {0}) > 0",
    "startswith": "substr({0}, 1, length({1})) = {1}",
    "endswith": "substr({0}, -length({1})) = {1}",
}
_TURNED = {"=": "=", "<>": "<>", ">": "<", ">=": "<=", "<": ">", "<=": ">="}

Number = TypeVar("Number", int, Decimal)
Resolver = Callable[[str], tuple[str, Family]]
"""The SQL of a field, and how it compares; raises a refusal for a field that is not there."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL without any text of the request in it, and its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class _Operand:
    sql: str
    family: Family | None
    value: Any = None


def number_order(left: object, right: object) -> int | None:
    """The SQL function behind comparisons of numbers: -1, 0 or 1, exactly; None where either is no number."""
    try:
        first, second = Decimal(str(left)), Decimal(str(right))
    except InvalidOperation:
        return None
    return (first > second) - (first < second)


def parse_filter(text: str, resolve: Resolver) -> Condition:
    """
    The condition that a `$filter` states.

    Raises:
        Refusal: It cannot be understood.
    """
    parser = _Parser(_tokens(text), resolve)
    sql = parser.expression()
    if parser.kind:
        raise refusals.query(f"Syntax error in $filter near {parser.text!r}")
    return Condition(sql, tuple(parser.parameters))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise refusals.query(f"Syntax error in $filter at character {at + 1}")
        kind = "date" if match["date"] is not None else str(match.lastgroup)
        tokens.append((kind, match["moment"] if kind == "date" else match[kind]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], resolve: Resolver) -> None:
        self._tokens = tokens
        self._at = 0
        self._resolve = resolve
        self._depth = 0
        self.parameters: list[Any] = []

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def text(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else "the end"

    def expression(self) -> str:
        self._depth += 1
        if self._depth > 50:  # noqa: PLR2004 - far beyond what a person writes, far below Python's stack
            raise refusals.query("$filter is nested too deeply")
        found = self._chain("or", lambda: self._chain("and", self._negation))
        self._depth -= 1
        return found

    def _chain(self, word: str, part: Callable[[], str]) -> str:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else "(" + f" {word.upper()} ".join(parts) + ")"

    def _negation(self) -> str:
        nots = 0
        while self._take("not"):
            nots += 1
        found = self._primary()
        return f"(NOT {found})" if nots % 2 else found

    def _primary(self) -> str:
        if self._take("("):
            found = self.expression()
            self._expect(")")
            return found
        if self.kind == "name" and self.text in _CALLS:
            return self._call()
        left = self._operand()
        sign = _COMPARE.get(self.text) if self.kind == "name" else None
        if sign is None:
            raise refusals.query(f"Syntax error in $filter near {self.text!r}")
        self._at += 1
        return self._comparison(left, sign, self._operand())

    def _call(self) -> str:
        name = self.text
        self._at += 1
        self._expect("(")
        first = self._operand()
        self._expect(",")
        second = self._operand()
        self._expect(")")
        sql, parameters = _CALLS[name], []
        for operand in (first, second):
            if operand.family is None and not isinstance(operand.value, str):
                raise refusals.query(f"{name} in $filter needs text")
        for place in re.findall(r"\{(\d)\}", sql):
            operand = (first, second)[int(place)]
            parameters += [operand.value] if operand.family is None else []
        self.parameters += parameters
        found = "(" + sql.format(first.sql, second.sql) + ")"
        if self._take("eq"):
            if self.text not in {"true", "false"}:
                raise refusals.query(f"{name} in $filter is true or false")
            found = found if self.text == "true" else f"(NOT {found})"
            self._at += 1
        return found

    def _comparison(self, left: _Operand, sign: str, right: _Operand) -> str:
        if left.family is None:
            left, sign, right = right, _TURNED[sign], left
        if left.family is None:
            raise refusals.query("$filter compares two constants")
        if right.family is not None:
            return f"({left.sql} {sign} {right.sql})"
        if right.value is None:
            if sign not in {"=", "<>"}:
                raise refusals.query("null in $filter goes with eq and ne alone")
            return f"({left.sql} IS {'' if sign == '=' else 'NOT '}NULL)"
        self.parameters.append(_comparable(left.family, right.value))
        if left.family is Family.NUMBER:
            return f"(number_order({left.sql}, ?) {sign} 0)"
        return f"({left.sql} {sign} ?)"

    def _operand(self) -> _Operand:
        kind, text = self.kind, self.text
        self._at += 1
        if kind == "text":
            return _Operand("?", None, text[1:-1].replace("''", "'"))
        if kind == "number":
            return _Operand("?", None, Decimal(text))
        if kind == "date":
            try:
                return _Operand("?", None, seconds_of(text))
            except BadValue as error:
                raise refusals.query(f"datetime in $filter {error}") from error
        if kind == "name" and text in {"true", "false"}:
            return _Operand("?", None, int(text == "true"))
        if kind == "name" and text == "null":
            return _Operand("?", None, None)
        if kind == "name":
            return _Operand(*self._resolve(text))
        raise refusals.query(f"Syntax error in $filter near {text!r}")

    def _take(self, text: str) -> bool:
        if self.kind in {"name", "sign"} and self.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise refusals.query(f"Syntax error in $filter: expected {text!r} near {self.text!r}")


def _checked(number: Number) -> Number:
    """The number itself, if SQL can compare it."""
    if not Decimal(number).is_finite() or abs(number) > MOST_INTEGER:
        raise ValueError("out of range")
    return number


def _comparable(family: Family, value: Any) -> Any:
    if family is Family.TEXT:
        return str(value)
    try:
        if family is Family.DATE:
            return value if isinstance(value, int) else seconds_of(str(value))
        if family is Family.INTEGER:
            return _checked(int(str(value)))
        return str(_checked(Decimal(str(value))))
    except (BadValue, ValueError, InvalidOperation) as error:
        raise refusals.query(f"$filter compares a {family.value} with {value!r}") from error
