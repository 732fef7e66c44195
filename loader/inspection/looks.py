"""What texts look like, from their shapes alone: numbers, dates, words. Many are told at once, each shape only once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Final

_REMEMBERED: Final = 65_536
_BETWEEN: Final = "\0"
_ASCII: Final = 128


class Look(IntEnum):
    """
    What a text looks like. Nothing is decided by it: a template says what a column is.

    `ZEROS` is a whole number with zeros on its left, `LONG` one of more than 15 digits, which a spreadsheet cannot hold, `EXPONENT` one such as `1.23E+15`. `WRITTEN` is a
    number with separators of thousands, a decimal comma, a currency, brackets, or its minus behind it. `YEAR_FIRST` is `2017-03-09`,
    with or without a time; `YEAR_LAST` a date of three numbers such as `03/09/2017`; `NAMED_MONTH` one such as `09-Mar-17`. `SSN` is
    `123-45-6789`.
    """

    BLANK = auto()
    WHOLE = auto()
    DECIMAL = auto()
    WRITTEN = auto()
    PERCENT = auto()
    ZEROS = auto()
    LONG = auto()
    EXPONENT = auto()
    YEAR_FIRST = auto()
    YEAR_LAST = auto()
    NAMED_MONTH = auto()
    SSN = auto()
    WORDS = auto()


_ZERO: Final = b"\x01"
"""Stands in a shape for a zero that begins the text."""
_SHAPE_OF: Final = bytes(
    ord("9") if chr(byte).isdigit() and byte < _ASCII else
    ord("e") if chr(byte) in "eE" else
    ord("a") if chr(byte).isalpha() or byte >= _ASCII else byte
    for byte in range(256)
)  # fmt: skip
_CURRENCIES: Final = ((b"USD", b"$"), (b"EUR", b"$"), ("€".encode(), b"$"), ("£".encode(), b"$"))

# In the patterns 9 is a digit, e is that letter, a is any letter, Z is a zero that begins the text.
_PATTERNS: Final = (
    (Look.BLANK, r""),
    (Look.ZEROS, r"Z9+"),
    (Look.LONG, r"-?9{16,}"),
    (Look.WHOLE, r"-?[9Z]9*"),
    (Look.DECIMAL, r"-?[9Z]?9*[.]9+"),
    (Look.EXPONENT, r"-?[9Z]([.]9+)?e[+-]?9+"),
    (Look.PERCENT, r"[-+]?[9Z]?9*([.,]9+)? ?%"),
    (Look.SSN, r"[9Z]99-99-9999"),
    (Look.YEAR_FIRST, r"9{4}(?P<s>[-/.])99?(?P=s)99?(( |a)99:99(:99([.]9+)?)?a?)?"),
    (Look.YEAR_LAST, r"[9Z]9?(?P<s>[/.-])99?(?P=s)(99|9999)( 99?:99(:99)?( ?aa)?)?"),
    (Look.NAMED_MONTH, r"[9Z]9?(?P<s>[ -]?)a{3,9}[.]?(?P=s)(99|9999)|a{3,9}[.]? 99?, ?9999"),
    (
        Look.WRITTEN,
        r"[(]?[-+]?\$? ?[-+]?[9Z]9*([,.' ]9{3})*([.,]9+)?( ?\$)?[)]?-?",
    ),
)
_LOOKS: Final = tuple(
    (look, re.compile(pattern.replace("a", "[ae]").replace("Z", r"\x01").encode()))
    for look, pattern in _PATTERNS
)


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What some texts look like.

    Attributes:
        looks: Of each.
        ascii: Whether all of their characters are ASCII.
        spaced: Whether white space may stand around some of them.
    """

    looks: list[Look]
    ascii: bool
    spaced: bool


class Looks:
    """Tells what texts look like, and remembers each shape."""

    def __init__(self) -> None:
        self._known: dict[bytes, Look] = {}

    def __reduce__(self) -> tuple[type["Looks"], tuple[()]]:
        """Another process learns the shapes that it meets anew."""
        return Looks, ()

    def of(self, texts: Sequence[str]) -> Seen:
        """What each text looks like; white space around it does not count."""
        joined = _BETWEEN.join(("", *texts, ""))
        is_ascii = joined.isascii()
        spaced = "\0 " in joined or " \0" in joined or "\n" in joined or "\t" in joined
        shapes = _shapes(joined, is_ascii=is_ascii)
        if len(shapes) != len(texts):  # a text with the very character that stands between them
            shapes = [_shapes(f"\0{text.replace(_BETWEEN, ' ')}\0", is_ascii=False)[0] for text in texts]
        known = self._known
        if len(known) > _REMEMBERED:
            known.clear()
        for shape in set(shapes).difference(known):
            known[shape] = _look(shape)
        return Seen([known[shape] for shape in shapes], is_ascii, spaced)


def _shapes(joined: str, *, is_ascii: bool) -> list[bytes]:
    if not is_ascii:
        joined = joined.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    content = joined.encode("utf-8", "replace")
    for written, sign in _CURRENCIES:
        content = content.replace(written, sign)
    return content.replace(b"\x000", b"\0" + _ZERO).translate(_SHAPE_OF).split(b"\0")[1:-1]


def _look(shape: bytes) -> Look:
    bare = shape.strip()
    return next((look for look, pattern in _LOOKS if pattern.fullmatch(bare)), Look.WORDS)
