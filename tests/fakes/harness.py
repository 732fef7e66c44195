"""A journal, a server and everything between them, real; only time is quickened."""

import asyncio
import random
import time
from datetime import UTC, date, datetime
from decimal import Decimal

from loader.journal import runs
from loader.journal.known import Links
from loader.journal.recorder import Recorder
from loader.journal.records import RunRecord
from loader.journal.schema import State, steps
from loader.journal.standing import open_entries
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.journal.writer import Writer
from loader.models.concealed import concealed_key
from loader.models.encoding import encode, payload_digest
from loader.models.operations import OPERATIONS
from loader.models.person import PERSON
from loader.models.row import RowRef
from loader.models.warnings import WarningPolicy
from loader.open_rows import OpenRow
from loader.submit.asking import Asker
from loader.submit.client import Address, Client
from loader.submit.pacing import Pacer
from loader.submit.runner import Runner
from loader.submit.sender import StepSender
from loader.submit.sitting import Sitting
from loader.submit.stop import Stop
from loader.validation.checked import CheckedRow, CheckedStep, WantedLink


class QuickClock:
    """Nobody sleeps; what would have been slept is remembered."""

    def __init__(self):
        self.slept = []

    def now(self):
        return time.monotonic() + sum(self.slept)

    def wall(self):
        return time.time() + sum(self.slept)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


def record(**changes):
    """A run's record, as the pipeline makes it."""
    return RunRecord(
        **{
            "name": "20260101-000000-loans", "kind": "submit", "tenant": "5200", "host": "test", "source_name": "l.csv",
            "source_path": "/l.csv", "source_digest": "", "sheet": "", "header_row": 1, "template_name": "t",
            "template_title": "", "template_digest": "", "rows_read": 0, "blank_rows": 0,
            "started_at": datetime(2026, 1, 1, tzinfo=UTC), "finished_at": None, "rate": "", "concurrency": 4,
            "exit_code": None, "stopped": "", "loader_version": "0", "ignored_warnings": (), "key_columns": ("Loan",),
            **changes,
        }
    )  # fmt: skip


def loan_step(key, *, borrower="", **setup):
    """One loan, valid as far as the sender cares."""
    payload = {
        "displayId": key,
        "LoanSetup": {"loanAmount": Decimal("900.50"), "contractDate": date(2024, 1, 5), **setup},
    }
    links = (WantedLink("Customers", "customers", borrower, "primary"),) if borrower else ()
    return CheckedStep(OPERATIONS["loans.create"], key, payload, payload_digest(encode(payload)), links, ())


def customer_step(key, **more):
    """One customer."""
    payload = {"customId": key, "firstName": "Ada", "ssn": "987654321", "birthDate": date(1980, 1, 2), **more}
    return CheckedStep(OPERATIONS["customers.create"], key, payload, payload_digest(encode(payload)), (), ())


SECRET = b"s" * 32


def person_step(ssn, born, **more):
    """One customer without a number of the lender's own."""
    payload = {"firstName": "Ada", "ssn": ssn, "birthDate": born, **more}
    operation = OPERATIONS["customers.create"].keyed_by(PERSON.fields)
    key = concealed_key(SECRET, PERSON.fields, [ssn, born.isoformat()])
    return CheckedStep(operation, key, payload, payload_digest(encode(payload)), (), ())


def row(ordinal, *steps, issues=()):
    """A row of the file."""
    return CheckedRow(RowRef(ordinal, "", ordinal + 2), b"%016d" % ordinal, None, steps, issues)


class Harness:
    """A run in a real journal, sent to a real server."""

    def __init__(self, folder, server):
        self.server = server
        self.journal = Journal(folder / "journal.sqlite")
        self.clock = QuickClock()
        self.told = []
        self.warnings = []

    def begin(self, rows, operations=("loans.create",), **changes):
        self.rows = rows
        self.run = runs.begin_run(self.journal, record(**changes), operations, {"totals": []})
        Recorder(self.journal, self.run.number).add(0, rows)
        runs.set_rows(self.journal, self.run, rows_read=len(rows), blank_rows=0)

    def leave_in_doubt(self):
        """Have the journal say of every step that it may have been sent."""
        with self.journal.begin() as connection:
            connection.execute(steps.update().values(state=State.SENDING, attempts=1))

    def open_rows(self):
        entries = open_entries(self.journal, self.run, 0, len(self.rows))
        waiting = entries.standings if entries else {}
        return iter(
            [[OpenRow(row, *waiting[row.ref.ordinal]) for row in self.rows if row.ref.ordinal in waiting]]
        )

    def send(self, concurrency=1, waves=1, stop=None, *, last=False):
        """Send what is open; returns the stop signal."""
        return asyncio.run(self._send(concurrency, waves, stop, last))

    async def _send(self, concurrency, waves, stop, last):
        self.stop = stop() if stop else Stop()
        address = Address.checked(self.server.base_url, "5200", "canary-token")
        pacer, chance = Pacer(None, self.clock, self.stop.asked), random.Random(1)
        with Writer(self.journal, leisure_s=lambda: 0.0) as writer:
            async with Client(address, concurrency=concurrency, read_timeout_s=1.0) as client:
                asker = Asker(client, pacer, self.stop, self.clock, chance)
                begun_at = self.run.record.started_at
                sitting = Sitting(client, asker, pacer, writer, self.stop, self.clock, chance)
                sender = StepSender(sitting, begun_at, 90.0)
                given_up = set()
                for number in range(waves):
                    runner = Runner(
                        self.run,
                        sender,
                        writer,
                        Links(self.journal, self.run),
                        self.stop,
                        self,
                        self.warnings or [WarningPolicy()] * 9,
                        concurrency=concurrency,
                        given_up=given_up,
                        last=last and number == waves - 1,
                    )
                    self.wave = await runner.wave(self.open_rows())
        return self.stop

    def step_done(self, result):
        self.told.append(result)

    def results(self):
        """The rows as a report would show them."""
        return list(JournalView(self.journal, runs.find_run(self.journal, self.run.record.name)).rows())

    def results_of(self, run):
        """The rows of some run."""
        return list(JournalView(self.journal, runs.find_run(self.journal, run.record.name)).rows())
