"""Conversions of text: names, identifiers, telephone numbers, yes and no, choices, states and countries."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from rapidfuzz import fuzz, process, utils

from loader.mapping.refusal import Conversion, Refusal, quoted, refused_cell
from loader.mapping.suspicions import SHORTENED
from loader.models.folding import folded, trimmed
from loader.source.table import Kind

PHONE_DIGITS: Final = 10

ERROR_WORDS: Final = frozenset(
    [
        "#BLOCKED!",
        "#BUSY!",
        "#CALC!",
        "#CONNECT!",
        "#DIV/0!",
        "#FIELD!",
        "#GETTING_DATA",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#SPILL!",
        "#UNKNOWN!",
        "#VALUE!",
        *("#" * width for width in range(3, 256)),
    ]
)
"""
Errors as spreadsheets export them to text files (Microsoft Support, "ERROR.TYPE function" and "How to correct a #... error"), and
what they export of a number or date for which its column is too narrow, which may be 255 characters wide.
"""

NO_IDENTIFIERS: Final = (Kind.ERROR, Kind.LOSSY, Kind.DATE, Kind.DATETIME, Kind.TIME)
"""Kinds of cells that identify nothing; a spreadsheet makes dates of loan numbers such as 3-9."""

_LIKE_A_NUMBER: Final = re.compile(r"[0-9]+\.[0-9]{0,2}")
_SEPARATORS: Final = re.compile(r"[\s\-./\u2010-\u2013]")
_PHONE_PUNCTUATION: Final = re.compile(r"[\s\-./()\u2010-\u2013]")
_YES: Final = frozenset({"yes", "y", "true", "1", "on"})
_NO: Final = frozenset({"no", "n", "false", "0", "off"})
_NEAR_ENOUGH: Final = 60
_LISTED_AT_MOST: Final = 12


def text(cell: str, kind: Kind) -> str | Refusal:
    """Text as it stands, trimmed; a number's own digits. The word of a spreadsheet's error is no text, exported or not."""
    bare = trimmed(cell)
    return _unusable(Kind.ERROR if bare in ERROR_WORDS else kind) or bare


def identifier(cell: str, kind: Kind) -> str | Refusal:
    """Text that identifies something; what a spreadsheet has made of such a text, or of its digits, is none."""
    if kind in NO_IDENTIFIERS:
        return refused_cell(kind, "an identifier") or ""
    if SHORTENED.fullmatch(cell):
        return Refusal(
            "identifier.scientific",
            "is a number in scientific notation, of which a spreadsheet has left digits out",
            "write it in full, as it stands in the file that it came from",
        )
    return text(cell, kind)


def digits(length: int | None = None, *, pad: bool = False) -> Conversion:
    """
    An identifier made of digits alone, such as `123-45-6789`; spaces, dashes, dots and slashes are dropped.

    Args:
        length: How many digits there must be, or None for any number.
        pad: Give shorter ones their zeros back on the left, which a spreadsheet strips from numbers; needs `length`. One with a
            separator was no number, and lacks other digits than these.
    """

    def convert(cell: str, kind: Kind) -> str | Refusal:
        bare = _digits_of(cell, kind, _SEPARATORS, "digits", "an identifier of digits")
        if isinstance(bare, Refusal) or length is None:
            return bare
        may_be_stripped = kind is not Kind.TEXT or cell.strip() == bare
        found = bare.zfill(length) if pad and may_be_stripped else bare
        if len(found) == length:
            return found
        advice = "correct the cell"
        if len(bare) < length and not pad:
            advice += "; if a spreadsheet stripped zeros on the left, add `pad: true`"
        return Refusal("digits.length", f"has {_digits_count(len(bare))}, not {length}", advice)

    return convert


def phone(cell: str, kind: Kind) -> str | Refusal:
    """A North American telephone number as ten digits, without punctuation and without the leading 1."""
    abroad = cell.strip().startswith("+")
    bare = _digits_of(cell.strip().removeprefix("+"), kind, _PHONE_PUNCTUATION, "phone", "a telephone number")
    if isinstance(bare, Refusal):
        return bare
    if abroad and not bare.startswith("1"):
        return Refusal("phone.country", "has a country code other than +1", "write a North American number")
    if len(bare) == PHONE_DIGITS + 1 and bare.startswith("1"):
        bare = bare[1:]
    elif len(bare) != PHONE_DIGITS or abroad:
        return Refusal(
            "phone.length",
            f"has {_digits_count(len(bare))}, not {PHONE_DIGITS}",
            "write area code and number",
        )
    if bare[0] in "01":  # North American Numbering Plan: NXX-NXX-XXXX, N from 2 to 9
        return Refusal("phone.area-code", "has an area code that begins with 0 or 1", "correct the number")
    return bare


def flag(cell: str, kind: Kind) -> int | Refusal:
    """Yes or no, as 1 or 0 (LoanPro reference 1.8)."""
    if refusal := _unusable(kind):
        return refusal
    bare = cell.strip().casefold()
    if bare in _YES:
        return 1
    if bare in _NO:
        return 0
    return Refusal(
        "flag.unclear", "is neither yes nor no", "write yes or no (also y, n, true, false, 1, 0, on, off)"
    )


def choice(choices: Mapping[str, Any]) -> Conversion:
    """
    One of the template's own words, as the value that the template gives for it; case does not matter.

    Args:
        choices: The file's words, of which no two are the same when folded, to payload values.
    """
    by_word = {folded(word): value for word, value in choices.items()}
    listed = ", ".join(quoted(word) for word in list(choices)[:_LISTED_AT_MOST])
    more = len(choices) - _LISTED_AT_MOST
    advice = f"use one of {listed}{f' and {more} more' if more > 0 else ''}, or add it to `choices` in the template"

    def convert(cell: str, kind: Kind) -> Any:
        if refusal := _unusable(kind):
            return refusal
        word = folded(cell)
        if word in by_word:
            return by_word[word]
        return Refusal(
            "choice.unknown", "is not among the template's choices", advice, nearest_of(cell, choices)
        )

    return convert


def place(
    kind_of_place: str, find: Callable[[str], str | None], names: list[str], example: str
) -> Conversion:
    """
    A state or country, as LoanPro's enumeration value.

    Args:
        kind_of_place: The word for it in messages, also the name of the rule.
        find: The enumeration value for a name or code, or None.
        names: What to suggest from when there is none.
        example: How such a place is written.
    """

    def convert(cell: str, kind: Kind) -> str | Refusal:
        if refusal := _unusable(kind):
            return refusal
        bare = trimmed(cell)
        if value := find(bare):
            return value
        return Refusal(
            f"{kind_of_place}.unknown",
            f"is not a {kind_of_place} that LoanPro knows",
            f"write {example}",
            nearest_of(bare, names),
        )

    return convert


def nearest_of(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """The known word that comes nearest to one that is not known, "" if none is near."""
    if len(word) > 200:  # noqa: PLR2004 - no word; comparing it would cost more than it tells
        return ""
    found = process.extractOne(
        word, list(known), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_NEAR_ENOUGH
    )
    return str(found[0]) if found else ""


def _digits_of(cell: str, kind: Kind, punctuation: re.Pattern[str], rule: str, wanted: str) -> str | Refusal:
    if refusal := refused_cell(kind, wanted):
        return refusal
    bare = trimmed(cell)
    if _LIKE_A_NUMBER.fullmatch(bare) or (kind is Kind.NUMBER and not bare.isdigit()):
        return Refusal(
            f"{rule}.decimals",
            f"is a number with a sign or decimals, not {wanted}",
            "format the column as text in the spreadsheet before saving",
        )
    found = punctuation.sub("", bare)
    if found.isascii() and found.isdigit():
        return found
    return Refusal(f"{rule}.not-digits", f"is not {wanted}", "remove what is not a digit")


def _digits_count(count: int) -> str:
    return "1 digit" if count == 1 else f"{count} digits"


def _unusable(kind: Kind) -> Refusal | None:
    """The refusal of a cell that does not even hold a text."""
    return refused_cell(kind, "a value") if kind in {Kind.ERROR, Kind.LOSSY} else None
