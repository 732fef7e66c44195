"""
What is wanted, and the arithmetic: each figure compares a reading of ours with a bound, alone or as a ratio to somebody else's.

The bounds of the first part are those that the project has set itself; figures without a bound are there to be seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import checks, finished, others, submits
from bench.command import Readings
from bench.stage import Sizes, Stage

Case = Callable[[Stage], Readings]

OURS: tuple[Case, ...] = (
    checks.help_, checks.check_ten, checks.check, checks.check_part, checks.check_utf16, checks.check_gzip,
    checks.check_workbook, checks.read_workbook, submits.submit, submits.sending, submits.sending_without_journal,
    submits.paced, submits.limited, finished.report, finished.resume_finished, finished.resume_killed,
    finished.submit_again,
)  # fmt: skip
OTHERS: tuple[Case, ...] = (
    others.frictionless, others.pandera, others.naive_check, others.arrow, others.calamine, others.newman,
    others.naive_submit, others.by_hand, others.k6, others.wrk, others.curl, others.xlsxwriter,
)  # fmt: skip
CASES = {case.__name__.rstrip("_"): case for case in (*OURS, *OTHERS)}
SLOW, FAST = (f"the limit of {rate}/s" for rate in (submits.SLOW_RATE, submits.FAST_RATE))
LIMITS = {SLOW: submits.SLOW_RATE, FAST: submits.FAST_RATE}


@dataclass(frozen=True, slots=True)
class Bound:
    """At least or at most a number; a ratio's bound is one of the quotient."""

    at_least: bool
    number: float

    def met_by(self, value: float) -> bool:
        """Whether a value keeps it."""
        return value >= self.number if self.at_least else value <= self.number


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One line of the table.

    Attributes:
        group: What `--only` names.
        what: In words.
        case: Whose reading.
        reading: Which one.
        bound: What is wanted, None where it is only shown.
        beside: The case that it is compared with, "" for none.
        beside_reading: Which of its readings, "" for the same.
    """

    group: str
    what: str
    case: str
    reading: str
    bound: Bound | None = None
    beside: str = ""
    beside_reading: str = ""

    @property
    def cases(self) -> tuple[str, ...]:
        """What has to be run for it."""
        return tuple(name for name in (self.case, self.beside) if name in CASES)


@dataclass(slots=True)
class Taken:
    """All readings of one case, and why there are none."""

    readings: list[Readings] = field(default_factory=list)
    missing: str = ""
    failed: str = ""

    def median(self, reading: str) -> float | None:
        """The median of a reading over the rounds, None where there is none."""
        values = [taken[reading] for taken in self.readings if reading in taken]
        return median(values) if values else None


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A figure with what came of it.

    Attributes:
        figure: Which one.
        ours: The median of ours.
        beside: The median of what it is compared with.
        ratio: Ours by the other.
        worked: The same ratio by processor time, which other work on the machine changes little; None where it says nothing.
        met: Whether the bound is kept; None where there is none, or something to judge by is not there.
        why: Why there is nothing to judge by.
    """

    figure: Figure
    ours: float | None
    beside: float | None
    ratio: float | None
    met: bool | None
    why: str = ""
    worked: float | None = None


def judge(figure: Figure, taken: Mapping[str, Taken]) -> Judged:
    """
    A figure by the medians of what was taken; what failed of ours keeps no bound.

    Args:
        figure: Which one.
        taken: By case, and by the limits that were set.
    """
    of_ours, of_others = taken[figure.case], taken[figure.beside] if figure.beside else Taken()
    mine = None if of_ours.failed else of_ours.median(figure.reading)
    other = None if of_others.failed else of_others.median(figure.beside_reading or figure.reading)
    ratio = mine / other if mine is not None and other else None
    value = ratio if figure.beside else mine
    why = "; ".join(
        f"{name}: {reason}"
        for name, it in ((figure.case, of_ours), (figure.beside, of_others))
        for reason in (it.failed and f"failed, {it.failed}", it.missing and f"not there, {it.missing}")
        if reason
    )
    if of_ours.failed and figure.bound is not None:
        return Judged(figure, mine, other, ratio, met=False, why=why)
    worked = None if ratio is None else _worked(figure.reading, of_ours, of_others)
    met = None if value is None or figure.bound is None else figure.bound.met_by(value)
    return Judged(figure, mine, other, ratio, met, why, worked)


def _worked(reading: str, of_ours: Taken, of_others: Taken) -> float | None:
    """A ratio of speeds or of times by the processor time a row."""
    mine, other = of_ours.median("cpu_us"), of_others.median("cpu_us")
    if not mine or not other or reading not in {"rows_per_s", "seconds"}:
        return None
    return other / mine if reading == "rows_per_s" else mine / other


def figures(sizes: Sizes) -> Sequence[Figure]:
    """All of them, in the order of the table."""

    def least(number: float) -> Bound:
        return Bound(at_least=True, number=number)

    def most(number: float) -> Bound:
        return Bound(at_least=False, number=number)

    check, part = f"check, CSV of {sizes.check:,} rows x 30", f"{sizes.part:,} rows"
    submit = f"submit, {sizes.submit:,} loans, no limit, reports included"
    known = f"{sizes.finished:,} rows sent before: to know that nothing is left"
    return (
        Figure("check", check, "check", "rows_per_s", least(100_000)),
        Figure("check", "  by frictionless with a schema, same file", "check", "rows_per_s", least(3), "frictionless"),
        Figure("check", f"  by the naive script, {part}", "check", "rows_per_s", least(20), "naive_check"),
        Figure("check", "  by pandera on pandas, same file", "check", "rows_per_s", None, "pandera"),
        Figure("check", "  by pyarrow that only reads it as text", "check", "rows_per_s", None, "arrow"),
        Figure("check", "  processor time a row", "check", "cpu_us"),
        Figure("memory", "  memory at the highest, all processes", "check", "peak_mb", most(400)),
        Figure("memory", f"  the same by that of {part}", "check", "peak_mb", most(1.2), "check_part"),
        Figure("dialects", "  memory of the same in UTF-16", "check_utf16", "peak_mb", most(400)),
        Figure("dialects", "  memory of the same packed with gzip", "check_gzip", "peak_mb", most(400)),
        Figure("workbook", f"check, xlsx of {sizes.workbook:,} rows x 30, by python-calamine alone", "check_workbook",
               "seconds", most(2), "calamine"),
        Figure("workbook", "  reading alone, without start-up", "read_workbook", "work_s", most(1.5), "calamine"),
        Figure("submit", submit, "submit", "rows_per_s", least(3_000)),
        Figure("submit", f"  by newman, {sizes.newman:,} rows", "submit", "rows_per_s", least(40), "newman"),
        Figure("submit", f"  by the naive script, {sizes.naive:,} rows", "submit", "rows_per_s", least(10), "naive_submit"),
        Figure("submit", "  by a good script without check and journal", "submit", "rows_per_s", None, "by_hand"),
        Figure("submit", "  by k6, rows from the file", "submit", "rows_per_s", None, "k6"),
        Figure("submit", "  by wrk, the same body each time", "submit", "rows_per_s", None, "wrk"),
        Figure("submit", "  by curl --parallel, the same body each time", "submit", "rows_per_s", None, "curl"),
        Figure("journal", f"  sending of {sizes.sending:,} by our own with the journal off", "sending", "rows_per_s",
               least(0.85), "sending_without_journal"),
        Figure("submit", "  processor time a row, all in", "submit", "cpu_us", most(300)),
        Figure("submit", "  memory at the highest", "submit", "peak_mb"),
        Figure("journal", "  journal a row", "submit", "journal_bytes", most(300)),
        Figure("pace", f"at {submits.SLOW_RATE} rows/s: of a core, once under way", "paced", "core_share", most(0.05)),
        Figure("pace", "  at a tenant that refuses what is faster: by the limit", "paced", "requests_per_s", least(0.97),
               SLOW),
        Figure("pace", "  refused for being too fast (429)", "paced", "refused", most(0)),
        Figure("pace", f"latency 50 ms, limit {submits.FAST_RATE}/s, {submits.CONCURRENCY} in flight: by the limit", "limited",
               "requests_per_s", least(0.97), FAST),
        Figure("report", f"results workbook, {sizes.report:,} rows, by xlsxwriter with the same cells", "report", "seconds",
               most(1.3), "xlsxwriter"),
        Figure("report", "  memory at the highest", "report", "peak_mb", most(150)),
        Figure("resume", f"{known}, resume of the finished run", "resume_finished", "seconds", most(10)),
        Figure("resume", "  resume of one killed after the last answer", "resume_killed", "known_s", most(10)),
        Figure("resume", "  until its reports are written too", "resume_killed", "seconds"),
        Figure("resume", "  submit of the same file again", "submit_again", "known_s", most(10)),
        Figure("resume", "  until its reports are written too", "submit_again", "seconds"),
        Figure("start", "loader --help", "help", "seconds", most(0.150)),
        Figure("start", "check of ten rows", "check_ten", "seconds", most(1.5)),
    )  # fmt: skip
