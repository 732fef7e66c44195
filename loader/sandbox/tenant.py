"""
What each request does to the tenant's records; everything that a LoanPro endpoint decides is decided here.

Every function is synchronous and either carries the whole request out, inside the store's open transaction, or raises a
`Refusal` and leaves nothing behind.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from loader.sandbox import duplicates, refusals
from loader.sandbox.catalogue import TOP
from loader.sandbox.clock import Clock
from loader.sandbox.reading import Options, Reader
from loader.sandbox.store import Document, Store
from loader.sandbox.values import instant
from loader.sandbox.writing import Draft

_PLAIN = Options({}, (), None, 0, "", "", bare=False)
_INDIVIDUAL = "customer.type.individual"

Done = TypeVar("Done")


class Tenant:
    """The writing half of the tenant: create, change, delete, and the actions on a loan."""

    def __init__(self, store: Store, reader: Reader, clock: Clock) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock

    def create(self, name: str, payload: Mapping[str, Any]) -> Document:
        """
        A new loan or customer, as it comes back.

        Raises:
            Refusal: A field is missing or wrong, a link leads nowhere, or a duplicate is suspected.
        """
        entity = TOP[name]
        draft = Draft(self._store.next_nested_id, lambda _list, _key: None)
        document: Document = dict(entity.defaults)
        draft.lay(entity, document, payload)
        draft.require(entity, document)
        if name == "Loans":
            _complete_loan(document, draft)
        else:
            _require_name(document, draft)
        draft.check()
        key = self._store.next_id(name)
        document["id"] = key
        document["created"] = instant(self._clock.now())
        return self._atomically(lambda: self._keep(name, document, draft, payload, new=True))

    def change(self, name: str, key: int, payload: Mapping[str, Any]) -> Document:
        """
        Change a loan or customer and everything nested in it; answers with the top entity (LoanPro reference 3.3).

        Raises:
            Refusal: As for `create`; the record is not there; or it is active and its setup is not to change.
        """
        document = self._existing(name, key)
        entity = TOP[name]
        if name == "Loans":
            _guard_setup(document, payload)
        draft = Draft(
            self._store.next_nested_id, lambda field, nested: self._store.load_nested(key, field, nested)
        )
        draft.lay(entity, document, payload)
        for field, label in entity.required.items():
            if field in payload and document.get(field) in (None, ""):
                draft.missing.append(label)
        draft.check()
        return self._atomically(lambda: self._keep(name, document, draft, payload, new=False))

    def delete(self, name: str, key: int) -> Document:
        """
        Delete a record; it stays readable by its id, marked as deleted (LoanPro reference 8.2).

        Raises:
            Refusal: It is not there, or it is archived and must be resurrected first (LoanPro reference 2.13).
        """
        document = self._existing(name, key)
        if document.get("archived"):
            raise refusals.state("An archived loan must be resurrected before it can be deleted")
        document["deleted"] = 1
        if name == "Loans":
            document["deletedAt"] = instant(self._clock.now())

        def forget() -> None:
            self._store.update(name, document)
            self._store.mark(key, (), ("displayId", "vin") if name == "Loans" else duplicates.CUSTOMER_KINDS)
            self._store.note_change(name, key, self._clock.now())

        self._atomically(forget)
        return self._reader.shown(name, document, _PLAIN)

    def activate(self, key: int) -> Document:
        """Activate a loan; `success` is false where it was active already (LoanPro reference 2.12)."""
        document = self._existing("Loans", key)
        setup = document["LoanSetup"]
        if setup.get("active"):
            return {"success": False}
        setup["active"] = 1
        self._atomically(lambda: self._store.update("Loans", document))
        return {"success": True}

    def modify(self, key: int, *, cancel: bool) -> Document:
        """Open a modification, in which the setup of an active loan may change, or cancel it."""
        document = self._existing("Loans", key)
        if cancel == (document.get("modId") is None):
            raise refusals.state(f"The loan has {'no' if cancel else 'already a'} modification")
        document["modId"] = None if cancel else self._store.next_nested_id()
        document["modTotal"] = document.get("modTotal", 0) + (-1 if cancel else 1)
        self._atomically(lambda: self._store.update("Loans", document))
        return {"success": True}

    def _existing(self, name: str, key: int) -> Document:
        document = self._store.load(name, key)
        if document is None or document.get("deleted"):
            raise refusals.not_found(name, reading=False)
        return document

    def _keep(
        self, name: str, document: Document, draft: Draft, payload: Mapping[str, Any], *, new: bool
    ) -> Document:
        key, owner = document["id"], TOP[name].name
        for link in draft.links:
            if link.field in TOP and not link.remove and not self._alive(link.field, link.target):
                raise refusals.no_link(link.field, link.target)
        for field, record in draft.added:
            record.update(entityId=key, entityType=f"Entity.{owner}", created=instant(self._clock.now()))
            self._store.insert_nested(owner, key, field, record)
        for record in draft.changed:
            self._store.update_nested(record)
        for nested in draft.removed:
            self._store.delete_nested(nested)
        for link in draft.links:
            if link.remove:
                self._store.unlink(key, link.field, link.target)
            else:
                self._store.link(key, link.field, link.target, link.role)
        if name == "Loans":
            collateral = [record["id"] for field, record in draft.added if field == "Collateral"]
            document["collateralId"] = collateral[0] if collateral else document.get("collateralId", 0)
        self._recognise(name, document, draft, payload, new=new)
        (self._store.insert if new else self._store.update)(name, document)
        self._store.note_change(name, key, self._clock.now())
        return self._reader.shown(name, document, _PLAIN)

    def _recognise(
        self, name: str, document: Document, draft: Draft, payload: Mapping[str, Any], *, new: bool
    ) -> None:
        """Renew what the record is recognised by, and stop where somebody else is recognised by it too."""
        key = document["id"]
        listed = (
            {field for field, _ in draft.added}
            if not (draft.changed or draft.removed)
            else {"Phones", "Collateral"}
        )
        if name == "Loans":
            marks, kinds = [("displayId", document["displayId"])], ["displayId"]
            if "Collateral" in listed:
                marks += duplicates.vin_marks(self._store.nested(key, "Collateral"))
                kinds.append("vin")
        else:
            phones = self._store.nested(key, "Phones") if "Phones" in listed else None
            marks = duplicates.customer_marks(document, phones or [])
            kinds = [kind for kind in duplicates.CUSTOMER_KINDS if kind != "phone" or phones is not None]
        fresh = marks if new else [mark for mark in marks if not self._store.carries(key, mark)]
        found = duplicates.warnings(self._store, key, fresh, payload)
        if found:
            raise refusals.warning(found)
        self._store.mark(key, marks, () if new else kinds)

    def _alive(self, name: str, key: int) -> bool:
        document = self._store.load(name, key)
        return document is not None and not document.get("deleted")

    def _atomically(self, work: Callable[[], Done]) -> Done:
        """All of the work or none of it, beside the other requests in the same transaction."""
        self._store.begin()
        self._store.savepoint("SAVEPOINT one")
        try:
            found = work()
        except BaseException:
            self._store.savepoint("ROLLBACK TO one")
            self._store.savepoint("RELEASE one")
            raise
        self._store.savepoint("RELEASE one")
        return found


def _complete_loan(document: Document, draft: Draft) -> None:
    """Give a new loan what every loan has: a title, settings, and the ids of its parts."""
    if not document.get("title"):
        document["title"] = document.get("displayId")
    if "LoanSettings" not in document:
        document["LoanSettings"] = {"id": draft.new_id()}
    setup = document.get("LoanSetup")
    document["setupId"] = setup["id"] if setup else None
    document["settingsId"] = document["LoanSettings"]["id"]
    insurance = document.get("Insurance")
    document["insurancePolicyId"] = insurance["id"] if insurance else 0


def _require_name(document: Document, draft: Draft) -> None:
    """A person needs both names, a company its own (LoanPro reference 2.4)."""
    person = document.get("customerType") in (None, _INDIVIDUAL)
    needed = (
        {"firstName": "First Name", "lastName": "Last Name"} if person else {"companyName": "Company Name"}
    )
    draft.missing[:0] = [label for field, label in needed.items() if not document.get(field)]


def _guard_setup(document: Document, payload: Mapping[str, Any]) -> None:
    """The setup of an active loan changes in a modification alone (LoanPro reference 2.2, 2.12)."""
    wanted = payload.get("LoanSetup")
    if not isinstance(wanted, dict) or not document["LoanSetup"].get("active") or document.get("modId"):
        return
    deactivates = str(wanted.get("active", 1)) in {"0", "False", "false"}
    if not deactivates or wanted.keys() - {"active", "__id", "__update", "__ignoreWarnings"}:
        raise refusals.state("The loan is active: deactivate it before its setup is changed")
