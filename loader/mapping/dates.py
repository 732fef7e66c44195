"""
Conversions of dates and times.

A date is a date, never an instant: no time zone touches it. Without a declared format only what cannot be
misread is taken: ISO text and the spreadsheet's own date cells.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime
from typing import Final

from loader.mapping.date_formats import FAR_YEAR, FIRST_YEAR, LAST_YEAR, PIVOT, SERIALS, reader, written_as
from loader.mapping.refusal import Conversion, Refusal, refused_cell
from loader.source.table import Kind

_ISO: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_ISO_TIME: Final = re.compile(
    r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?: ?(?:Z|[-+][0-9]{2}:?[0-9]{2}))?)?",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")


def day(form: str = "", plus_months: int = 0, pivot: int = PIVOT) -> Conversion:
    """
    A date.

    Date cells are always taken. Text is taken as `YYYY-MM-DD` where no format is declared, else in the
    format only; a format without a day means the first of the month.

    Args:
        form: A date format, also `serial` or `serial-1904`, or "".
        plus_months: How many months later the wanted date is: the same day, or the last of a shorter month.
        pivot: The first two-digit year that is of the 1900s.

    Raises:
        FormatProblem: The format cannot be used.
    """
    pattern, read = written_as(form, pivot) if form else (_ISO, _from_iso)
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
        return FAR_YEAR
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


_from_iso: Final = reader(_ISO)


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
    if form not in SERIALS and (_SERIAL.fullmatch(bare) or kind is Kind.NUMBER):
        return Refusal(
            "date.serial",
            "is a number; a date was expected",
            "format the column as a date in the spreadsheet (a date without its format shows as such a number), "
            "or declare `format: serial`",
        )
    if form:
        said = "a day number of a spreadsheet" if form in SERIALS else f"a date in the declared format {form}"
        return Refusal("date.format", f"is not {said}", "correct the cell or the format")
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
