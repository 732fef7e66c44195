"""How a file is to be read: what the user and the template say of it. All else is found out from the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

_OF_USER: Final = ("sheet",)


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
        header_row: Row number of the headers, from 1.
        stop_at: Where the rows end, None for the end of the file.
        letters_used: Letters by which the template names columns; they need no header.
        headers_wanted: Headers that the template names, as it writes them; none where there is no template.
    """

    sheet: str | None = None
    header_row: int = 1
    stop_at: StopAt | None = None
    letters_used: frozenset[str] = frozenset()
    headers_wanted: frozenset[str] = frozenset()

    def as_settings(self) -> dict[str, Any]:
        """What the user has said, by the names of the command line's options: for a later command that reads the file again."""
        said = {name: getattr(self, name) for name in _OF_USER}
        return {name.replace("_", "-"): value for name, value in said.items() if value is not None}

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The reverse of `as_settings`."""
        return cls(**{name.replace("-", "_"): value for name, value in settings.items()})
