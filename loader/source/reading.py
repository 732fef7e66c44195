"""How a file is to be read: what the user and the template say of it. All else is found out from the file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, Self, TypeAlias

Hidden: TypeAlias = Literal["ask", "include", "skip"]
"""What is done about hidden rows and columns: stop and say which there are, read them, or leave hidden rows out."""
Merged: TypeAlias = Literal["refuse", "fill"]
"""What is done about merged cells below the headers: refuse their rows, or give each of the cells the value of the first."""
_OF_USER: Final = ("sheet", "hidden", "delimiter", "encoding", "member")


@dataclass(slots=True)
class Password:
    """
    The password of a workbook, asked for when a workbook turns out to have one, and once.

    Attributes:
        ask: Asks the user.
        known: What was answered, "" before; never shown, never kept.
    """

    ask: Callable[[], str]
    known: str = field(default="", repr=False)

    def __call__(self) -> str:
        """The password."""
        if not self.known:
            self.known = self.ask()
        return self.known


@dataclass(frozen=True, slots=True)
class StopAt:
    """
    Where the rows end before the file does.

    Attributes:
        columns: The column to look at, as its header or its letter, the other ""; of several, the first that the file has. None: the
            first blank row below a row ends them.
        words: Texts that end the rows, folded; that row is no row itself.
    """

    columns: tuple[tuple[str, str], ...] = ()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What is known of a file before it is opened.

    Attributes:
        sheet: Name of the sheet; None for the first visible one. A text file has none.
        delimiter: The character between the cells of a text file, itself or by its word; None to find out.
        encoding: Of a text file, by any of its names; None to find out.
        member: The member of a ZIP archive that holds the rows; None for its only text file.
        header_row: Row number of the headers, from 1; of several rows of headers, the last.
        header_rows: How many rows the headers take up.
        hidden: What is done about hidden rows and columns; None where nobody has said.
        merged: What is done about merged cells below the headers.
        stop_at: Where the rows end, None for the end of the file.
        password: Of a workbook that has one; None where nobody can be asked. It is never kept.
        letters_used: Letters by which the template names columns; they need no header.
        headers_wanted: Headers that the template names, as it writes them; none where there is no template.
        keyed_by_row: Whether the template makes natural keys of the rows' places.
        sensitive: Letters and folded headers of the columns that fill sensitive fields: their cells are shown to nobody.
        percents: Letters and folded headers of the columns that are read as percentages: only of these it matters whether cells are
            written with a percent sign. None where it matters of all.
    """

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    member: str | None = None
    header_row: int = 1
    header_rows: int = 1
    hidden: Hidden | None = None
    merged: Merged = "refuse"
    stop_at: StopAt | None = None
    password: Password | None = field(default=None, repr=False, compare=False)
    letters_used: frozenset[str] = frozenset()
    headers_wanted: frozenset[str] = frozenset()
    keyed_by_row: bool = False
    sensitive: frozenset[str] = frozenset()
    percents: frozenset[str] | None = None

    def as_settings(self) -> dict[str, Any]:
        """What the user has said, by the names of the command line's options: for a later command that reads the file again."""
        said = {name: getattr(self, name) for name in _OF_USER}
        return {name.replace("_", "-"): value for name, value in said.items() if value is not None}

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The reverse of `as_settings`."""
        return cls(**{name.replace("-", "_"): value for name, value in settings.items()})

    def as_record(self) -> dict[str, Any]:
        """All of it but the password, for JSON: for a later command that has no template any more."""
        record = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "password"}
        stop = self.stop_at
        return {
            **record,
            "letters_used": sorted(self.letters_used),
            "headers_wanted": sorted(self.headers_wanted),
            "sensitive": sorted(self.sensitive),
            "percents": None if self.percents is None else sorted(self.percents),
            "stop_at": stop and {"columns": [list(c) for c in stop.columns], "words": sorted(stop.words)},
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """The reverse of `as_record`."""
        stop = record["stop_at"]
        columns = tuple((name, letter) for name, letter in stop["columns"]) if stop else ()
        return cls(
            **{
                **record,
                "letters_used": frozenset(record["letters_used"]),
                "headers_wanted": frozenset(record["headers_wanted"]),
                "sensitive": frozenset(record["sensitive"]),
                "percents": None if record["percents"] is None else frozenset(record["percents"]),
                "stop_at": stop and StopAt(columns, frozenset(stop["words"])),
            }
        )
