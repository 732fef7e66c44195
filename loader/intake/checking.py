"""Reads, maps and validates a file piece by piece: in this process, or in several where that pays."""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from loader.errors import SourceError
from loader.inspection.profile import Profile
from loader.intake.file import Intake
from loader.intake.found import Found, found_in
from loader.intake.readiness import processes_for
from loader.mapping.binding import bind
from loader.mapping.mapper import Mapper
from loader.mapping.template import LoadedTemplate
from loader.models.note import Note
from loader.processes import Hands, ProcessLostError, hands
from loader.source.table import Batch, PieceReader, SourceTable
from loader.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is wanted of a check beside its issues.

    Attributes:
        digests: Digests of rows and of what they would send, for a journal that lasts.
        profile: The figures of each column.
        processes: How many processes read the file; None for as many as there are cores, where the file is large.
    """

    digests: bool
    profile: bool
    processes: int | None = None


class Check:
    """
    A whole file, checked piece by piece.

    Args:
        intake: The file.
        secret: Conceals keys that are personal data; b"" where the template has none.
        wanted: What is wanted of it.

    Attributes:
        profile: The figures of each column, once all is read; None where they were not wanted.
    """

    def __init__(self, intake: Intake, secret: bytes, wanted: Wanted) -> None:
        self._intake, self._secret, self._wanted = intake, secret, wanted
        self.profile: Profile | None = None
        self._counts = array("L")

    def found(self) -> Iterator[Found]:
        """
        What each piece of the file came to, in the order of the file.

        Raises:
            SourceError: The file cannot be read any further.
        """
        pieces, reader = self._pieces()
        count = 1
        if not isinstance(reader, _Batches):
            count = processes_for(self._intake.table.path, self._wanted.processes)
        make = partial(self._here, reader) if count == 1 else partial(_there, self._order(reader))
        closing: tuple[Note, ...] = ()
        try:
            with hands(make, count) as several:
                for found in self._results(several, pieces):
                    closing = found.closing if found.rows else closing
                    yield found
        except ProcessLostError as error:
            raise SourceError(
                f"{self._intake.where} was not read to its end: {error}",
                hint="if the computer ran out of memory, close other programs, or read with one process: `--processes 1`",
            ) from error
        if closing:
            yield Found.of_notes(closing)

    def contents(self, ordinals: Collection[int]) -> dict[tuple[int, int], bytes]:
        """
        Digests of what some rows would send, by position of the row and number of the step; the pieces that hold them are read again.

        Raises:
            SourceError: The file cannot be read any more.
        """
        wanted = sorted(ordinals)
        pieces, reader = self._pieces()
        work = self._here(reader)
        found: dict[tuple[int, int], bytes] = {}
        first = 0
        for piece, count in zip(pieces, self._counts, strict=False):
            here = wanted[bisect_left(wanted, first) : bisect_left(wanted, first + count)]
            if here:
                found |= work.contents(piece, first, here)
            first += count
        return found

    def _pieces(self) -> tuple[Iterable[Any], PieceReader]:
        """The pieces of the table, and who reads them."""
        table = self._intake.table
        pieces = table.pieces()
        return (table.batches(), _Batches(table)) if pieces is None else (pieces, pieces.reader)

    def _results(self, at_work: Hands[Any, Found, Profile | None], pieces: Iterable[Any]) -> Iterator[Found]:
        for found in at_work.results(pieces):
            self._counts.append(len(found.rows))
            yield found
        for profile in at_work.gathered():
            if self.profile is None:
                self.profile = profile
            elif profile is not None:
                self.profile.merge(profile)

    def _here(self, reader: PieceReader) -> "_PieceCheck":
        intake = self._intake
        return _PieceCheck(reader, intake.mapper, self._order(reader))

    def _order(self, reader: PieceReader) -> "_Order":
        return _Order(reader, self._intake.mapper.template, self._intake.today, self._secret, self._wanted)


@dataclass(frozen=True, slots=True)
class _Order:
    """All that a process must know to check pieces of a file."""

    reader: PieceReader
    template: LoadedTemplate
    today: date
    secret: bytes
    wanted: Wanted


def _there(order: _Order) -> "_PieceCheck":
    """In another process: bind the template once more, since what it is bound to cannot be handed over."""
    gc.disable()  # see `without_cycle_search`
    return _PieceCheck(order.reader, bind(order.template, order.reader.headers), order)


class _PieceCheck:
    """Checks pieces of one file."""

    def __init__(self, reader: PieceReader, mapper: Mapper, order: _Order) -> None:
        self._reader, self._mapper = reader, mapper
        self._validator = Validator(
            order.template.template, mapper, reader, today=order.today, secret=order.secret
        )
        self._columns = [
            sorted({header.index for source in step.sources for header in source.headers})
            for step in mapper.steps
        ]
        self._digests = order.wanted.digests
        self._profile = Profile(reader, mapper.sensitive_columns) if order.wanted.profile else None

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


class _Batches:
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


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """
    Leave the search for reference cycles out.

    A batch is some hundred thousand small values without any cycle among them; looking for one again and again took two fifths
    of a check.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
