"""Which part of a workbook is read: a sheet, or a table or a named range in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import process

from loader.errors import SourceError
from loader.models.note import Note
from loader.source.damage import told_as_damage
from loader.source.headers import OUR_SHEET
from loader.source.structure import Area
from loader.source.workbook.named_areas import NamedArea, named_areas
from loader.source.workbook.workbook import Book, hidden_sheets, visible_sheets, worksheets

_KINDS: Final = {"sheet": "sheet", "table": "table", "range": "named range"}
"""What may stand before a name, with a colon, and its word."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    What was chosen.

    Attributes:
        sheet: Name of the sheet, as the workbook spells it.
        area: The part of it, None for all of it.
        notes: What is told of the choice.
    """

    sheet: str
    area: Area | None = None
    notes: Sequence[Note] = ()


def choose_part(book: Book, wanted: str | None) -> Part:
    """
    The part of a workbook that is read.

    Args:
        book: Open.
        wanted: Name of a sheet, hidden ones included, of a table or of a named range, in any case; where several have it, with
            its kind, as in `table:Loans`. None for the first visible sheet.

    Raises:
        SourceError: There is no such part, or there are several; the hint names those that there are, the most similar first.
    """
    if wanted is None:
        visible = visible_sheets(book.workbook)
        if not visible:
            raise SourceError(
                f"{book.name} has no visible worksheet", hint="name the sheet that holds the rows"
            )
        return _with_notes(book, Part(visible[0]), named=False)
    sheets = worksheets(book.workbook)
    with told_as_damage(book.name):
        areas = named_areas(book.content)
    if wanted in sheets and not _named(areas, wanted):
        return _with_notes(book, Part(wanted), named=True)
    kind, _, name = wanted.partition(":")
    kind = kind.strip().lower()
    if kind not in _KINDS or _same(sheets, wanted):
        kind, name = "", wanted
    found: list[Part | NamedArea] = []
    if kind in {"", "sheet"}:  # names of sheets differ by more than case in every format
        found.extend(Part(sheet) for sheet in _same(sheets, name))
    found.extend(area for area in _named(areas, name) if kind in {"", area.kind})
    if len(found) == 1:
        chosen = found[0]
        part = chosen if isinstance(chosen, Part) else _part_of(book, chosen, sheets)
        return _with_notes(book, part, named=True)
    if found:
        raise _ambiguous(book, name, found)
    raise _no_such(book, kind, name, sheets, areas)


def _same(names: Sequence[str], wanted: str) -> list[str]:
    return [name for name in names if name.strip().casefold() == wanted.strip().casefold()]


def _named(areas: Sequence[NamedArea], wanted: str) -> list[NamedArea]:
    return [area for area in areas if _same([area.name], wanted)]


def _part_of(book: Book, chosen: NamedArea, sheets: Sequence[str]) -> Part:
    """
    The cells of a table or range, with what is told of it.

    Raises:
        SourceError: It is no area of one sheet, or has no headers.
    """
    word = _KINDS[chosen.kind]
    if chosen.area is None or chosen.sheet not in sheets:
        raise SourceError(
            f'the {word} "{chosen.name}" of {book.name} is not an area of cells in one sheet',
            hint="name the sheet that holds the rows, or a range such as =Loans!$A$4:$F$20",
        )
    if not chosen.has_headers:
        raise SourceError(
            f'the {word} "{chosen.name}" of {book.name} has no row of headers',
            hint="switch its header row on in the spreadsheet program, and save the workbook",
        )
    totals = ", without its row of totals" if chosen.totals else ""
    message = f'of the sheet the {word} "{chosen.name}" is read, {chosen.area}{totals}'
    return Part(chosen.sheet, chosen.area, (Note("sheet.part-read", message),))


def _with_notes(book: Book, part: Part, *, named: bool) -> Part:
    """The part with what is told of the sheets beside it, and of a hidden one."""
    return Part(part.sheet, part.area, (*part.notes, *_of_sheets(book, part.sheet, named=named)))


def _of_sheets(book: Book, chosen: str, *, named: bool) -> Iterator[Note]:
    hidden = hidden_sheets(book.workbook)
    if chosen in hidden:
        yield Note("sheet.hidden-read", "the sheet is hidden, and read since it was named")
    if named:
        return
    # The last sheet of a rejected workbook is a list of issues.
    listing = OUR_SHEET in worksheets(book.workbook)
    others = len(visible_sheets(book.workbook)) - 1 - listing
    if others > 0:
        message = "the first sheet is read; `--sheet` with the name of another one reads that"
        yield Note("sheet.others-not-read", message, others)
    if hidden:
        message = "hidden sheets are not read; `--sheet` with the name of one reads it"
        yield Note("sheet.hidden", message, len(hidden))


def _ambiguous(book: Book, name: str, found: Sequence[Part | NamedArea]) -> SourceError:
    kinds = ["sheet" if isinstance(part, Part) else part.kind for part in found]
    words = " and ".join(f"a {_KINDS[kind]}" for kind in kinds)
    choices = " or ".join(f'`--sheet "{kind}:{name}"`' for kind in dict.fromkeys(kinds))
    hint = f"say which, with {choices}" if len(set(kinds)) == len(kinds) else "give each a name of its own"
    return SourceError(f'{book.name} has {words} of the name "{name}"', hint=hint)


def _no_such(
    book: Book, kind: str, name: str, sheets: Sequence[str], areas: Sequence[NamedArea]
) -> SourceError:
    known = {"sheet": sheets} | {
        other: [area.name for area in areas if area.kind == other] for other in ("table", "range")
    }
    listed = (
        f"{_KINDS[other]}s are {', '.join(_nearest(names, name))}"
        for other, names in known.items()
        if names and kind in {"", other}
    )
    word = _KINDS.get(kind, "sheet")
    others = (
        "" if kind else ", table or named range" if any(known[other] for other in ("table", "range")) else ""
    )
    return SourceError(
        f'{book.name} has no {word}{others} "{name}"',
        hint="; ".join(f"its {names}" for names in listed) or "name a sheet",
    )


def _nearest(names: Sequence[str], wanted: str) -> list[str]:
    return [f'"{name}"' for name, _, _ in process.extract(wanted, names, limit=None)]
