"""Enters the checked rows of a run, a batch to a transaction, before anything is sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from loader.journal.schema import State, issues, links, rows, steps
from loader.journal.store import Journal
from loader.masking import masked
from loader.models.issue import Issue
from loader.validation.checked import CheckedRow, CheckedStep

_FIRST_LATE_ISSUE = 1_000
"""Issues found once the whole file is read are numbered from here, after those of the row itself."""


class Recorder:
    """
    Writes what the check found into the journal.

    Args:
        journal: Where to.
        run: Number of the run.
    """

    def __init__(self, journal: Journal, run: int) -> None:
        self._journal = journal
        self._run = run

    def add(self, checked: Sequence[CheckedRow]) -> None:
        """
        Enter one batch of rows with their steps, links and issues.

        Raises:
            JournalError: Nothing of the batch was kept.
        """
        run = self._run
        with self._journal.begin() as connection:
            _insert(
                connection,
                rows,
                (
                    {
                        "run": run,
                        "ordinal": row.ref.ordinal,
                        "row": row.ref.row,
                        "digest": row.digest,
                        "excluded": row.excluded,
                    }
                    for row in checked
                ),
            )
            _insert(
                connection,
                steps,
                (self._step(row, n, step) for row in checked for n, step in enumerate(row.steps)),
            )
            _insert(connection, links, (link for row in checked for link in self._links(row)))
            _insert(
                connection,
                issues,
                (
                    self._issue(row.ref.ordinal, number, issue)
                    for row in checked
                    for number, issue in enumerate(row.issues)
                ),
            )

    def invalidate(self, found: Iterable[tuple[int, Issue]]) -> None:
        """
        Enter issues that only the whole file or the tenant could show; their rows become invalid.

        Args:
            found: Ordinal of the row, and the issue; at most a few for each row.
        """
        numbers: dict[int, int] = {}
        values = []
        for ordinal, issue in found:
            number = numbers[ordinal] = numbers.get(ordinal, _FIRST_LATE_ISSUE - 1) + 1
            values.append(self._issue(ordinal, number, issue))
        with self._journal.begin() as connection:
            _insert(connection, issues, values)
            if values:
                statement = (
                    steps.update()
                    .where(steps.c.run == self._run, steps.c.ordinal == bindparam("b_ordinal"))
                    .values(state=State.INVALID)
                )
                connection.execute(statement, [{"b_ordinal": ordinal} for ordinal in numbers])

    def set_aside(self, found: Iterable[tuple[int, int, State, str, int | None]]) -> None:
        """
        Take planned steps out of the plan.

        Args:
            found: Ordinal, step, new state, reason, and LoanPro's id of the entity where it is known.
        """
        values = [
            {
                "b_ordinal": ordinal,
                "b_step": step,
                "v_state": state,
                "v_message": message,
                "v_remote_id": remote_id,
            }
            for ordinal, step, state, message, remote_id in found
        ]
        if not values:
            return
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
        with self._journal.begin() as connection:
            connection.execute(statement, values)

    def _step(self, row: CheckedRow, number: int, step: CheckedStep) -> dict[str, Any]:
        return {
            "run": self._run,
            "ordinal": row.ref.ordinal,
            "step": number,
            "key": step.key,
            "state": State.PLANNED if row.valid else State.INVALID,
            "digest": step.digest or None,
            "amounts": "|".join("" if a is None else f"{a:f}" for a in step.amounts) or None,
            "attempts": 0,
        }

    def _links(self, row: CheckedRow) -> Iterable[dict[str, Any]]:
        """The links that the row's own earlier steps do not answer."""
        if not row.valid:
            return
        made: set[tuple[str, str]] = set()
        for step_number, step in enumerate(row.steps):
            for number, link in enumerate(step.links):
                if (link.entity, link.key) not in made:
                    yield {
                        "run": self._run,
                        "ordinal": row.ref.ordinal,
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


def _insert(connection: sa.Connection, table: sa.Table, values: Iterable[Mapping[str, Any]]) -> None:
    entries = list(values)
    if entries:
        connection.execute(table.insert(), entries)
