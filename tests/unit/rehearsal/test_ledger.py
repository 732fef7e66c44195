"""What a file links to and does not make is at the rehearsal's tenant before; what the tenant refuses is not."""

import csv
from itertools import islice
from pathlib import Path

import pytest
from fakes.personal import personal_template

from loader.errors import TemplateError
from loader.opening import Source
from loader.rehearsal.ledger import Ledger
from loader.rehearsal.tenant import Entity
from loader.sandbox.inventory import inventory
from loader.sandbox.seeding import seed

LOANS = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    tenant_defaults: true
    links: {Customers: {to: customers, by: customId, column: Who, role: primary}}
    fields:
      displayId: Loan
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
      LoanSetup.loanAmount: {column: Amount, as: money}
      LoanSetup.loanRate: {value: 12.5}
      LoanSetup.contractDate: {value: 2024-01-01}
      LoanSetup.firstPaymentDate: {value: 2024-02-01}
"""
NOTES = """
  - operation: notes.create
    key: row
    links: {Loan: {to: loans, by: displayId, column: About}}
    fields: {subject: {value: Told}, body: {value: by post}, categoryId: {value: 1}}
"""


def beforehand(tmp_path, template, *rows):
    path, of_loans = tmp_path / "loans.csv", tmp_path / "loans.yaml"
    path.write_text("\n".join(["Loan,Who,About,Amount", *rows, ""]), encoding="utf-8")
    of_loans.write_text(template, encoding="utf-8")
    with Ledger(Source(path, str(of_loans)).open()) as ledger:
        ledger.enter_file()
        return list(ledger.beforehand())


def test_what_rows_link_to(tmp_path):
    """Each once, and nothing for a row that is not sent."""
    found = beforehand(tmp_path, LOANS, "L1,B2,,10", "L2,B1,,10", "L3,B2,,10", "L4,B3,,ten", "L5,,,10")

    assert [("customers", "B1"), ("customers", "B2")] == found


def test_what_the_file_makes_itself(tmp_path):
    """In the same row, in a later one, and in one that is not sent: the real tenant would not have it either."""
    rows = ["L1,,L1,10", "L2,,L3,10", "L3,,L9,10", "L4,,L9,ten", "L5,,L4,10"]

    assert [("loans", "L9")] == beforehand(tmp_path, LOANS + NOTES, *rows)


@pytest.mark.parametrize("number", [3, 1_005])
def test_a_tenant_that_holds_them(tmp_path, number):
    """Loans and customers, once each; a number that the tenant refuses is left out."""
    file = tmp_path / "tenant.sqlite"
    seed(file, [("loans", "x" * 51), *(("loans", f"L{n}") for n in range(number))])
    seed(file, [("customers", "B1"), ("customers", "B2")])

    assert {f"L{n}" for n in range(number)} == {loan["displayId"] for _, loan in inventory(file, "loans")}
    assert [(None, "B1"), (None, "B2")] == [
        (owner, found["customId"]) for owner, found in inventory(file, "customers")
    ]
    assert [] == list(inventory(file, "payments"))


SAMPLE = Path(__file__).parents[3] / "samples" / "portfolio.csv"


def persons(tmp_path, template):
    """The first two rows of the sample portfolio, to be rehearsed."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.reader(file), 3))
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (tmp_path / "personal.yaml").write_text(template, encoding="utf-8")
    return Ledger(Source(tmp_path / "people.csv", str(tmp_path / "personal.yaml")).open())


def test_persons_are_recognised_by_number_and_birth_date(tmp_path):
    """As the tenant keeps them; who shows neither is nobody, and a second one of the same person is a double."""

    class Tenant:
        def held(self, group):
            shown = [
                {"ssn": "900110001", "birthDate": "/Date(-539308800)/"},
                {"ssn": "900110001", "birthDate": "/Date(-539308800)/"},
                {"ssn": "900110001", "birthDate": "/Date(0)/"},
                {"ssn": None, "birthDate": None},
            ]
            return [Entity(n, None, fields) for n, fields in enumerate(shown) if group == "customers"]

    with persons(tmp_path, personal_template()) as ledger:
        ledger.enter_file()
        (batch,) = (
            Source(tmp_path / "people.csv", str(tmp_path / "personal.yaml"))
            .open()
            .checked_batches(ledger.secret)
        )
        ledger.enter_held(Tenant())
        found = [
            [entity.id for entity in ledger.find(row.steps[0].operation, row.steps[0].key)]
            for row in batch.rows()
        ]

        assert [] == list(ledger.beforehand())
        assert [[0, 1], []] == found
        assert (4, 1) == (ledger.created(), ledger.doubled())


def test_persons_known_by_two_keys_are_not_rehearsed(tmp_path):
    """Which of them counts could not be said."""
    link = "Customers: {to: customers, by: [ssn, birthDate], role: primary}"
    other = "Customers: {to: customers, by: customId, column: Borrower No, role: primary}"
    with pytest.raises(TemplateError, match="knows customers by two"):
        persons(tmp_path, personal_template().replace(link, other))
