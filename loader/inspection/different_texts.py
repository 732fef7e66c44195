"""How many different texts a column has."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Self

from loader.source.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

_FEW_OF: Final = 8
"""Where less than this part of the cells is new, those that are not are left out in Arrow's form."""


class DifferentTexts:
    """Remembers the different texts of a column, until it is told that they are too many."""

    def __init__(self) -> None:
        self._texts = set[str]()
        self._are_too_many = False
        self._grows = True
        self._arrow: pa.LargeStringArray | None = None  # most of them, where they hardly grow

    def __getstate__(self) -> dict[str, Any]:
        """Another process makes Arrow's form anew."""
        return vars(self) | {"_arrow": None}

    @property
    def texts(self) -> set[str] | None:
        """They, None where they are too many."""
        return None if self._are_too_many else self._texts

    def add(self, texts: Iterable[str]) -> None:
        """Cells, or other texts."""
        if self._are_too_many:
            return
        if isinstance(texts, Texts):
            before = len(self._texts)
            self._texts.update(self._likely_new(texts))
            self._grows = _FEW_OF * (len(self._texts) - before) > len(texts)
        else:
            self._texts.update(texts)

    def merge(self, other: Self) -> None:
        """Take in those of other rows."""
        if other._are_too_many:
            self.forget()
        else:
            self.add(other._texts)

    def forget(self) -> None:
        """Remember no more than that they are too many."""
        self._texts, self._are_too_many, self._arrow = set(), True, None

    def _likely_new(self, texts: Texts) -> Iterable[str]:
        """All of them that are not known, and perhaps others."""
        if texts.coded is not None:
            return texts.coded.tally()[0]
        if self._grows or not texts.is_sound or not self._is_in_arrow():
            return texts
        import pyarrow.compute as pc  # noqa: PLC0415

        is_new = pc.invert(pc.is_in(texts.arrow, value_set=self._arrow))
        new: list[str] = texts.arrow.filter(is_new).to_pylist()
        return new

    def _is_in_arrow(self) -> bool:
        """Whether Arrow has most of those that are known."""
        if self._arrow is None or _FEW_OF * len(self._texts) > (_FEW_OF + 1) * len(self._arrow):
            known = Texts.of(list(self._texts))
            self._arrow = known.arrow if known.is_sound else None
        return self._arrow is not None
