"""What a sheet's file says of its cells and calamine does not tell."""

from dataclasses import dataclass, field
from typing import TypeAlias

from loader.source.structure import Structure
from loader.source.workbook.percents import Percents

Faults: TypeAlias = dict[int, dict[int, str]]
"""Row number to position of the column to what the cell shows: `#N/A`, or `=B2*2` for a formula without a result."""


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """
    Some cells of one sheet, by their place, and what it says beside its cells.

    Attributes:
        faults: Cells that calamine shows as blank although they hold an error: a blank cell would quietly leave a field out.
        percents: Cells that show percentages, of which calamine gives the bare number.
        structure: What is hidden, filtered and merged.
        may_hold_signs: False where it is known that no text of the sheet holds a percent sign.
        texts: Cells of which calamine gives another text than they hold, with that text.
    """

    faults: Faults
    percents: Percents
    structure: Structure = field(default_factory=Structure)
    may_hold_signs: bool = True
    texts: Faults = field(default_factory=dict)
