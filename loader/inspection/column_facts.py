"""What a column came to: figures, and what a person should look at before it is mapped."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from loader.inspection.column_reader import DISTINCT_AT_MOST, ColumnReader
from loader.inspection.date_texts import Orders
from loader.inspection.figures import KIND_OF_LOOK, Figures
from loader.inspection.looks import Look
from loader.inspection.personal import header_tells_person, texts_tell_person
from loader.inspection.text_cells import Found
from loader.masking import looks_sensitive, masked_text
from loader.models.note import Note
from loader.source.table import Header

_KINDS: Final = ("text", "number", "date", "percent", "flag", "time", "error")
_SHOWN_LETTERS: Final = 40

_OF_CELLS: Final = {
    "errors": ("cell.error", "errors of a spreadsheet instead of values"),
    "lossy": (
        "number.beyond-15-digits",
        "numbers of more than 15 digits, of which a spreadsheet has lost the last ones",
    ),
    "nothing": ("text.means-nothing", "words such as N/A or None: text, unless the template declares them as blank"),
    "spaced": ("text.white-space", "white space around the text: it is trimmed"),
    "invisible": ("text.invisible", "no-break spaces or signs that cannot be seen"),
}  # fmt: skip
_OF_TEXTS: Final = {
    Look.ZEROS: ("text.leading-zeros", "digits with zeros on their left: read as a number they would lose them"),
    Look.EXPONENT: (
        "text.exponent",
        "numbers such as 1.23E+15: a spreadsheet has shortened them when it saved the file",
    ),
    Look.LONG: (
        "text.beyond-15-digits",
        "more than 15 digits: a spreadsheet that opens and saves them as numbers loses the last ones",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """
    What is in one column.

    Attributes:
        letter: As a spreadsheet shows it.
        header: "" where it has none.
        sensitive: Whether header or content look like personal data, such as names and addresses, or secrets: no content of it is shown
            then.
        kinds: Cells by kind, those that there are: `text`, `number`, `date`, `percent`, `flag`, `time`, `error`, `blank`.
        distinct: How many different texts there are, None where they are more than `DISTINCT_AT_MOST`.
        smallest: Of a column of numbers, percentages or dates, "" for others and where it is not shown.
        largest: Likewise.
        date_format: In which dates are written as text, in the words of templates; "" for others and where that is open.
        examples: The first different texts, shortened; none where they are not shown.
        notes: What is odd about it.
    """

    letter: str
    header: str
    sensitive: bool
    kinds: Mapping[str, int]
    distinct: int | None
    smallest: str
    largest: str
    date_format: str
    examples: tuple[str, ...]
    notes: tuple[Note, ...]

    @property
    def kind(self) -> str:
        """What most cells are that are not blank; "" where all are blank."""
        return _main_kind(self.kinds)


def column_facts(column: ColumnReader, *, known_sensitive: bool = False) -> ColumnFacts:
    """What a column came to, after its last batch; *known_sensitive* where a template fills a sensitive field from it."""
    header, figures, examples = column.header, column.figures, column.examples
    kinds = {kind: figures.kinds[kind] for kind in (*_KINDS, "blank") if figures.kinds[kind]}
    orders, distinct = figures.dates.orders(), column.distinct
    filled = sum(kinds.values()) - kinds.get("blank", 0)
    secret = figures.looks.get(Look.SSN, Found(0, 0)).cells
    told = kinds.get("text", 0) and texts_tell_person(header.name, examples, distinct, filled)
    may_be_birth = not header.name and _main_kind(kinds) == "date"
    by_content = bool(told) or may_be_birth or 2 * secret > filled > 0
    sensitive = known_sensitive or header_tells_person(header.name) or by_content
    smallest, largest = ("", "") if sensitive else _extremes(figures, _main_kind(kinds), orders)
    return ColumnFacts(
        letter=header.letter,
        header=header.name,
        sensitive=sensitive,
        kinds=kinds,
        distinct=None if distinct > DISTINCT_AT_MOST else distinct,
        smallest=_shown(smallest),
        largest=_shown(largest),
        date_format=orders.formats[0] if len(orders.formats) == 1 else "",
        examples=() if sensitive else tuple(_shown(text) for text in examples),
        notes=tuple(_notes(header, figures, kinds, orders)),
    )


def _main_kind(kinds: Mapping[str, int]) -> str:
    return max(_KINDS, key=lambda kind: kinds.get(kind, 0)) if set(kinds) - {"blank"} else ""


def _extremes(figures: Figures, kind: str, orders: Orders) -> tuple[str, str]:
    if kind == "number" and Look.ZEROS in figures.looks:
        return "", ""  # identifiers, of which none is the smallest
    if kind in figures.numbers:
        numbers = figures.numbers[kind]
        return numbers.smallest, numbers.largest
    if kind != "date":
        return "", ""
    days = [day for day in figures.days if day] + [day.isoformat() for day in orders.span or ()]
    known = figures.typed or orders.span is not None
    return (min(days), max(days)) if days and known else ("", "")


def _shown(text: str) -> str:
    """A text of the file as it may be shown."""
    shown = masked_text(text) if looks_sensitive(text) else text
    return shown if len(shown) <= _SHOWN_LETTERS else shown[: _SHOWN_LETTERS - 1] + "…"


def _notes(header: Header, figures: Figures, kinds: Mapping[str, int], orders: Orders) -> Iterator[Note]:
    def note(rule: str, message: str, found: Found) -> Note:
        return Note(rule, message, found.cells, header.name, header.letter, found.first_row)

    if not set(kinds) - {"blank"}:
        yield note("column.blank", "every cell is blank", Found(0, 0))
    elif not header.name:
        yield note(
            "column.without-header",
            "there is content, and no header: a template names it by its letter",
            Found(0, 0),
        )
    for look, (rule, message) in _OF_TEXTS.items():
        if look in figures.looks:
            yield note(rule, message, figures.looks[look])
    for name, (rule, message) in _OF_CELLS.items():
        if name in figures.odd:
            yield note(rule, message, figures.odd[name])
    yield from (note(*found) for found in (*_strangers(figures, kinds), *_of_dates(orders)))


def _strangers(figures: Figures, kinds: Mapping[str, int]) -> Iterator[tuple[str, str, Found]]:
    """Cells of another kind than most of their column."""
    if figures.typed:
        for kind in ("number", "date"):
            found = _together(figures, [look for look, of in KIND_OF_LOOK.items() if of == kind])
            if found.cells and kinds.get(kind):
                yield f"text.{kind}-as-text", f"{kind}s that are text, where other cells are {kind}s", found
    main = _main_kind(kinds)
    if main not in {"number", "date", "percent"}:
        return
    words = _together(figures, (Look.WORDS, Look.SSN))
    if words.cells:
        yield f"column.text-among-{main}s", f"text in a column of {main}s", words
    for kind in ("number", "date", "percent"):
        if kind != main and kind in kinds:
            found = Found(kinds[kind], figures.firsts[kind])
            yield f"column.{kind}s-among-{main}s", f"{kind}s in a column of {main}s", found


def _of_dates(orders: Orders) -> Iterator[tuple[str, str, Found]]:
    """What is unclear about dates that are text."""
    if orders.mixed:
        message = (
            "day and month stand in no one order: some are dates only with the day first "
            f"({orders.day_first:,}, from row {orders.day_first_row} on), some only with the month first "
            f"({orders.month_first:,}, from row {orders.month_first_row} on)"
        )
        both = Found(orders.day_first + orders.month_first, min(orders.day_first_row, orders.month_first_row))
        yield "date.order-mixed", message, both
    elif orders.unusual:
        message = f"no dates as most of the column are, {orders.usual}"
        yield "date.other-format", message, Found(orders.unusual, orders.unusual_row)
    elif orders.open:
        message = f"dates in more than one order: {' or '.join(orders.formats)}; the template must say which"
        yield "date.order-open", message, Found(0, 0)
    if orders.short_years:
        yield "date.short-years", "years have two digits: the template's format says YY", Found(0, 0)


def _together(figures: Figures, looks: Iterable[Look]) -> Found:
    found = [figures.looks[look] for look in looks if look in figures.looks]
    return Found(sum(each.cells for each in found), min((each.first_row for each in found), default=0))
