"""A file checked piece by piece says what the whole of it says, whoever reads the pieces, and however its rows are entered."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from fakes.borrowers import TEMPLATE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.intake.checking import Check, Wanted
from loader.intake.file import Intake
from loader.journal.recorder import Recorder
from loader.journal.runs import find_run
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.models.note import tallied
from loader.opening import Source, begin, draft, enter_file
from loader.plan import draw_up, settle_repetitions
from loader.source.reading import Reading
from loader.source.text import text_file
from loader.source.workbook import sheet_columns

HEADERS = ("Loan", "Borrower", "First", "Email", "Amount", "Rate", "Status", "Memo")
LOANS = st.fixed_dictionaries(
    {
        "Loan": st.sampled_from([f"L{n}" for n in range(9)] + ["", "Total"]),
        "Borrower": st.sampled_from(["B1", "B2", "B3"]),
        "First": st.sampled_from(["Ann", "Zoë"]),
        "Email": st.sampled_from(["", "a@example.com", "no address"]),
        "Amount": st.sampled_from(["100", "$100.00", " 100 ", "-5", "x", ""]),
        "Rate": st.sampled_from(["5.25", "0.5", "5%"]),
        "Status": st.sampled_from(["", "", "", "Test"]),
        "Memo": st.sampled_from(
            ["", "two\nlines", 'said "no"', "N/A", "2024-01-31", "31/12/2023", "7", "12.50"]
        ),
    }
)
LAST = dict.fromkeys(HEADERS, "") | {"Loan": "L0", "Amount": "7"}
FILES = st.lists(st.one_of(LOANS, st.just("blank"), st.just("ragged")), max_size=25).map(
    lambda rows: [*rows, LAST]
)


def text_of(rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    for row in rows:
        if row == "blank":
            text.write("\r\n")
        elif row == "ragged":
            text.write("L1,B1\r\n")
        else:
            writer.writerow([row[header] for header in HEADERS])
    return text.getvalue()


@pytest.fixture
def small_blocks(monkeypatch):
    """Pieces of some rows each, of whatever file."""
    monkeypatch.setattr(text_file, "_BLOCK_BYTES", 150)


def opened(folder, rows):
    path, template = Path(folder) / "loans.csv", Path(folder) / "loans.yaml"
    path.write_text(text_of(rows), encoding="utf-8", newline="")
    template.write_text(TEMPLATE, encoding="utf-8")
    return Source(path, str(template))


def outcome(check):
    """All that a check finds, put together."""
    rows, plain, unusual, marks, notes, blank_rows = [], [], [], [], (), 0
    for found in check.found():
        first, plain_here = len(rows), found.plain.unpacked()
        rows += found.rows
        blank_rows += found.blank_rows
        notes = tallied((*notes, *found.notes))
        lines = plain_here.lines or [None] * len(plain_here)
        digests = (plain_here.digests, *(step.digests for step in plain_here.steps))
        of_steps = [(step.keys, step.amounts, *(keys for _, keys in step.links)) for step in plain_here.steps]
        for at, position in enumerate(plain_here.positions):
            values = [[column[at] for column in columns if column] for columns in of_steps]
            cut = [digest[16 * at : 16 * at + 16] for digest in digests]
            plain.append((first + position, plain_here.rows[at], lines[at], values, cut))
        unusual += [
            (
                first + row.ref.ordinal,
                row.ref.row,
                row.ref.number,
                row.digest,
                row.excluded,
                row.steps,
                row.issues,
            )
            for row in found.unusual
        ]
        for mark in found.marks:
            positions = mark.positions if mark.positions is not None else range(len(found.rows))
            marks += [
                (mark.step, first + at, mark.marks[16 * n : 16 * n + 16]) for n, at in enumerate(positions)
            ]
    columns = check.profile.columns() if check.profile else None
    return rows, plain, unusual, sorted(marks), set(notes), blank_rows, columns


class InOne:
    """A table that nobody else can read pieces of."""

    def __init__(self, table):
        self._table = table

    def __getattr__(self, name):
        return getattr(self._table, name)

    def pieces(self):
        return None


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(FILES, st.booleans())
def test_pieces_say_what_batches_say(rows, digests):
    with TemporaryDirectory() as folder:
        intake = opened(folder, rows).open()
        whole = Intake(InOne(intake.table), intake.template, intake.mapper, intake.today)
        wanted = Wanted(digests=digests, profile=True, processes=1)

        assert outcome(Check(intake, b"", wanted)) == outcome(Check(whole, b"", wanted))


ROWS = [
    {
        "Loan": f"L{n % 97}" if n % 50 == 7 else f"L{n}",
        "Borrower": f"B{n // 2}",
        "First": "Zoë",
        "Email": "no address" if n % 31 == 0 else f"b{n // 2}@example.com",
        "Amount": "x" if n % 41 == 0 else f"{n}.25",
        "Rate": "0.5" if n % 43 == 0 else "5%",
        "Status": "Test" if n % 37 == 0 else "",
        "Memo": "two\nlines" if n % 3 else f"{n % 28 + 1:02}/12/2023",
    }
    for n in range(400)
] + ["blank", "ragged", "blank"]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize("in_one", [False, True], ids=["in pieces", "read by one"])
def test_several_processes_say_what_one_says(tmp_path, processes, in_one):
    intake = opened(tmp_path, ROWS).open()
    if in_one:
        intake = replace(intake, table=InOne(intake.table))
    alone = outcome(Check(intake, b"", Wanted(digests=True, profile=True, processes=1)))

    assert alone == outcome(Check(intake, b"", Wanted(digests=True, profile=True, processes=processes)))
    assert len(alone[0]) == 401
    assert alone[2]


def test_several_processes_say_of_a_workbook_what_one_says(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_columns, "_ROWS_AT_ONCE", 16)
    monkeypatch.setattr(sheet_columns, "_ROWS_PER_BLOCK", 32)
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    for row in (row for row in ROWS if isinstance(row, dict)):
        as_number = row | {"Amount": float(row["Amount"])} if row["Amount"] != "x" else row
        book.active.append([as_number[header] for header in HEADERS])
    book.save(tmp_path / "loans.xlsx")
    (tmp_path / "loans.yaml").write_text(TEMPLATE)
    intake = Source(tmp_path / "loans.xlsx", str(tmp_path / "loans.yaml")).open()

    alone, shared = (
        outcome(Check(intake, b"", Wanted(digests=True, profile=True, processes=count))) for count in (1, 2)
    )

    assert alone == shared
    assert len(alone[0]) == 400
    assert alone[2]


@pytest.mark.usefixtures("small_blocks")
def test_personal_keys_are_concealed_alike_in_every_process(tmp_path):
    (tmp_path / "p.csv").write_text(
        "SSN,Born,First\n" + "".join(f"900{n:06},1980-01-{n % 28 + 1:02},Ann\n" for n in range(60))
    )
    (tmp_path / "p.yaml").write_text(
        "template: 1\ntitle: People\nsteps:\n  - operation: customers.create\n    key: [ssn, birthDate]\n    tenant_defaults: true\n"
        "    fields:\n      ssn: {column: SSN, as: digits, length: 9}\n      birthDate: {column: Born, as: date, format: YYYY-MM-DD}\n      firstName: First\n"
        "      lastName: {value: Doe}\n"
    )
    intake = Intake.open(tmp_path / "p.csv", str(tmp_path / "p.yaml"), Reading(), today=date(2026, 1, 1))

    one, two = (
        outcome(Check(intake, b"s" * 32, Wanted(digests=True, profile=False, processes=count)))
        for count in (1, 2)
    )

    assert one == two
    assert all("hmac" in values[0][0] for _, _, _, values, _ in one[1])


def entered(source, folder, wanted):
    """The plan, the counts and the issues of a file whose rows were entered."""
    intake = source.open()
    journal = Journal(Path(folder) / f"{wanted.digests}.sqlite", durable=False)
    try:
        record = draft(journal, source, intake, kind="check", tenant="", host="", rate="", concurrency=0)
        run = begin(journal, source, intake, record)
        run, found = enter_file(journal, run, intake, wanted, lambda _: None)
        settle_repetitions(Recorder(journal, run.number), journal, run, found)
        view = JournalView(journal, find_run(journal, record.name))
        issues = [(ref, issue) for ref, issue in view.issues()]
        return draw_up(journal, run, None), view.counts(), view.totals(), view.last_row(), issues, found.notes
    finally:
        journal.close()


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(FILES)
def test_rows_entered_together_count_as_rows_entered_apart(rows):
    """Doubles, repetitions and conflicts are found among them, and the sums are the same."""
    with TemporaryDirectory() as folder:
        source = opened(folder, rows)
        together = entered(source, folder, Wanted(digests=False, profile=False, processes=1))
        apart = entered(source, folder, Wanted(digests=True, profile=False, processes=1))

        assert together == apart
