"""Reads, maps and validates a file piece by piece: in this process, or in several where that pays."""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from loader.errors import SourceError
from loader.inspection.profile import Profile
from loader.intake.file import Intake
from loader.intake.found import Found
from loader.intake.piece_check import BatchReader, Order, PieceCheck, check_there
from loader.intake.readiness import processes_beside
from loader.models.note import Note
from loader.processes.hand import ProcessLostError
from loader.processes.hands import Hands, hands
from loader.source.table import PieceReader
from loader.source.workbook.ahead import TableAhead


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is wanted of a check beside its issues.

    Attributes:
        digests: Digests of rows and of what they would send, for a journal that lasts.
        profile: The figures of each column.
        processes: How many processes the user says in all, None for nothing; `processes_beside` tells how many check the file then.
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
        table = self._intake.table
        others = processes_beside(
            table.path,
            self._wanted.processes,
            read_here=isinstance(reader, BatchReader),
            by_another=isinstance(table, TableAhead),
        )
        make = partial(check_there, self._order(reader)) if others else partial(self._here, reader)
        closing: tuple[Note, ...] = ()
        try:
            with hands(make, others) as several:
                for found in self._results(several, pieces):
                    closing = found.closing if found.rows else closing
                    yield found
        except ProcessLostError as error:
            raise SourceError(
                f"{self._intake.where} was not read to its end: {error}", hint=error.hint
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
        return (table.batches(), BatchReader(table)) if pieces is None else (pieces, pieces.reader)

    def _results(self, at_work: Hands[Any, Found, Profile | None], pieces: Iterable[Any]) -> Iterator[Found]:
        for found in at_work.results(pieces):
            self._counts.append(len(found.rows))
            yield found
        for profile in at_work.gathered():
            if self.profile is None:
                self.profile = profile
            elif profile is not None:
                self.profile.merge(profile)

    def _here(self, reader: PieceReader) -> PieceCheck:
        return PieceCheck(self._intake.mapper, self._order(reader))

    def _order(self, reader: PieceReader) -> Order:
        intake, wanted = self._intake, self._wanted
        return Order(
            reader, intake.mapper.template, intake.today, self._secret, wanted.digests, wanted.profile
        )


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
