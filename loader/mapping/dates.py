"""
Conversions of dates and times.

A date is a date, never an instant: no time zone touches it. Without a declared format only what cannot be
misread is taken: ISO text and the spreadsheet's own date cells.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

from loader.mapping.refusal import Conversion, Refusal, refused_cell
from loader.source.table import Kind

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
PIVOT: Final = 70
"""Two-digit years from here on are of the 1900s, those below of the 2000s: loans have maturities ahead."""

# Not the calendar module's names: those follow the machine's locale.
_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT: Final = tuple(name[:3] for name in _NAMES)
_MONTH_OF: Final = {
    name.casefold(): number for names in (_NAMES, _SHORT) for number, name in enumerate(names, start=1)
}
_TOKEN: Final = re.compile(r"YYYY|YY|Month|Mon|MM|M|DD|D")
_PATTERNS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short_year>[0-9]{2})",
    "Month": rf"(?P<name>{'|'.join(_NAMES)})",
    "Mon": rf"(?P<name>{'|'.join(_SHORT)})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
_ISO: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_ISO_TIME: Final = re.compile(
    r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?: ?(?:Z|[-+][0-9]{2}:?[0-9]{2}))?)?",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_NO_SUCH_DAY: Final = Refusal(
    "date.no-such-day", "is a date that does not exist", "correct the day, month or year"
)
_FAR_YEAR: Final = Refusal(
    "date.far-year", f"has a year outside {FIRST_YEAR} to {LAST_YEAR}", "correct the year; write four digits"
)


class FormatProblem(ValueError):  # noqa: N818 - it never leaves the mapping: the template's error carries its words
    """A date format that cannot be used; the message says why, as the rest of a sentence."""


def format_pattern(form: str) -> re.Pattern[str]:
    """
    The expression that a date format stands for.

    Tokens are `YYYY YY MM M DD D Mon Month`; `MM` and `DD` are exactly two digits, `M` and `D` one or two. Names of months
    are English, in any case. All other signs stand for themselves.

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
        expression += re.escape(between) + _PATTERNS[token[0]]
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


def day(form: str = "", plus_months: int = 0) -> Conversion:
    """
    A date.

    Date cells are always taken. Text is taken as `YYYY-MM-DD` where no format is declared, else in the
    format only; a format without a day means the first of the month.

    Args:
        form: A date format, or "".
        plus_months: How many months later the wanted date is: the same day, or the last of a shorter month.

    Raises:
        FormatProblem: The format cannot be used.
    """
    pattern = format_pattern(form) if form else _ISO
    read = _reader(pattern)
    fullmatch = pattern.fullmatch

    def convert(text: str, kind: Kind) -> date | Refusal:
        found: date | Refusal
        if kind is Kind.TEXT and (matched := fullmatch(text)):
            found = read(matched)
        else:
            found = other(text.strip(), kind)
        return months_later(found, plus_months) if plus_months and isinstance(found, date) else found

    def other(bare: str, kind: Kind) -> date | Refusal:
        if kind in {Kind.DATE, Kind.DATETIME}:
            return _from_cell(bare)
        if kind in {Kind.ERROR, Kind.LOSSY, Kind.TIME, Kind.FLAG}:
            return refused_cell(kind, "a date") or _unlike(bare, kind, form)
        matched = fullmatch(bare)
        return (
            read(matched) if matched and (kind is Kind.TEXT or bare.isdigit()) else _unlike(bare, kind, form)
        )

    return convert


def instant(text: str, kind: Kind) -> str | Refusal:
    """
    A date with a time, as the UTC text that LoanPro takes: `2017-03-09 14:30:00` (LoanPro reference 1.8).

    ISO text, with an offset or in UTC; a date alone is its midnight. Parts of a second are dropped.
    """
    bare = text.strip()
    if kind not in {Kind.TEXT, Kind.DATE, Kind.DATETIME}:
        return (
            refused_cell(kind, "a date with a time") if kind is not Kind.NUMBER else None
        ) or _not_a_time()
    found = _ISO_TIME.fullmatch(bare)
    if not found:
        return _not_a_time()
    if not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return _FAR_YEAR
    try:
        moment = datetime.fromisoformat(bare.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
    except ValueError:
        return Refusal("datetime.no-such-time", "is a date or time that does not exist", "correct it")
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{utc:%Y-%m-%d %H:%M:%S}"


def months_later(start: date, months: int) -> date:
    """The same day some months later, or the last day of that month where it is shorter: 31 January + 1 is 28 February."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _reader(pattern: re.Pattern[str]) -> Callable[[re.Match[str]], date | Refusal]:
    """From a match to its date, with the groups looked up once."""
    groups = pattern.groupindex
    year, short_year, month, name = (groups.get(part, 0) for part in ("year", "short_year", "month", "name"))
    of_month = groups.get("day", 0)

    def read(found: re.Match[str]) -> date | Refusal:
        in_year = int(found[year]) if year else _whole_year(int(found[short_year]))
        in_month = int(found[month]) if month else _MONTH_OF[found[name].casefold()]
        try:
            there = date(in_year, in_month, int(found[of_month]) if of_month else 1)
        except ValueError:
            return _NO_SUCH_DAY
        return there if FIRST_YEAR <= in_year <= LAST_YEAR else _FAR_YEAR

    return read


def _whole_year(short: int) -> int:
    return short + (1900 if short >= PIVOT else 2000)


_from_iso: Final = _reader(_ISO)


def _from_cell(text: str) -> date | Refusal:
    found = _ISO.match(text)
    if not found:
        return Refusal("date.not-a-date", "is not a date", "correct the cell")
    if text[found.end() :].strip("T 0:.Z"):
        return Refusal(
            "date.has-time", "has a time of day; expected a date alone", "remove the time from the cell"
        )
    return _from_iso(found)


def _unlike(bare: str, kind: Kind, form: str) -> Refusal:
    """Say why text is not a date."""
    if _SERIAL.fullmatch(bare) or kind is Kind.NUMBER:
        return Refusal(
            "date.serial",
            "is a number; a date was expected",
            "format the column as a date in the spreadsheet (a date without its format shows as such a number)",
        )
    if form:
        return Refusal(
            "date.format", f"is not a date in the declared format {form}", "correct the cell or the format"
        )
    return Refusal(
        "date.format",
        "is not a date such as 2017-03-09",
        "write it as YYYY-MM-DD, or declare the column's format in the template, such as `format: MM/DD/YYYY`",
    )


def _not_a_time() -> Refusal:
    return Refusal(
        "datetime.not-a-time",
        "is not a time such as 2017-03-09T14:30:00Z",
        "write date and time in this way (ISO 8601)",
    )
