"""Who hears of a run while it goes on, and is asked before anything is sent."""

from typing import Protocol

from loader.journal.records import RunRecord
from loader.models.outcome import StepResult
from loader.plan import Plan
from loader.report.summary import RunSummary


class Audience(Protocol):
    """Hears what happens and is asked; the terminal."""

    def reading(self, rows: int) -> None:
        """So many rows have been read and checked."""
        ...

    def looking_up(self, done: int, wanted: int) -> None:
        """So many of the linked entities have been asked for."""
        ...

    def continuing(self, run: RunRecord) -> None:
        """The same file was begun in an earlier run and not finished: that one is continued."""
        ...

    def nothing_to_send(self, plan: Plan, run: RunRecord) -> None:
        """The plan is ready, and has no request; the reports follow, which may take a while."""
        ...

    def complete(self, summary: RunSummary, words: str) -> None:
        """All of the file was sent in an earlier run, which came to this; a report that is missing may follow, which may take a while."""
        ...

    def confirms(self, plan: Plan, run: RunRecord) -> bool:
        """The plan is ready; True sends it."""
        ...

    def sending(self, plan: Plan) -> None:
        """The first request is about to leave."""
        ...

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        ...
