"""A run in memory, as the journal would give it back, and a source table without a file."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from loader.journal.records import ControlTotal, Mended, RowResult, RunRecord
from loader.models.issue import Issue, Severity
from loader.models.origin import Origin
from loader.models.outcome import Outcome, StepResult
from loader.models.row import RowRef
from loader.source.table import BadRow, Batch, Facts, Header, Kind, column_letter

STARTED = datetime(2026, 11, 22, 10, 15, 0, tzinfo=UTC)
OPERATIONS = ("customers.create", "loans.create")


@dataclass
class MemoryView:
    """A `RunView` over lists."""

    run: RunRecord
    operations: tuple[str, ...]
    results: list[RowResult]
    found: list[tuple[RowRef, Issue]] = field(default_factory=list)
    sums: tuple[ControlTotal, ...] = ()
    counted: dict[Outcome, int] | None = None

    def counts(self) -> dict[Outcome, int]:
        tally = Counter(row.outcome for row in self.results)
        return self.counted or {outcome: tally[outcome] for outcome in Outcome}

    def totals(self) -> tuple[ControlTotal, ...]:
        return self.sums

    def mended(self) -> Mended:
        return Mended()

    def rows(self) -> Iterator[RowResult]:
        return iter(self.results)

    def issues(self) -> Iterator[tuple[RowRef, Issue]]:
        return iter(self.found)


@dataclass
class MemoryTable:
    """A `SourceTable` over a list of rows of (text, kind) pairs, or of a `BadRow`."""

    headers: tuple[Header, ...]
    lines: list[tuple[int, list[tuple[str, Kind]] | BadRow]]
    sheet: str = ""
    path: Path = Path("loans.xlsx")
    header_row: int = 1
    digest: str = "ab" * 32
    text_only: bool = False
    origin: Origin | None = None
    facts: Facts = field(default_factory=lambda: Facts("CSV", encoding="UTF-8", delimiter=","))

    def batches(self, rows_per_batch: int = 2) -> Iterator[Batch]:
        rows_per_batch = min(rows_per_batch, 2)
        for first in range(0, len(self.lines), rows_per_batch):
            part = self.lines[first : first + rows_per_batch]
            width = len(self.headers)
            bad = {i: line for i, (_, line) in enumerate(part) if isinstance(line, BadRow)}
            cells = [[("", Kind.TEXT)] * width if isinstance(line, BadRow) else line for _, line in part]
            kinds = [bytes(row[c][1] for row in cells) for c in range(width)]
            yield Batch(
                first_ordinal=first,
                rows=[number for number, _ in part],
                columns=[[row[c][0] for row in cells] for c in range(width)],
                kinds=[None if self.text_only or not any(kind) else kind for kind in kinds],
                bad_rows=bad,
                blank_rows=0,
            )


@pytest.fixture(scope="session")
def headers() -> Callable[..., tuple[Header, ...]]:
    """Headers of a table from their names."""
    return lambda *names: tuple(Header(i, column_letter(i), name) for i, name in enumerate(names))


@pytest.fixture(scope="session")
def table() -> type[MemoryTable]:
    """The class of a source table over lists."""
    return MemoryTable


@pytest.fixture(scope="session")
def run_record() -> RunRecord:
    """A finished run of no rows."""
    return RunRecord(
        name="20261122-101500-loans",
        kind="submit",
        tenant="5200243",
        host="loanpro.simnang.com",
        source_name="may-loans.xlsx",
        source_path="/portfolio/may-loans.xlsx",
        source_digest="3f786850e387550fdab836ed7e6dc881de23001b" * 2,
        sheet="",
        header_row=1,
        template_name="loan-with-borrower",
        template_title="One loan per row, with its borrower",
        template_digest="89e6c98d92887913cadf06b2adb97f26cde4849b" * 2,
        rows_read=0,
        blank_rows=2,
        started_at=STARTED,
        finished_at=STARTED + timedelta(minutes=2, seconds=30),
        rate="5/s",
        concurrency=4,
        exit_code=9,
        stopped="",
        loader_version="0.1.0",
        ignored_warnings=(),
        key_columns=("Borrower No", "Loan Number"),
    )


def _step(operation: str, outcome: Outcome, n: int, message: str = "", advice: str = "") -> StepResult:
    sent = outcome in {Outcome.ACCEPTED, Outcome.REJECTED, Outcome.HELD, Outcome.UNKNOWN}
    status = {Outcome.ACCEPTED: 200, Outcome.REJECTED: 409, Outcome.HELD: 409}.get(outcome)
    return StepResult(
        operation=operation,
        method="POST" if sent else "",
        endpoint=("odata.svc/Customers" if operation.startswith("customers") else "odata.svc/Loans")
        if sent
        else "",
        key=f"K-{n}",
        outcome=outcome,
        status=status,
        remote_id=48_000 + n if outcome is Outcome.ACCEPTED else None,
        attempts=(2 if outcome is Outcome.UNKNOWN else 1) if sent else 0,
        sent_at=STARTED + timedelta(seconds=n, milliseconds=250) if sent else None,
        elapsed_ms=184.25 + n if sent and outcome is not Outcome.UNKNOWN else None,
        message=message,
        advice=advice,
    )


_STORIES: dict[Outcome, tuple[tuple[Outcome, str, str], tuple[Outcome, str, str]]] = {
    Outcome.ACCEPTED: ((Outcome.ACCEPTED, "", ""), (Outcome.ACCEPTED, "", "")),
    Outcome.REJECTED: (
        (Outcome.ACCEPTED, "", ""),
        (
            Outcome.REJECTED,
            (
                "The loan could not be created. LoanSetup.firstPaymentDate must not be before "
                "LoanSetup.contractDate; contract date 2024-06-30, first payment 2024-06-01"
            ),
            "Correct the first payment date and submit the row again",
        ),
    ),
    Outcome.HELD: (
        (
            Outcome.HELD,
            "Transaction warning: a customer with this email address exists already (Maria Gomez, id 31077)",
            "Compare the two customers, then decide",
        ),
        (Outcome.NOT_SENT, "waits for customers.create", ""),
    ),
    Outcome.UNKNOWN: (
        (Outcome.ACCEPTED, "", ""),
        (
            Outcome.UNKNOWN,
            "The connection dropped after sending; two look-ups found no such loan",
            "Resume the run",
        ),
    ),
    Outcome.SKIPPED: (
        (Outcome.SKIPPED, "same as row 12", ""),
        (Outcome.SKIPPED, "exists already as loan 47100", ""),
    ),
    Outcome.NOT_SENT: ((Outcome.NOT_SENT, "", ""), (Outcome.NOT_SENT, "", "")),
}


def _row(n: int, outcome: Outcome, sheet: str) -> RowResult:
    keys = (f"C-{1000 + n}", f"{n:05d}")
    ref = RowRef(n, sheet, n + 2)
    if outcome is Outcome.INVALID:
        steps = tuple(_step(op, Outcome.INVALID, n) for op in OPERATIONS)
        return RowResult(ref, keys, outcome, "3 errors, see the sheet Issues", steps)
    story = _STORIES[outcome]
    steps = tuple(_step(op, end, n, m, a) for op, (end, m, a) in zip(OPERATIONS, story, strict=True))
    return RowResult(ref, keys, outcome, "stopped at 05:30" if outcome is Outcome.NOT_SENT else "", steps)


def _issues(ref: RowRef) -> list[tuple[RowRef, Issue]]:
    money = Issue(
        rule="money.not-a-number",
        message="'12,000 dollars' is not an amount; expected digits with at most two decimals",
        advice="Write the amount as 12000.00",
        field="LoanSetup.loanAmount",
        column="Principal",
        letter="D",
        value="12,000 dollars",
    )
    ssn = Issue(
        rule="ssn.length",
        message="The number has 8 digits; expected 9",
        advice="Add the leading zero that the spreadsheet dropped",
        field="ssn",
        column="SSN",
        letter="C",
        value="***78",
        sensitive=True,
    )
    late = Issue(
        rule="loan.first-payment-long-after-contract",
        message="The first payment is 92 days after the contract",
        severity=Severity.WARNING,
        field="LoanSetup.firstPaymentDate",
        column="First Payment",
        letter="F",
        value="2024-09-30",
    )
    return [(ref, money), (ref, ssn), (ref, late)]


@pytest.fixture(scope="session")
def make_view(run_record: RunRecord) -> Callable[..., MemoryView]:
    """A view of a run with these outcomes, row by row."""

    def make(outcomes: Sequence[Outcome], *, sheet: str = "", **changes: object) -> MemoryView:
        rows = [_row(n, outcome, sheet) for n, outcome in enumerate(outcomes)]
        found = [pair for row in rows if row.outcome is Outcome.INVALID for pair in _issues(row.ref)]
        total = ControlTotal(
            "loans.create",
            "LoanSetup.loanAmount",
            Decimal("812345.67"),
            Decimal("800000.00"),
            Decimal("634120.55"),
        )
        run = replace(run_record, rows_read=len(rows), sheet=sheet, **changes)
        return MemoryView(run, OPERATIONS, rows, found, (total,))

    return make


@pytest.fixture
def view(make_view: Callable[..., MemoryView]) -> MemoryView:
    """Sixty rows with all seven outcomes."""
    pattern = [Outcome.ACCEPTED] * 6 + [o for o in Outcome if o is not Outcome.ACCEPTED]
    return make_view((pattern * 5)[:60])
