"""Enters the checked rows of a run, a batch to a transaction, before anything is sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import bindparam

from loader.journal.packed import pack, skip, take_out
from loader.journal.schema import State, issues, links, rows, steps
from loader.journal.store import Journal
from loader.masking import masked
from loader.models.issue import Issue
from loader.models.outcome import Outcome
from loader.validation.checked import CheckedRow, CheckedStep
from loader.validation.plain import NO_ROWS, PackedRows, PlainRows

_T = TypeVar("_T")
_AT_ONCE = 5_000
_DIGEST_BYTES = 16


class Recorder:
    """
    Writes what the check found into the journal.

    Args:
        journal: Where to.
        run: Number of the run.
    """

    def __init__(self, journal: Journal, run: int) -> None:
        self.journal = journal
        self._run = run

    def add(
        self,
        first_ordinal: int,
        unusual: Sequence[CheckedRow],
        plain: PackedRows = NO_ROWS,
        *,
        apart: bool = True,
    ) -> None:
        """
        Enter one batch of rows with their steps, links and issues.

        Args:
            first_ordinal: Position in the file of the first row of the batch.
            unusual: Rows that come whole; their ordinals are counted from the first row of the batch.
            plain: The others, of which there is nothing to say.
            apart: Whether each plain row has an entry of its own, as it must where it is to be sent.

        Raises:
            JournalError: Nothing of the batch was kept.
        """
        with self.journal.begin() as connection:
            if plain.count and apart:
                self._add_plain(connection, first_ordinal, plain.unpacked())
            elif plain.count:
                pack(connection, self._run, first_ordinal, plain)
            if unusual:
                self._add_unusual(connection, first_ordinal, unusual)

    def _add_plain(self, connection: sa.Connection, first_ordinal: int, plain: PlainRows) -> None:
        """One tuple for each entry, straight to the database: a million rows come this way."""
        ordinals = [first_ordinal + position for position in plain.positions]
        run, planned, nothing = repeat(self._run), repeat(State.PLANNED.value), repeat(None)
        digests = _cut(plain.digests) if plain.digests else repeat(b"")
        lines, originals = plain.lines or nothing, plain.originals or nothing
        connection.exec_driver_sql(
            _INSERT_ROW, list(zip(run, ordinals, plain.rows, lines, digests, originals, strict=False))
        )
        for number, step in enumerate(plain.steps):
            contents = _cut(step.digests) if step.digests else nothing
            amounts = step.amounts or nothing
            entries = zip(run, ordinals, repeat(number), step.keys, planned, contents, amounts, strict=False)
            connection.exec_driver_sql(_INSERT_STEP, list(entries))
            for at, (entity, keys) in enumerate(step.links):
                if not keys:
                    continue
                wanted = [
                    (self._run, ordinal, number, at, entity, key)
                    for ordinal, key in zip(ordinals, keys, strict=True)
                    if key
                ]
                if wanted:
                    connection.exec_driver_sql(_INSERT_LINK, wanted)

    def _add_unusual(
        self, connection: sa.Connection, first_ordinal: int, checked: Sequence[CheckedRow]
    ) -> None:
        run = self._run
        _insert(
            connection,
            rows,
            (
                {
                    "run": run,
                    "ordinal": first_ordinal + row.ref.ordinal,
                    "row": row.ref.row,
                    "line": row.ref.line,
                    "original": row.ref.original,
                    "digest": row.digest,
                    "excluded": row.excluded,
                }
                for row in checked
            ),
        )
        _insert(
            connection,
            steps,
            (self._step(first_ordinal, row, n, step) for row in checked for n, step in enumerate(row.steps)),
        )
        _insert(connection, links, (link for row in checked for link in self._links(first_ordinal, row)))
        _insert(
            connection,
            issues,
            (
                self._issue(first_ordinal + row.ref.ordinal, number, issue)
                for row in checked
                for number, issue in enumerate(row.issues)
            ),
        )

    def enter_apart(self, ordinals: Iterable[int]) -> None:
        """Give each of some rows an entry of its own, where it was entered together with others."""
        with self.journal.begin() as connection:
            for first_ordinal, taken in take_out(connection, self._run, ordinals):
                self._add_plain(connection, first_ordinal, taken)

    def skip_together(self, steps: Mapping[int, NDArray[np.int64]]) -> None:
        """Skip steps of rows that are entered together; number of the step to ordinals, ascending."""
        with self.journal.begin() as connection:
            skip(connection, self._run, steps)

    def invalidate(self, found: Iterable[tuple[int, Issue]]) -> int:
        """
        Enter issues that only the whole file or the tenant could show; their rows become invalid.

        Args:
            found: Ordinal of the row, and the issue.

        Returns:
            How many issues were entered.
        """
        count = 0
        for part in _parts(found):
            ordinals = sorted({ordinal for ordinal, _ in part})
            self.enter_apart(ordinals)
            with self.journal.begin() as connection:
                numbers = self._issues_so_far(connection, ordinals)
                values = []
                for ordinal, issue in part:
                    values.append(self._issue(ordinal, numbers[ordinal], issue))
                    numbers[ordinal] += 1
                _insert(connection, issues, values)
                statement = (
                    steps.update()
                    .where(
                        steps.c.run == self._run,
                        steps.c.ordinal == bindparam("b_ordinal"),
                        steps.c.state == State.PLANNED,
                    )
                    .values(state=State.INVALID)
                )
                connection.execute(statement, [{"b_ordinal": ordinal} for ordinal in ordinals])
            count += len(part)
        return count

    def _issues_so_far(self, connection: sa.Connection, ordinals: Sequence[int]) -> Counter[int]:
        """The next free number of an issue of each row."""
        query = (
            sa.select(issues.c.ordinal, sa.func.max(issues.c.number) + 1)
            .where(issues.c.run == self._run, issues.c.ordinal.in_(ordinals))
            .group_by(issues.c.ordinal)
        )
        return Counter({ordinal: number for ordinal, number in connection.execute(query)})  # noqa: C416  rows, not pairs

    def set_aside(self, found: Iterable[tuple[int, int, State, str, int | None]]) -> None:
        """
        Take planned steps out of the plan.

        Args:
            found: Ordinal, step, new state, reason, and LoanPro's id of the entity where it is known.
        """
        statement = (
            steps.update()
            .where(
                steps.c.run == self._run,
                steps.c.ordinal == bindparam("b_ordinal"),
                steps.c.step == bindparam("b_step"),
                steps.c.state == State.PLANNED,
            )
            .values(
                state=bindparam("v_state"), message=bindparam("v_message"), remote_id=bindparam("v_remote_id")
            )
        )
        names = ("b_ordinal", "b_step", "v_state", "v_message", "v_remote_id")
        for part in _parts(found):
            with self.journal.begin() as connection:
                connection.execute(statement, [dict(zip(names, values, strict=True)) for values in part])

    def reopen(self, outcomes: Iterable[Outcome]) -> int:
        """
        Plan steps once more that were sent and came to one of these outcomes.

        Those that LoanPro was seen to have become unknown instead: they are looked up before anything is sent.

        Returns:
            How many.
        """
        states = [State(outcome.value) for outcome in outcomes]
        chosen = [steps.c.run == self._run, steps.c.state.in_(states), steps.c.attempts > 0]
        seen = steps.update().where(*chosen, steps.c.remote_id.is_not(None)).values(state=State.UNKNOWN)
        others = (
            steps.update().where(*chosen).values(state=State.PLANNED, message=None, advice=None, status=None)
        )
        with self.journal.begin() as connection:
            return connection.execute(seen).rowcount + connection.execute(others).rowcount

    def _step(self, first_ordinal: int, row: CheckedRow, number: int, step: CheckedStep) -> dict[str, Any]:
        return {
            "run": self._run,
            "ordinal": first_ordinal + row.ref.ordinal,
            "step": number,
            "key": step.key,
            "state": State.PLANNED if row.valid else State.INVALID,
            "digest": step.digest or None,
            "amounts": "|".join("" if a is None else f"{a:f}" for a in step.amounts) or None,
            "attempts": 0,
        }

    def _links(self, first_ordinal: int, row: CheckedRow) -> Iterable[dict[str, Any]]:
        """The links that the row's own earlier steps do not answer."""
        if not row.valid:
            return
        made: set[tuple[str, str]] = set()
        for step_number, step in enumerate(row.steps):
            for number, link in enumerate(step.links):
                if (link.entity, link.key) not in made:
                    yield {
                        "run": self._run,
                        "ordinal": first_ordinal + row.ref.ordinal,
                        "step": step_number,
                        "number": number,
                        "entity": link.entity,
                        "key": link.key,
                    }
            made.add((step.operation.entity_group, step.key))

    def _issue(self, ordinal: int, number: int, issue: Issue) -> dict[str, Any]:
        return {
            "run": self._run,
            "ordinal": ordinal,
            "number": number,
            "severity": issue.severity,
            "rule": issue.rule,
            "message": issue.message,
            "advice": issue.advice,
            "field": issue.field,
            "column": issue.column,
            "letter": issue.letter,
            "value": masked(issue.value) if issue.sensitive and issue.value else issue.value,
            "sensitive": issue.sensitive,
        }


_INSERT_ROW = "INSERT INTO rows (run, ordinal, row, line, digest, original) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_STEP = "INSERT INTO steps (run, ordinal, step, key, state, digest, amounts, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
_INSERT_LINK = "INSERT INTO links (run, ordinal, step, number, entity, key) VALUES (?, ?, ?, ?, ?, ?)"


def _cut(digests: bytes) -> list[bytes]:
    return [digests[at : at + _DIGEST_BYTES] for at in range(0, len(digests), _DIGEST_BYTES)]


def _insert(connection: sa.Connection, table: sa.Table, values: Iterable[Mapping[str, Any]]) -> None:
    entries = list(values)
    if entries:
        connection.execute(table.insert(), entries)


def _parts(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Some thousand at a time, so that no list grows with the file."""
    rest = iter(values)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
