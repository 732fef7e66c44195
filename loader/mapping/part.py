"""What the models of a template's parts share."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """A part of a template: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the keys together, each with the key at which it is shown ("" for the part itself)."""
        return iter(())

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if found := list(self.problems()):
            raise PydanticCustomError("template", "{problems}", {"problems": found})
        return self

    def given(self) -> set[str]:
        """The keys that the template writes, by the names that templates use."""
        fields = type(self).model_fields
        return {fields[name].alias or name for name in self.model_fields_set}
