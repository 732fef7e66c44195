"""Rows of a file that are none of its data: rows of totals, and headers that come again."""

import json
from collections.abc import Sequence
from typing import Final

from loader.models.folding import folded
from loader.models.issue import Issue
from loader.models.totals import says_totals
from loader.source.texts import joined

_OF_TOTALS: Final = "row.totals"
_OF_HEADERS: Final = "row.headers-again"
_BETWEEN: Final = "\0"
_WORDS: Final = ("total", "sum")
_TOTALS: Final = (
    "the row looks like one of totals, not of data: it has such a word where its number should be"
)
_HEADERS: Final = (
    "the row looks like the headers once more: it has the header of the column where its number should be"
)


def no_row(key: str, header: str, path: str) -> Issue | None:
    """
    What is wrong with a row whose natural key shows that it is no row of data.

    Args:
        key: The row's natural key, "" where it has none.
        header: Header of the key's column, "" where it has none.
        path: Field of the key, for the issue.
    """
    if says_totals(key):
        ends = _rows_key("stop_at", header or "Loan No", key)
        return Issue(_OF_TOTALS, _TOTALS, f"say in the template where the rows end, as in {ends}", field=path)
    if key and header and folded(key) == folded(header):
        skips = _rows_key("skip_if", header, key)
        advice = f"delete the row, or leave such rows out in the template, as in {skips}"
        return Issue(_OF_HEADERS, _HEADERS, advice, field=path)
    return None


def that_are_no_rows(keys: Sequence[str], header: str) -> list[int]:
    """The rows of a batch whose natural keys show that they are no rows of data (`no_row`), by position."""
    if _are_surely_rows(keys, header):
        return []
    return [at for at, key in enumerate(keys) if no_row(key, header, "") is not None]


def _are_surely_rows(keys: Sequence[str], header: str) -> bool:
    """A quick proof; white space, which matters little to words and headers, is left out of account."""
    together = f"{_BETWEEN}{joined(keys, _BETWEEN)}{_BETWEEN}"
    name = "".join(header.lower().split())
    if not (together.isascii() and header.isascii()) or bool(name) != bool(header):
        return False
    bare = "".join(together.lower().split())
    words = (*_WORDS, f"{_BETWEEN}{name}{_BETWEEN}") if name else _WORDS
    return not any(word in bare for word in words)


def _rows_key(name: str, header: str, text: str) -> str:
    """What to write in the template, to be copied as it is: in quotes, since a header such as `Loan #` needs them."""
    column, found = (json.dumps(" ".join(value.split()), ensure_ascii=False) for value in (header, text))
    return f"`rows: {{{name}: {{column: {column}, is: [{found}]}}}}`"


def worth_mending(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """The issues of a row; of one that is no row of data that alone, since nobody should mend its other cells."""
    return next(((issue,) for issue in issues if issue.rule in {_OF_TOTALS, _OF_HEADERS}), tuple(issues))
