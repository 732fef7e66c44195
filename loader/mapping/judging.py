"""
Judges by a whole column in which of the declared formats its dates are written.

`03/09/2017` alone is March in one country and September in another; a column with `25/12/2017` in it can be only one of them. Only
templates that declare several formats pay for it: the file is read once more.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

from loader.errors import SourceError
from loader.mapping.binding import bind
from loader.mapping.cell_source import Cells
from loader.mapping.dates import day
from loader.mapping.letters import in_doubt, told_of_header_row
from loader.mapping.mapper import Mapper, UndecidedDate
from loader.mapping.repairs import is_bare
from loader.mapping.template import LoadedTemplate
from loader.models.note import Note
from loader.source.table import Batch, Kind, SourceTable

_REMEMBERED = 65_536
_RULE = "date.format-judged"


def bind_to_table(loaded: LoadedTemplate, table: SourceTable) -> Mapper:
    """
    Bind a template to a file, after a look at the columns whose date format is to be judged.

    Args:
        loaded: The template.
        table: The file; it is read where several formats are declared for a date, and not otherwise.

    Raises:
        TemplateError: The template does not fit LoanPro or the file.
        SourceError: The file cannot be read, several formats fit a whole column and mean other days, or none fits; a row of values
            stands in the place of the headers.
    """
    mapper = bind(loaded, table.headers)
    told = (told_of_header_row(mapper, table),) if in_doubt(loaded.template, table) else ()
    if not mapper.undecided:
        return replace(mapper, notes=told)
    judges = [_Judge(date_field, table) for date_field in mapper.undecided]
    for batch in table.batches():
        left_out = mapper.skip.excluded(batch) if mapper.skip else {}
        for judge in judges:
            judge.hear(batch, left_out)
    found = {(judge.of.step, judge.of.path): judge.judge() for judge in judges}
    notes = dict.fromkeys((*told, *(note for _, note in found.values() if note)))
    decided = bind(_with_formats(loaded, {place: form for place, (form, _) in found.items()}), table.headers)
    return replace(decided, notes=tuple(notes))


def _with_formats(loaded: LoadedTemplate, formats: Mapping[tuple[int, str], str]) -> LoadedTemplate:
    steps = [
        step.model_copy(
            update={
                "fields": {
                    path: spec.model_copy(update={"format": (formats[number, path],)})
                    if (number, path) in formats
                    else spec
                    for path, spec in step.fields.items()
                }
            }
        )
        for number, step in enumerate(loaded.template.steps)
    ]
    return replace(loaded, template=loaded.template.model_copy(update={"steps": steps}))


@dataclass
class _Count:
    """How many cells something is true of, and the row of the first."""

    cells: int = 0
    first_row: int = 0

    def add(self, cells: int, row: int) -> None:
        self.first_row = self.first_row or row
        self.cells += cells


@dataclass
class _Judge:
    """
    What the cells of one column say of the formats.

    Date cells need no format, and a cell that fits none of them is refused in its own row; neither is counted.

    Attributes:
        of: The date field.
        table: The file, for messages.
        fitting: Set of formats (by position) to the cells that are dates in just these.
        contrary: Pair of formats to the cells that are another day in the one than in the other.
    """

    of: UndecidedDate
    table: SourceTable
    fitting: dict[tuple[int, ...], _Count] = field(default_factory=dict)
    contrary: dict[tuple[int, int], _Count] = field(default_factory=dict)
    _known: dict[str, tuple[date | None, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readers = [day(form, pivot=self.of.pivot) for form in self.of.formats]

    def hear(self, batch: Batch, left_out: Collection[int]) -> None:
        """Take note of a batch, except of the rows that the template leaves out."""
        cells = self.of.source.cells(batch)
        texts: Sequence[str] = cells.texts
        positions: Sequence[int] = range(len(texts))
        if cells.kinds is not None or left_out:
            positions = [at for at in positions if at not in left_out and _is_written(cells, at)]
            texts = [texts[at] for at in positions]
        first = dict(zip(reversed(texts), reversed(positions), strict=True))  # the earliest is laid last
        for text, count in Counter(texts).items():
            self._weigh(text, _Count(count, batch.rows[first[text]]))

    def _weigh(self, text: str, count: _Count) -> None:
        days = self._known.get(text)
        if days is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            days = self._known[text] = self._days_of(text)
        fits = tuple(at for at, found in enumerate(days) if found)
        if fits:
            self.fitting.setdefault(fits, _Count()).add(count.cells, count.first_row)
        for one, other in combinations(fits, 2):
            if days[one] != days[other]:
                self.contrary.setdefault((one, other), _Count()).add(count.cells, count.first_row)

    def _days_of(self, text: str) -> tuple[date | None, ...]:
        bare = text if is_bare(text) else self.of.source.clean(text)[0]
        found = (convert(bare, Kind.TEXT) for convert in self._readers)
        return tuple(one if isinstance(one, date) else None for one in found)

    def judge(self) -> tuple[str, Note | None]:
        """
        The format in which the column is written, and a note of it; without any date in text, the first one and none.

        Raises:
            SourceError: There is no such format, or more than one.
        """
        forms = self.of.formats
        left = [at for at in range(len(forms)) if all(at in fits for fits in self.fitting)]
        if not left:
            raise self._mixed()
        for pair, count in self.contrary.items():
            if set(pair) <= set(left):
                raise self._ambiguous(pair, count)
        if not self.fitting:
            return forms[0], None
        header = self.of.source.headers[0]
        cells = sum(count.cells for count in self.fitting.values())
        message = f"of the declared formats, {forms[left[0]]} is the one in which all dates of the column are written"
        first_row = min(count.first_row for count in self.fitting.values())
        return forms[left[0]], Note(_RULE, message, cells, header.name, header.letter, first_row)

    def _mixed(self) -> SourceError:
        said = [
            f"{count.cells} fit {' and '.join(self.of.formats[at] for at in fits)} alone (first in row {count.first_row})"
            for fits, count in sorted(self.fitting.items())
            if len(fits) < len(self.of.formats)
        ]
        return SourceError(
            f"{self._where()}: its dates are written in several ways: {'; '.join(said)}",
            hint="bring the column to one format, since no row of it can be trusted; "
            "or declare that format alone, and the other cells are refused row by row",
        )

    def _ambiguous(self, pair: tuple[int, int], count: _Count) -> SourceError:
        one, other = (self.of.formats[at] for at in pair)
        return SourceError(
            f"{self._where()}: {one} and {other} both fit all of its dates, and mean other days in {count.cells} of them "
            f"(first in row {count.first_row})",
            hint=f"ask who made the file, and declare that format alone, as in `format: {one}`",
        )

    def _where(self) -> str:
        header = self.of.source.headers[0]
        sheet = f', sheet "{self.table.sheet}"' if self.table.sheet else ""
        name = f'"{header.name}" ({header.letter})' if header.name else header.letter
        return f"{self.table.path.name}{sheet}, column {name}"


def _is_written(cells: Cells, at: int) -> bool:
    """Whether a cell is text, or a whole number, which can be a date written in digits alone."""
    kind = Kind.TEXT if cells.kinds is None else cells.kinds[at]
    return kind == Kind.TEXT or (kind == Kind.NUMBER and cells.texts[at].isdigit())
