"""Texts that stand in a row of totals, where others have a number or a name."""

import re
from typing import Final

_TOTALS: Final = re.compile(r"\s*(grand\s+|sub[\s-]?|overall\s+)?(total|sum)s?\s*:?\s*", re.IGNORECASE)


def says_totals(text: str) -> bool:
    """Whether a cell says in English that its row is one of totals: `Total`, `Grand total:`, `Subtotal`, and nothing else."""
    return _TOTALS.fullmatch(text) is not None
