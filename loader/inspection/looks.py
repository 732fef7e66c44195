"""What texts look like, from their shapes alone: numbers, dates, words. Each shape is looked at only once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Final

from loader.source.texts import Texts

_REMEMBERED: Final = 65_536


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


# Of shapes (`Shapes`): 9 is a digit, e is that letter, a is any letter, Z is a zero that begins the text.
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
        column = Texts.of(texts)
        looks = self.of_shapes(column.shapes.shapes)
        codes = column.shapes.codes.tolist()
        return Seen([looks[code] for code in codes], column.is_ascii, column.is_spaced)

    def of_shapes(self, shapes: Sequence[bytes]) -> list[Look]:
        """What texts of each shape (`Shapes`) look like."""
        known = self._known
        if len(known) > _REMEMBERED:
            known.clear()
        for shape in shapes:
            if shape not in known:
                known[shape] = _look(shape)
        return [known[shape] for shape in shapes]


def _look(shape: bytes) -> Look:
    bare = shape.strip()
    return next((look for look, pattern in _LOOKS if pattern.fullmatch(bare)), Look.WORDS)
