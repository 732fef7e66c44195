"""What a template says under `rows`: where the headers are, where the rows end, and which are left out."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import Field, StrictInt, model_validator

from loader.mapping.part import Part
from loader.mapping.written import Columns, Words
from loader.models.folding import folded
from loader.source import reading

_EXAMPLE: Final = "{column: Loan No, is: [Total]}"


class SkipIf(Part):
    """
    Rows to leave out: those whose cell is one of some texts.

    Attributes:
        column: The column to look at; of several, the first that the file has.
        is_: Texts, compared without regard to case; "" is a blank cell.
    """

    column: Columns
    is_: Words = Field(alias="is")


class StopAt(Part):
    """
    Where the rows end: at the first whose cell is one of some texts, or, where no column is named, at the first blank row.

    Attributes:
        column: The column to look at; of several, the first that the file has; none where `blank` is written.
        is_: Texts, compared without regard to case.
    """

    column: Columns = ()
    is_: Words = Field(default=(), alias="is")

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        if written == "blank":
            return {}
        if not isinstance(written, dict) or not {"column", "is"} <= written.keys():
            raise ValueError(f"is `blank`, or a column with its texts, as in {_EXAMPLE}")
        return written

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        if not all(map(folded, self.is_)):
            yield (
                "is",
                "a blank cell would end the rows at the first gap; `stop_at: blank` ends them at a blank row",
            )


class Rows(Part):
    """
    Where the rows are.

    Attributes:
        header: Row number of the headers, from 1.
        skip_if: Rows to leave out, or None.
        stop_at: Where the rows end before the file does, or None.
    """

    header: Annotated[StrictInt, Field(ge=1)] = 1
    skip_if: SkipIf | None = None
    stop_at: StopAt | None = None

    @property
    def ends(self) -> reading.StopAt | None:
        """Where the rows end, for the reader of the file."""
        stop = self.stop_at
        return None if stop is None else reading.StopAt(stop.column, frozenset(map(folded, stop.is_)))
