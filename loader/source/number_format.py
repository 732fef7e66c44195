"""
Number formats of spreadsheets, read for one question: does the cell show a percentage?

A workbook keeps 12.02% as the number 0.1202 and a format with a percent sign; without the format nobody can tell it from
0.12%. The language of formats is that of ECMA-376 part 1, 18.8.31.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Final

BUILT_IN: Final[Mapping[int, str]] = {9: "0%", 10: "0.00%"}
"""The formats with a percent sign among those that need no definition (ECMA-376 part 1, 18.8.30)."""

_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<sign>.)', re.DOTALL
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)")
_HOLDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "=": eq,
    "<>": ne,
}
_DIGITS: Final = frozenset("0#?")
_NUMERIC_SECTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Section:
    """
    One section of a number format.

    Attributes:
        operator: With the limit, which numbers the section is for; "" is all that reach it.
        limit: What numbers are compared with.
        places: By how many places the decimal point moves to the right in what is shown; 0 for a percent sign that
            is mere text, None where no percentage is shown.
    """

    operator: str
    limit: float
    places: int | None


@dataclass(frozen=True, slots=True)
class PercentFormat:
    """A number format that shows some numbers, or all, as percentages; its sections are tried in their order."""

    sections: tuple[Section, ...]

    @property
    def always(self) -> bool:
        """Whether every number is shown as a percentage, its decimal point moved by two places."""
        return all(section.places == 2 for section in self.sections)  # noqa: PLR2004 - per cent

    def places(self, number: float) -> int | None:
        """By how many places the decimal point of a number moves, None where it is not shown as a percentage."""
        return next(s.places for s in self.sections if not s.operator or _HOLDS[s.operator](number, s.limit))


def percent_format(code: str) -> PercentFormat | None:
    """
    What a format code says of percentages, None where it never shows one.

    A percent sign multiplies by a hundred; one in quotes, or behind a backslash, stands there for the reader alone: `0.00"%"`
    shows 12.02 as 12.02%. It is a percentage all the same. A section without digits, such as `"-"` for zero, is read as
    the first one is.
    """
    if "%" not in code:
        return None
    parts = _parts(code)[:_NUMERIC_SECTIONS]
    first = _places(parts[0])
    shown = [_places(part) if _has_digits(part) else first for part in parts]
    if all(places is None for places in shown):
        return None
    # Without conditions the first section is for all, the second for negative numbers, the third for zero. What no section is
    # for is the last one's.
    usual = [(">" if len(parts) == _NUMERIC_SECTIONS else ">=", 0.0), ("<", 0.0)]
    conditions = [_condition(part) or usual[number] for number, part in enumerate(parts[:-1])]
    return PercentFormat(
        tuple(Section(*what, places) for what, places in zip([*conditions, ("", 0.0)], shown, strict=True))
    )


def _parts(code: str) -> list[list[re.Match[str]]]:
    """The tokens of each section; they are parted by semicolons outside quotes."""
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["sign"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _has_digits(part: list[re.Match[str]]) -> bool:
    signs = "".join(token["sign"] or "" for token in part)
    return not _DIGITS.isdisjoint(signs) or "general" in signs.casefold()


def _places(part: list[re.Match[str]]) -> int | None:
    signs = sum(token["sign"] == "%" for token in part)
    if signs:
        return int(2 * signs)
    literal = "".join(token["quoted"] or token["escaped"] or "" for token in part)
    return 0 if literal.strip() == "%" and _has_digits(part) else None


def _condition(part: list[re.Match[str]]) -> tuple[str, float] | None:
    for token in part:
        if found := _CONDITION.fullmatch((token["bracket"] or "").strip()):
            return found[1], float(found[2])
    return None
