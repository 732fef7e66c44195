"""Borrowers without a number of the lender's own, from the file to the tenant."""

import csv
import json
from collections import Counter
from decimal import Decimal
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from fakes.personal import personal_template

from loader.errors import JournalError
from loader.models.outcome import Outcome
from loader.pipeline import report

from .conftest import PROJECT

SAMPLE = PROJECT / "samples" / "portfolio.csv"


@pytest.fixture
def template(tmp_path):
    """The portfolio template with the key `[ssn, birthDate]`."""
    path = tmp_path / "personal.yaml"
    path.write_text(personal_template(), "utf-8")
    return path


@pytest.fixture
def people(tmp_path):
    """Writes the first rows of the sample portfolio, with some cells changed: (row, column) to text; row 1 is the first."""

    def write(rows, changes=(), name="people.csv"):
        with SAMPLE.open(encoding="utf-8", newline="") as file:
            table = [row for _, row in zip(range(rows + 1), csv.reader(file), strict=False)]
        for (row, column), text in dict(changes).items():
            table[row][table[0].index(column)] = text
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
        return tmp_path / name

    return write


def like_row_1(row, *columns):
    """What of the first borrower stands in another row."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        headers, first = (line for _, line in zip(range(2), csv.reader(file), strict=False))
    return {(row, column): first[headers.index(column)] for column in columns}


OF_BORROWER = (
    "SSN", "DOB", "First Name", "Last Name", "Email", "Cell Phone", "Street", "City", "State", "ZIP", "Employer", "Monthly Income",
)  # fmt: skip


def borrower_of(site, loan):
    """LoanPro's ids of the customers that a loan is linked to."""
    url = f"{site.sandbox.base_url}odata.svc/Loans({loan})?$expand=Customers"
    with urlopen(Request(quote(url, safe=":/?=$()"), headers=site.headers), timeout=10) as answer:
        return [customer["id"] for customer in json.load(answer)["d"]["Customers"]["results"]]


def test_every_loan_is_linked_to_the_borrower_of_its_row(site, people, template):
    """Two loans of one person make one customer; both loans are linked to it."""
    _, rows = site.submit(people(5, like_row_1(4, *OF_BORROWER)), template)

    assert ["accepted"] * 5 == [row.outcome.value for row in rows]
    assert {"Customers": 4, "Loans": 5} == site.sandbox.counts()["created"]
    assert "same as row 2" == rows[3].steps[0].message
    customers = [row.steps[0].remote_id for row in rows]
    for row, customer in zip(rows, [*customers[:3], customers[0], customers[4]], strict=True):
        assert [customer] == borrower_of(site, row.steps[1].remote_id)


def test_people_see_two_digits_of_the_key(site, people, template):
    """Under the header of the number; the birth date stands nowhere."""
    ended, rows = site.submit(people(2), template)

    assert ("SSN", "Loan No") == ended.view.run.key_columns
    assert [("***01", "L000001"), ("***02", "L000002")] == [row.keys for row in rows]


def test_one_person_with_other_values_is_invalid_in_every_row(site, people, template):
    """Which of the rows is right cannot be said; another birth date is another person."""
    same_person = like_row_1(2, "SSN", "DOB")
    _, rows = site.submit(people(4, {**same_person, **like_row_1(3, "SSN")}), template)

    assert ["invalid", "invalid", "accepted", "accepted"] == [row.outcome.value for row in rows]
    assert "the same ssn and birthDate stands in row 3, with other values" in rows[0].message


def test_without_number_or_birth_date_there_is_nobody(site, people, template):
    """Half of the key identifies nobody."""
    blank = {(1, "SSN"): "", (2, "DOB"): "", (3, "SSN"): "000-00-0000"}
    _, rows = site.submit(people(4, blank), template)

    assert ["invalid"] * 3 + ["accepted"] == [row.outcome.value for row in rows]
    assert {"Customers": 1, "Loans": 1} == site.sandbox.counts()["created"]


def test_what_an_earlier_run_has_made_is_skipped_or_held(site, people, template):
    """Another file, the same persons: recognised from the journal, and linked to."""
    first, made = site.submit(people(3), template)
    changes = {(n, "Loan No"): f"X{n}" for n in (1, 2, 3)} | {(2, "Email"): "moved@example.com"}
    _, rows = site.submit(people(3, changes, name="later.csv"), template)

    assert ["accepted", "held", "accepted"] == [row.outcome.value for row in rows]
    name = first.view.run.name
    assert f"accepted already in run {name}, row 2" == rows[0].steps[0].message
    assert f"accepted in run {name}, row 3 with other values" == rows[1].steps[0].message
    assert [made[0].steps[0].remote_id] == borrower_of(site, rows[0].steps[1].remote_id)
    assert 3 == site.sandbox.counts()["created"]["Customers"]


@pytest.mark.parametrize("change", [{}, {(1, "First Name"): "Other"}], ids=["same", "other"])
def test_who_is_in_the_tenant_is_compared(site, people, template, change, tmp_path):
    """Sent from another journal: the identical customer is skipped, one with other values is held."""
    template.write_text(
        template.read_text("utf-8").replace(
            "    key: [ssn, birthDate]\n", "    key: [ssn, birthDate]\n"
            "    warnings: {ssn: skip, email: skip, phone: skip, address: skip}\n"
        ),
        "utf-8",
    )  # fmt: skip
    _, made = site.submit(people(1), template)
    site.run_dir = tmp_path / "another"
    _, (row,) = site.submit(people(1, {(1, "Loan No"): "X1", **change}), template)

    wanted = (Outcome.HELD, None) if change else (Outcome.SKIPPED, made[0].steps[0].remote_id)
    assert wanted == (row.steps[0].outcome, row.steps[0].remote_id)
    assert 1 == site.sandbox.counts()["created"]["Customers"]


def test_lost_answers_lose_no_borrower_and_double_none(faulty_site, people, template):
    """A quarter of the answers lost: after some resumed runs everybody is there once, with the tenant's ids."""
    site = faulty_site
    ended, rows = site.submit(people(120), template)
    for _ in range(10):
        found = Counter(row.outcome for row in rows)
        if not found[Outcome.UNKNOWN] + found[Outcome.NOT_SENT]:
            break
        ended, rows = site.resume()

    assert 0 == found[Outcome.UNKNOWN] + found[Outcome.NOT_SENT]
    assert 100 < found[Outcome.ACCEPTED]
    in_tenant = site.sandbox.total("Loans", "LoanSetup.loanAmount")
    assert (ended.view.totals()[0].of_accepted, found[Outcome.ACCEPTED]) == (
        Decimal(in_tenant["sum"]),
        in_tenant["count"],
    )
    ids = Counter(
        row.steps[0].remote_id for row in rows if row.steps and row.steps[0].outcome is Outcome.ACCEPTED
    )
    assert {1} == set(ids.values())
    assert len(ids) == site.sandbox.counts()["created"]["Customers"]


def test_without_its_secret_the_journal_sends_nothing(site, people, template):
    """Nobody would be recognised; the file that was lost is named."""
    site.submit(people(2), template)
    (site.run_dir / "journal.secret").unlink()
    created = site.sandbox.counts()["created"]
    with pytest.raises(JournalError, match=r"secret of the journal is missing: .*journal\.secret"):
        site.submit(people(3, name="later.csv"), template)

    assert created == site.sandbox.counts()["created"]


def test_other_templates_and_reports_need_no_secret(site, people, template):
    """Only keys that are personal data do."""
    site.submit(people(2), template)
    (site.run_dir / "journal.secret").unlink()
    with report(None, site.run_dir, None, "csv") as ended:
        assert 2 == len(list(ended.view.rows()))
    _, rows = site.submit(people(3), "portfolio")

    assert ["held", "held", "accepted"] == [row.outcome.value for row in rows]
