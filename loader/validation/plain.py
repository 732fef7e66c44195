"""Rows of which there is nothing to say but that they can be sent: what the journal keeps of them, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from typing import Final, Self, TypeVar

import msgspec

from loader.validation.checked import CheckedBatch, CheckedColumns, LinkColumn

_T = TypeVar("_T")


class PlainStep(msgspec.Struct, frozen=True, array_like=True):
    """
    One step of the template in the plain rows of a batch.

    Attributes:
        keys: Natural key of each row.
        amounts: Values of the step's control totals in each row as text, "|" between them; none where the step has no totals.
        sums: Of each of these totals, all rows together.
        links: Entity groups of links and the keys of the rows, "" where none is wanted or an earlier step of the row makes it; none
            where that is so in all rows.
        digests: What each row would send, 16 bytes for each; none where they were not asked for.
    """

    keys: Sequence[str]
    amounts: Sequence[str]
    sums: Sequence[str]
    links: Sequence[tuple[str, Sequence[str]]]
    digests: bytes = b""


class PlainRows(msgspec.Struct, frozen=True, array_like=True):
    """
    The plain rows of a batch.

    Attributes:
        positions: Their positions in the batch, ascending.
        rows: Their row numbers.
        lines: The physical lines on which they begin, None where one is the row number; None where all are.
        originals: Their numbers in the file in which they were read first, None where there is no such file.
        steps: The template's steps, in its order.
        digests: Of the cells of each row, 16 bytes for each; none where they were not asked for.
    """

    positions: Sequence[int]
    rows: Sequence[int]
    lines: Sequence[int | None] | None
    originals: Sequence[int | None] | None
    steps: Sequence[PlainStep]
    digests: bytes = b""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class PackedRows:
    """
    The plain rows of a batch, encoded where they are found: who hands them on, or enters them together, looks at none of them.

    Attributes:
        count: How many.
        first: Position of the first in the batch; 0 where there are none.
        last: Position of the last.
        last_row: Row number of the last.
        sums: Of each step those of its control totals.
        content: `PlainRows` as MessagePack.
    """

    count: int
    first: int
    last: int
    last_row: int
    sums: tuple[tuple[str, ...], ...]
    content: bytes

    @classmethod
    def of(cls, plain: PlainRows) -> Self:
        """Encode rows."""
        if not len(plain):
            return cls(0, 0, 0, 0, (), _encoded(plain))
        return cls(
            count=len(plain),
            first=plain.positions[0],
            last=plain.positions[-1],
            last_row=plain.rows[-1],
            sums=tuple(tuple(step.sums) for step in plain.steps),
            content=_encoded(plain),
        )

    def unpacked(self) -> PlainRows:
        """The rows."""
        return unpacked(self.content)


def unpacked(content: bytes) -> PlainRows:
    """The rows that were encoded by `PackedRows.of`."""
    return msgspec.msgpack.decode(content, type=PlainRows)


def _encoded(plain: PlainRows) -> bytes:
    return msgspec.msgpack.encode(plain, enc_hook=list)


NO_ROWS: Final = PackedRows.of(PlainRows((), (), None, None, ()))
"""Not one row."""


class _Kept:
    """Leaves the unusual rows of a batch out of its columns."""

    def __init__(self, checked: CheckedBatch) -> None:
        self._mask: bytearray | None = None
        if checked.unusual:
            self._mask = bytearray(b"\1") * len(checked)
            for position in checked.unusual:
                self._mask[position] = 0

    def __call__(self, values: Sequence[_T]) -> Sequence[_T]:
        return values if self._mask is None else list(compress(values, self._mask))


def plain_rows(checked: CheckedBatch, *, digests: bool) -> PlainRows:
    """
    The plain rows of a checked batch.

    Args:
        checked: The batch.
        digests: Whether digests of rows and steps are wanted.
    """
    batch, kept = checked.batch, _Kept(checked)
    lines = batch.other_lines
    steps = tuple(
        _plain_step(
            step,
            checked.steps[:number],
            kept,
            b"".join(kept(checked.step_digests(number))) if digests else b"",
        )
        for number, step in enumerate(checked.steps)
    )
    return PlainRows(
        positions=kept(range(len(batch.rows))),
        rows=kept(batch.rows),
        lines=None if lines is None else kept(lines),
        originals=None if batch.originals is None else kept(batch.originals),
        steps=steps,
        digests=b"".join(kept(checked.row_digests())) if digests else b"",
    )


def _plain_step(
    step: CheckedColumns, earlier: Sequence[CheckedColumns], kept: _Kept, digests: bytes
) -> PlainStep:
    amounts = [kept(column) for column in step.amounts]
    return PlainStep(
        keys=kept(step.keys),
        amounts=_as_text(amounts),
        sums=tuple(f"{sum(filter(None, column), Decimal(0)):f}" for column in amounts),
        links=tuple((link.entity, kept(_unanswered(link, earlier))) for link in step.links),
        digests=digests,
    )


def _as_text(columns: Sequence[Sequence[Decimal | None]]) -> Sequence[str]:
    """The totals' values of each row as the journal keeps them."""
    texts = [_texts(column) for column in columns]
    if not texts:
        return ()
    return texts[0] if len(texts) == 1 else list(map("|".join, zip(*texts, strict=True)))


def _texts(values: Sequence[Decimal | None]) -> list[str]:
    """Amounts without an exponent, "" for those that are missing."""
    texts = list(map(str, values))
    signs = "".join(texts)
    if "E" in signs or "N" in signs:  # an exponent, or None
        return ["" if value is None else f"{value:f}" for value in values]
    return texts


def _unanswered(link: LinkColumn, earlier: Sequence[CheckedColumns]) -> Sequence[str]:
    """The keys of a link, without those of what an earlier step of the same row makes."""
    keys = link.keys
    for step in earlier:
        if step.operation.entity_group == link.entity:
            if keys == step.keys:
                return ()
            keys = ["" if key == made else key for key, made in zip(keys, step.keys, strict=True)]
    return keys
