"""What is still to be sent is made again, and proved to be what was checked, row by row."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from fakes.borrowers import TEMPLATE
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.errors import SourceError, TemplateError
from loader.intake.checking import Wanted
from loader.journal.schema import State, rows, steps
from loader.journal.standing import OpenStep
from loader.journal.store import Journal
from loader.open_rows import OpenRow, open_rows
from loader.opening import Source, begin, draft, enter_file
from loader.source.text import text_file

FILE = """Loan,Borrower,First,Email,Amount,Rate,Status
L1,B1,Ann,,100.00,5,
L2,B2,Ben,,200.00,5,
L3,B3,Zoë,,none,5,

L4,B4,Dan,,400.00,5,Test
L5,B5,"Eve
Lyn",,500.00,5,
L6,B6,Fay,,600.00,5,
L7,B7,Gus,,700.00,5,
"""
PLANNED = (0, 1, 4, 5, 6)
"""The third row is wrong, the fourth left out."""
OPEN = {State.PLANNED, State.SENDING, State.UNKNOWN}
STANDINGS = st.tuples(
    st.sampled_from([State.PLANNED, *State]), st.integers(0, 2), st.sampled_from([None, 1.5, 2.5])
)
FRESH = (State.PLANNED, 0, None)


@contextmanager
def changed_digests(journal, changed):
    """A journal in which some digests are others: of a row's cells, or of what a step of it sends."""
    tables = [
        (rows.c.digest, rows.c.ordinal == ordinal)
        if number is None
        else (steps.c.digest, sa.and_(steps.c.ordinal == ordinal, steps.c.step == number))
        for ordinal, number in changed
    ]
    before = []
    with journal.begin() as connection:
        for column, of_row in tables:
            before.append(connection.execute(sa.select(column).where(of_row)).scalar_one())
            connection.execute(column.table.update().where(of_row).values({column: b"o" * 16}))
    try:
        yield
    finally:
        with journal.begin() as connection:
            for (column, of_row), digest in zip(tables, before, strict=True):
                connection.execute(column.table.update().where(of_row).values({column: digest}))


class Entered:
    """A file of seven rows, two steps each, in the journal."""

    def __init__(self, folder):
        path, template = folder / "loans.csv", folder / "loans.yaml"
        path.write_text(FILE, encoding="utf-8")
        template.write_text(TEMPLATE, encoding="utf-8")
        source = Source(path, str(template))
        self.intake, self.journal = source.open(), Journal(folder / "journal.sqlite", durable=False)
        record = draft(
            self.journal, source, self.intake, kind="submit", tenant="", host="", rate="", concurrency=0
        )
        run = begin(self.journal, source, self.intake, record)
        wanted = Wanted(digests=True, profile=False, processes=1)
        self.run, _ = enter_file(self.journal, run, self.intake, wanted, lambda _: None)
        self.rows = [row for batch in self.intake.checked_batches(b"") for row in batch.rows()]
        with self.journal.read() as connection:
            found = connection.execute(sa.select(steps.c.ordinal, steps.c.step, steps.c.state))
            self.entered = {(ordinal, number): State(state) for ordinal, number, state in found}

    def set(self, standings):
        """Let the planned steps stand in other ways, by ordinal and number."""
        with self.journal.begin() as connection:
            for (ordinal, number), (state, attempts, sent_at) in standings.items():
                of_step = sa.and_(steps.c.ordinal == ordinal, steps.c.step == number)
                values = {"state": state, "attempts": attempts, "sent_at": sent_at}
                connection.execute(steps.update().where(of_step).values(values))

    def open(self, limit=None):
        return [row for batch in open_rows(self.intake, self.journal, self.run, limit) for row in batch]


@pytest.fixture(scope="module", params=[50, 1 << 20], ids=["some batches", "one batch"])
def entered(request, tmp_path_factory):
    """The file, read in batches of some rows each or as one; so many bytes make a batch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_file, "_BLOCK_BYTES", request.param)
        found = Entered(tmp_path_factory.mktemp("open"))
        yield found
        found.journal.close()


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {(ordinal, number): st.one_of(st.just(FRESH), STANDINGS) for ordinal in PLANNED for number in (0, 1)}
    ),
    st.none() | st.integers(1, 8),
)
def test_rows_with_an_open_step_are_made_whole(entered, standings, limit):
    """Each with its own open steps and states, whatever the other rows have come to; the rest of the file is left alone."""
    entered.set(standings)
    expected = []
    for row in entered.rows[:limit]:
        states = {n: entered.entered.get((row.ref.ordinal, n)) for n in (0, 1)}
        own = {n: standings.get((row.ref.ordinal, n), (state, 0, None)) for n, state in states.items()}
        still_open = {n: OpenStep(*standing) for n, standing in own.items() if standing[0] in OPEN}
        if still_open:
            expected.append(OpenRow(row, still_open, {n: state for n, (state, *_) in own.items()}))

    assert expected == entered.open(limit)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            (ordinal, number): st.sampled_from([FRESH, (State.ACCEPTED, 1, 1.5)])
            for ordinal in PLANNED
            for number in (0, 1)
        }
    ),
    st.sets(st.tuples(st.sampled_from(PLANNED), st.sampled_from([None, 0, 1])), max_size=3),
)
def test_what_was_checked_is_what_is_sent(entered, standings, changed):
    """The first row that is another is told, and what of it; what is done may change, for nothing more is sent of it."""
    entered.set(standings)
    still_open = {key for key, standing in standings.items() if standing == FRESH}
    told = sorted(
        (ordinal, -1 if number is None else number)
        for ordinal, number in changed
        if ((ordinal, number) in still_open) or (number is None and still_open & {(ordinal, 0), (ordinal, 1)})
    )
    with changed_digests(entered.journal, changed):
        if not told:
            assert {ordinal for ordinal, _ in still_open} == {task.row.ref.ordinal for task in entered.open()}
            return
        ordinal, number = told[0]
        where = f"loans.csv, row {entered.rows[ordinal].ref.number}"
        with pytest.raises((SourceError, TemplateError)) as caught:
            entered.open()

    words = {
        -1: (SourceError, f"{where} is not what it was when the file was checked"),
        0: (TemplateError, f"{where} makes another customers.create request than when it was checked"),
        1: (TemplateError, f"{where} makes another loans.create request than when it was checked"),
    }
    assert words[number] == (caught.type, caught.value.message)
