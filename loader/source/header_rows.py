"""Which rows hold the headers, and what headers of several rows come to: the names that the template looks for decide."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from loader.errors import SourceError
from loader.models.folding import folded
from loader.source.structure import Area

SEARCHED_ROWS = 30
"""How far down headers are looked for where the row that was named does not hold them."""
_FEW = 2


def joined(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> list[str]:
    """
    The headers of several rows as one: each column's texts from top to bottom, with a space between.

    A header above several columns may stand over the first of them alone, as a spreadsheet writes merged cells into CSV. So a
    column without a text of its own above takes the next one to its left where, and only where, the template looks for
    that name and not for the shorter one.

    Args:
        rows: The cells of each row of headers, from the top; of any width.
        wanted: Headers that the template names.
    """
    looked_for = {folded(name) for name in wanted}
    width = max(map(len, rows), default=0)
    plain = [[*row, *([""] * (width - len(row)))] for row in rows]
    spread = [*map(_spread, plain[:-1]), plain[-1]]
    names = []
    for column in range(width):
        name, longer = _name(plain, column), _name(spread, column)
        use_longer = folded(longer) in looked_for and folded(name) not in looked_for
        names.append(longer if use_longer and plain[-1][column].strip() else name)
    return names


def spread_merged(rows: Sequence[list[str]], first_row: int, areas: Iterable[Area]) -> None:
    """
    Write the text of merged cells above several columns over each of them.

    Args:
        rows: The cells of each row of headers, from column `A` on; changed.
        first_row: Row number of the first of them.
        areas: Merged cells of the sheet.
    """
    for area in areas:
        if first_row <= area.first_row < first_row + len(rows):
            row = rows[area.first_row - first_row]
            last = min(area.last_column, len(row) - 1)
            if area.first_column <= last:
                row[area.first_column : last + 1] = [row[area.first_column]] * (last - area.first_column + 1)


def _spread(row: Sequence[str]) -> list[str]:
    text, spread = "", []
    for cell in row:
        text = cell if cell.strip() else text
        spread.append(text)
    return spread


def _name(rows: Sequence[Sequence[str]], column: int) -> str:
    return " ".join(text for row in rows if (text := " ".join(row[column].split())))


@dataclass(frozen=True, slots=True)
class DeclaredHeaders:
    """
    The headers of the rows that were named to hold them.

    Attributes:
        names: As they stand there.
        row: Row number of the last of these rows.
        wanted: Headers that the template names.
    """

    names: Sequence[str]
    row: int
    wanted: Collection[str]

    def require(self, rows: Iterable[Sequence[str]], where: str) -> None:
        """
        Make sure that no other row holds the template's headers far better, as below a title.

        Where none does, the template may still miss columns; it says so itself, with the nearest headers.

        Args:
            rows: The first rows of the file, from row 1 on.
            where: File and sheet, for the message.

        Raises:
            SourceError: Another row holds at least two of the headers and more than twice as many as the one that was named, or
                two rows together do.
        """
        looked_for = {folded(name) for name in self.wanted}
        here = _found(self.names, looked_for)
        if here == len(looked_for):
            return
        count, first, two = best_rows(list(rows), self.wanted)
        if not far_better(count, here, len(looked_for)) or (not two and first == self.row):
            return
        found = f"rows {first} and {first + 1} hold" if two else f"row {first} holds"
        place = f"[{first}, {first + 1}]" if two else first
        names = "headers" if len(looked_for) > 1 else "header"
        raise SourceError(
            f"{where}, row {self.row} holds {here or 'none'} of the {len(looked_for)} {names} that the template names; "
            f"{found} {count}",
            hint=f"say in the template where the headers are: `rows: {{header: {place}}}`"
            if 2 * count > len(looked_for)
            else f"is it the template for this file? If so, say in it where the headers are: `rows: {{header: {place}}}`",
        )


def best_rows(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> tuple[int, int, bool]:
    """
    Where the headers that a template names are most likely to stand.

    Args:
        rows: The first rows of the file or sheet, from row 1 on.
        wanted: Headers that the template names.

    Returns:
        How many of them are there, the row number from 1 (0 where there is no row), and whether this row and the next hold
        them together.
    """
    looked_for = {folded(name) for name in wanted}
    single = [(_found(row, looked_for), -number) for number, row in enumerate(rows, 1)]
    double = [
        (_found(joined(rows[number - 1 : number + 1], wanted), looked_for), -number)
        for number in range(1, len(rows))
    ]
    best, best_two = max(single, default=(0, 0)), max(double, default=(0, 0))
    two = best_two[0] > best[0]
    count, number = best_two if two else best
    return count, -number, two


def far_better(there: int, here: int, wanted: int) -> bool:
    """Whether one place has so many more of the headers that are wanted than another that it must be the one that is meant."""
    return there >= min(_FEW, wanted) and there > 2 * here


def held_in(row: Iterable[str], wanted: Collection[str]) -> int:
    """How many of the headers that a template names are in a row."""
    return _found(row, {folded(name) for name in wanted})


def _found(names: Iterable[str], looked_for: Collection[str]) -> int:
    """How many of the headers that are looked for are among these."""
    return len({folded(name) for name in names} & set(looked_for))
