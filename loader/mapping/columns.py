"""
A conversion applied to a whole column.

A portfolio's columns repeat themselves: states, frequencies, dates, round amounts. Each distinct text is converted once
and remembered, within bounds.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from loader.mapping.converted import Converted, Part
from loader.mapping.known_values import OneKind, Repeated
from loader.mapping.refusal import PLACEHOLDERS, Conversion, Refusal
from loader.mapping.repairs import Cleaning, Repaired, free_text, is_bare
from loader.mapping.whole_columns import WholeColumn
from loader.models.folding import trimmed
from loader.models.note import NOISE
from loader.source.table import Kind
from loader.source.texts import Texts, different_texts, signs_of
from loader.source.texts_on_demand import Coded

REMEMBERED: Final = 16_384
"""Distinct texts of a column kept from one batch to the next; with more, or where most are new, it starts anew."""


_OFTEN: Final = 8
"""Where a text comes less often, all cells are converted together in less time than each text by itself."""
_KINDS: Final = tuple(Kind)
_ONE_BY_ONE: Final[Mapping[Kind, WholeColumn]] = {}
_NEVER_TEXT: Final = (Kind.ERROR, Kind.LOSSY)
"""Kinds of cells that every conversion refuses."""

Noisy: TypeAlias = Callable[[str], bool]
"""Whether the text of a number cell holds digits that are rounded away."""


class ColumnConversion(Protocol):
    """Converts a column: texts, and their kinds (None where all are text)."""

    def __call__(self, cells: Sequence[str], kinds: bytes | None) -> Converted:
        """Convert every cell; never raises for what is in them."""
        ...


class _Memo(dict[str, Any]):
    """Text to converted value, for cells of one kind."""

    __slots__ = ("_blank", "_clean", "_convert", "_is_noisy", "_kind", "is_plain")

    def __init__(
        self, convert: Conversion, kind: Kind, blank: Any, clean: Cleaning, is_noisy: Noisy | None = None
    ) -> None:
        super().__init__()
        self._convert = convert
        self._kind = kind
        self._blank = blank
        self._clean = clean
        self._is_noisy = is_noisy if kind is Kind.NUMBER else None
        self.is_plain = True

    def __missing__(self, text: str) -> Any:
        if is_bare(text):
            value = self._convert(text, self._kind) if text and not text.isspace() else self._blank
        else:
            value = self._cleaned(text) if trimmed(text) else self._blank
        if self._is_noisy is not None and type(value) is not Refusal and self._is_noisy(text):
            value = Repaired(value, (NOISE,))
        if type(value) is Refusal or type(value) is Repaired:
            self.is_plain = False
            if type(value) is Refusal and text.strip().casefold() in PLACEHOLDERS:
                value = value.of_placeholder()
        self[text] = value
        return value

    def _cleaned(self, text: str) -> Any:
        """The value of a text that a cleaning may change."""
        cleaned, rules = self._clean(text)
        value = self._convert(cleaned, self._kind) if trimmed(cleaned) else self._blank
        return Repaired(value, rules) if rules and type(value) is not Refusal else value

    def forget(self, known_before: int, cells: int) -> None:
        """After a batch: start anew where the column is too varied for a memory to pay."""
        if len(self) > REMEMBERED or 2 * (len(self) - known_before) > cells:
            self.clear()
            self.is_plain = True


def remembering(
    convert: Conversion,
    blank: Any,
    clean: Cleaning = free_text,
    is_noisy: Noisy | None = None,
    whole: Mapping[Kind, WholeColumn] = _ONE_BY_ONE,
) -> ColumnConversion:
    """
    A conversion of columns from that of a cell.

    Args:
        convert: Conversion of a cell that is not blank.
        blank: What a blank cell gives: a value, `OMITTED`, or a `Refusal`.
        clean: What a text with signs beyond ASCII is freed of first.
        is_noisy: Whether the conversion rounds a number cell's binary noise away; None where it takes cells as they are.
        whole: The same conversion of a whole column of cells of one kind, for the kinds for which there is one.
    """
    memos = tuple(_Memo(convert, kind, blank, clean, is_noisy) for kind in Kind)

    def convert_column(cells: Sequence[str], kinds: bytes | None) -> Converted:
        if isinstance(cells, Texts):
            kind = Kind(kinds[0]) if kinds else Kind.TEXT
            if kinds is None or kinds.count(kind) == len(kinds):
                return _converted(cells, memos[kind], whole.get(kind))
            return Converted.together(
                len(cells), (part_of(cells, kinds, kind) for kind in _KINDS if kind in kinds)
            )
        known = [len(memo) for memo in memos]
        if kinds is None or kinds.count(kinds[:1]) == len(kinds):
            memo = memos[kinds[0] if kinds else Kind.TEXT]
            values = [memo[cell] for cell in cells]
        else:
            values = [memos[kind][cell] for kind, cell in zip(kinds, cells, strict=True)]
        converted = Converted(values, unsorted=() if all(memo.is_plain for memo in memos) else None)
        for memo, known_before in zip(memos, known, strict=True):
            memo.forget(known_before, len(cells))
        return converted

    def part_of(cells: Texts, kinds: bytes, kind: Kind) -> Part:
        way = whole.get(kind)
        which = np.frombuffer(kinds, np.uint8) == kind
        some = cells.only(which) if way is not None and cells.is_sound else list(compress(cells, which))
        return np.flatnonzero(which), _converted(some, memos[kind], way)

    return convert_column


def _converted(cells: Sequence[str], memo: _Memo, whole: WholeColumn | None) -> Converted:
    """Cells of one kind, with what is known of them: different texts are converted once, or the usual ones all together."""
    known_before = len(memo)
    coded = cells.coded if isinstance(cells, Texts) else None
    is_varied = coded is None or _OFTEN * len(coded.texts) > len(cells)
    if isinstance(cells, Texts) and whole and is_varied and (values := whole(cells)) is not None:
        converted = _completed(values, cells, memo)
    elif coded is not None:
        converted = _spread(coded, [memo[text] for text in coded.texts], plain=memo.is_plain)
    else:
        converted = Converted([memo[cell] for cell in cells], unsorted=() if memo.is_plain else None)
    memo.forget(known_before, len(cells))
    return converted


def _completed(values: OneKind | Texts, cells: Texts, memo: _Memo) -> Converted:
    """Cells that were converted together, but for some that are left."""
    if isinstance(values, Texts):
        return Converted(values, unsorted=())
    if len(values.others):
        for at, cell in zip(values.others, cells.at(values.others), strict=True):
            values[at] = memo[cell]
    return Converted(values, unsorted=values.others)


def _spread(coded: Coded, of_texts: Sequence[Any], *, plain: bool) -> Converted:
    """A column from what its different texts were converted to."""
    if plain:
        return Converted(Repeated(of_texts, coded.codes), unsorted=())
    values = coded.spread(of_texts)
    other = [code for code, value in enumerate(of_texts) if type(value) is Refusal or type(value) is Repaired]
    return Converted(values, unsorted=coded.positions(other) if other else ())


def as_text(
    convert: Conversion, blank: Any, clean: Cleaning = free_text, refused: Sequence[Kind] = _NEVER_TEXT
) -> ColumnConversion:
    """
    The same for plain text, where looking a text up would cost more than trimming it.

    Args:
        convert: Trims; whatever else it does, it does to texts that `_is_text_alone` denies, and to cells of the refused kinds.
        blank: What a blank cell gives.
        clean: What a text with signs beyond ASCII is freed of first.
        refused: Kinds of cells that *convert* refuses.
    """
    with_kinds = remembering(convert, blank, clean)
    blank_is_plain = not isinstance(blank, Refusal)

    def convert_column(cells: Sequence[str], kinds: bytes | None) -> Converted:
        if kinds is not None and any(kind in kinds for kind in refused):
            return with_kinds(cells, kinds)
        coded = cells.coded if isinstance(cells, Texts) else None
        values, unsorted = convert_texts(cells if coded is None else coded.texts, signs_of(cells))
        if coded is not None:
            return _spread(coded, values, plain=not unsorted and blank_is_plain)
        if blank_is_plain or values is cells:
            return Converted(values, unsorted=unsorted)
        return Converted(values)

    def convert_texts(cells: Sequence[str], signs: str) -> tuple[Sequence[Any], Sequence[int]]:
        """The values, and the positions at which a refusal or a repaired value may be that is not of a blank cell."""
        if is_plain(signs, clean) and _is_text_alone(signs):
            if isinstance(cells, Texts) and not cells.is_spaced:  # no other white space is plain
                return (cells if cells.lengths.all() else [cell or blank for cell in cells]), ()
            return [cell.strip() or blank for cell in cells], ()
        unusual = _Memo(convert, Kind.TEXT, blank, clean)
        likely = _unusual_positions(cells)
        values: list[Any] = [cell.strip() or blank for cell in cells]
        for at in likely:
            cell = cells[at]
            if not (is_bare(cell) and _is_text_alone(cell)):
                values[at] = unusual[cell]
        return values, likely

    return convert_column


def _unusual_positions(cells: Sequence[str]) -> Sequence[int]:
    """Positions of all cells that are not bare, or may not be text alone, and perhaps of others; ascending."""
    if not isinstance(cells, Texts) or not cells.is_sound:
        return range(len(cells))
    return sorted({*cells.holding(_UNUSUAL).tolist(), *cells.beyond_ascii.tolist()})


_UNUSUAL: Final = (b"#", b"E+", b'="')


def _is_text_alone(text: str) -> bool:
    """Whether a text can neither be the word of a spreadsheet's error nor a number in scientific notation; may say no to one that is not."""
    return "#" not in text and ("+" not in text or "E+" not in text)


def is_plain(text: str, clean: Cleaning) -> bool:
    """Whether cleaning would leave a text, and every part of it, as it is; may say no to one that it would."""
    return is_bare(text) or (
        clean is free_text
        and '="' not in text
        and text.isprintable()
        and unicodedata.is_normalized("NFC", text)
    )


def cleaned(cells: Sequence[str], clean: Cleaning) -> tuple[Sequence[str], dict[str, list[int]]]:
    """Cells freed of what a policy repairs, and the positions of those that were, by rule."""
    if is_plain(signs_of(cells), clean):
        return cells, {}
    texts, repaired = [], dict[str, list[int]]()
    for at, cell in enumerate(cells):
        text, rules = (cell, ()) if is_bare(cell) else clean(cell)
        texts.append(text)
        for rule in rules:
            repaired.setdefault(rule, []).append(at)
    return texts, repaired


def without(words: frozenset[str], cells: Sequence[str]) -> tuple[Sequence[str], list[int]]:
    """Cells with those blank that hold, but for white space around it, one of some words; and their positions."""
    if words.isdisjoint(map(str.strip, different_texts(cells))):
        return cells, []
    found = [at for at, cell in enumerate(cells) if cell.strip() in words]
    left = list(cells)
    for at in found:
        left[at] = ""
    return left, found


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
