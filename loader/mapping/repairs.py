"""
What a cell's text is freed of before it is read: signs of print and signs that cannot be seen; and what is told of cells.

Two policies. Names and free text keep every sign that a person can see; numbers, dates and identifiers are brought to
the plain signs of a keyboard, because a loan number with a dash of print and the same with a hyphen are one number to whoever wrote them. Plain ASCII
text is never touched, and no cell is repaired without its rule being told.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from loader.models.note import NOISE, NOISE_TOLD

SPACES: Final = "text.no-break-space"
INVISIBLE: Final = "text.invisible"
COMPOSED: Final = "text.composed"
DASHES: Final = "text.dash"
QUOTES: Final = "text.quote"
FULL_WIDTH: Final = "text.full-width"
NULL_WORD: Final = "text.null-word"
LIKE_NULL: Final = "text.like-null"
LOST_ZEROS: Final = "identifier.zeros-lost"
POINT_ZERO: Final = "identifier.point-zero"
SCIENTIFIC: Final = "text.scientific"
DATE_AS_TEXT: Final = "text.date-cell"
IN_QUOTES: Final = "text.in-quotes"
LIKE_FORMULA: Final = "text.like-formula"
LOST_LETTERS: Final = "text.letters-lost"
GUARD: Final = "text.formula-guard"

MESSAGES: Final = {
    SPACES: "no-break and other special spaces were read as plain spaces",
    INVISIBLE: "characters that cannot be seen, such as zero-width spaces, were left out",
    COMPOSED: "letters written as a base and its accent were read as one letter (Unicode NFC)",
    DASHES: "dashes and minus signs of print were read as -",
    QUOTES: "quotation marks of print were read as plain ones",
    FULL_WIDTH: "full-width characters were read as plain ones",
    POINT_ZERO: "identifiers that end in .0, as programs write whole numbers that they hold as decimals, were read with it; if it is "
    "no part of them, remove it in the file",
    SCIENTIFIC: "numbers in scientific notation were read as text; a spreadsheet leaves digits out when it saves a long number so",
    DATE_AS_TEXT: "cells of dates and times were read as text such as 2017-03-09, not as the sheet shows them; a spreadsheet makes dates of "
    "texts such as 3-9",
    LIKE_FORMULA: "texts that begin with = were read as they stand; a formula in a text file has no value",
    IN_QUOTES: "texts that stand in quotation marks were read with them; in a text file a space before the first one makes them part of the text",
    LOST_LETTERS: "texts hold the sign that stands for letters lost before (U+FFFD), and were read with it",
    GUARD: 'texts that an export guards from spreadsheets as a formula, ="007", were read as the text within',
    NOISE: NOISE_TOLD,
    NULL_WORD: "words that the template declares to mean nothing were read as blank",
    LIKE_NULL: "words that often mean nothing, such as NA or null, were read as text; if they mean nothing, "
    "declare them in the template: `null: [...]`",
    LOST_ZEROS: "number cells stand among identifiers that are text with zeros on the left; what zeros they may have had is "
    "lost: compare them with where they come from, or declare `as: digits` with `length` and `pad`",
}
"""What each rule says to people."""

WORDS_LIKE_NULL: Final = frozenset(
    {
        "\\N",
        "NA",
        "N/A",
        "n/a",
        "#N/A",
        "NaN",
        "nan",
        "None",
        "NONE",
        "none",
        "null",
        "Null",
        "NULL",
        "nil",
        "NIL",
    }
)
"""What programs write where there is nothing. `Na` is not among them: it is a name."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """
    A payload value whose cell was not read exactly as it stands.

    Attributes:
        value: The value.
        rules: What was done to the cell: keys of `MESSAGES`.
    """

    value: Any
    rules: tuple[str, ...]


Cleaning: TypeAlias = Callable[[str], tuple[str, tuple[str, ...]]]
"""A cell's text to the text that is read, with the rules of what was changed."""

_GUARDED: Final = re.compile(r'\s*="((?:[^"]|"")*)"\s*')
"""A formula that is nothing but a text: programs write it into CSV files so that Excel leaves zeros on the left alone."""
_FORMATTING: Final = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_DIRECTIONS: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS: Final = "\u200c\u200d"

_ANY_INVISIBLE: Final = re.compile(f"[{_FORMATTING}{_JOINERS}]")
_NEVER_NEEDED: Final = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
_DIRECTION: Final = re.compile(f"[{_DIRECTIONS}]")
_IDLE_JOINER: Final = re.compile(rf"(?<![^\x00-\u024f])[{_JOINERS}]+(?![^\x00-\u024f])")
"""Joiners between letters of Latin script: there they do nothing, while scripts of Asia, and emoji, are written with them."""
_NO_BREAK: Final = re.compile("[\u00a0\u2007\u202f]")
_SPACE_SIGNS: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPECIAL_SPACE: Final = re.compile(f"[{_SPACE_SIGNS}]")
UNSEEN: Final = re.compile(f"[{_SPACE_SIGNS}{_FORMATTING}{_JOINERS}]")
"""Signs that nobody sees or tells from a plain space, whatever is made of them where they stand."""
_DASH: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_SINGLE_QUOTE: Final = re.compile("[\u2018-\u201b\u2032\u02b9\u02bc\u00b4\uff07]")
_DOUBLE_QUOTE: Final = re.compile("[\u201c-\u201f\u2033\uff02]")
_FULL: Final = re.compile("[\uff01-\uff5e]+")
_TO_PLAIN: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def is_bare(text: str) -> bool:
    """Whether a text, or several one after another, hold nothing that a cleaning could repair; may say no to one that does not."""
    return text.isascii() and ("=" not in text or '="' not in text)


def free_text(text: str) -> tuple[str, tuple[str, ...]]:
    """
    Names and free text: no-break spaces become spaces, what cannot be seen is left out, letters are composed.

    Zero-width joiners stay inside words of other than Latin script, and directional marks in text that has letters written from
    right to left. Quotation marks, dashes and full-width signs stay as they are.
    """
    rules: list[str] = []
    text = _unguarded(text, rules)
    if text.isprintable() and unicodedata.is_normalized("NFC", text):  # none of what follows is printable
        return text, tuple(rules)
    text = _replaced(text, _NO_BREAK, " ", SPACES, rules)
    plain = _IDLE_JOINER.sub("", _NEVER_NEEDED.sub("", text)).strip(_JOINERS)
    if _DIRECTION.search(plain) and not _runs_leftward(plain):
        plain = _DIRECTION.sub("", plain)
    if plain != text:
        rules.append(INVISIBLE)
    return _composed(plain, rules), tuple(rules)


def signs(text: str) -> tuple[str, tuple[str, ...]]:
    """Numbers, dates and identifiers: only the plain signs of a keyboard stand for spaces, dashes, quotes and full-width signs."""
    rules: list[str] = []
    text = _unguarded(text, rules)
    text = _replaced(text, _SPECIAL_SPACE, " ", SPACES, rules)
    text = _replaced(text, _ANY_INVISIBLE, "", INVISIBLE, rules)
    text = _replaced(text, _DASH, "-", DASHES, rules)
    text = _replaced(text, _DOUBLE_QUOTE, '"', QUOTES, rules)
    text = _replaced(text, _SINGLE_QUOTE, "'", QUOTES, rules)
    if _FULL.search(text):
        text = text.translate(_TO_PLAIN)
        rules.append(FULL_WIDTH)
    return _composed(text, rules), tuple(dict.fromkeys(rules))


def _unguarded(text: str, rules: list[str]) -> str:
    found = _GUARDED.fullmatch(text)
    if found is None:
        return text
    rules.append(GUARD)
    return found[1].replace('""', '"')


def _replaced(text: str, found: re.Pattern[str], by: str, rule: str, rules: list[str]) -> str:
    changed = found.sub(by, text)
    if changed != text:
        rules.append(rule)
    return changed


def _composed(text: str, rules: list[str]) -> str:
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        rules.append(COMPOSED)
    return composed


def _runs_leftward(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text if not letter.isascii())
