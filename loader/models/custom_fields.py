"""Values of a tenant's custom fields (LoanPro reference 2.11)."""

from typing import ClassVar

from loader.models.fields import CustomText, Id, described
from loader.models.payload import Payload


class CustomFieldValue(Payload):
    """
    One value of one custom field.

    Numbers and dates are written out as text, which is what LoanPro keeps. The id is the tenant's own.
    """

    required: ClassVar[tuple[str, ...]] = ("customFieldId",)
    required_with_defaults: ClassVar[tuple[str, ...]] = ("customFieldId",)

    customFieldId: Id | None = described("2.11", "The tenant's id of the custom field")
    customFieldValue: CustomText | None = described(
        "2.11", 'Text of at most 255 characters; "1" and "0" for check boxes'
    )
