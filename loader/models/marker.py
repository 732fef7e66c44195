"""
Markers: short texts by which this program finds again what it has added to a loan (LoanPro reference 4.5 and 7).

A payment has no number of the lender's own that LoanPro would guard, so its text carries one: `May rent [ldr:0f3a91c2d4]`. The
marker is made from the operation and the natural key alone, so it is the same at every tenant and on every try.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

LONGEST_MARKED: Final = 255
"""
A text with its marker may have so many characters. It is this program's own limit, since LoanPro names none: the usual width of
such a column, beyond which the marker at the end might be cut off, and the payment be sent twice.
"""
_MARKER = re.compile(r"\[ldr:[0-9a-f]{10}\]")
_DIGEST_BYTES = 5
_SURELY_SHORT = LONGEST_MARKED - len(" [ldr:0123456789]")
_ROW_BYTES = 8


def marker_of(operation: str, key: str) -> str:
    """
    The marker of what an operation adds under a natural key, such as `[ldr:0f3a91c2d4]`.

    Raises:
        ValueError: The key is empty: it would mark anything.
    """
    if not key:
        raise ValueError("an empty key identifies nothing")
    identity = f"{operation}\x1f{key}".encode()
    return f"[ldr:{blake2b(identity, digest_size=_DIGEST_BYTES).hexdigest()}]"


def surely_markable(texts: Iterable[str]) -> bool:
    """Whether each of many texts has surely room for a marker and carries none; may say no where each has and none does."""
    rooms = list(texts)
    return "[ldr:" not in "\n".join(rooms) and max(map(len, rooms)) <= _SURELY_SHORT


def markers_in(text: str) -> list[str]:
    """The markers that a text carries."""
    return _MARKER.findall(text)


def marked(text: str, marker: str) -> str:
    """
    A text with its marker at the end.

    Raises:
        ValueError: It would be too long.
    """
    whole = f"{text} {marker}" if text else marker
    if len(whole) > LONGEST_MARKED:
        raise ValueError(f"at most {LONGEST_MARKED - len(marker) - 1} characters leave room for the marker")
    return whole


def row_key(source_digest: str, sheet: str, row: int, number: int = 1) -> str:
    """
    The natural key of a row that has no number of its own: the same row of the same file has the same key, and so has a mended row.

    Args:
        source_digest: Digest of the bytes of the file in which the row was read first.
        sheet: Its sheet, "" where it has none.
        row: Row number as the user sees it.
        number: Which of the row's steps of one operation it is, from 1.
    """
    source = _source(source_digest, sheet)
    return f"{source}:{row}" if number == 1 else f"{source}:{row}.{number}"


@lru_cache(16)
def _source(source_digest: str, sheet: str) -> str:
    return blake2b(f"{source_digest}\x1f{sheet}".encode(), digest_size=_ROW_BYTES).hexdigest()
