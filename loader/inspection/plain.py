"""What is in a file, as one JSON object for programs."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from loader.inspection.column_facts import ColumnFacts
from loader.inspection.inspect import Inspection
from loader.models.note import by_column


def inspection_json(found: Inspection) -> dict[str, Any]:
    """The member `source` of a check without a template; what it shares with other results has the same names there."""
    table = found.table
    return {
        "name": table.path.name,
        "sha256": table.digest,
        "format": table.facts.format,
        "encoding": table.facts.encoding,
        "delimiter": table.facts.delimiter,
        "sheet": table.sheet,
        "header_row": table.header_row,
        "rows_read": found.rows_read,
        "blank_rows": found.blank_rows,
        "notes": [asdict(note) for note in by_column(found.all_notes)],
        "header_guessed": found.header_guessed,
        "sheets": [asdict(sheet) for sheet in found.sheets],
        "columns": columns_json(found.columns),
    }


def columns_json(columns: Iterable[ColumnFacts]) -> list[dict[str, Any]]:
    """What columns hold, with the names of `ColumnFacts`."""
    return [_column_json(column) for column in columns]


def _column_json(column: ColumnFacts) -> dict[str, Any]:
    return {
        "letter": column.letter,
        "header": column.header,
        "sensitive": column.sensitive,
        "kinds": dict(column.kinds),
        "distinct": column.distinct,
        "smallest": column.smallest,
        "largest": column.largest,
        "date_format": column.date_format,
        "examples": list(column.examples),
    }
