"""What is sent, what is not, and why: decided from the journal before the first request, and shown to the user."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loader.intake import Entered, KeyColumn
from loader.journal.known import (
    Earlier,
    count_issues,
    count_rows,
    count_steps,
    rows_linking_to,
    sent_earlier,
)
from loader.journal.recorder import Recorder
from loader.journal.records import ControlTotal
from loader.journal.runs import RunHandle
from loader.journal.schema import State
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.models.issue import Issue
from loader.models.outcome import Outcome
from loader.validation.doubles import Group

_TWINS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """How many rows have one kind of issue in one column."""

    severity: str
    rule: str
    column: str
    rows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a run is going to do.

    Attributes:
        rows_read: Rows of the source.
        blank_rows: Rows that hold nothing.
        rows: Rows by the outcome they have before anything is sent; `not_sent` are those to be sent.
        requests: Requests to be sent, by operation, in the order of the template.
        problems: Issues by kind, errors first.
        totals: Control totals.
        ignored_warnings: Where the template switches transaction warnings off.
        seconds: Time that the requests need at the rate, None without a rate.
    """

    rows_read: int
    blank_rows: int
    rows: dict[Outcome, int]
    requests: dict[str, int]
    problems: tuple[Problem, ...]
    totals: tuple[ControlTotal, ...]
    ignored_warnings: tuple[str, ...]
    seconds: float | None

    @property
    def to_send(self) -> int:
        """Requests in all."""
        return sum(self.requests.values())


def settle_doubles(recorder: Recorder, entered: Entered, keys: Sequence[KeyColumn]) -> None:
    """
    Decide about natural keys that occur more than once in the file.

    Rows that would send different things under one key are invalid, each naming the others. Of identical ones the first
    valid row sends, the others are skipped.
    """
    identical: list[tuple[int, Group]] = []
    found: list[tuple[int, Issue]] = []
    for number, (doubles, key) in enumerate(zip(entered.doubles, keys, strict=True)):
        for group in doubles.groups():
            if group.identical:
                identical.append((number, group))
            else:
                found.extend(_conflicts(group, key, entered))
    for ordinal, _ in found:
        entered.valid[ordinal] = 0
    recorder.invalidate(found)
    recorder.set_aside(_repetitions(identical, entered))


def _conflicts(group: Group, key: KeyColumn, entered: Entered) -> Iterator[tuple[int, Issue]]:
    for ordinal in group.ordinals:
        others = [entered.row_numbers[other] for other in group.ordinals if other != ordinal]
        named = ", ".join(map(str, others[:_TWINS_NAMED]))
        more = f" and {len(others) - _TWINS_NAMED} more" if len(others) > _TWINS_NAMED else ""
        where = f"row{'s' if len(others) > 1 else ''} {named}{more}"
        yield (
            ordinal,
            Issue(
                rule="key.doubled",
                message=f"the same {key.field} stands in {where}, with other values",
                advice="keep one of the rows, or give each its own number; none of them is sent",
                field=key.field,
                column=key.column,
                letter=key.letter,
            ),
        )


def _repetitions(
    identical: Iterable[tuple[int, Group]], entered: Entered
) -> Iterator[tuple[int, int, State, str, int | None]]:
    for number, group in identical:
        valid = [ordinal for ordinal in group.ordinals if entered.valid[ordinal]]
        for ordinal in valid[1:]:
            yield ordinal, number, State.SKIPPED, f"same as row {entered.row_numbers[valid[0]]}", None


def settle_earlier(recorder: Recorder, journal: Journal, run: RunHandle) -> None:
    """
    Take out of the plan what earlier runs have sent to the same tenant under the same natural key.

    The same content, accepted: skipped, with the run and the row. Other content, or an unknown fate: held.
    """
    decided: dict[tuple[int, int], tuple[int, int, State, str, int | None]] = {}
    for earlier in sent_earlier(journal, run):
        place = (earlier.ordinal, earlier.step)
        if place not in decided:  # the newest run comes first
            decided[place] = (*place, *_judged(earlier))
    recorder.set_aside(decided.values())


def _judged(earlier: Earlier) -> tuple[State, str, int | None]:
    where = f"run {earlier.run}, row {earlier.row}"
    if earlier.state is not State.ACCEPTED:
        return State.HELD, f"sent in {where}, outcome unknown: run `loader resume {earlier.run}` first", None
    if earlier.same:
        return State.SKIPPED, f"accepted already in {where}", earlier.remote_id
    return State.HELD, f"accepted in {where} with other values", earlier.remote_id


def settle_missing(
    recorder: Recorder, journal: Journal, run: RunHandle, missing: Iterable[tuple[str, str]]
) -> None:
    """Make the rows invalid that link to what neither this program nor the tenant knows."""
    recorder.invalidate(
        (
            ordinal,
            Issue(
                rule="link.missing",
                message=f"{entity} {key}, which the row links to, is neither in this file, nor in an earlier run, "
                "nor in LoanPro",
                advice=f"submit the {entity} first, or mend the number",
                field=entity,
            ),
        )
        for ordinal, entity, key in rows_linking_to(journal, run, missing)
    )


def draw_up(journal: Journal, run: RunHandle, per_second: float | None) -> Plan:
    """The plan of a run as the journal holds it now."""
    states = count_steps(journal, run)
    requests = {
        operation: states[number, State.PLANNED]
        + states[number, State.SENDING]
        + states[number, State.UNKNOWN]
        for number, operation in enumerate(run.operations)
    }
    return Plan(
        rows_read=run.record.rows_read,
        blank_rows=run.record.blank_rows,
        rows=count_rows(journal, run),
        requests=requests,
        problems=tuple(Problem(*found) for found in count_issues(journal, run)),
        totals=JournalView(journal, run).totals(),
        ignored_warnings=run.record.ignored_warnings,
        seconds=sum(requests.values()) / per_second if per_second else None,
    )
