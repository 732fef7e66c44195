"""What a template says under `rows`: where the headers are, where the rows end, and which are left out."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from loader.mapping.part import Part
from loader.mapping.written import Columns, Words, as_list
from loader.models.folding import folded
from loader.source import reading
from loader.source.reading import Hidden, Merged

RowNumber: TypeAlias = Annotated[StrictInt, Field(ge=1)]
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
        header: Row number of the headers, from 1, or the numbers of several rows that follow one another.
        hidden: What is done about hidden rows and columns of a workbook.
        merged: What is done about merged cells below the headers.
        skip_if: Rows to leave out, or None.
        stop_at: Where the rows end before the file does, or None.
    """

    header: Annotated[tuple[RowNumber, ...], BeforeValidator(as_list), Field(min_length=1)] = (1,)
    hidden: Hidden = "ask"
    merged: Merged = "refuse"
    skip_if: SkipIf | None = None
    stop_at: StopAt | None = None

    @property
    def ends(self) -> reading.StopAt | None:
        """Where the rows end, for the reader of the file."""
        stop = self.stop_at
        return None if stop is None else reading.StopAt(stop.column, frozenset(map(folded, stop.is_)))

    def problems(self) -> Iterator[tuple[str, str]]:
        """See the base."""
        if any(below != above + 1 for above, below in pairwise(self.header)):
            yield "header", "rows of headers follow one another from top to bottom, as in [1, 2]"
