"""The header row of a text file, and the character between its cells, which shows in which way the headers make sense."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from loader.errors import SourceError, UsageError
from loader.masking import HIDDEN
from loader.models.folding import folded
from loader.models.note import Note
from loader.source.header_rows import SEARCHED_ROWS, DeclaredHeaders, joined
from loader.source.reading import Reading
from loader.source.text.text_file import Start, TextFile
from loader.source.text.text_head import Head, Row, loose_cells, strict_cells

SEPARATORS: Final = (",", "\t", ";", "|")
"""Characters that are looked for between the cells of a text file."""

_WORDS: Final = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    r"\t": "\t",
    "pipe": "|",
    "bar": "|",
    "space": " ",
}
_NO_SEPARATOR: Final = frozenset('"\r\n\0')
_TAB_SUFFIXES: Final = frozenset({".tsv", ".tab"})
_SHOWN_AT_MOST: Final = 6
_SHOWN_LETTERS: Final = 30
_LIKE_DATA: Final = re.compile(r"\S*(?:@|[0-9][0-9])\S*")
_TOLD: Final = Note(
    "csv.separator-line", "the first line says which character stands between cells, and is no row"
)


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """
    What the beginning of a text file shows.

    Attributes:
        names: The headers, those of several rows joined.
        separator: The character between cells.
        start: Where the rows begin.
        notes: What was noticed.
    """

    names: Sequence[str]
    separator: str
    start: Start
    notes: tuple[Note, ...]


def find_header(text: TextFile, reading: Reading) -> FoundHeader:
    """
    Find the header row and the separator.

    The separator is the one that the user names; else that of a first line such as `sep=;`, which Excel writes and hides; else the
    one with which most cells of the header row are headers that the template names; else, where that shows nothing, the one that
    looks most like it.

    Args:
        text: The file.
        reading: What is known of it: separator, rows and names of the headers.

    Raises:
        UsageError: What the user names is no separator.
        SourceError: The file has no such row, the row is not whole, another row holds the headers, or no header makes sense with
            that separator.
    """
    said = separator_of(reading.delimiter) if reading.delimiter is not None else None
    number = reading.header_row
    with text.open() as stream:
        head = Head(text, stream)
        candidates = _Candidates(head, reading, text.content.suffix)
        separator = said or head.told or candidates.chosen()
        rows = head.rows(number, separator)
        lines = [strict_cells(text, row, separator) for row in rows[-reading.header_rows :]]
        names = joined(lines, reading.headers_wanted)
        names = names[: max([len(lines[-1]), *(at for at, name in enumerate(names, 1) if name)])]
        declared = DeclaredHeaders(names, number, reading.headers_wanted)
        declared.require(_first_rows(head, separator), text.name)
        candidates.require_match(separator, names, text.name, said=bool(said or head.told))
    notes = (_TOLD,) if head.told else ()
    return FoundHeader(names, separator, Start(rows[-1].end, number + 1, rows[-1].next_line), notes)


def _first_rows(head: Head, separator: str) -> Iterator[list[str]]:
    """The rows in which headers are looked for, read only when they are."""
    yield from (loose_cells(row, separator) for row in head.rows_there(SEARCHED_ROWS, separator))


def separator_of(said: str) -> str:
    """
    The character that an option names, itself or by its word, such as `tab`.

    Raises:
        UsageError: It is not one character, or one that cannot stand between cells.
    """
    found = _WORDS.get(said.strip().lower(), said)
    if len(found) == 1 and found.isascii() and not found.isalnum() and found not in _NO_SEPARATOR:
        return found
    raise UsageError(
        f'--delimiter "{said}" cannot stand between cells',
        hint="name one ASCII character that is no letter, digit or quote, or one of the words comma, semicolon, tab, pipe, space",
    )


def choose_separator(line: str, *, preferred: str = ",") -> str:
    """
    The character that looks most like a separator, from the header line alone.

    The preferred one wins wherever it stands outside quotes; of the others the most frequent, first tab, then
    semicolon, then bar where they tie; a line with none of them is one single column.

    Args:
        line: The header line, which may hold line breaks in quotes.
        preferred: Comma, or tab where the file's ending says so.
    """
    outside = "".join(line.split('"')[::2])
    if preferred in outside:
        return preferred
    candidates = [character for character in SEPARATORS if character in outside]
    if "," in candidates:
        return ","
    return max(candidates, key=outside.count) if candidates else preferred


class _Candidates:
    """The separators that come into question, and what the header row is with each of them."""

    def __init__(self, head: Head, reading: Reading, suffix: str) -> None:
        self._head, self._number, self._count = head, reading.header_row, reading.header_rows
        self._names_wanted = reading.headers_wanted
        self._wanted = frozenset(map(folded, reading.headers_wanted))
        self._by_letter = bool(reading.letters_used)
        self._preferred = "\t" if suffix in _TAB_SUFFIXES else ","

    def chosen(self) -> str:
        """The one that makes most headers match, be it in another row, else the one that looks most like it."""
        rows = {}
        for separator in dict.fromkeys((self._preferred, *SEPARATORS)):
            with suppress(
                SourceError
            ):  # with another separator the row may be whole; if not, it is said of the chosen one
                rows[separator] = self._head.rows(self._number, separator)
        for matches in (
            {separator: self._matches(found[-self._count :], separator) for separator, found in rows.items()},
            {separator: self._matches_anywhere(separator) for separator in rows},
        ):
            most = max(matches.values(), default=0)
            likely = [separator for separator, count in matches.items() if count == most]
            if most and len(likely) == 1:
                return likely[0]
            if most:
                break
        for separator in likely:
            line = rows[separator][-1].line
            if separator in line and choose_separator(line, preferred=self._preferred) == separator:
                return separator
        return self._preferred

    def require_match(self, separator: str, cells: Sequence[str], name: str, *, said: bool) -> None:
        """
        Refuse a separator that leaves no header which the template names, where the separator is to blame.

        It is where it was said; and where none was found, so that the whole row is one cell.

        Raises:
            SourceError: The message shows what the headers would be.
        """
        one_cell = len(cells) == 1 and len(self._wanted) > 1
        if not self._wanted or self._by_letter or not (said or one_cell) or self._found(cells):
            return
        other = self.chosen()
        fits = self._matches(self._head.rows_there(self._number, other)[-self._count :], other)
        shown = ", ".join(f'"{_shortened(cell)}"' for cell in cells[:_SHOWN_AT_MOST])
        more = f" and {len(cells) - _SHOWN_AT_MOST} more" if len(cells) > _SHOWN_AT_MOST else ""
        raise SourceError(
            f"{name}, row {self._number}: with {_named(separator)} between cells the headers are {shown}{more}, and the "
            "template names none of them",
            hint=f"with {_named(other)} they are headers that it names: `--delimiter {_named(other).split()[-1]}`"
            if fits
            else "name the character that stands between cells, as in `--delimiter tab`, or the row of the headers in the template, as in "
            "`rows: {header: 3}`",
        )

    def _matches(self, rows: Sequence[Row], separator: str) -> int:
        """How many headers that the template names these rows hold."""
        return self._found(joined([loose_cells(row, separator) for row in rows], self._names_wanted))

    def _matches_anywhere(self, separator: str) -> int:
        """The same of the best of the first rows: where another row holds the headers, it is told which."""
        if not self._wanted:
            return 0
        try:
            rows = self._head.rows_there(SEARCHED_ROWS, separator)
        except SourceError:  # a row further down does not end, with this separator at least
            return 0
        return max((self._found(loose_cells(row, separator)) for row in rows), default=0)

    def _found(self, names: Sequence[str]) -> int:
        return sum(folded(name) in self._wanted for name in names)


def _named(separator: str) -> str:
    words = {character: word for word, character in _WORDS.items() if word.isalpha()}
    return f"a {words[separator]}" if separator in words else f'"{separator}"'


def _shortened(cell: str) -> str:
    """
    What may be a header, for a message: a row of data may stand in its place, so that numbers and addresses of mail are hidden.

    Headers have no number of two digits in them as a rule.
    """
    bare = _LIKE_DATA.sub(HIDDEN, " ".join(cell.split()))
    return bare if len(bare) <= _SHOWN_LETTERS else bare[: _SHOWN_LETTERS - 1] + "…"
