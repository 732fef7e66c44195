"""One piece of a file, read, mapped and validated: all that the processes beside the first one load."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from loader.inspection.profile import Profile
from loader.intake.found import Found, found_in
from loader.mapping.binding import bind
from loader.mapping.mapper import Mapper
from loader.mapping.template import LoadedTemplate
from loader.models.note import Note
from loader.source.arrow import arrow
from loader.source.table import Batch, PieceReader, SourceTable
from loader.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Order:
    """
    All that a process must know to check pieces of a file.

    Attributes:
        reader: Reads them.
        template: What they are laid under.
        today: The date that "in the future" is measured from.
        secret: Conceals keys that are personal data; b"" where the template has none.
        digests: Whether digests of rows are wanted, and of what they would send.
        profile: Whether the figures of each column are.
    """

    reader: PieceReader
    template: LoadedTemplate
    today: date
    secret: bytes
    digests: bool
    profile: bool


def check_there(order: Order) -> "PieceCheck":
    """In another process: bind the template once more, since what it is bound to cannot be handed over."""
    gc.disable()  # see `without_cycle_search`
    arrow()  # what Arrow takes memory from is set before the first column comes
    return PieceCheck(bind(order.template, order.reader.headers), order)


class PieceCheck:
    """
    Checks pieces of one file.

    Args:
        mapper: The template bound to the columns of the file.
        order: What is to be known beside it.
    """

    def __init__(self, mapper: Mapper, order: Order) -> None:
        reader = order.reader
        self._reader, self._mapper = reader, mapper
        self._validator = Validator(
            order.template.template, mapper, reader, today=order.today, secret=order.secret
        )
        self._columns = [
            sorted({header.index for source in step.sources for header in source.headers})
            for step in mapper.steps
        ]
        self._digests = order.digests
        self._profile = Profile(reader, mapper.sensitive_columns) if order.profile else None

    def do(self, piece: Any) -> Found:
        """What a piece came to."""
        batch = self._reader.batch(piece)
        if self._profile is not None:
            self._profile.add(batch)
        checked = self._validator.check(self._mapper.map(batch))
        return found_in(checked, self._reader.closing_notes(batch), self._columns, digests=self._digests)

    def contents(self, piece: Any, first: int, ordinals: Sequence[int]) -> dict[tuple[int, int], bytes]:
        """Digests of what some rows of a piece would send, whose first row has this position in the file."""
        checked = self._validator.check(self._mapper.map(self._reader.batch(piece)))
        return {
            (ordinal, number): digests[ordinal - first]
            for number in range(len(checked.steps))
            for digests in (checked.step_digests(number),)
            for ordinal in ordinals
        }

    def gathered(self) -> Profile | None:
        """The figures of the columns in these pieces."""
        return self._profile


class BatchReader:
    """A table that only one process can read: its pieces are its batches."""

    def __init__(self, table: SourceTable) -> None:
        self.sheet, self.headers, self.digest = table.sheet, table.headers, table.digest
        self.facts, self.origin = table.facts, table.origin

    def batch(self, piece: Batch) -> Batch:
        """The batch, counted from its own first row."""
        return replace(piece, first_ordinal=0)

    def closing_notes(self, batch: Batch) -> tuple[Note, ...]:
        """None: the table's batches bring them."""
        del batch
        return ()
