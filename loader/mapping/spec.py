"""
What a template may say: the template, its rows and its steps; `field_spec.py` has the fields.

The models know nothing of LoanPro's fields (`fit.py` does), nor of a file's columns (`binding.py`).
"""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictStr

from loader.mapping.field_spec import FieldSpec, KeySpec, LinkSpec
from loader.mapping.part import Part
from loader.mapping.rows import Rows
from loader.mapping.written import NullWords, as_list
from loader.models.warnings import Cause, WarningAction, WarningPolicy

RESERVED: Final = {"Template": frozenset({"sheets"}), "Step": frozenset({"method", "path", "find"})}
"""Keys that a later version will know."""


class Warnings(Part):
    """
    What is done about LoanPro's transaction warnings, by their cause.

    `hold` leaves the row to a person; `skip` skips it where what is there is identical, and holds it otherwise; `send` sends it
    again and tells LoanPro to ignore the warning. Where several causes come together, each must allow it.

    Attributes:
        display_id: Another loan has the display id.
        ssn: Another customer has the social security number; never to be sent, since LoanPro always blocks it together with
            the birth date (LoanPro reference 2.4).
        email: Another customer has the e-mail address.
        phone: Another customer has the phone number.
        address: Another customer has the address.
        vin: Another collateral has the vehicle identification number.
    """

    display_id: WarningAction = "hold"
    ssn: Literal["hold", "skip"] = "hold"
    email: WarningAction = "hold"
    phone: WarningAction = "hold"
    address: WarningAction = "hold"
    vin: WarningAction = "hold"

    @property
    def policy(self) -> WarningPolicy:
        """The same for the sender."""
        return WarningPolicy({Cause(name): getattr(self, name) for name in type(self).model_fields})


class Step(Part):
    """
    One request for each row.

    Attributes:
        operation: Name in the operations catalogue, such as `loans.create`.
        key: What identifies the entity to the lender.
        marker: Text field of the payload that carries the marker; "" for the operation's usual one.
        fields: Payload path to where its value comes from.
        links: Field of the payload that holds links, to the links.
        tenant_defaults: Whether the tenant's own defaults may fill what LoanPro would else require.
        warnings: What is done about transaction warnings.
    """

    operation: StrictStr
    key: KeySpec
    marker: StrictStr = ""
    fields: Annotated[dict[str, FieldSpec], Field(min_length=1)]
    links: dict[str, Annotated[list[LinkSpec], BeforeValidator(as_list)]] = Field(default_factory=dict)
    tenant_defaults: StrictBool = False
    warnings: Warnings = Warnings()


class Template(Part):
    """
    A whole template.

    Attributes:
        template: Version of the template language: 1.
        title: What it is for, in a line.
        description: The same at length.
        rows: Where the rows are.
        null: Words that mean nothing wherever they stand alone in a cell, exactly as written.
        steps: The requests of each row, in their order.
        totals: Payload paths whose sums are control totals.
    """

    template: Literal[1]
    title: StrictStr = ""
    description: StrictStr = ""
    rows: Rows = Rows()
    null: NullWords = ()
    steps: Annotated[list[Step], Field(min_length=1)]
    totals: list[StrictStr] = Field(default_factory=list)
