"""
A source and a template become checked rows, and the checked rows of a run enter the journal.

The file is read twice in a run: once to check every row before anything is sent, once to send. Both times the same code makes
the payloads, and digests prove that the file still says the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

from loader.errors import TemplateError
from loader.journal.secret import key_secret
from loader.journal.store import Journal
from loader.mapping.fit import check_fields
from loader.mapping.judging import bind_to_table
from loader.mapping.letters import in_doubt
from loader.mapping.mapper import Mapper
from loader.mapping.said import as_template_says
from loader.mapping.template import LoadedTemplate, load_template
from loader.masking import masked_text
from loader.models.control_fields import IGNORE_WARNINGS
from loader.models.guarded import may_be_guarded
from loader.models.note import Note
from loader.models.operations import find_operation
from loader.models.warnings import WarningPolicy
from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.table import Batch, SourceTable
from loader.validation.checked import CheckedBatch
from loader.validation.validator import Validator

_NAMED_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """Where a step's natural key stands: payload fields, header and letter of the first one's column ("" for a constant)."""

    fields: tuple[str, ...]
    column: str
    letter: str


@dataclass(frozen=True, slots=True)
class Intake:
    """
    A source file laid under a template.

    Attributes:
        table: The source.
        template: The template with its digest.
        mapper: The template bound to the columns of the source.
        today: The date that "in the future" is measured from.
    """

    table: SourceTable
    template: LoadedTemplate
    mapper: Mapper
    today: date

    @classmethod
    def open(cls, path: Path, template: str, reading: Reading, *, today: date) -> Self:
        """
        Open a source under a template.

        Args:
            path: The source.
            template: Name of a shipped template, or path of one.
            reading: What the user says of it; what the template says is added.
            today: The date that "in the future" is measured from.

        Raises:
            TemplateError: The template is wrong, or does not fit the source.
            SourceError: The source cannot be read.
        """
        loaded = load_template(template)  # bind checks the fields
        table = open_table(path, as_template_says(reading, loaded.template))
        return cls(table, loaded, bind_to_table(loaded, table), today)

    @property
    def where(self) -> str:
        """The file and its sheet, for messages."""
        table = self.table
        return f'{table.path.name}, sheet "{table.sheet}"' if table.sheet else table.path.name

    @property
    def operations(self) -> tuple[str, ...]:
        """The template's steps, in its order."""
        return tuple(step.operation for step in self.template.template.steps)

    @property
    def key_columns(self) -> tuple[KeyColumn, ...]:
        """Where the natural key of each step stands."""
        places = (
            (step.key, self.mapper.place_of(n, step.key[0])) for n, step in enumerate(self.mapper.steps)
        )
        return tuple(KeyColumn(key, *(place or ("", ""))) for key, place in places)

    def secret(self, journal: Journal) -> bytes:
        """
        What conceals natural keys that are personal data from all but this journal, b"" where the template has none.

        Raises:
            JournalError: It is needed and cannot be had.
        """
        personal = any(step.key.fields for step in self.template.template.steps)
        return key_secret(journal) if personal else b""

    @property
    def totals(self) -> tuple[tuple[int, str], ...]:
        """The control totals: number of the step and path of the field."""
        template = self.template.template
        return tuple(
            (number, path)
            for number, step in enumerate(template.steps)
            for path in template.totals
            if path in step.fields
        )

    @property
    def looked_up_first(self) -> tuple[int, ...]:
        """Numbers of the steps of which, as far as the template tells, LoanPro would take a second one without a warning."""
        found = ((find_operation(step.operation), step) for step in self.template.template.steps)
        return tuple(
            number
            for number, (operation, step) in enumerate(found)
            if operation.parent is None and not may_be_guarded(operation.entity_group, step.fields)
        )

    @property
    def ignored_warnings(self) -> tuple[str, ...]:
        """Where the template sends rows in spite of transaction warnings (LoanPro reference 1.7)."""
        steps = self.template.template.steps
        from_the_start = (
            f"{step.operation}: {path.rpartition('.')[0] or 'all'}"
            for step in steps
            for path in step.fields
            if path.rpartition(".")[2] == IGNORE_WARNINGS
        )
        once_warned = (
            f"{step.operation}: {cause}, once LoanPro has warned"
            for step in steps
            for cause in step.warnings.policy.sent
        )
        return (*from_the_start, *once_warned)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was noticed before the first row was read."""
        nameless = in_doubt(
            self.template.template, self.table
        )  # what is in the place of headers may be a row
        unused = [
            header.letter if nameless else masked_text(f"{header.letter} {header.name}".rstrip())
            for header in self.mapper.unused
        ]
        notes = (*self.table.notes, *self.mapper.notes)
        if not unused:
            return notes
        more = f" and {len(unused) - _NAMED_AT_MOST:,} more" if len(unused) > _NAMED_AT_MOST else ""
        message = f"columns that the template does not use: {', '.join(unused[:_NAMED_AT_MOST])}{more}"
        return (*notes, Note("columns.unused", message))

    @property
    def warnings(self) -> tuple[WarningPolicy, ...]:
        """What each step of the template does about transaction warnings."""
        return tuple(step.warnings.policy for step in self.template.template.steps)

    def checked_batches(self, secret: bytes) -> Iterator[CheckedBatch]:
        """
        All rows of the source, checked.

        Args:
            secret: Conceals keys that are personal data; not needed where the template has none (`secret`).

        Raises:
            SourceError: The source cannot be read any further.
        """
        return map(self.checker(secret), self.table.batches())

    def checker(self, secret: bytes) -> Callable[[Batch], CheckedBatch]:
        """What checks a batch of the source; *secret* as in `checked_batches`."""
        validator = Validator(
            self.template.template, self.mapper, self.table, today=self.today, secret=secret
        )
        return lambda batch: validator.check(self.mapper.map(batch))


def checked_template(name_or_path: str) -> LoadedTemplate:
    """
    A template whose every field, value and link LoanPro knows.

    Raises:
        TemplateError: There is no such template, or it is wrong; all problems are in the message.
    """
    loaded = load_template(name_or_path)
    problems = check_fields(loaded)
    if problems:
        raise TemplateError(
            "\n".join(problems), hint="`loader fields` lists every field with its type and values"
        )
    return loaded
