"""Rows that our checks refused, mended in the rejected workbook and submitted: the same history, and nothing twice."""

import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import replace

import openpyxl
import pytest

from loader.conclusion import Wishes
from loader.errors import SourceError
from loader.journal.runs import find_run
from loader.journal.store import Journal
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.pipeline import check, list_all, report, submit
from loader.report.flat import row_message
from loader.source.workbook.origin_sheet import OUR_SHEET

from .conftest import Audience
from .test_payments import LOANS, PAYMENTS, held_by_tenant

HEADER = "Loan,Amount,Date,Info"
ROWS = ("L1,10,2024-03-01,A", "L1,twenty,2024-03-02,A", "L1,thirty,2024-03-03,A", "L1,40,2024-03-04,A")


@pytest.fixture
def payments(site, tmp_path):
    """A file of payments without numbers of their own, in which rows 3 and 4 are invalid; and their loan, at the tenant."""
    loans, of_loans = tmp_path / "loans.csv", tmp_path / "loans.yaml"
    loans.write_text("Loan,X\nL1,1\n", encoding="utf-8")
    of_loans.write_text(LOANS, encoding="utf-8")
    site.submit(loans, of_loans)
    path, template = tmp_path / "payments.csv", tmp_path / "payments.yaml"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    template.write_text(PAYMENTS.format(key="row"), encoding="utf-8")
    return path, template


def rejected_of(site, ended):
    return site.run_dir / ended.view.run.name / "rejected.xlsx"


def mend(workbook, target, edit):
    """Save a rejected workbook anew, as a person does; *edit* is given its sheet."""
    book = openpyxl.load_workbook(workbook)
    edit(book.worksheets[0])
    book.save(target)
    return target


def amounts(*values):
    """Sets the amounts of the first rows."""

    def edit(sheet):
        for row, value in enumerate(values, start=2):
            if value is not None:
                sheet.cell(row, 2).value = value

    return edit


def sent(site):
    """The payments at the tenant: how often each amount is there."""
    return Counter(float(payment["amount"]) for payment in held_by_tenant(site))


def results_of(book):
    """Headers and rows of the sheet `Results`."""
    lines = [[cell.value for cell in row] for row in book["Results"].iter_rows()]
    at = next(at for at, line in enumerate(lines) if line[0] == "Row")
    return lines[at], lines[at + 1 :]


def outcomes(rows):
    return [row.outcome.value for row in rows]


def rules(ended):
    return {note.rule: note for note in ended.view.run.notes if note.rule.startswith("mended.")}


def again(site, ended):
    """The rows of a run as its report shows them now."""
    with report(ended.view.run.name, site.run_dir, None, "xlsx") as now:
        return now, list(now.view.rows())


def test_mended_rows_are_sent_once_and_the_first_run_tells(site, payments, tmp_path):
    """Mended in two goes, each submitted twice and saved anew in between: each payment once, and the history whole."""
    _, template = payments
    first, rows = site.submit(*payments)
    assert ["accepted", "invalid", "invalid", "accepted"] == outcomes(rows)
    rejected = rejected_of(site, first)

    one = mend(rejected, tmp_path / "one.xlsx", amounts(20, None))
    second, rows = site.submit(one, template)
    assert (["accepted", "invalid"], [3, 4]) == (outcomes(rows), [row.ref.original for row in rows])
    assert {10: 1, 20: 1, 40: 1} == sent(site)
    assert first.view.run.name == second.view.run.origin.run

    both = mend(one, tmp_path / "both.xlsx", amounts(20, 30))
    third, rows = site.submit(both, template)
    assert ["skipped", "accepted"] == outcomes(rows)
    assert f"accepted already in run {second.view.run.name}, row 2" == rows[0].message
    saved_anew = mend(both, tmp_path / "anew.xlsx", lambda sheet: setattr(sheet["G2"], "value", "done"))
    _, rows = site.submit(saved_anew, template)
    assert ["skipped", "skipped"] == outcomes(rows)
    assert {10: 1, 20: 1, 30: 1, 40: 1} == sent(site)

    now, rows = again(site, first)
    names = [listed.record.name for listed in list_all(site.run_dir)][2:]
    assert names == list(now.summary.mended.runs)
    assert {Outcome.ACCEPTED: 2} == now.summary.mended.outcomes
    assert first.summary.counts == now.summary.counts
    invalid = next(line for line in now.summary.lines() if line.outcome is Outcome.INVALID)
    assert invalid.next_step.startswith("All of them were mended")
    assert [("invalid", 3), ("accepted", 3), ("skipped", 3)] == [
        (mending.outcome.value, mending.row) for mending in rows[2].mended
    ]
    assert [second.view.run.name, third.view.run.name] == [mending.run for mending in rows[2].mended][:2]
    assert () == rows[0].mended == rows[3].mended
    message, advice = row_message(rows[2])
    then, at_last = second.view.run.name, third.view.run.name
    assert message.startswith(
        f"still invalid in run {then}, row 3; mended in run {at_last}, row 3: accepted; mended in "
    )
    assert advice == ""
    of_second = list(again(site, second)[1])
    assert [(), ("accepted", "skipped")] == [tuple(m.outcome.value for m in row.mended) for row in of_second]


def test_the_mended_row_is_shown_where_people_look(site, payments, tmp_path):
    """Results workbook, JSON, summary of both runs, and the list of runs."""
    _, template = payments
    first, _ = site.submit(*payments)
    second, _ = site.submit(mend(rejected_of(site, first), tmp_path / "m.xlsx", amounts(20, 30)), template)
    names = first.view.run.name, second.view.run.name
    again(site, first)

    book = openpyxl.load_workbook(site.run_dir / names[0] / "results.xlsx")
    head, rows = results_of(book)
    message = rows[1][head.index("Message")]
    assert message.startswith(f"mended in run {names[1]}, row 2: accepted; Amount: ")
    facts = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    assert f"2 invalid rows in run {names[1]}: accepted 2" == facts["Mended since"]
    assert "Original row" not in head

    book = openpyxl.load_workbook(site.run_dir / names[1] / "results.xlsx")
    head, rows = results_of(book)
    assert [(2, 3), (3, 4)] == [(row[0], row[head.index("Original row")]) for row in rows]
    facts = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    assert (names[0], "payments.csv") == (facts["Mends run"], facts["Original file"])

    with report(names[0], site.run_dir, tmp_path / "r.json", "json"):
        told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [{"run": names[1], "row": 2, "outcome": "accepted"}] == told["rows"][1]["mended"]
    assert {"runs": [names[1]], "outcomes": {"accepted": 2}} == told["run"]["mended"]
    listed = {one.record.name: one for one in list_all(site.run_dir)}
    assert {Outcome.ACCEPTED: 2} == listed[names[0]].mended.outcomes
    assert names[0] == listed[names[1]].record.origin.run


def test_a_row_of_the_first_run_is_not_sent_again(site, payments, tmp_path):
    """An accepted row that somebody copied into the rejected workbook, under its number, is known."""
    _, template = payments
    first, _ = site.submit(*payments)

    def copy_accepted(sheet):
        amounts(20, 30)(sheet)
        sheet.append(["L1", 10, "2024-03-01", "A", 2])
        sheet.append(["L1", 41, "2024-03-04", "A", 5])

    _, rows = site.submit(mend(rejected_of(site, first), tmp_path / "m.xlsx", copy_accepted), template)
    assert ["accepted", "accepted", "skipped", "held"] == outcomes(rows)
    assert {10: 1, 20: 1, 30: 1, 40: 1} == sent(site)


def test_sorted_deleted_copied_and_new_rows(site, payments, tmp_path):
    """The number goes with its row; one copied is a row that stands for the same one; one without a number is new, and told."""
    _, template = payments
    first, _ = site.submit(*payments)

    def shuffle(sheet):
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(rows))
        rows[0][1], rows[1][1] = 20, 30
        stranger, typed = list(rows[1]), list(rows[1])
        stranger[1], stranger[4] = 31, 999
        typed[1], typed[4] = 32, None
        for row in (rows[1], rows[0], rows[0], stranger, typed):
            sheet.append(row)

    ended, rows = site.submit(mend(rejected_of(site, first), tmp_path / "m.xlsx", shuffle), template)
    assert [4, 3, 3, None, None] == [row.ref.original for row in rows]
    assert ["accepted", "accepted", "skipped", "accepted", "accepted"] == outcomes(rows)
    assert {10: 1, 20: 1, 30: 1, 31: 1, 32: 1, 40: 1} == sent(site)
    told = rules(ended)
    assert (2, 5) == (told["mended.no-number"].count, told["mended.no-number"].first_row)
    assert (1, 4) == (told["mended.number-twice"].count, told["mended.number-twice"].first_row)


def test_the_same_number_with_other_values_is_refused(site, payments, tmp_path):
    """Nobody can tell which of the two is the row that was refused; emptying the number of one says so."""
    _, template = payments
    first, _ = site.submit(*payments)

    def split(sheet):
        amounts(20, 12)(sheet)
        sheet.append(["L1", 18, "2024-03-03", "A", 4])

    path = mend(rejected_of(site, first), tmp_path / "m.xlsx", split)
    ended, rows = site.submit(path, template)
    assert ["accepted", "invalid", "invalid"] == outcomes(rows)
    assert rows[1].message == "row: the number in the column Row stands in row 4 too, with other values"

    def mine(sheet):
        sheet.cell(3, 5).value = None

    path = mend(rejected_of(site, ended), tmp_path / "m2.xlsx", mine)
    _, rows = site.submit(path, template)
    assert ["accepted", "accepted"] == outcomes(rows)
    assert {10: 1, 12: 1, 18: 1, 20: 1, 40: 1} == sent(site)


def test_what_is_refused_again_keeps_number_and_origin(site, payments, tmp_path):
    """The rejected workbook of a rejected workbook names the first file; a row that is new says so."""
    path, template = payments
    first, _ = site.submit(*payments)

    def edit(sheet):
        amounts(20, "thirty one")(sheet)
        sheet.append(["L1", "fifty", "2024-03-05", "A"])

    second, _ = site.submit(mend(rejected_of(site, first), tmp_path / "m.xlsx", edit), template)
    book = openpyxl.load_workbook(rejected_of(site, second))
    sheet, issues = book.worksheets[0], book["Issues"]
    assert [4, "new 4"] == [sheet.cell(row, 5).value for row in (2, 3)]
    assert ["Row", 4, "new 4"] == [cell.value for cell in issues["A"]]
    assert "veryHidden" == book[OUR_SHEET].sheet_state

    third, rows = site.submit(
        mend(rejected_of(site, second), tmp_path / "m3.xlsx", amounts(31, 50)), template
    )
    assert [("accepted", 4), ("accepted", None)] == [(row.outcome.value, row.ref.original) for row in rows]
    assert (first.view.run.name, "payments.csv") == (
        third.view.run.origin.run,
        third.view.run.origin.source_name,
    )
    now, rows = again(site, first)
    assert {Outcome.ACCEPTED: 2} == now.summary.mended.outcomes
    assert path.name == now.view.run.source_name


def test_a_check_gives_the_same_identity(site, payments, tmp_path):
    """Checked, mended, submitted; then the original is submitted as well: nothing meets itself."""
    path, template = payments
    with check(Source(path, str(template)), site.run_dir, tmp_path / "rejected.xlsx", Audience()):
        pass
    mended = mend(tmp_path / "rejected.xlsx", tmp_path / "m.xlsx", amounts(20, 30))
    audience = Audience()
    before, _ = site.submit(mended, template, audience=audience)
    assert "mended.unknown-run" in audience.noted  # told before anything is sent
    assert "submitted in no run of this journal" in rules(before)["mended.unknown-run"].message

    first, rows = site.submit(*payments)
    assert ["accepted", "invalid", "invalid", "accepted"] == outcomes(rows)
    assert {Outcome.ACCEPTED: 2} == first.summary.mended.outcomes
    _, rows = site.submit(mend(mended, tmp_path / "m2.xlsx", lambda _: None), template)
    assert ["skipped", "skipped"] == outcomes(rows)
    assert {10: 1, 20: 1, 30: 1, 40: 1} == sent(site)


def test_another_tenant_is_another_history(site, payments, tmp_path):
    """It is told, nothing is linked, and the identity of the rows stays what it was."""
    _, template = payments
    first, _ = site.submit(*payments)
    mended = mend(rejected_of(site, first), tmp_path / "m.xlsx", amounts(20, 30))
    target = replace(site.target(), host="elsewhere")
    with submit(Source(mended, str(template)), target, Wishes(site.run_dir), Audience()) as ended:
        assert [3, 4] == [row.ref.original for row in ended.view.rows()]
        assert "payments.csv was sent to tenant" in rules(ended)["mended.other-tenant"].message
        assert () == ended.summary.mended.runs
    with closing(Journal.in_directory(site.run_dir, create=False)) as journal:
        assert find_run(journal, first.view.run.name).record.origin is None
    assert () == again(site, first)[0].summary.mended.runs


@pytest.mark.parametrize("how", ["csv", "columns", "sheet"])
def test_rows_that_cannot_be_traced_are_refused_where_they_could_be_sent_twice(site, payments, tmp_path, how):
    """With `key: row` a rejected workbook saved as CSV, without our columns or without our sheet is not submitted."""
    _, template = payments
    first, _ = site.submit(*payments)
    path = tmp_path / "m.xlsx"
    book = openpyxl.load_workbook(rejected_of(site, first))
    if how == "columns":
        book.worksheets[0].delete_cols(6, 2)
    if how == "sheet":
        del book[OUR_SHEET]
    book.save(path)
    if how == "csv":
        path = tmp_path / "m.csv"
        lines = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        path.write_text(
            "\n".join(",".join(f'"{cell or ""}"' for cell in line) for line in lines), encoding="utf-8"
        )
    with pytest.raises(SourceError, match="with `key: row` nobody can tell") as caught:
        site.submit(path, template)
    assert re.search("submit the rejected workbook itself", caught.value.hint)
    assert {10: 1, 40: 1} == sent(site)
