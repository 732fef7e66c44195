"""What is sent, what is not, and why: decided from the journal before the first request, and shown to the user."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loader.intake.entering import Entered
from loader.intake.file import KeyColumn
from loader.journal.fates import UNDO
from loader.journal.known import Earlier, rows_linking_to, sent_earlier
from loader.journal.packed import rows_apart
from loader.journal.recorder import Recorder
from loader.journal.records import ControlTotal
from loader.journal.runs import RunHandle
from loader.journal.schema import OPEN, State
from loader.journal.standing import count_issues, count_linked, count_rows, count_steps, planned_of
from loader.journal.store import Journal
from loader.journal.view import JournalView
from loader.mapping.field_spec import ROW
from loader.models.issue import Issue
from loader.models.operations import find_operation
from loader.models.outcome import Outcome
from loader.models.reversals import How
from loader.source.headers import ROW_COLUMN
from loader.validation.doubles import Group

_TWINS_NAMED = 5
_GROUPS_AT_ONCE = 500


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
        look_ups: Requests beside them that only read, when every answer is clear.
        problems: Issues by kind, errors first.
        totals: Control totals.
        ignored_warnings: Where the template switches transaction warnings off.
        seconds: Time that requests and look-ups need at the rate, None without a rate.
    """

    rows_read: int
    blank_rows: int
    rows: dict[Outcome, int]
    requests: dict[str, int]
    look_ups: int
    problems: tuple[Problem, ...]
    totals: tuple[ControlTotal, ...]
    ignored_warnings: tuple[str, ...]
    seconds: float | None

    @property
    def to_send(self) -> int:
        """Requests in all."""
        return sum(self.requests.values())


@dataclass(frozen=True, slots=True)
class UndoPlan(Plan):
    """
    What an undo is going to do.

    Attributes:
        how: Archive or delete.
        even_active: Whether activated loans are undone too.
    """

    how: How
    even_active: bool


def settle_conflicts(recorder: Recorder, entered: Entered, keys: Sequence[KeyColumn]) -> None:
    """
    Make rows invalid that would send different things under one natural key; each names the others.

    Args:
        recorder: Writes into the journal.
        entered: The file.
        keys: The key of each step of the template, in its order.
    """
    recorder.invalidate(
        conflict
        for doubles in entered.doubles.values()
        for group in doubles.conflicts()
        for conflict in _conflicts(group, keys, entered.row_numbers)
    )


def _conflicts(
    group: Group, keys: Sequence[KeyColumn], row_numbers: Sequence[int]
) -> Iterator[tuple[int, Issue]]:
    """One issue for each row of the group; of many others the first are named, and the rest counted."""
    ordinals = list(dict.fromkeys(ordinal for ordinal, _ in group.members))
    first = ordinals[: _TWINS_NAMED + 1]
    told: set[int] = set()
    for ordinal, step in group.members:
        if ordinal in told:
            continue
        told.add(ordinal)
        named = [row_numbers[other] for other in first if other != ordinal][:_TWINS_NAMED]
        yield ordinal, _doubled(keys[step], named, len(ordinals) - 1 - len(named))


def _doubled(key: KeyColumn, rows: Sequence[int], more: int) -> Issue:
    if not rows:
        where = "this row twice"
    else:
        where = f"row{'s' if len(rows) + more > 1 else ''} {', '.join(map(str, rows))}"
        where += f" and {more} more" if more else ""
    if key.fields == (ROW,):
        return Issue(
            rule="key.doubled",
            message=f"the number in the column {ROW_COLUMN} stands in {where} too, with other values",
            advice=f"keep the mended row, and empty the cell {ROW_COLUMN} of one that is a row of its own; none of them is sent",
        )
    return Issue(
        rule="key.doubled",
        message=f"the same {' and '.join(key.fields)} stands in {where}, with other values",
        advice="keep one of the rows, or give each its own number; none of them is sent",
        field=key.fields[0],
        column=key.column,
        letter=key.letter,
    )


def settle_repetitions(recorder: Recorder, journal: Journal, run: RunHandle, entered: Entered) -> None:
    """
    Of steps that would send the same, leave the first that is still planned and skip the others, naming its row.

    Rows that are entered together are planned. Where these alone share a key they stay together; the others of such groups are entered
    apart, which may concern further groups.
    """
    settled: set[tuple[str, tuple[int, int]]] = set()
    while True:
        apart = rows_apart(journal, run)
        together = [(name, *doubles.repetitions(apart)) for name, doubles in entered.doubles.items()]
        open_groups = [
            (name, group)
            for name, _, groups in together
            for group in groups
            if (name, group.members[0]) not in settled
        ]
        if not open_groups:
            recorder.skip_together(
                {step: ordinals for _, of_steps, _ in together for step, ordinals in of_steps.items()}
            )
            return
        settled.update((name, group.members[0]) for name, group in open_groups)
        recorder.set_aside(
            (ordinal, step, State.SKIPPED, f"same as row {entered.row_numbers[planned[0][0]]}", None)
            for planned in _still_planned(recorder, journal, run, open_groups)
            for ordinal, step in planned[1:]
        )
        if apart is None:
            return


def _still_planned(
    recorder: Recorder, journal: Journal, run: RunHandle, groups: Sequence[tuple[str, Group]]
) -> Iterator[list[tuple[int, int]]]:
    """The steps of each group that are still planned; some hundred groups to a question."""
    for start in range(0, len(groups), _GROUPS_AT_ONCE):
        part = [group for _, group in groups[start : start + _GROUPS_AT_ONCE]]
        members = [member for group in part for member in group.members]
        recorder.enter_apart(ordinal for ordinal, _ in members)
        planned = planned_of(journal, run, members, sorted({step for _, step in members}))
        for group in part:
            still = [member for member in group.members if member in planned]
            if still:
                yield still


def settle_earlier(recorder: Recorder, journal: Journal, run: RunHandle) -> None:
    """
    Take out of the plan what other runs have sent to the same tenant under the same natural key.

    The same content, accepted: skipped, with the run and the row. Other content, or an unknown fate: held.
    """
    recorder.set_aside(_decided(sent_earlier(journal, run)))


def _decided(found: Iterable[Earlier]) -> Iterator[tuple[int, int, State, str, int | None]]:
    """The newest run's word counts; it comes first of each row."""
    last = None
    for earlier in found:
        place = (earlier.step, earlier.ordinal)
        if place != last:
            yield (earlier.ordinal, earlier.step, *_judged(earlier))
        last = place


def _judged(earlier: Earlier) -> tuple[State, str, int | None]:
    where = f"run {earlier.run}, row {earlier.row}"
    if earlier.state is State.HELD:
        what = f"held in {where}: LoanPro has one of this number, with other values"
        return State.HELD, what, earlier.remote_id
    if earlier.state is not State.ACCEPTED:
        return State.HELD, f"sent in {where}, outcome unknown: run `loader resume {earlier.run}` first", None
    if earlier.unclear:
        what = f"accepted in {where}; whether run {earlier.undone_in} has undone it is not known"
        return State.HELD, f"{what}: run `loader resume {earlier.undone_in}` first", earlier.remote_id
    if earlier.archived:
        what = f"accepted in {where} and archived in run {earlier.undone_in}: LoanPro still holds its number"
        return State.HELD, what, earlier.remote_id
    if earlier.same:
        return State.SKIPPED, f"accepted already in {where}", earlier.remote_id
    return State.HELD, f"accepted in {where} with other values", earlier.remote_id


def settle_missing(
    recorder: Recorder, journal: Journal, run: RunHandle, missing: Iterable[tuple[str, str, str]]
) -> int:
    """
    Make the rows invalid that link to what neither this program nor the tenant knows.

    Args:
        recorder: Writes into the journal.
        journal: The same journal, for reading.
        run: The run.
        missing: Entity group, key and reason.

    Returns:
        How many rows: they in turn may be what others link to.
    """
    reasons = {(entity, key): reason for entity, key, reason in missing}
    return recorder.invalidate(
        (
            ordinal,
            Issue(
                rule="link.missing",
                message=f"{entity} {key}, which the row links to, is in no valid row of this file, in no earlier run, "
                f"and {reasons[entity, key]}",
                advice=f"submit the {entity} first, or mend the number",
                field=entity,
            ),
        )
        for ordinal, entity, key in rows_linking_to(journal, run, reasons)
    )


def draw_up(journal: Journal, run: RunHandle, per_second: float | None, limit: int | None = None) -> Plan:
    """
    The plan of a run as the journal holds it now.

    Args:
        journal: Where the run is.
        run: Which one.
        per_second: The rate, None for none.
        limit: Only so many rows from the beginning are to be sent, None for all.
    """
    states = count_steps(journal, run, limit)
    requests = dict.fromkeys(run.operations, 0)
    for number, operation in enumerate(run.operations):
        requests[operation] += sum(states[number, state] for state in OPEN)
    look_ups = _look_ups(journal, run, requests, limit)
    look_ups += sum(states[number, State.PLANNED] for number in run.settings.get("looked_up_first", ()))
    return Plan(
        rows_read=run.record.rows_read,
        blank_rows=run.record.blank_rows,
        rows=count_rows(journal, run),
        requests=requests,
        look_ups=look_ups,
        problems=tuple(Problem(*found) for found in count_issues(journal, run)),
        totals=JournalView(journal, run).totals(),
        ignored_warnings=run.record.ignored_warnings,
        seconds=(sum(requests.values()) + look_ups) / per_second if per_second else None,
    )


def _look_ups(journal: Journal, run: RunHandle, requests: Mapping[str, int], limit: int | None) -> int:
    """
    What is read beside the requests: what is undone is read back before.

    A loan is looked at once for each of its lists before anything is added, and what was added is read back for its id (LoanPro
    reference 3.3 and 4.3).
    """
    if run.record.kind == UNDO:
        return sum(requests.values())
    count = 0
    for operation in map(find_operation, requests):
        if operation.parent is not None and requests[operation.name]:
            numbers = [number for number, name in enumerate(run.operations) if name == operation.name]
            loans = count_linked(journal, run, operation.parent.to, numbers, limit)
            count += loans + requests[operation.name]
    return count
