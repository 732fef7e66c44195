"""
A conversion applied to a whole column.

A portfolio's columns repeat themselves: states, frequencies, dates, round amounts. Each distinct text is converted once
and remembered, within bounds.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from loader.mapping.mapped import BAD
from loader.mapping.refusal import Conversion, Refusal
from loader.models.folding import trimmed
from loader.source.table import Kind

REMEMBERED: Final = 16_384
"""Distinct texts of a column kept from one batch to the next; with more, or where most are new, it starts anew."""


_NEVER_TEXT: Final = (Kind.ERROR, Kind.LOSSY)
"""Kinds of cells that every conversion refuses."""


class Converted:
    """
    A column after conversion.

    Attributes:
        values: One payload value for each cell; `BAD` where the cell was refused.
        refused: Position to refusal.
    """

    __slots__ = ("refused", "values")

    def __init__(self, values: list[Any], refused: dict[int, Refusal]) -> None:
        for position in refused:
            values[position] = BAD
        self.values = values
        self.refused = refused


class ColumnConversion(Protocol):
    """Converts a column: texts, and their kinds (None where all are text)."""

    def __call__(self, cells: Sequence[str], kinds: bytes | None) -> Converted:
        """Convert every cell; never raises for what is in them."""
        ...


class _Memo(dict[str, Any]):
    """Text to converted value, for cells of one kind."""

    __slots__ = ("_blank", "_convert", "_kind", "has_refusals")

    def __init__(self, convert: Conversion, kind: Kind, blank: Any) -> None:
        super().__init__()
        self._convert = convert
        self._kind = kind
        self._blank = blank
        self.has_refusals = False

    def __missing__(self, text: str) -> Any:
        is_blank = not text or text.isspace() or (not text.isascii() and not trimmed(text))
        value = self._blank if is_blank else self._convert(text, self._kind)
        if type(value) is Refusal:
            self.has_refusals = True
        self[text] = value
        return value

    def forget(self, known_before: int, cells: int) -> None:
        """After a batch: start anew where the column is too varied for a memory to pay."""
        if len(self) > REMEMBERED or 2 * (len(self) - known_before) > cells:
            self.clear()
            self.has_refusals = False


def remembering(convert: Conversion, blank: Any) -> ColumnConversion:
    """
    A conversion of columns from that of a cell.

    Args:
        convert: Conversion of a cell that is not blank.
        blank: What a blank cell gives: a value, `OMITTED`, or a `Refusal`.
    """
    memos = tuple(_Memo(convert, kind, blank) for kind in Kind)

    def convert_column(cells: Sequence[str], kinds: bytes | None) -> Converted:
        known = [len(memo) for memo in memos]
        if kinds is None or kinds.count(kinds[:1]) == len(kinds):
            memo = memos[kinds[0] if kinds else Kind.TEXT]
            values = [memo[cell] for cell in cells]
        else:
            values = [memos[kind][cell] for kind, cell in zip(kinds, cells, strict=True)]
        refused = {}
        if any(memo.has_refusals for memo in memos):
            refused = {at: value for at, value in enumerate(values) if type(value) is Refusal}
        for memo, known_before in zip(memos, known, strict=True):
            memo.forget(known_before, len(cells))
        return Converted(values, refused)

    return convert_column


def as_text(convert: Conversion, blank: Any) -> ColumnConversion:
    """The same for plain text, where looking a text up would cost more than trimming it."""
    with_kinds = remembering(convert, blank)

    def convert_column(cells: Sequence[str], kinds: bytes | None) -> Converted:
        if kinds is not None and any(kind in kinds for kind in _NEVER_TEXT):
            return with_kinds(cells, kinds)
        values: list[Any]
        if "".join(cells).isascii():
            values = [cell.strip() or blank for cell in cells]
        else:
            values = [(cell.strip() if cell.isascii() else trimmed(cell)) or blank for cell in cells]
        if not isinstance(blank, Refusal):
            return Converted(values, {})
        return Converted(values, {at: blank for at, value in enumerate(values) if value is blank})

    return convert_column


_PART_OF_CELL: Final = bytes(kind if kind in _NEVER_TEXT else Kind.TEXT for kind in range(256))


def joined(
    columns: Sequence[Sequence[str]], kinds: Sequence[bytes | None], between: str
) -> tuple[list[str], bytes | None]:
    """Several columns as one, blank cells passed over; an error in one part is the whole cell's."""
    texts = [between.join(filter(None, map(trimmed, parts))) for parts in zip(*columns, strict=True)]
    known = [part.translate(_PART_OF_CELL) for part in kinds if part is not None]
    return texts, bytes(map(max, *known, known[0])) if known else None


def parted(cells: Sequence[str], kinds: bytes | None, by: str, part: int) -> tuple[list[str], bytes | None]:
    """One part of every cell; blank where a cell has no such part. An error stays whole."""
    split_by = None if by.isspace() else by

    def part_of(cell: str) -> str:
        parts = cell.split(split_by)
        return parts[part - 1] if len(parts) >= part else ""

    if kinds is None:
        return [part_of(cell) for cell in cells], None
    kinds = kinds.translate(_PART_OF_CELL)
    return [
        cell if kind in _NEVER_TEXT else part_of(cell) for kind, cell in zip(kinds, cells, strict=True)
    ], kinds
