"""Figures, exit codes, and the guard that no report passes with rows that do not add up."""

import dataclasses

import pytest
from msgspec.structs import replace

from loader.errors import ReportError
from loader.models.issue import Issue, Severity
from loader.models.outcome import Outcome
from loader.report.flat import row_message, step_advice, unique_names
from loader.report.statuses import status_meaning
from loader.report.summary import OutcomesDisagreeError, checked_rows, exit_code, read_summary

NONE = dict.fromkeys(Outcome, 0)


@pytest.mark.parametrize(
    ("expected", "outcomes"),
    [
        (0, []),
        (0, [Outcome.ACCEPTED]),
        (0, [Outcome.ACCEPTED, Outcome.SKIPPED]),
        (1, [Outcome.INVALID]),
        (1, [Outcome.REJECTED]),
        (1, [Outcome.HELD]),
        (1, [Outcome.ACCEPTED, Outcome.NOT_SENT]),
        (9, [Outcome.REJECTED, Outcome.UNKNOWN]),
    ],
)
def test_exit_code_follows_the_worst_outcome(expected, outcomes):
    """0 all taken, 1 some not, 9 some unknown, which outranks 1."""
    assert expected == exit_code(NONE | dict.fromkeys(outcomes, 1))


def test_closing_lines_cover_all_rows(view):
    """The closing table has all seven outcomes, and its rows and shares sum to the rows read."""
    lines = read_summary(view).lines()
    assert list(Outcome) == [line.outcome for line in lines]
    assert view.run.rows_read == sum(line.rows for line in lines)
    assert pytest.approx(1.0) == sum(line.share for line in lines)


def test_next_step_names_the_run_only_where_it_is_needed(make_view):
    """An outcome without rows asks for nothing; an unknown one says how it is settled."""
    lines = {line.outcome: line.next_step for line in read_summary(make_view([Outcome.UNKNOWN])).lines()}
    assert lines[Outcome.UNKNOWN] == "`loader resume 20261122-101500-loans` looks them up and settles them"
    assert lines[Outcome.HELD] == ""


def test_pace_is_rows_by_second(view):
    """Sixty rows in 150 seconds are 0.4 rows by second."""
    summary = read_summary(view)
    assert (summary.duration_s, summary.rows_per_s) == (150.0, 0.4)


def test_unfinished_run_has_no_pace_and_the_exit_code_of_its_counts(make_view):
    """A run without an end has neither duration nor pace."""
    summary = read_summary(make_view([Outcome.REJECTED], finished_at=None, exit_code=None))
    assert (summary.duration_s, summary.rows_per_s, summary.exit_code) == (None, None, 1)


def test_rules_are_counted_by_issue_and_by_row_errors_first(make_view):
    """Two issues of a rule in one row are two issues and one row; warnings come last."""
    view = make_view([Outcome.INVALID, Outcome.INVALID])
    ref = view.results[0].ref
    view.found = [
        (ref, Issue("a.warning", "first", severity=Severity.WARNING)),
        (ref, Issue("b.error", "one")),
        (ref, Issue("b.error", "two")),
        (view.results[1].ref, Issue("b.error", "three")),
    ]
    rules = [(rule.rule, rule.issues, rule.rows, rule.example) for rule in read_summary(view).rules]
    assert rules == [("b.error", 3, 2, "one"), ("a.warning", 1, 1, "first")]


def test_outcomes_that_do_not_sum_to_the_rows_read_are_a_fault(view):
    """A lost row stops every report."""
    view.run = dataclasses.replace(view.run, rows_read=61)
    with pytest.raises(OutcomesDisagreeError, match="sum to 60, but 61 rows were read"):
        read_summary(view)


def test_rows_that_differ_from_the_counts_are_a_fault(view):
    """A row with another outcome than was counted is found when the rows end."""
    view.counted = view.counts()
    view.results[0] = replace(view.results[0], outcome=Outcome.HELD)
    with pytest.raises(ReportError, match="29 rows are accepted, but 30 were counted"):
        list(checked_rows(view))


def test_a_row_that_comes_twice_is_a_fault(view):
    """A doubled row never reaches a report, even where the counts fit."""
    view.results[5] = view.results[4]
    with pytest.raises(OutcomesDisagreeError, match="row 6 comes twice"):
        list(checked_rows(view))


def test_a_result_under_another_step_is_a_fault(view):
    """The steps of a row stand in the template's order or not at all."""
    view.results[3] = replace(view.results[3], steps=tuple(reversed(view.results[3].steps)))
    with pytest.raises(OutcomesDisagreeError, match=r"row 5 has a result of loans\.create"):
        list(checked_rows(view))


def test_the_deciding_step_speaks_for_the_row(view):
    """A row without words of its own shows those of the step that gave it its outcome."""
    rejected = next(row for row in view.results if row.outcome is Outcome.REJECTED)
    message, advice = row_message(rejected)
    assert (rejected.steps[1].message, rejected.steps[1].advice) == (message, advice)


def test_what_a_check_advises_stands_beside_the_row_alone(view):
    """The journal keeps it with the first step, whichever step's field is wrong; a step that was sent keeps its own."""
    rejected = next(row for row in view.results if row.outcome is Outcome.REJECTED)
    step = replace(rejected.steps[0], outcome=Outcome.INVALID, message="", advice="fill the cell")
    row = replace(rejected, outcome=Outcome.INVALID, message="Rate: blank", steps=(step, rejected.steps[1]))

    assert ("Rate: blank", "fill the cell") == row_message(row)
    assert "" == step_advice(step)
    assert rejected.steps[1].advice == step_advice(rejected.steps[1]) != ""


def test_repeated_names_are_numbered():
    """Names that differ only in case would fall together elsewhere."""
    assert unique_names(["Id", "id", "", "Row"], ["row"]) == ["Id", "id (2)", "column", "Row (2)"]


@pytest.mark.parametrize(
    ("expected", "status", "attempts"),
    [
        ("answered", 200, 1),
        ("could not be done, see message", 409, 1),
        ("i'm a teapot", 418, 1),
        ("not a known status", 799, 1),
        ("no answer", None, 2),
        ("", None, 0),
    ],
)
def test_status_codes_are_explained(expected, status, attempts):
    """A 200 is only an answer; silence after sending is no answer; nothing sent needs no word."""
    assert expected == status_meaning(status, attempts)
