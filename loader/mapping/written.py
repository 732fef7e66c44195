"""The written forms of columns, texts and constants in a template, each brought to one shape."""

from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeAlias

from pydantic import BeforeValidator

Scalar: TypeAlias = str | int | Decimal | bool | None


class ColumnRef(NamedTuple):
    """One column of the file, by its header or by its letter; the other is ""."""

    name: str = ""
    letter: str = ""

    def __str__(self) -> str:
        return f"column {self.letter}" if self.letter else f'"{self.name}"'


def _column_ref(value: Any) -> ColumnRef:
    match value:
        case str() if value.strip():
            return ColumnRef(name=value)
        case {"letter": str(letter), **rest} if not rest:
            if letter.isascii() and letter.isalpha() and len(letter) <= 3:  # noqa: PLR2004 - XFD is the last one
                return ColumnRef(letter=letter.upper())
            raise ValueError(f"{letter!r} is not a column's letter, such as C or AB")
        case bool() | int() | Decimal():
            raise ValueError(
                f'{value} is not text; put a header in quotes ("{value}"), or write a constant as {{value: {value}}}'
            )
        case _:
            raise ValueError("a column is a header, {letter: C}, or a list of these")


def as_columns(value: Any) -> Any:
    """Bring every written form of columns to a tuple of references."""
    if isinstance(value, tuple):
        return value
    found = tuple(_column_ref(item) for item in (value if isinstance(value, list) else [value]))
    if not found:
        raise ValueError("the list of columns is empty")
    return found


def _words(value: Any) -> Any:
    """Texts to compare cells with, from one or a list of scalars."""
    found = value if isinstance(value, list | tuple) else [value]
    if not found or any(isinstance(item, dict | list) or item is None for item in found):
        raise ValueError('expected a text or a list of texts; write "" for a blank cell')
    return tuple(str(item) for item in found)


def _null_words(value: Any) -> Any:
    """Words that mean nothing. YAML reads its own word for nothing in three spellings, and so all three are meant by it."""
    words = list[str]()
    for item in value if isinstance(value, list | tuple) else [value]:
        if item is None:
            words += ["null", "Null", "NULL"]
        elif isinstance(item, dict | list | bool) or not str(item).strip():
            raise ValueError(
                "expected a word or a list of words; a blank cell is blank without being declared"
            )
        else:
            words.append(str(item).strip())
    return tuple(words)


def _scalar(value: Any) -> Any:
    if isinstance(value, dict | list):
        raise ValueError("expected one value: text, a number, true, false or null")  # noqa: TRY004 - pydantic's way
    return value


def null_as_word(value: Any) -> Any:
    """YAML reads the word `null` as nothing; here it is a word."""
    return "null" if value is None else value


def as_list(value: Any) -> Any:
    """One thing alone needs no list."""
    return value if isinstance(value, list | tuple) else [value]


Columns: TypeAlias = Annotated[tuple[ColumnRef, ...], BeforeValidator(as_columns)]
Constant: TypeAlias = Annotated[Any, BeforeValidator(_scalar)]

Words: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_words)]
NullWords: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_null_words)]
