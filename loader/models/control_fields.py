"""Names of LoanPro's control fields that the rest of the program must recognise (LoanPro reference 1.7)."""

from typing import Final

IGNORE_WARNINGS: Final = "__ignoreWarnings"
"""Suppresses transaction warnings of the object that it stands in."""
