"""
Where the records of a text file end: line breaks outside quotes, found without building a cell.

A quote opens a quoted cell only where a cell begins, as spreadsheets and RFC 4180 have it; elsewhere it is an
ordinary character. Counting quotes is exact as long as each quote that opens stands at the beginning of a cell and
each that closes at its end. That is checked for every quote; where it does not hold, the csv module reads the bytes
instead.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from loader.source.table import ROWS_PER_BATCH

LONGEST_RECORD_BYTES = 1 << 20
"""
A record that is longer is taken for an unclosed quote. A cell of a spreadsheet holds 32,767 characters at most
(Microsoft's "Excel specifications and limits"), so that no row of loan data comes near.
"""

ARROW_BLOCK_BYTES = 1 << 20
"""Arrow's own block (`pyarrow.csv.ReadOptions.block_size`): what is no larger is never cut."""

_CR, _LF, _QUOTE = b'\r\n"'
_NONE = np.empty(0, dtype=np.intp)


class OpenQuote(Exception):  # noqa: N818  (a finding for the reader, which knows the row)
    """A quoted cell is malformed; *records* complete records stand before its own, which begins at *offset*."""

    def __init__(self, records: int, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.records = records
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Records:
    """
    The records of some bytes.

    Attributes:
        ends: Offset behind each record's line break, ascending.
        plain: True where quotes stand only at the edges of cells, so that fast parsers agree on every cell.
        inner: Offset behind each line break within a quoted cell, ascending.
    """

    ends: NDArray[np.intp]
    plain: bool
    inner: NDArray[np.intp]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.ends)

    @property
    def inner_breaks(self) -> bool:
        """True where a quoted cell holds a line break."""
        return len(self.inner) > 0

    @property
    def are_even(self) -> bool:
        """Whether they are plain, and each is a line: then nothing but their count is to be known to make columns of them."""
        return self.plain and not self.inner_breaks

    @property
    def length(self) -> int:
        """Bytes of all records together."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def parts(self) -> Iterator["Records"]:
        """
        The same in parts of at most `ROWS_PER_BATCH`, each counted from its beginning.

        Where cells hold line breaks, they are no longer than Arrow parses in one piece: it cuts what is longer at any line break, for
        pandas does not let it know that cells may hold some.
        """
        count = len(self.ends)
        size = ceil(count / ceil(count / ROWS_PER_BATCH)) if count else 0
        begin = offset = 0
        while begin < count:
            end = min(begin + size, count)
            if self.inner_breaks:
                fitting = int(np.searchsorted(self.ends, offset + ARROW_BLOCK_BYTES, side="right"))
                end = min(max(fitting, begin + 1), end)
            inner = self.inner[(self.inner > offset) & (self.inner <= self.ends[end - 1])]
            yield Records(self.ends[begin:end] - offset, self.plain, inner - offset)
            begin, offset = end, int(self.ends[end - 1])

    def lines_before(self) -> NDArray[np.intp] | None:
        """For each record how many line breaks stand within records before it; None where there are none at all."""
        if not self.inner_breaks:
            return None
        starts = np.concatenate(([0], self.ends[:-1]))
        return np.searchsorted(self.inner, starts, side="right")


@dataclass(frozen=True, slots=True)
class EvenRecords:
    """
    Records of which nothing but their count is to be known; see `Records`.

    Attributes:
        count: How many they are.
    """

    count: int
    plain: ClassVar[bool] = True
    inner_breaks: ClassVar[bool] = False

    def lines_before(self) -> None:
        """None: no line break stands within a record."""


def find_records(content: bytes, separator: str, *, last: bool) -> Records:
    """
    Find the ends of the records that are complete in *content*.

    Args:
        content: Bytes that begin where a record begins.
        separator: The character between cells.
        last: True where the file ends here: the final record needs no line break.

    Raises:
        OpenQuote: A quoted cell is not closed at the end of the file or for very long, or goes on behind its
            closing quote.
    """
    records = _found(content, separator, last=last)
    starts = np.concatenate(([0], records.ends))
    lengths = np.diff(np.append(starts, len(content)))
    if lengths.max() > LONGEST_RECORD_BYTES:
        reason = f"the row does not end within {LONGEST_RECORD_BYTES:,} bytes"
        first = int(np.argmax(lengths > LONGEST_RECORD_BYTES))
        raise OpenQuote(first, int(starts[first]), reason)
    return records


def _found(content: bytes, separator: str, *, last: bool) -> Records:
    """The records, however long they are."""
    if not last and content.endswith(b"\r"):
        content = content[:-1]  # a line feed may follow, and belongs to the same line break
    array = np.frombuffer(content, np.uint8)
    breaks = _line_breaks(content, array)
    if _QUOTE not in content:
        return Records(_with_final(breaks, len(content), last=last), plain=True, inner=_NONE)
    quotes = np.flatnonzero(array == _QUOTE)
    if not _stand_at_edges(array, quotes, separator):
        return _records_by_parsing(content, separator, breaks, last=last)
    is_outside = np.searchsorted(quotes, breaks) % 2 == 0
    outside = breaks[is_outside]
    if last and len(quotes) % 2:
        before = int(np.searchsorted(outside, quotes[-1], side="right"))
        raise OpenQuote(before, int(outside[before - 1]) if before else 0, "a quoted cell is not closed")
    ends = _with_final(outside, len(content), last=last)
    inner = breaks[~is_outside]
    return Records(ends, plain=True, inner=inner[: np.searchsorted(inner, ends[-1]) if len(ends) else 0])


def count_lines(content: bytes) -> int:
    """How many line breaks some bytes hold, in quotes or not."""
    return len(_line_breaks(content, np.frombuffer(content, np.uint8)))


def _line_breaks(content: bytes, array: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Offsets behind each line break, in quotes or not; CR LF is one."""
    if _CR not in content:
        return np.flatnonzero(array == _LF) + 1
    returns = np.flatnonzero(array == _CR)
    followed = np.zeros(len(returns), dtype=bool)
    inner = returns + 1 < len(array)
    followed[inner] = array[returns[inner] + 1] == _LF
    return np.sort(np.concatenate((np.flatnonzero(array == _LF), returns[~followed]))) + 1


def _with_final(ends: NDArray[np.intp], length: int, *, last: bool) -> NDArray[np.intp]:
    """The ends, and that of a final record without a line break."""
    if last and length and (not len(ends) or ends[-1] != length):
        return np.append(ends, length)
    return ends


def _stand_at_edges(array: NDArray[np.uint8], quotes: NDArray[np.intp], separator: str) -> bool:
    """Whether counting quotes is exact: see the module's docstring."""
    edges = np.zeros(256, dtype=bool)
    edges[[_CR, _LF, _QUOTE, ord(separator)]] = True
    opening, closing = quotes[::2], quotes[1::2]
    before = opening[1:] if opening[0] == 0 else opening
    after = closing[closing + 1 < len(array)]
    # An opening quote right behind a closing one is the second half of a doubled quote, hence _QUOTE in the edges;
    # one that stands first in a cell cannot follow any other quote.
    return bool(edges[array[before - 1]].all() and edges[array[after + 1]].all())


def _records_by_parsing(content: bytes, separator: str, breaks: NDArray[np.intp], *, last: bool) -> Records:
    """The same by the csv module, which knows quotes in the middle of a cell. Latin-1 keeps byte offsets."""
    consumed = 0

    def lines() -> Iterator[str]:
        nonlocal consumed
        for line in io.StringIO(content.decode("latin-1"), newline=""):
            consumed += len(line)
            yield line

    ends: list[int] = []
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    try:
        ends.extend(consumed for _ in csv.reader(lines(), delimiter=separator, strict=True))
    except csv.Error as error:
        if last or not _is_cut_off(error):
            raise OpenQuote(len(ends), ends[-1] if ends else 0, quote_fault(error)) from error
    if not last and ends and ends[-1] == len(content) and content[-1] not in (_CR, _LF):
        ends.pop()
    found = np.array(ends, dtype=np.intp)
    inner = breaks[: np.searchsorted(breaks, found[-1]) if ends else 0]
    return Records(found, plain=False, inner=inner[~np.isin(inner, found)])


def quote_fault(error: csv.Error) -> str:
    """What is wrong with a quoted cell that the csv module has refused, as a sentence for the user."""
    return "a quoted cell is not closed" if _is_cut_off(error) else "text follows the closing quote of a cell"


def _is_cut_off(error: csv.Error) -> bool:
    return "unexpected end of data" in str(error)
