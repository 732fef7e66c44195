"""How texts are laid side by side, whoever wrote them: headers, choices, names of states."""

import unicodedata
from typing import Final

_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"


def trimmed(cell: str) -> str:
    """A cell's text without the white space and invisible signs around it, in Unicode's composed form (NFC)."""
    bare = cell.strip()
    if bare.isascii():
        return bare
    while bare != (shorter := bare.strip(_INVISIBLE).strip()):
        bare = shorter
    return unicodedata.normalize("NFC", bare)


def folded(text: str) -> str:
    """Text as choices and headers are compared: trimmed, without regard to case, runs of white space as one space."""
    return " ".join(trimmed(text).split()).casefold()
