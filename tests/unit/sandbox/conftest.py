"""A tenant without its HTTP shell: requests go straight to the router."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from loader.sandbox.reading import Reader
from loader.sandbox.refusals import Refusal
from loader.sandbox.routes import Router
from loader.sandbox.searching import Searcher
from loader.sandbox.store import Store
from loader.sandbox.tenant import Tenant

ADDRESS = {
    "address1": "1 Main Street",
    "city": "Provo",
    "state": "geo.state.UT",
    "zipcode": "84601",
    "country": "company.country.usa",
}


@dataclass
class HandClock:
    """A clock that only tests move."""

    seconds: float = 1_600_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self):
        return self.seconds

    def monotonic(self):
        return self.seconds

    async def sleep(self, seconds):
        self.slept.append(seconds)


class Desk:
    """Asks the router as the service does, and gives `d` or raises the refusal."""

    def __init__(self, path: Path) -> None:
        self.clock = HandClock()
        self.lag_s = 0.0
        self.store = Store(path)
        reader = Reader(self.store)
        self.searcher = Searcher(self.store, reader, self.clock, 0.0)
        self.router = Router(Tenant(self.store, reader, self.clock), reader, self.searcher)

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> dict[str, Any]:
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.router.answer(method, path, query, text)

    def refused(self, method: str, path: str, body: Any = None, query: str = "") -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.ask(method, path, body, query)
        return caught.value

    def loan(self, display_id: str = "L001000", **more: Any) -> dict[str, Any]:
        return self.ask("POST", "odata.svc/Loans", loan_payload(display_id, **more))

    def customer(self, number: int = 1, **more: Any) -> dict[str, Any]:
        return self.ask("POST", "odata.svc/Customers", customer_payload(number, **more))


def loan_payload(
    display_id: str = "L001000", setup: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The smallest useful payload of LoanPro reference 3.1."""
    return {
        "displayId": display_id,
        "LoanSetup": {
            "loanClass": "loan.class.consumer",
            "loanType": "loan.type.installment",
            "loanAmount": "12000.00",
            "loanRate": "12.0212",
            "loanRateType": "loan.rateType.annually",
            "loanTerm": 36,
            "contractDate": "2021-05-12",
            "firstPaymentDate": "2021-06-12",
            **(setup or {}),
        },
        **more,
    }


def customer_payload(number: int = 1, **more: Any) -> dict[str, Any]:
    """A customer whom no other number resembles."""
    address = {**ADDRESS, "address1": f"{number} Main Street"}
    payload = {
        "firstName": "Ada",
        "lastName": "Byron",
        "email": f"ada{number}@example.com",
        "customId": f"B-{number:04}",
        "ssn": f"{number:09}",
        "birthDate": "1975-12-10",
        "PrimaryAddress": address,
        "MailAddress": address,
        "Phones": {"results": [{"phone": f"555-000-{number:04}", "isPrimary": 1}]},
        **more,
    }
    return {name: value for name, value in payload.items() if value is not None}


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "tenant.sqlite")
    yield desk
    desk.store.close()


@pytest.fixture
def payloads():
    """The payload builders, for tests that change them before sending."""

    class Payloads:
        loan = staticmethod(loan_payload)
        customer = staticmethod(customer_payload)
        address = ADDRESS

    return Payloads
