"""A tenant before its first request: loans and customers that are there already, by their natural keys alone."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loader.sandbox.clock import SystemClock
from loader.sandbox.reading import Reader
from loader.sandbox.refusals import Refusal
from loader.sandbox.store import Store
from loader.sandbox.tenant import Tenant

_AT_ONCE = 1_000
_ADDRESS = {
    "address1": "1 Present Street",
    "city": "Boise",
    "state": "geo.state.ID",
    "zipcode": "83702",
    "country": "company.country.usa",
}


def seed(file: Path, wanted: Iterable[tuple[str, str]]) -> None:
    """
    Lay entities into a tenant that nobody serves; the file is made where there is none.

    A key that the tenant refuses, such as one that is too long, is left out: LoanPro could not hold it either, and what links to
    it will be told so.

    Args:
        file: The tenant's SQLite file.
        wanted: Entity group, `loans` or `customers`, and natural key of each.

    Raises:
        UsageError: Another process serves the file, or it is no sandbox tenant.
    """
    store = Store(file)
    try:
        tenant = Tenant(store, Reader(store), SystemClock())
        for number, (group, key) in enumerate(wanted, start=1):
            name, payload = _least(group, key, number)
            try:
                tenant.create(name, payload)
            except Refusal as refusal:
                if refusal.reason != "invalid":
                    raise
            if number % _AT_ONCE == 0:
                store.commit()
    finally:
        store.close()


def _least(group: str, key: str, number: int) -> tuple[str, dict[str, Any]]:
    """Name and least payload of an entity, unlike any that a file would hold; *number* tells them apart."""
    if group == "customers":
        return "Customers", {
            "customId": key,
            "firstName": "Present",
            "lastName": "Already",
            "email": f"present{number}@already.invalid",
            "PrimaryAddress": _ADDRESS,
            "MailAddress": _ADDRESS,
            "__ignoreWarnings": True,
        }
    # The six fields of a creator that relies on the tenant's defaults (LoanPro reference 2.2, Minimum).
    setup = {
        "loanClass": "loan.class.consumer",
        "loanType": "loan.type.installment",
        "loanAmount": 10_000,
        "loanRate": 10,
        "contractDate": "2020-01-01",
        "firstPaymentDate": "2020-02-01",
    }
    return "Loans", {"displayId": key, "LoanSetup": setup}
