"""The operations that this program knows."""

from typing import Any

from loader.models.customer import Customer
from loader.models.loan import Loan
from loader.models.look_up import ByMarker, ByNaturalKey
from loader.models.operation import ROLES, LinkField, Operation, UnknownOperation
from loader.models.payload import Payload
from loader.models.person import PERSON
from loader.models.structure import nearest_names
from loader.models.transactions import Charge, Credit, Note, Payment

_ITS_LOAN = LinkField("Loan", "loans", "displayId")


def _added(
    name: str, list_name: str, model: type[Payload], marker_fields: tuple[str, ...], **always: Any
) -> Operation:
    """An operation that adds to a list of a loan."""
    return Operation(
        name=name,
        entity_group=list_name.lower(),
        method="PUT",
        path="odata.svc/Loans(id)",
        model=model,
        key_fields=(),
        finder=ByMarker(name, list_name, marker_fields),
        parent=_ITS_LOAN,
        list_name=list_name,
        marker_fields=marker_fields,
        always=always,
    )


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            name="customers.create",
            entity_group="customers",
            method="POST",
            path="odata.svc/Customers",
            model=Customer,
            key_fields=("customId",),
            finder=ByNaturalKey("Customers", "customId"),
            personal_key=PERSON,
        ),
        Operation(
            name="loans.create",
            entity_group="loans",
            method="POST",
            path="odata.svc/Loans",
            model=Loan,
            key_fields=("displayId",),
            finder=ByNaturalKey("Loans", "displayId"),
            links=(LinkField("Customers", "customers", "customId", ROLES),),
        ),
        _added("payments.create", "Payments", Payment, ("info", "comments"), __logOnly=True),
        _added("charges.create", "Charges", Charge, ("info",)),
        _added("credits.create", "Credits", Credit, ("title",)),
        _added("notes.create", "Notes", Note, ("subject",)),
    )
}
"""The catalogue, by name (LoanPro reference 2.0)."""


def find_operation(name: str) -> Operation:
    """
    An operation by its name.

    Raises:
        UnknownOperation: The catalogue has none of that name.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise UnknownOperation(name, nearest_names(name, list(OPERATIONS)), f"there is no operation {name}")
    return operation


def operation_of(entity_group: str) -> Operation:
    """
    The operation that makes entities of a group, which is also the one that knows how to find them.

    Raises:
        UnknownOperation: No operation makes such entities.
    """
    for operation in OPERATIONS.values():
        if operation.entity_group == entity_group:
            return operation
    groups = [operation.entity_group for operation in OPERATIONS.values()]
    raise UnknownOperation(
        entity_group, nearest_names(entity_group, groups), f"there are no entities {entity_group}"
    )
