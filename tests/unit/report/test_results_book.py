"""The results workbook as a reader finds it: every row once, real numbers and times, nothing executed."""

import dataclasses
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from loader.errors import ReportError
from loader.journal.records import Mending, RowResult
from loader.models.issue import Issue
from loader.models.note import Note
from loader.models.origin import Origin
from loader.models.outcome import Outcome, StepResult
from loader.models.row import RowRef
from loader.report import grid, results_book
from loader.report.cells import cut_text, visible_text
from loader.report.flat import row_message, step_advice
from loader.report.results_book import write_results
from loader.report.statuses import status_meaning
from loader.report.summary import OutcomesDisagreeError, read_summary

STARTED = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


def _sheets(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


@pytest.fixture
def written(view, tmp_path):
    path = tmp_path / "results.xlsx"
    write_results(view, path)
    return path


def test_every_row_stands_once_with_its_own_result(view, written):
    """Row numbers, keys, outcomes, status codes and ids of the sheet are those of the run, row by row."""
    groups, head, *rows = _sheets(written)["Results"]
    first, second = groups.index("Step 1: customers.create"), groups.index("Step 2: loans.create")
    assert head[:first] == ["Row", "Borrower No", "Loan Number", "Outcome", "Message", "Advice"]
    for result, cells in zip(view.results, rows, strict=True):
        assert [result.ref.row, *result.keys, result.outcome.value.replace("_", " ")] == cells[:4]
        for step, at in zip(result.steps, (first, second), strict=True):
            named = dict(zip(head[at:], cells[at : at + 11], strict=False))
            assert (step.status, step.remote_id) == (named["Status code"], named["LoanPro id"])


def test_numbers_and_times_are_real(written):
    """Status codes, ids, attempts and milliseconds are numbers; the time of sending is a time."""
    _, head, row, *_ = _sheets(written)["Results"]
    named = dict(zip(head[6:17], row[6:17], strict=True))
    expected = (200, 48000, 1, STARTED.replace(microsecond=250_000, tzinfo=None), 184.25)
    names = ("Status code", "LoanPro id", "Attempts", "Sent at (UTC)", "Milliseconds")
    assert expected == tuple(named[name] for name in names)


def test_held_rows_wait_for_a_decision(view, written):
    """Exactly the held rows, with empty cells to fill in and a list to choose from."""
    head, *rows = _sheets(written)["Held"]
    assert [row.ref.row for row in view.results if row.outcome is Outcome.HELD] == [row[0] for row in rows]
    assert head[-4:] == ["Decision", "Reason", "Initials", "Date"]
    assert {None} == {cell for row in rows for cell in row[-4:]}
    (rule,) = openpyxl.load_workbook(written)["Held"].data_validations.dataValidation
    assert rule.formula1 == '"send anyway,same as existing,correct,exclude"'


def test_issues_are_listed_and_sensitive_values_stay_masked(make_view, tmp_path):
    """One line for each issue; a sensitive value that arrives unmasked is masked here."""
    view = make_view([Outcome.INVALID])
    secret = Issue(
        "ssn.length", "8 digits", field="ssn", column="SSN", letter="C", value="123456789", sensitive=True
    )
    view.found.append((view.results[0].ref, secret))
    write_results(view, tmp_path / "r.xlsx")
    head, *rows = _sheets(tmp_path / "r.xlsx")["Issues"]
    assert [row[head.index("Value")] for row in rows] == ["12,000 dollars", "***78", "2024-09-30", "***89"]
    assert [row[head.index("Severity")] for row in rows] == ["error", "error", "warning", "error"]


def test_summary_has_the_figures_and_a_chart(view, written):
    """Counts, control totals, digests, exit code and pace; the chart carries its numbers with it."""
    cells = {row[0]: row[1:] for row in _sheets(written)["Summary"] if row[0] is not None}
    assert tuple(cells["accepted"][1:3]) == (30, 0.5)
    assert cells["Rows read"][0] == 60
    assert tuple(cells["loans.create"][1:5]) == (812345.67, 800000, 634120.55, 178225.12)
    assert view.run.source_digest == cells["Source SHA-256"][0]
    assert (cells["Exit code"][0], cells["Rows per second"][0]) == (9, 0.4)
    with ZipFile(written) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    assert "<c:v>not sent</c:v>" in chart
    assert "<c:v>30</c:v>" in chart


def test_ignored_warnings_and_a_stop_are_in_plain_sight(make_view, tmp_path):
    """They stand above everything else on the first sheet."""
    view = make_view(
        [Outcome.NOT_SENT],
        ignored_warnings=("customers.create: phone",),
        stopped="too many errors",
        finished_at=None,
    )
    write_results(view, tmp_path / "r.xlsx")
    alert = _sheets(tmp_path / "r.xlsx")["Summary"][2][0]
    assert "ignored in: customers.create: phone" in alert
    assert "not finished" in alert
    assert "Sending stopped before the end: too many errors" in alert


def test_what_was_noticed_while_reading_is_in_the_summary(make_view, tmp_path):
    """How the file was read; of the file first, then column by column, in the order of the columns."""
    notes = (
        Note("text.no-break-space", "read as plain spaces", 1_200, "Name", "AB", 7),
        Note("number.noise", "rounded", 3, "Amount", "C", 9),
        Note("csv.encoding-guessed", "read as Windows-1252"),
        Note("rows.hidden-left-out", "left out", 4, first_row=12),
    )
    said = {"source_format": "CSV", "encoding": "Windows-1252", "delimiter": ";", "notes": notes}
    write_results(make_view([Outcome.ACCEPTED], **said), tmp_path / "r.xlsx")
    rows = [tuple(row[:5]) for row in _sheets(tmp_path / "r.xlsx")["Summary"]]
    at = [row[0] for row in rows].index("Noticed while reading")

    assert [
        ("the file", "csv.encoding-guessed", None, None, "read as Windows-1252"),
        ("rows", "rows.hidden-left-out", 4, 12, "left out"),
        ("C Amount", "number.noise", 3, 9, "rounded"),
        ("AB Name", "text.no-break-space", 1_200, 7, "read as plain spaces"),
    ] == rows[at + 2 : at + 6]
    assert "CSV, Windows-1252, semicolon between cells" in {row[1] for row in rows if row[0] == "Read as"}


def test_a_summary_without_notes_has_no_place_for_them(written):
    assert "Noticed while reading" not in {row[0] for row in _sheets(written)["Summary"]}


def test_headers_are_frozen_filtered_and_repeated_in_print(written):
    """Filters and frozen panes on the last header row; landscape, fitted to the width, title rows on each page."""
    sheet = openpyxl.load_workbook(written)["Results"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("E3", "A2:AB62")
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$2", "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0)
    assert sheet.oddHeader.left.text == "20261122-101500-loans - may-loans.xlsx"


def test_outcomes_differ_in_colour(written):
    """Seven outcomes, seven fills."""
    sheet = openpyxl.load_workbook(written)["Results"]
    fills = {row[3].value: row[3].fill.fgColor.rgb for row in sheet.iter_rows(min_row=3)}
    assert (len(fills), len(set(fills.values()))) == (7, 7)


def test_a_table_goes_on_on_further_sheets(make_view, tmp_path):
    """Each sheet keeps its limit and its headers; together they hold every row in order."""
    view = make_view([Outcome.ACCEPTED] * 20)
    write_results(view, tmp_path / "r.xlsx", sheet_rows=10)
    sheets = _sheets(tmp_path / "r.xlsx")
    assert list(sheets) == ["Summary", "Results", "Results 2", "Results 3", "Held", "Issues"]
    parts = [sheets[name] for name in ("Results", "Results 2", "Results 3")]
    assert [len(part) for part in parts] == [10, 10, 6]
    assert [row.ref.row for row in view.results] == [row[0] for part in parts for row in part[2:]]
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert [book[name].auto_filter.ref for name in list(sheets)[1:4]] == ["A2:AB10", "A2:AB10", "A2:AB6"]


def test_a_run_without_rows_has_all_sheets(make_view, tmp_path):
    """An empty file still gets its report."""
    write_results(make_view([]), tmp_path / "r.xlsx")
    assert list(_sheets(tmp_path / "r.xlsx")) == ["Summary", "Results", "Held", "Issues"]


def test_the_sheet_of_a_row_is_shown_where_there_is_one(make_view, tmp_path):
    """Rows of a workbook are found by sheet and row."""
    write_results(make_view([Outcome.ACCEPTED], sheet="May"), tmp_path / "r.xlsx")
    _, head, row = _sheets(tmp_path / "r.xlsx")["Results"]
    assert dict(zip(head[:2], row[:2], strict=True)) == {"Row": 2, "Sheet": "May"}


def test_the_same_run_gives_the_same_bytes(view, tmp_path):
    """A rebuilt report can be compared with the first one."""
    for name in ("a.xlsx", "b.xlsx"):
        write_results(view, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_rows_that_do_not_add_up_are_never_published(view, tmp_path):
    """The fault is found at the last row, and the file of before still stands."""
    target = tmp_path / "results.xlsx"
    target.write_text("former")
    view.counted = view.counts()
    view.results[0] = replace(view.results[0], outcome=Outcome.HELD)
    with pytest.raises(OutcomesDisagreeError):
        write_results(view, target)
    assert target.read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["results.xlsx"]


def test_rows_that_are_not_those_of_the_summary_are_never_published(view, tmp_path):
    """Figures that were read before agree with the rows below them, or there is no workbook."""
    summary = read_summary(view)
    view.results[0] = replace(view.results[0], outcome=Outcome.HELD)
    with pytest.raises(OutcomesDisagreeError):
        write_results(view, tmp_path / "results.xlsx", summary=summary)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("most_bytes", [2_000, 9_000, 15_000])
def test_a_full_disk_leaves_the_former_workbook(most_bytes, view, tmp_path):
    """Wherever in the writing the disk refuses, the former file stands, nothing else is left, and no handle is open."""
    resource = pytest.importorskip("resource")
    target = tmp_path / "results.xlsx"
    target.write_text("former")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, former[1]))
    try:
        with pytest.raises(ReportError, match=r"results\.xlsx cannot be written: File too large"):
            write_results(view, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert target.read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["results.xlsx"]


def test_more_columns_than_a_sheet_has_are_refused(make_view, tmp_path):
    """The hint names the reports without such a limit."""
    view = make_view([], key_columns=tuple(f"k{n}" for n in range(16_400)))
    with pytest.raises(ReportError, match="16,427 columns") as caught:
        write_results(view, tmp_path / "r.xlsx")
    assert caught.value.hint == "use the CSV or JSON report instead"


@pytest.mark.parametrize(
    "text", ["=1+1", "{=1}", "http://x.invalid/", "mailto:a@b", "+1", "@x", "1e5", "<r>x</r>", "TRUE"]
)
def test_text_stays_text(text, make_view, tmp_path):
    """No formula, number, flag, link or markup is made of what a customer or LoanPro wrote."""
    view = make_view([Outcome.REJECTED])
    view.results = [replace(view.results[0], message=text, keys=(text, text))]
    write_results(view, tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Results"]
    for cell in (sheet["B3"], sheet["E3"]):
        # openpyxl takes an inline text with "=" for a formula unless its type says text.
        assert (text, "s", None) == (cell.value, cell.data_type, cell.hyperlink)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=()), max_size=40), min_size=1, max_size=15))
def test_any_text_makes_a_sound_workbook(tmp_path_factory, make_view, texts):
    """Whatever Unicode a message holds, the workbook opens and shows it, visibly."""
    path = tmp_path_factory.mktemp("any") / "r.xlsx"
    view = make_view([Outcome.REJECTED] * len(texts))
    view.results = [
        replace(row, message="m", keys=(text, "k")) for row, text in zip(view.results, texts, strict=True)
    ]
    write_results(view, path)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Results").to_python()[2:]
    assert [cut_text(visible_text(text)) for text in texts] == [row[1] for row in rows]


def test_a_long_message_is_cut_and_a_large_id_kept(make_view, tmp_path):
    """A text over the limit ends with a mark; an id over fifteen digits is text, with all its digits."""
    view = make_view([Outcome.ACCEPTED])
    step = replace(view.results[0].steps[0], remote_id=12_345_678_901_234_567)
    view.results = [replace(view.results[0], message="x" * 40_000, steps=(step, view.results[0].steps[1]))]
    write_results(view, tmp_path / "r.xlsx")
    _, head, row = _sheets(tmp_path / "r.xlsx")["Results"]
    assert row[4].endswith("[cut here: the cell has 40,000 characters]")
    assert row[head.index("LoanPro id")] == "12345678901234567"


def test_writers_are_loaded_only_when_a_workbook_is_written():
    """Importing the reports costs no start-up time of XlsxWriter."""
    code = (
        "import sys, loader.report.results_book, loader.report.rejected_book, loader.report.plain; "
        "sys.exit(bool({'xlsxwriter', 'openpyxl'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class _RowByRow(results_book._Sheets):
    """The tables of rows that have nothing in common but their formats."""

    def add_row(self, row):
        message, advice = row_message(row)
        formats, colours = self._results.styles.copy(), self._styles.outcomes
        values = [*self._at(row.ref), *row.keys]
        formats[len(values)] = colours[row.outcome]
        values += [row.outcome.value.replace("_", " "), message, advice]
        for step in row.steps:
            formats[len(values)] = colours[step.outcome]
            values += [step.outcome.value.replace("_", " "), step.method, step.endpoint, step.status]
            values += [status_meaning(step.status, step.attempts), step.remote_id, step.attempts or None]
            values += [step.sent_at, step.elapsed_ms, step.message, step_advice(step)]
        values += [None] * (len(formats) - len(values))
        self._results.append(values, formats, lambda gaps: ([*gaps], formats))
        if row.outcome is Outcome.HELD:
            self._add_held(row, message, advice)


TEXTS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["%s", "5%", " led", "_x000D_", "a\r\nb\x00\t", "<r>&</r>", "=1", "é", "\ud800", "two\nlines"]
    ),
    st.just("It is far too long for one line of its column, and goes on and on. " * 3),
)
STEPS = st.builds(
    StepResult,
    st.just(""),
    st.sampled_from(["", "POST", "PUT"]),
    st.sampled_from(["", "odata.svc/Loans", "odata.svc/Loans(77)/Payments", "odata.svc/Loans(78)/Payments"]),
    TEXTS,
    st.sampled_from(Outcome),
    st.none() | st.sampled_from([200, 409, 599, 999]),
    st.none() | st.sampled_from([0, 48_000, 10**17]),
    st.integers(0, 2),
    st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  Hypothesis adds the zone
    st.none() | st.sampled_from([0.0, 1.2]) | st.floats(0, 1e5),
    TEXTS,
    TEXTS,
)
ROW_PARTS = st.tuples(
    st.none() | st.integers(2, 9),  # number of a mended row
    st.tuples(TEXTS, TEXTS),
    st.sampled_from(Outcome),
    TEXTS,
    st.lists(STEPS, max_size=2).map(tuple),
    st.just(())
    | st.builds(Mending, st.just("a-run"), st.integers(2, 9), st.sampled_from(Outcome)).map(lambda m: (m,)),
    st.integers(1, 3),  # how many such rows follow each other
)


@settings(max_examples=30, deadline=None)
@given(
    parts=st.lists(ROW_PARTS, max_size=8),
    sheet=st.sampled_from(["", "May"]),
    origin=st.booleans(),
    sheet_rows=st.sampled_from([5, 1_000]),
    kept=st.sampled_from([1, 500]),
)
def test_rows_that_are_alike_are_what_each_of_them_is_by_itself(
    make_view, parts, sheet, origin, sheet_rows, kept
):
    """Whatever rows have in common, and however much of it is remembered: byte for byte the workbook of rows that share nothing."""
    changes = {"origin": Origin("run", "first.csv", "ab" * 32, "", 1, 99)} if origin else {}
    view = make_view([], sheet=sheet, **changes)
    for original, keys, outcome, message, steps, mended, count in parts:
        for _ in range(count):
            n = len(view.results)
            ref = RowRef(n, sheet, n + 2, None, original if origin else None)
            view.results.append(RowResult(ref, keys, outcome, message, steps, mended))
    view.run = dataclasses.replace(view.run, rows_read=len(view.results))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        paths = Path(folder) / "alike.xlsx", Path(folder) / "apart.xlsx"
        patch.setattr(grid, "_KEPT_PATTERNS", kept)
        write_results(view, paths[0], sheet_rows=sheet_rows)
        patch.setattr(results_book, "_Sheets", _RowByRow)
        write_results(view, paths[1], sheet_rows=sheet_rows)
        alike, apart = (path.read_bytes() for path in paths)

    assert apart == alike
