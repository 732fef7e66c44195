"""
How dates are written: the tokens of formats, and the day numbers of spreadsheets.

A format is an expression, and a way from its match to the date.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from loader.mapping.refusal import Refusal

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
PIVOT: Final = 70
"""Two-digit years from here on are of the 1900s, those below of the 2000s: loans have maturities ahead."""

SERIALS: Final = {"serial": date(1899, 12, 30), "serial-1904": date(1904, 1, 1)}
"""
The formats that are day numbers of spreadsheets, each with its day 0 (Microsoft, "Date systems in Excel").

In the system of 1900 the numbers up to 60 are not read: Excel counts a 29 February 1900 that never was, other programs do not.
"""
_FIRST_SERIAL: Final = {"serial": 61, "serial-1904": 1}
_DIGITS: Final = re.compile(r"[0-9]{1,9}")

# Not the calendar module's names: those follow the machine's locale.
_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT: Final = tuple(name[:3] for name in _NAMES)
_MONTH_OF: Final = {
    name.casefold(): number for names in (_NAMES, _SHORT) for number, name in enumerate(names, start=1)
} | {"sept": 9}
_TOKEN: Final = re.compile(r"YYYY|YY|Month|Mon|MM|M|DD|D")
TOKENS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short_year>[0-9]{2})",
    "Month": rf"(?P<name>{'|'.join(_NAMES)})",
    "Mon": rf"(?P<name>{'|'.join(_SHORT)}|Sept)\.?",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
_MONTHS: Final = 12
_DAYS: Final = 31
NO_SUCH_DAY: Final = Refusal(
    "date.no-such-day", "is a date that does not exist", "correct the day, month or year"
)
MONTH_BEYOND: Final = Refusal(
    "date.no-such-day",
    "has more than 12 where the month is read",
    "correct the cell; if other rows are like it, day and month stand the other way round: mend the template's `format`",
)
FAR_YEAR: Final = Refusal(
    "date.far-year", f"has a year outside {FIRST_YEAR} to {LAST_YEAR}", "correct the year; write four digits"
)


class FormatProblem(ValueError):  # noqa: N818 - it never leaves the mapping: the template's error carries its words
    """A date format that cannot be used; the message says why, as the rest of a sentence."""


def format_pattern(form: str) -> re.Pattern[str]:
    """
    The expression that a date format stands for.

    Tokens are `YYYY YY MM M DD D Mon Month`; `MM` and `DD` are exactly two digits, `M` and `D` one or two. Names of months
    are English, in any case, short ones with a full stop or without. All other signs stand for themselves.

    Raises:
        FormatProblem: Unknown letters, a part that stands twice, no year or no month, or digits of unknown
            count against each other, as in `MDYYYY`.
    """
    expression, parts, end, before = "", set[str](), 0, ""
    for token in _TOKEN.finditer(form):
        between = form[end : token.start()]
        _refuse_letters(between)
        if not between and {before, token[0]} & {"M", "D"} and not {before, token[0]} & {"", "Mon", "Month"}:
            raise FormatProblem("has digits of unknown count side by side; use MM and DD there")
        part = {"Y": "year", "M": "month", "D": "day"}[token[0][0]]
        if part in parts:
            raise FormatProblem(f"names the {part} twice")
        parts.add(part)
        expression += re.escape(between) + TOKENS[token[0]]
        end, before = token.end(), token[0]
    _refuse_letters(form[end:])
    if missing := {"year", "month"} - parts:
        raise FormatProblem(f"does not name the {' and the '.join(sorted(missing))}")
    return re.compile(expression + re.escape(form[end:]), re.IGNORECASE | re.ASCII)


def _refuse_letters(between: str) -> None:
    if found := re.search(r"[^\W_]+", between):
        raise FormatProblem(
            f"holds {found[0]!r}; its tokens are YYYY YY MM M DD D Mon Month, in these capitals"
        )


def reader(pattern: re.Pattern[str], pivot: int = PIVOT) -> Callable[[re.Match[str]], date | Refusal]:
    """From a match of a format to its date, with the groups looked up once; two-digit years from the pivot on are of the 1900s."""
    groups = pattern.groupindex
    year, short_year, month, name = (groups.get(part, 0) for part in ("year", "short_year", "month", "name"))
    of_month = groups.get("day", 0)

    def read(found: re.Match[str]) -> date | Refusal:
        in_year = int(found[year]) if year else _whole_year(int(found[short_year]), pivot)
        in_month = int(found[month]) if month else _MONTH_OF[found[name].casefold()]
        try:
            there = date(in_year, in_month, int(found[of_month]) if of_month else 1)
        except ValueError:
            swapped = of_month and month and in_month > _MONTHS and 1 <= int(found[of_month]) <= _MONTHS
            return MONTH_BEYOND if swapped and in_month <= _DAYS else NO_SUCH_DAY
        return there if FIRST_YEAR <= in_year <= LAST_YEAR else FAR_YEAR

    return read


def _whole_year(short: int, pivot: int) -> int:
    return short + (1900 if short >= pivot else 2000)


def written_as(
    form: str, pivot: int = PIVOT
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], date | Refusal]]:
    """
    The expression of a format, and the way from its match to the date.

    Args:
        form: A format of tokens, `serial` or `serial-1904`.
        pivot: The first two-digit year that is of the 1900s.

    Raises:
        FormatProblem: The format cannot be used.
    """
    if form in SERIALS:
        return _DIGITS, _serial_reader(form)
    pattern = format_pattern(form)
    return pattern, reader(pattern, pivot)


def _serial_reader(form: str) -> Callable[[re.Match[str]], date | Refusal]:
    """From a day number to its date. A number that is a year itself is more likely one that was typed, and is refused."""
    start = SERIALS[form]
    first, last = _FIRST_SERIAL[form], (date(LAST_YEAR, 12, 31) - start).days

    def read(found: re.Match[str]) -> date | Refusal:
        number = int(found[0])
        if FIRST_YEAR <= number <= LAST_YEAR:
            return Refusal(
                "date.serial-year", "looks like a year, not like the number of a day", "write the whole date"
            )
        if not first <= number <= last:
            return Refusal(
                "date.serial-range",
                f"is not the number of a day; they run from {first} to {last}",
                "correct the cell, or declare the format in which the column is written",
            )
        return start + timedelta(days=number)

    return read
