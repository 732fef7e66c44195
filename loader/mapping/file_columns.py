"""Finds the columns that a template names among those of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process, utils

from loader.mapping.cell_source import CellSource
from loader.mapping.conversions import cleaning_of, column_conversion
from loader.mapping.field_spec import FieldSpec, KeySpec, LinkSpec
from loader.mapping.refusal import quoted
from loader.mapping.said import columns_named
from loader.mapping.template import LoadedTemplate
from loader.mapping.written import ColumnRef
from loader.mapping.yaml_lines import Place
from loader.models.folding import folded
from loader.source.table import Header

_NEAREST_AT_MOST = 3
_NEAR_ENOUGH = 60


@dataclass
class FileColumns:
    """
    The columns of a file, which are used, and what was looked for in vain.

    Attributes:
        loaded: The template.
        headers: The columns, in the order of the file.
        problems: One line for each column that is missing or stands twice.
        used: Positions of the columns that the template uses.
    """

    loaded: LoadedTemplate
    headers: tuple[Header, ...]
    problems: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    _by_name: dict[str, list[Header]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for header in self.headers:
            if header.name:
                self._by_name.setdefault(folded(header.name), []).append(header)

    def find(self, refs: Sequence[ColumnRef], place: Place, *, optional: bool) -> tuple[Header, ...]:
        """The first of the columns that the file has; nothing if there is none, which is a problem unless optional."""
        for ref in refs:
            found = self._named(ref)
            if len(found) > 1:
                letters = " and ".join(header.letter for header in found)
                self._problem(place, f"the header {ref} stands {_times(len(found))} in the file ({letters})")
                return ()
            if found:
                self.used.add(found[0].index)
                return (found[0],)
        if not optional:
            self._problem(place, self._missing(refs))
        return ()

    def source_of(
        self,
        spec: FieldSpec | KeySpec | LinkSpec,
        path: str,
        headers: tuple[Header, ...],
        blank: Any,
        *,
        sensitive: bool,
        identifies: bool,
    ) -> CellSource:
        """The cells of a field, key or link, with their conversion; neither joined nor cut as yet."""
        clean = cleaning_of(spec, identifies=identifies)
        return CellSource(
            path=path,
            headers=headers,
            between="",
            split=None,
            convert=column_conversion(
                spec,
                blank,
                clean,
                identifies=identifies,
                has_percents=any(header.has_percents for header in headers),
            ),
            sensitive=sensitive,
            clean=clean,
            nulls=frozenset(self.loaded.template.null if spec.null is None else spec.null),
            is_text=spec.as_ == "text",
            keeps_zeros=identifies and spec.length is None,
        )

    def _named(self, ref: ColumnRef) -> list[Header]:
        if ref.letter:
            return [header for header in self.headers if header.letter == ref.letter]
        return self._by_name.get(folded(ref.name), [])

    def _missing(self, refs: Sequence[ColumnRef]) -> str:
        wanted = " or ".join(str(ref) if ref.letter else f"column {quoted(ref.name)}" for ref in refs)
        last = self.headers[-1].letter if self.headers else "none"
        if all(ref.letter for ref in refs):
            return f"the file has no {wanted}; its last column is {last}"
        near = self._nearest([ref.name for ref in refs if ref.name])
        return f"the file has no {wanted}" + (f"; nearest: {near}" if near else "")

    def _nearest(self, names: Iterable[str]) -> str:
        """Headers like these, with their letters; none where the template names no column of the file: the row may be one of data."""
        if not any(self._named(ref) for ref in columns_named(self.loaded.template) if ref.name):
            return ""
        known = {header.index: header.name for header in self.headers if header.name}
        found = [
            match
            for name in names
            for match in process.extract(
                name,
                known,
                scorer=fuzz.WRatio,
                processor=utils.default_process,
                limit=_NEAREST_AT_MOST,
                score_cutoff=_NEAR_ENOUGH,
            )
        ]
        best = dict.fromkeys(index for _, _, index in sorted(found, key=lambda match: -match[1]))
        letters = {header.index: header.letter for header in self.headers}
        return ", ".join(f"{quoted(known[i])} ({letters[i]})" for i in list(best)[:_NEAREST_AT_MOST])

    def _problem(self, place: Place, message: str) -> None:
        self.problems.append(self.loaded.problem(place, message))


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"  # noqa: PLR2004 - the word for two
