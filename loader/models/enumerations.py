"""How an enumeration of LoanPro is written down here: a Literal alias with the name of its collection and its meanings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin


@dataclass(frozen=True, slots=True)
class Group:
    """
    Marks a Literal alias as an enumeration that LoanPro keeps as a collection.

    Attributes:
        name: The collection's name, as `GET collections(<name>)/items` takes it (LoanPro reference 1.9), such as
            `loan.class`.
        meanings: What a cryptic value stands for, by its ending after the group's name and a full stop; only where
            the reference says it.
    """

    name: str
    meanings: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """
    One enumeration as a value.

    Attributes:
        group: The collection's name.
        values: All values that this program knows, in the reference's order. Text, and 0 and 1 where LoanPro takes a
            flag as well.
        meanings: What a value stands for, by whole value; empty where the values speak for themselves.
    """

    group: str
    values: tuple[str | int, ...]
    meanings: Mapping[str, str]


def enumeration(alias: Any) -> Enumeration | None:
    """The enumeration that an annotated Literal alias stands for, or None if *alias* is not one."""
    if get_origin(alias) is not Annotated:
        return None
    literal, *marks = get_args(alias)
    group = next((mark for mark in marks if isinstance(mark, Group)), None)
    if group is None or get_origin(literal) is not Literal:
        return None
    meanings = {f"{group.name}.{ending}": meaning for ending, meaning in group.meanings.items()}
    return Enumeration(group.name, get_args(literal), meanings)


def endings(group: str, values: Iterable[str | int]) -> list[str]:
    """The values without the group's name, as people say them: `loan.class.consumer` is `consumer`."""
    return [value.removeprefix(f"{group}.") for value in values if isinstance(value, str)]
