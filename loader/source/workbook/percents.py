"""Which cells of a sheet are formatted as percentages."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from loader.errors import SourceError
from loader.source.number_format import PercentFormat, percent_format

_FORMATS_AT_MOST = 255


@dataclass(slots=True)
class Percents:
    """
    The cells of one sheet whose format shows percentages: for each column one byte for each row.

    Attributes:
        formats: The formats; a cell's byte is the position of its format here, from 1.
    """

    formats: list[PercentFormat] = field(default_factory=list)
    _rows: dict[tuple[int, int], "array[int]"] = field(default_factory=dict)
    _columns: dict[int, bytes] = field(default_factory=dict)

    def mark_of(self, code: str) -> int:
        """
        The byte that stands for a format, 0 for one that shows no percentages.

        Args:
            code: In the language of formats, such as `0.00%`.

        Raises:
            SourceError: There are more of them than a spreadsheet program can make: Excel keeps 250 formats at most
                (Microsoft's "Excel specifications and limits").
        """
        found = percent_format(code)
        if found is None:
            return 0
        if found not in self.formats:
            if len(self.formats) == _FORMATS_AT_MOST:
                raise SourceError(
                    f"the workbook has more than {_FORMATS_AT_MOST} number formats with percent signs",
                    hint="give the columns of percentages one format, and save it again",
                )
            self.formats.append(found)
        return self.formats.index(found) + 1

    def add(self, column: int, rows: Iterable[int], mark: int) -> None:
        """Cells of one column that are not blank, by row number."""
        self._rows.setdefault((column, mark), array("L")).extend(rows)

    def finish(self) -> None:
        """Lay the cells out by column; none may follow."""
        import numpy as np  # noqa: PLC0415  calamine begins to read before it is there

        for column in {column for column, _ in self._rows}:
            of_column = {mark: rows for (at, mark), rows in self._rows.items() if at == column}
            marks = np.zeros(max(map(max, of_column.values())) + 1, np.uint8)
            for mark, rows in of_column.items():
                marks[np.frombuffer(rows, f"u{rows.itemsize}")] = mark
            self._columns[column] = marks.tobytes()
        self._rows.clear()

    def rows_of(self, column: int, first_row: int) -> tuple[int, int]:
        """How many of a column's cells there are from a row on, and the row number of the first of them, 0 for none."""
        marks = self._columns.get(column, b"")[first_row:]
        count = len(marks) - marks.count(0)
        return count, first_row + len(marks) - len(marks.lstrip(b"\0")) if count else 0

    def marks(self, column: int, rows: range) -> bytes | None:
        """The bytes of some rows of a column, None where all are 0."""
        marks = self._columns.get(column, b"")[rows.start : rows.stop]
        return marks.ljust(len(rows), b"\0") if marks.strip(b"\0") else None
