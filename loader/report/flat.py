"""One row's result in the words that all reports share: which message speaks for the row, and unique column names."""

from collections.abc import Iterable, Sequence

from loader.journal.records import Mending, RowResult
from loader.models.outcome import Outcome, StepResult


def row_message(row: RowResult) -> tuple[str, str]:
    """
    The message and the advice that speak for the row: its own, else those of the first step that decided it.

    Of a row that was mended since the message begins with what became of it, and there is nothing to advise unless it is invalid still.
    """
    message, advice = row.message, ""
    for step in row.steps:
        if step.outcome is row.outcome and (step.message or step.advice):
            message, advice = message or step.message, step.advice
            break
    if row.mended:
        still_invalid = row.mended[-1].outcome is Outcome.INVALID
        return "; ".join((*map(_mended, row.mended), message)), advice if still_invalid else ""
    return message, advice


def step_advice(step: StepResult) -> str:
    """
    What to do about a step itself.

    Nothing where our checks refused the row: message and advice stand beside the row, and may be about another step's field.
    """
    return "" if step.outcome is Outcome.INVALID and not step.message else step.advice


def _mended(mending: Mending) -> str:
    where = f"in run {mending.run}, row {mending.row}"
    if mending.outcome is Outcome.INVALID:
        return f"still invalid {where}"
    return f"mended {where}: {mending.outcome.value.replace('_', ' ')}"


def unique_names(names: Iterable[str], taken: Sequence[str] = ()) -> list[str]:
    """
    Names without doubles: a repeated one gets ` (2)`, ` (3)` and so on.

    Names that differ only in case count as repeated, since spreadsheets and databases take them for the same.

    Args:
        names: Headers of the user or names of operations; a blank one becomes `column`.
        taken: Names that are in use already.
    """
    used = {name.casefold() for name in taken}
    unique = []
    for name in names:
        base = name or "column"
        candidate, count = base, 1
        while candidate.casefold() in used:
            count += 1
            candidate = f"{base} ({count})"
        used.add(candidate.casefold())
        unique.append(candidate)
    return unique
