"""Which records are made columns of in one piece: the same whoever reads the file, since its last piece is looked at once more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from loader.source.table import ROWS_PER_BATCH
from loader.source.text.records import EvenRecords, Records
from loader.source.text.text_file import Text

_LONGEST_BYTES: Final = 1 << 21
"""
A call of pandas takes as long as the parsing of a megabyte in 30 columns; of longer pieces every process that reads one takes more
memory.
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Records that follow one another.

    Attributes:
        texts: Their texts: one, or several of even ones.
    """

    texts: Sequence[Text]

    @property
    def length(self) -> int:
        """Bytes of all of them."""
        return sum(len(text.content) for text in self.texts)

    @property
    def even(self) -> int | None:
        """How many records they are, where that is all that is to be known of them (`Records.are_even`); else None."""
        if all(text.records.are_even for text in self.texts):
            return sum(text.records.count for text in self.texts)
        return None

    @property
    def is_one(self) -> bool:
        """Whether several texts can be parsed at once."""
        return self.even is not None and self.even <= ROWS_PER_BATCH and self.length <= _LONGEST_BYTES

    @property
    def content(self) -> bytes:
        """Their bytes."""
        first, *others = (text.content for text in self.texts)
        return b"".join((first, *others)) if others else first

    @property
    def records(self) -> Records | EvenRecords:
        """Where they end, as far as it is to be known."""
        return self.texts[0].records if self.even is None else EvenRecords(self.even)

    @property
    def first_row(self) -> int:
        """Row number of the first."""
        return self.texts[0].first_row

    @property
    def first_line(self) -> int:
        """Number of the physical line on which the first begins."""
        return self.texts[0].first_line


def in_pieces(texts: Iterable[Text]) -> Iterator[Piece]:
    """
    All texts, those together that are parsed in one piece.

    The first stands alone: who looks at the first rows waits for no others.
    """
    texts = iter(texts)
    for first in islice(texts, 1):
        yield Piece((first,))
    piece = Piece(())
    for text in texts:
        longer = Piece((*piece.texts, text))
        if piece.texts and not longer.is_one:
            yield piece
            longer = Piece((text,))
        piece = longer
    if piece.texts:
        yield piece
