"""What a loan or a customer is recognised by, and the warnings that a second one raises (LoanPro reference 4.3)."""

import re
from collections.abc import Mapping
from typing import Any

from loader.sandbox.store import Document, Store

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NO_DIGIT = re.compile(r"\D")

_MESSAGES = {
    "displayId": "A loan with this display ID already exists",
    "vin": "A collateral with this VIN already exists",
    "identity": "A customer with this SSN and date of birth already exists",
    "email": "A customer with this email already exists",
    "phone": "A customer with this phone number already exists",
    "PrimaryAddress": "A customer with this primary address already exists",
    "MailAddress": "A customer with this mail address already exists",
    "bad-email": "The email is not valid",
}
CUSTOMER_KINDS = ("identity", "email", "phone", "PrimaryAddress", "MailAddress")
NEVER_IGNORED = frozenset({"identity"})
"""`__ignoreWarnings` does not let this one through (LoanPro reference 2.4)."""

Marks = list[tuple[str, str]]


def customer_marks(document: Document, phones: list[Document]) -> Marks:
    """Kind and value of all that a customer is recognised by."""
    marks: Marks = []
    if document.get("ssn") and document.get("birthDate"):
        marks.append(("identity", f"{_NO_DIGIT.sub('', document['ssn'])}|{document['birthDate']}"))
    if document.get("email"):
        marks.append(("email", document["email"].strip().casefold()))
    for phone in phones:
        marks.append(("phone", _NO_DIGIT.sub("", phone["phone"])))
    for name in ("PrimaryAddress", "MailAddress"):
        address = document.get(name)
        if address:
            parts = (address.get(part) or "" for part in ("address1", "address2", "city", "state", "zipcode"))
            marks.append((name, "|".join(parts).casefold()))
    return marks


def vin_marks(collateral: list[Document]) -> Marks:
    """The mark of every collateral with a VIN."""
    return [("vin", item["vin"].strip().upper()) for item in collateral if item.get("vin")]


def warnings(store: Store, owner: int, marks: Marks, payload: Mapping[str, Any]) -> list[str]:
    """
    The transaction warnings that a payload raises and does not ignore.

    Args:
        store: The tenant.
        owner: Id of the record that is written; its own marks are no duplicates.
        marks: What it will be recognised by.
        payload: The request's body, for `__ignoreWarnings` at its root and in its addresses.
    """
    found = [
        kind for kind, value in marks if not _ignored(kind, payload) and store.marked(kind, value, owner)
    ]
    if "email" in payload and payload["email"] and not _EMAIL.fullmatch(str(payload["email"]).strip()):
        found += [] if _ignored("bad-email", payload) else ["bad-email"]
    return [_MESSAGES[kind] for kind in dict.fromkeys(found)]


def _ignored(kind: str, payload: Mapping[str, Any]) -> bool:
    if kind in NEVER_IGNORED:
        return False
    nested = payload.get(kind)
    return _says_ignore(payload) or (isinstance(nested, dict) and _says_ignore(nested))


def _says_ignore(record: Mapping[str, Any]) -> bool:
    return record.get("__ignoreWarnings") in (True, 1, "1", "true")
