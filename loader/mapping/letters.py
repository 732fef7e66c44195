"""Templates that name columns by letters alone: no header proves that the row above the rows holds headers."""

from collections.abc import Iterator
from typing import Final

from loader.errors import SourceError
from loader.mapping.mapper import Mapper
from loader.mapping.said import columns_named
from loader.mapping.spec import Template
from loader.models.note import Note
from loader.source.table import Header, SourceTable

RULE: Final = "header.by-letters-alone"


def in_doubt(template: Template, table: SourceTable) -> bool:
    """Whether what stands in the place of the headers may be a row: the template names no column by its header."""
    return not table.facts.names_apart and not any(ref.name for ref in columns_named(template))


def told_of_header_row(mapper: Mapper, table: SourceTable) -> Note:
    """
    What is told of the row that was taken for headers, where the template names no header.

    Raises:
        SourceError: A cell of it is a value that its column takes, so that it is a row of the table.
    """
    letters = sorted({header.letter for header in _values(mapper)}, key=lambda letter: (len(letter), letter))
    if letters:
        sheet = f', sheet "{table.sheet}"' if table.sheet else ""
        columns = f"column{'' if len(letters) == 1 else 's'} {', '.join(letters)}"
        raise SourceError(
            f"{table.path.name}{sheet}, row {table.header_row} is to hold the headers, and holds values in {columns}",
            hint="if the file has no headers, put a row of them above the first row; if they stand in another row, say which, as in "
            "`rows: {header: 3}`; if these are headers, name one of them in the template",
        )
    message = f"the template names columns by letters alone: row {table.header_row} was taken for headers, and is no row of the table"
    return Note(RULE, message)


def _values(mapper: Mapper) -> Iterator[Header]:
    """The columns whose header their own conversion takes; any text is text, and proves nothing."""
    for source in mapper.sources:
        if source.is_text:
            continue
        for header in source.headers:
            if header.name and not source.convert([header.name], None).refused:
                yield header
