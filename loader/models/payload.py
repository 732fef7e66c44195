"""What all payload models have in common: strictness, required fields as data, and the wrapping of lists."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Payload(BaseModel):
    """
    A payload object, in which every field is optional for the type checker and required ones are listed as data.

    A field that is absent is not sent; one that is None is sent as null. Unknown names are refused, because LoanPro may
    drop them without a word (LoanPro reference 1.7).
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", hide_input_in_errors=True, frozen=True, defer_build=True
    )

    required: ClassVar[tuple[str, ...]] = ()
    """Fields without which LoanPro may refuse the object, whatever defaults the tenant has. LoanPro's names."""

    required_with_defaults: ClassVar[tuple[str, ...]] = ()
    """The part of `required` that no tenant default fills (`tenant_defaults: true` in a template)."""

    required_by_kind: ClassVar[tuple[str, ...]] = ()
    """Fields that `required_fields` may name beside these, by what the payload is."""

    deciding: ClassVar[tuple[str, ...]] = ()
    """Fields whose values `required_fields` looks at; of all others it may be told whether they are there, and no more."""

    @classmethod
    def required_fields(cls, payload: Mapping[str, Any], *, relaxed: bool) -> tuple[str, ...]:
        """
        The fields that this very payload must have.

        Args:
            payload: The object as it would be sent; some models look at it, as a company needs another name.
            relaxed: True where the tenant's defaults may fill fields.
        """
        del payload
        return cls.required_with_defaults if relaxed else cls.required


class Results(Payload, Generic[Item]):
    """A list in a request, wrapped as LoanPro wants it (LoanPro reference 1.6)."""

    results: list[Item]
