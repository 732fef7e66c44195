"""The entities that have an address of their own."""

from loader.sandbox.customer_entities import CUSTOMER
from loader.sandbox.loan_entities import LOAN

TOP = {"Loans": LOAN, "Customers": CUSTOMER}
"""Entities with an address of their own to write to."""

NESTED = {name: entity for top in TOP.values() for name, entity in top.lists.items()}
"""Lists that can be read across all owners, such as `odata.svc/Payments`."""
