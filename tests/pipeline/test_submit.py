"""Submit, resume and submit again."""

import json
from collections import Counter
from decimal import Decimal

import openpyxl
import pytest

from loader.errors import JournalError, ReportError, SourceError, TemplateError, UsageError
from loader.journal.schema import State, steps
from loader.journal.store import Journal
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.pipeline import check, report

from .conftest import PROJECT, SHARED, Audience

HEADER = "Loan,Borrower,Amount,Start"
TEMPLATE = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    {links}
    fields:
      displayId: Loan
      LoanSetup.loanClass: {{value: loan.class.consumer}}
      LoanSetup.loanType: {{value: loan.type.installment}}
      LoanSetup.loanAmount: {{column: Amount, as: money}}
      LoanSetup.loanRate: {{value: 12.0212}}
      LoanSetup.loanRateType: {{value: loan.rateType.annually}}
      LoanSetup.loanTerm: {{value: 36}}
      LoanSetup.contractDate: {{column: Start, as: date}}
      LoanSetup.firstPaymentDate: {{column: Start, as: date, plus_months: 1}}
      LoanSetup.paymentFrequency: {{value: loan.frequency.monthly}}
      LoanSetup.calcType: {{value: loan.calcType.simpleInterest}}
      LoanSetup.daysInYear: {{value: loan.daysInYear.actual}}
      LoanSetup.interestApplication: {{value: loan.interestApplication.betweenTransactions}}
totals: [LoanSetup.loanAmount]
"""
LINKED = "links: {Customers: {to: customers, by: customId, column: Borrower, role: primary}}"


@pytest.fixture
def loans(tmp_path):
    """Writes a file of loans and its template."""

    def write(*rows, name="loans.csv", links=""):
        path, template = tmp_path / name, tmp_path / "loans.yaml"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        template.write_text(TEMPLATE.format(links=links), encoding="utf-8")
        return path, template

    return write


def outcomes(rows):
    return Counter(row.outcome for row in rows)


def test_the_sample_portfolio(site):
    """Every row of the sample has the outcome that it was made for, and the tenant holds what the totals say."""
    ended, rows = site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")

    assert {Outcome.ACCEPTED: 537, Outcome.INVALID: 18, Outcome.HELD: 2, Outcome.SKIPPED: 3} == dict(
        outcomes(rows)
    )
    assert 560 == sum(ended.view.counts().values()) == ended.view.run.rows_read
    (total,) = ended.view.totals()
    in_tenant = site.sandbox.total("Loans", "LoanSetup.loanAmount")
    assert (total.of_accepted, 537) == (Decimal(in_tenant["sum"]), in_tenant["count"])
    assert 1 == ended.exit_code


def test_a_second_submission_creates_nothing(site):
    """What an earlier run has created is skipped, with the run and the row."""
    first, _ = site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")
    created = site.sandbox.counts()["created"]
    _, rows = site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")

    assert created == site.sandbox.counts()["created"]
    assert 540 == outcomes(rows)[Outcome.SKIPPED]
    assert f"accepted already in run {first.view.run.name}, row 2" == rows[0].steps[1].message


def test_lost_answers_lose_no_row_and_double_none(faulty_site):
    """A quarter of the answers lost: after some resumed runs every loan is there once and every id is the tenant's."""
    site = faulty_site
    ended, rows = site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")
    for _ in range(10):
        if not outcomes(rows)[Outcome.UNKNOWN] + outcomes(rows)[Outcome.NOT_SENT]:
            break
        ended, rows = site.resume()

    assert {Outcome.ACCEPTED: 537, Outcome.INVALID: 18, Outcome.HELD: 2, Outcome.SKIPPED: 3} == dict(
        outcomes(rows)
    )
    in_tenant = site.sandbox.total("Loans", "LoanSetup.loanAmount")
    assert (ended.view.totals()[0].of_accepted, 537) == (Decimal(in_tenant["sum"]), in_tenant["count"])


def test_doubled_numbers_name_each_other(site, loans):
    """Rows that would send different loans under one number are all invalid; identical ones are sent once."""
    path, template = loans(
        "L1,,100,2024-01-01",
        "L2,,100,2024-01-01",
        "L1,,200,2024-01-01",
        "L3,,7,2024-01-01",
        "L3,,7.00,2024-01-01",
    )
    ended, rows = site.submit(path, template)

    assert ["invalid", "accepted", "invalid", "accepted", "skipped"] == [row.outcome.value for row in rows]
    assert "stands in row 4, with other values" in rows[0].message
    assert "stands in row 2, with other values" in rows[2].message
    assert "same as row 5" == rows[4].message
    assert Decimal(107) == ended.view.totals()[0].of_accepted


def test_a_declined_run_does_not_double_a_later_one(site, loans):
    """Resumed after the same file was submitted anew, it finds that everything is there."""
    declined, _ = site.submit(*loans("L1,,100,2024-01-01"), audience=Audience(confirm=False))
    site.submit(*loans("L1,,100,2024-01-01"))
    _, rows = site.resume(declined.view.run.name)

    assert [Outcome.SKIPPED] == [row.outcome for row in rows]
    assert 1 == sum(site.sandbox.counts()["created"].values())


def test_the_wish_to_send_nothing_outlives_a_resume(site, loans):
    """`--on-invalid stop` is the run's own."""
    ended, _ = site.submit(*loans("L1,,100,2024-01-01", "L2,,x,2024-01-01"), stop_if_invalid=True)
    ended, rows = site.resume(ended.view.run.name)

    assert ["not_sent", "invalid"] == [row.outcome.value for row in rows]
    assert {} == site.sandbox.counts()["created"]


def test_what_loanpro_was_seen_to_have_is_not_created_again(site, loans):
    """Held with LoanPro's id: the same file holds it again, and `--retry held` looks before it sends."""
    files = loans("L1,,100,2024-01-01")
    first, _ = site.submit(*files)
    with Journal.in_directory(site.run_dir).begin() as connection:
        connection.execute(steps.update().values(state=State.HELD))
    _, (again,) = site.submit(*files)
    _, (retried,) = site.resume(first.view.run.name, retry=(Outcome.HELD,))

    assert [Outcome.HELD, Outcome.ACCEPTED] == [again.outcome, retried.outcome]
    assert 1 == sum(site.sandbox.counts()["created"].values())


def test_a_run_whose_rest_waits_for_a_refused_row_is_finished(site, loans):
    """Nothing of it can be sent by resuming; the next file of that kind is not kept from its own run."""
    path, template = loans("L1,B00099,100,2024-01-01", links=LINKED)
    _, rows = site.submit(path, template)

    assert [Outcome.INVALID] == [row.outcome for row in rows]
    with pytest.raises(JournalError, match="no unfinished run"):
        site.resume()


def test_a_missing_parent_and_a_doubled_number_at_once(site, loans):
    """Several late issues of one row stand beside each other."""
    path, template = loans("L1,C9,100,2024-01-01", "L1,C9,200,2024-01-01", "L2,C9,5,2024-01-01", links=LINKED)
    _, rows = site.submit(path, template)

    assert ["invalid"] * 3 == [row.outcome.value for row in rows]


def test_borrower_and_co_borrower_are_one_list_of_customers(site, tmp_path):
    """The same number as borrower here and co-borrower there is one customer, created once."""
    address = ", ".join(
        f"{which}.{name}: {{value: {value}}}"
        for which in ("PrimaryAddress", "MailAddress")
        for name, value in {
            "address1": "1 A St", "city": "B", "state": "geo.state.UT", "zipcode": '"84025"', "country": "company.country.usa",
        }.items()
    )  # fmt: skip
    step = (
        "  - operation: customers.create\n    key: customId\n    fields: {{customId: {column}, firstName: Name, lastName: Name, "
        "email: {{value: a@example.com}}, __ignoreWarnings: {{value: true}}, "
        + address.replace("{", "{{").replace("}", "}}")
        + "}}\n"
    )
    template = tmp_path / "twice.yaml"
    template.write_text("template: 1\nsteps:\n" + step.format(column="Borrower") + step.format(column="Co"))
    path = tmp_path / "people.csv"
    path.write_text("Borrower,Co,Name\nC1,C2,Ada\nC2,C3,Ada\n")
    _, rows = site.submit(path, template)

    assert [Outcome.ACCEPTED] * 2 == [row.outcome for row in rows]
    assert 3 == sum(site.sandbox.counts()["created"].values())
    assert "same as row 2" in {step.message for step in rows[1].steps}

    site.run_dir = (
        tmp_path / "another"
    )  # whose journal knows nothing, of customers whose warnings are switched off
    _, rows = site.submit(path, template)

    assert [Outcome.SKIPPED] * 2 == [row.outcome for row in rows]
    assert 3 == sum(site.sandbox.counts()["created"].values())


def test_a_link_is_found_in_the_tenant(site, loans, tmp_path):
    """A borrower that another program created is looked up before anything is sent; one who is not there is an issue."""
    site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")
    path, template = loans("X1,B00001,100,2024-01-01", "X2,B99999,100,2024-01-01", links=LINKED)
    (site.run_dir / "journal.sqlite").unlink()
    for rest in site.run_dir.glob("journal.sqlite-*"):
        rest.unlink()
    _, rows = site.submit(path, template)

    assert ["accepted", "invalid"] == [row.outcome.value for row in rows]
    assert (
        "customers B99999, which the row links to, is in no valid row of this file, in no earlier run, and is not in LoanPro"
        in rows[1].message
    )


def test_a_link_is_found_in_an_earlier_run(site, loans):
    """The journal of earlier runs against the same tenant is asked before the tenant."""
    site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")
    path, template = loans("X1,B00001,100,2024-01-01", links=LINKED)
    before = site.sandbox.counts()["total"]
    _, rows = site.submit(path, template)

    assert [Outcome.ACCEPTED] == [row.outcome for row in rows]
    assert 1 == site.sandbox.counts()["total"] - before, "the loan itself and no look-up"


def test_other_values_under_a_number_that_was_sent_are_held(site, loans):
    """A changed amount is not quietly skipped, and not sent either."""
    site.submit(*loans("L1,,100,2024-01-01"))
    _, (row,) = site.submit(*loans("L1,,150,2024-01-01"))

    assert Outcome.HELD == row.outcome
    assert "with other values" in row.message


def test_nothing_is_sent_without_a_confirmation(site, loans):
    """A declined plan leaves a run that is resumed only by its name."""
    ended, rows = site.submit(*loans("L1,,100,2024-01-01"), audience=Audience(confirm=False))

    assert (130, Outcome.NOT_SENT, 0) == (
        ended.exit_code,
        rows[0].outcome,
        sum(site.sandbox.counts()["created"].values()),
    )

    with pytest.raises(JournalError, match="no unfinished run"):
        site.resume()
    ended, rows = site.resume(ended.view.run.name)
    assert (0, Outcome.ACCEPTED) == (ended.exit_code, rows[0].outcome)


def test_invalid_rows_can_stop_everything(site, loans):
    """`--on-invalid stop` sends nothing while any row is invalid."""
    ended, rows = site.submit(*loans("L1,,100,2024-01-01", "L2,,x,2024-01-01"), stop_if_invalid=True)

    assert ["not_sent", "invalid"] == [row.outcome.value for row in rows]
    assert {} == site.sandbox.counts()["created"]
    assert 1 == ended.exit_code


def test_a_changed_file_is_not_resumed(site, loans):
    """What is sent is what was checked."""
    path, template = loans("L1,,100,2024-01-01")
    ended, _ = site.submit(path, template, audience=Audience(confirm=False))
    path.write_text(path.read_text().replace("100", "900"))

    with pytest.raises(SourceError, match="has changed since run"):
        site.resume(ended.view.run.name)


def test_a_changed_template_is_not_resumed(site, loans):
    """Nor is another mapping."""
    path, template = loans("L1,,100,2024-01-01")
    ended, _ = site.submit(path, template, audience=Audience(confirm=False))
    template.write_text(template.read_text().replace("value: 36", "value: 48"))

    with pytest.raises(TemplateError, match="has changed since run"):
        site.resume(ended.view.run.name)


def test_a_finished_run_leaves_nothing_to_resume(site, loans):
    """`resume` without a name looks for an unfinished run."""
    site.submit(*loans("L1,,100,2024-01-01"))

    with pytest.raises(JournalError, match="no unfinished run"):
        site.resume()


def test_a_run_is_not_resumed_against_another_tenant(site, loans):
    """Sandbox and production share a host; only the tenant id tells them apart."""
    ended, _ = site.submit(*loans("L1,,100,2024-01-01"), audience=Audience(confirm=False))
    site.sandbox.tenant = "1"

    with pytest.raises(UsageError, match="belongs to tenant"):
        site.resume(ended.view.run.name)


def test_a_copy_that_cannot_be_written_is_told_before_anything_is_sent(site, loans, tmp_path):
    """The folder of `--results` is looked at first."""
    with pytest.raises(ReportError, match="missing"):
        site.submit(*loans("L1,,100,2024-01-01"), results=tmp_path / "missing" / "r.xlsx")

    assert {} == site.sandbox.counts()["created"]


def test_a_results_workbook_that_cannot_be_written_loses_nothing(site, loans, tmp_path, monkeypatch):
    """The run is finished and can be reported again; the failure is told."""

    def full(_view, _path, **_more):
        raise ReportError("the disk is full")

    monkeypatch.setattr("loader.conclusion.write_results", full)
    ended, rows = site.submit(*loans("L1,,100,2024-01-01"))

    assert (8, Outcome.ACCEPTED) == (ended.exit_code, rows[0].outcome)
    assert "the disk is full" == ended.error.message
    with report(None, site.run_dir, tmp_path / "again.json", "json") as again:
        assert 1 == again.view.counts()[Outcome.ACCEPTED]
    assert "accepted" in (tmp_path / "again.json").read_text()


def test_check_sends_nothing_and_writes_what_must_be_mended(tmp_path, loans):
    """The rejected workbook, mended, is itself a file to submit."""
    path, template = loans("L1,,100,2024-01-01", "L2,,x,2024-02-30")
    with check(Source(path, str(template)), tmp_path / "runs", None, Audience()) as ended:
        assert 1 == ended.exit_code
        (rejected,) = ended.written

    sheet = openpyxl.load_workbook(rejected).worksheets[0]
    assert ["L2", None, "x", "2024-02-30"] == [cell.value for cell in sheet[2][:4]]
    book = openpyxl.load_workbook(rejected)
    book.worksheets[0]["C2"] = 250.5
    book.worksheets[0]["D2"] = "2024-02-29"
    book.save(rejected)
    with check(Source(rejected, str(template)), tmp_path / "runs", None, Audience()) as ended:
        assert 0 == ended.exit_code
        assert Decimal("250.5") == ended.view.totals()[0].of_valid


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real workbooks are not here")
def test_real_workbooks(site):
    """A lender's own borrowers and loans: doubled loan numbers are invalid and name their twins, the rest adds up to the cent."""
    ended, rows = site.submit(SHARED / "customers.xlsx", PROJECT / "samples" / "customers-workbook.yaml")
    assert {Outcome.ACCEPTED: 300} == dict(outcomes(rows))

    ended, rows = site.submit(SHARED / "loans.xlsx", PROJECT / "samples" / "loans-workbook.yaml")
    sheet = openpyxl.load_workbook(SHARED / "loans.xlsx").worksheets[0]
    loans = {
        number: (str(row[1]), row[2])
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        if number > 1
    }
    occurs = Counter(loan for loan, _ in loans.values())
    assert 782 == len(rows)
    for row in rows:
        loan, _ = loans[row.ref.row]
        assert (Outcome.INVALID if occurs[loan] > 1 else Outcome.ACCEPTED) == row.outcome
        if occurs[loan] > 1:
            (twin,) = [
                number for number, (other, _) in loans.items() if other == loan and number != row.ref.row
            ]
            assert f"stands in row {twin}," in row.message
    wanted = sum(amount for loan, amount in loans.values() if occurs[loan] == 1)
    in_tenant = site.sandbox.total("Loans", "LoanSetup.loanAmount")
    assert wanted == Decimal(in_tenant["sum"]) == ended.view.totals()[0].of_accepted
    assert sum(count == 1 for count in occurs.values()) == in_tenant["count"]


def test_the_journal_holds_no_payload(site):
    """Names, addresses and numbers of borrowers are in the file and in the tenant, not in the journal."""
    site.submit(PROJECT / "samples" / "portfolio.csv", "portfolio")
    kept = b"".join(path.read_bytes() for path in site.run_dir.glob("journal.sqlite*"))

    for value in (b"Underhill", b".lorimer.", b"900-", b"Maple Street", b"/1976"):
        assert value not in kept
    assert b"L000001" in kept


def test_the_json_of_a_run_is_exact(site, loans, tmp_path):
    """Amounts are numbers with all their digits."""
    site.submit(*loans("L1,,100.10,2024-01-01"))
    with report(None, site.run_dir, tmp_path / "r.json", "json"):
        pass

    found = json.loads((tmp_path / "r.json").read_text(), parse_float=Decimal)
    assert "100.10" in (tmp_path / "r.json").read_text()
    assert found
