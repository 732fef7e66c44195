"""
A customer found by social security number and birth date, where the lender has no number of its own (LoanPro reference 4.5, 7).

Both are personal data. The number stands in the body of a search alone and never in an address, which proxies and servers log.
Whether LoanPro shows the number in full, masked or not at all is not documented: what does not show it proves nothing, neither that
the person is there nor that it is not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any, Final, Self

from loader.models.comparison import day_of
from loader.models.look_up import Finder, LookUp, read_back, search

_SSN: Final = "ssn"
_BIRTH_DATE: Final = "birthDate"
_SSN_DIGITS: Final = 9

_MASKED = re.compile(r"[*xX#•\s-]*(\d*)")
_SEPARATORS = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """
    Several fields that together are a natural key, and personal data.

    The journal and all that people see hold it concealed (`concealed.py`).

    Attributes:
        fields: Their names, in the order in which templates write them.
        digits: Of fields that are numbers, how many digits they must have: else one number could be written in two ways.
        finder: How what has this key is found again.
    """

    fields: tuple[str, ...]
    digits: Mapping[str, int] = field(hash=False)
    finder: Finder


class _Shown(Enum):
    """What an entity shows of a value."""

    SAME = auto()
    OTHER = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class ByPerson:
    """
    Finds a customer by social security number and birth date.

    The natural key that the journal keeps says nothing of the person, so the two come from the payload (`of`).

    Attributes:
        ssn: Nine digits, "" where they are not known yet.
        born: The birth date, None where it is not known yet.
    """

    ssn: str = ""
    born: date | None = None

    def within(self, parent_id: int) -> Self:
        """Itself: a customer is in no other entity."""
        del parent_id
        return self

    def of(self, payload: Mapping[str, Any]) -> Self:
        """
        The same for the person of a payload.

        Raises:
            ValueError: The payload does not name one.
        """
        ssn, born = payload.get(_SSN), payload.get(_BIRTH_DATE)
        if not isinstance(ssn, str) or not _is_ssn(ssn) or not isinstance(born, date):
            raise ValueError("the payload names no person")
        return replace(self, ssn=ssn, born=born)

    def look_ups(self, key: str) -> tuple[LookUp, ...]:
        """
        All who were born on that day, then the search for the number, whose index may lag behind (LoanPro reference 1.5, 7).

        The list is asked for without paging, and it alone can prove that nobody is there: whether LoanPro filters by the number is
        not documented, and a filter that it cannot apply might find nobody.

        Raises:
            ValueError: The person is not known.
        """
        del key
        born = self._known()
        of_day = LookUp(
            "GET",
            "odata.svc/Customers",
            {
                "$filter": f"{_from(born, 'ge')} and {_from(born + timedelta(days=1), 'lt')}",
                "nopaging": "true",
            },
            whole=True,
            day=(_BIRTH_DATE, born),
        )
        return of_day, replace(search("Customers", _SSN, self.ssn), proves_absence=False)

    def read_back(self, remote_id: int, nested: Sequence[str]) -> LookUp:
        """The customer, with the nested entities that are to be compared."""
        return read_back("Customers", remote_id, nested)

    def matches(self, entity: dict[str, Any], key: str) -> bool:
        """Whether the entity shows exactly this person."""
        del key
        return all(shown is _Shown.SAME for shown in self._shown(entity))

    def hides(self, entity: dict[str, Any], key: str) -> bool:
        """Whether the entity may be this person and does not show it."""
        del key
        shown = self._shown(entity)
        return _Shown.HIDDEN in shown and _Shown.OTHER not in shown

    def contradicts(self, entity: dict[str, Any], key: str) -> bool:
        """Whether the entity shows another person; one that hides it contradicts nothing."""
        del key
        return _Shown.OTHER in self._shown(entity)

    def _shown(self, entity: dict[str, Any]) -> tuple[_Shown, _Shown]:
        born = self._known()
        return _shown_ssn(entity.get(_SSN), self.ssn), _shown_day(entity.get(_BIRTH_DATE), born)

    def _known(self) -> date:
        if not self.ssn or self.born is None:
            raise ValueError("the person is not known")
        return self.born


PERSON = PersonalKey((_SSN, _BIRTH_DATE), {_SSN: _SSN_DIGITS}, ByPerson())
"""A person's number and birth date, of which LoanPro itself blocks a second pair (LoanPro reference 4.3)."""


def person_shown(entity: Mapping[str, Any]) -> tuple[str, str] | None:
    """Number and birth date that an entity shows in full, in the form in which they make a key; None where it does not."""
    ssn, born = entity.get(_SSN), entity.get(_BIRTH_DATE)
    try:
        day = day_of(born) if isinstance(born, str) else None
    except ValueError:
        return None
    return (ssn, day.isoformat()) if isinstance(ssn, str) and _is_ssn(ssn) and day else None


def _is_ssn(text: str) -> bool:
    return len(text) == _SSN_DIGITS and text.isascii() and text.isdigit()


def _from(day: date, sign: str) -> str:
    """A date filter as LoanPro documents it (LoanPro reference 1.5)."""
    return f"{_BIRTH_DATE} {sign} datetime'{day.isoformat()}T00:00:00'"


def _shown_ssn(found: Any, ssn: str) -> _Shown:
    """
    What an answer shows of the number.

    Nine digits show it, with or without separators. Fewer may be the last ones of a masked number, or what is left of a number
    without its leading zeros: they can tell another person, and never the same one.
    """
    if not isinstance(found, str | int) or isinstance(found, bool):
        return _Shown.HIDDEN
    text = str(found)
    digits = _SEPARATORS.sub("", text)
    if _is_ssn(digits):
        return _Shown.SAME if digits == ssn else _Shown.OTHER
    masked = _MASKED.fullmatch(text)
    last = masked[1] if masked else ""
    return _Shown.HIDDEN if ssn.endswith(last) else _Shown.OTHER


def _shown_day(found: Any, born: date) -> _Shown:
    try:
        day = day_of(found) if isinstance(found, str) else None
    except ValueError:
        return _Shown.HIDDEN
    if day is None:
        return _Shown.HIDDEN
    return _Shown.SAME if day == born else _Shown.OTHER
