"""
Rehearses a submission: a tenant that fails on purpose, a sending process that is killed again and again, and a count at the end.

The witness is the tenant: what it holds is compared, key by key and id by id, with what the journal says of every row. Nothing here
helps the sending process, which is the ordinary command in a process of its own.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from loader.errors import ServiceError, TemplateError
from loader.journal import runs
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState, State
from loader.journal.standing import count_steps
from loader.journal.store import FILE_NAME, Journal
from loader.journal.view import JournalView
from loader.models.operations import find_operation
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.report.summary import checked_rows

MOST_STARTS_WITHOUT_A_KILL = 12
"""So often the process is started again after the last kill, until nothing is unknown any more."""
_LOOK_S = 0.01
_LATE_S = 0.05
_EARLY_S = (0.3, 4.0)
_EARLY = 0.25
_SETTLED = {0, 1}
_RESUMABLE = {RunState.SENDING, RunState.STOPPED, RunState.DECLINED}
_PACKAGE_ROOT = Path(__file__).resolve().parents[1]

_OPEN = (State.PLANNED, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REJECTED, State.HELD)
_FIGURES = (
    "rows",
    "created",
    "doubled",
    "lost",
    "untrue",
    "kills",
    "starts",
    "requests",
    "most_in_one_second",
)


class Tenant(Protocol):
    """A tenant of its own for one rehearsal, and what may be asked of it as a witness."""

    base_url: str
    tenant: str
    token: str

    def written(self) -> int:
        """How many requests that create something have arrived so far."""
        ...

    def counts(self) -> Mapping[str, Any]:
        """What it has seen: `total`, `faults`, `most_in_one_second`."""
        ...

    def held(self, group: str, key_field: str) -> Iterable[tuple[str, int]]:
        """Natural key and id of every entity of a group, such as `loans`; asked after it has stopped serving."""
        ...


Serve = Callable[[], AbstractContextManager[Tenant]]
"""Starts a fresh tenant, which serves as long as the block lasts."""


@dataclass(frozen=True, slots=True)
class Ordeal:
    """
    What the sending process goes through.

    Attributes:
        kills: How often it is killed.
        seed: Of the moments.
        rate: Its pace, as `--rate` takes it.
        concurrency: Requests in flight at most.
        timeout_s: How long it waits for an answer.
    """

    kills: int = 5
    seed: int = 0
    rate: str = "none"
    concurrency: int = 24
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Proof:
    """
    What the tenant holds, compared with what the journal says.

    Attributes:
        rows: Rows read.
        outcomes: Rows by outcome; they sum to the rows read.
        created: Entities that the tenant holds.
        doubled: Entities beyond the first under one natural key.
        lost: Steps said to be accepted whose entity the tenant does not hold under their id.
        untrue: Entities of the tenant whose step is said to be neither accepted nor unknown.
        kills: How often the sending process was killed while it ran.
        starts: How often it was started.
        requests: Requests that the tenant has seen.
        most_in_one_second: The most of them in any one second.
        faults: What the tenant did wrong on purpose, by name.
        seconds: How long it all took.
    """

    rows: int
    outcomes: Mapping[Outcome, int]
    created: int
    doubled: int
    lost: int
    untrue: int
    kills: int
    starts: int
    requests: int
    most_in_one_second: int
    faults: Mapping[str, int]
    seconds: float

    @property
    def unsettled(self) -> int:
        """Rows that are unknown or were not sent."""
        return self.outcomes[Outcome.UNKNOWN] + self.outcomes[Outcome.NOT_SENT]

    @property
    def holds(self) -> bool:
        """True where nothing was lost, doubled, misreported or left open."""
        return not (self.doubled or self.lost or self.untrue or self.unsettled)

    def as_json(self) -> dict[str, Any]:
        """All figures, for programs."""
        return {
            **{name: getattr(self, name) for name in _FIGURES},
            "outcomes": {outcome.value: count for outcome, count in self.outcomes.items()},
            "faults": dict(self.faults),
            "seconds": round(self.seconds, 1),
            "holds": self.holds,
        }


def rehearse(
    source: Source, serve: Serve, ordeal: Ordeal, folder: Path, heard: Callable[[int, int, int], None]
) -> Proof:
    """
    Submit a file to a fresh tenant, kill the sending process and resume it until all is settled, and count.

    Args:
        source: The file and its template.
        serve: Starts the tenant.
        ordeal: What the process goes through.
        folder: An empty folder for the journal and the reports of the run.
        heard: Called now and then with the requests that have arrived, those expected (0 where that is not known yet), and
            the kills so far.

    Raises:
        SourceError, TemplateError: The file cannot be read, or the template does not fit it.
        ServiceError: The tenant does not start, or the sending process ends in a way that nobody asked for.
    """
    intake = source.open()
    _countable(intake.operations)
    keys = [key.field for key in intake.key_columns]
    started = time.monotonic()
    with serve() as tenant:
        sender = _Sender(source, tenant, ordeal, folder)
        try:
            _carry_through(sender, tenant, ordeal, heard)
        finally:
            sender.end()
        counts = tenant.counts()
    with _opened(folder) as journal:
        run = runs.last_run(journal)
        if run is None:
            raise ServiceError("the sending process has left no run", hint=f"see {sender.talk}")
        return _counted(tenant, journal, run, keys, sender, counts, time.monotonic() - started)


def _countable(operations: Iterable[str]) -> None:
    """
    Refuse what cannot be counted at the tenant by a natural key.

    Raises:
        TemplateError: The template adds to loans.
    """
    added = [name for name in operations if find_operation(name).parent is not None]
    if added:
        raise TemplateError(
            f"a rehearsal counts loans and customers, and not what {', '.join(added)} adds to loans",
            hint="rehearse the template without these steps",
        )


class _Sender:
    """The ordinary command in a process of its own, started again and again."""

    def __init__(self, source: Source, tenant: Tenant, ordeal: Ordeal, folder: Path) -> None:
        self.folder = folder
        self.talk = folder / "talk.log"
        self.kills = self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        template = Path(source.template)
        named = str(template.absolute()) if template.is_file() else source.template
        said = (f"--{name}={value}" for name, value in source.reading.as_settings().items())
        self._file = [str(source.path.absolute()), "--template", named, *said]
        self._options = [
            *("--base-url", tenant.base_url, "--tenant", tenant.tenant),
            *("--rate", ordeal.rate, "--concurrency", str(ordeal.concurrency)),
            *("--timeout", str(ordeal.timeout_s), "--run-dir", str(folder), "--yes", "--json"),
        ]
        paths = [str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", "")]
        self._environment = {
            **os.environ,
            "LOANPRO_TOKEN": tenant.token,
            # The local tenant works on a request for a moment, not for a minute and a half as LoanPro may.
            "LOADER_SETTLE_AFTER_S": "2",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    def start(self) -> None:
        """Submit the file, or resume the run that there is."""
        run = self.run()
        command = ["resume", run.record.name] if run and run.state in _RESUMABLE else ["submit", *self._file]
        self.starts += 1
        with self.talk.open("ab") as talk, (self.folder / "told.json").open("wb") as told:
            self._process = subprocess.Popen(  # noqa: S603  our own module, no shell
                [sys.executable, "-m", "loader", *command, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=talk,
                env=self._environment,
                cwd=self.folder,
                start_new_session=True,
            )

    def ended(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll() if self._process else None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.ended() is None:
            self.kills += 1
        self.end()

    def end(self) -> None:
        """Make sure that it does not run any more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run(self) -> RunHandle | None:
        """The run, as far as it has come."""
        if not (self.folder / FILE_NAME).is_file():
            return None
        with _opened(self.folder) as journal:
            return runs.last_run(journal)

    def to_send(self) -> int:
        """Requests of the run, sent or not."""
        with _opened(self.folder) as journal:
            run = runs.last_run(journal)
            states = count_steps(journal, run) if run else Counter[tuple[int, State]]()
        return sum(count for (_, state), count in states.items() if state in _OPEN)

    def told(self) -> str:
        """What it said of a failure."""
        try:
            told = json.loads((self.folder / "told.json").read_text("utf-8"))
        except ValueError:
            return "it said nothing"
        return str(told.get("error") or "nothing")


@dataclass(slots=True)
class _Moments:
    """
    When to kill: most often when so many requests have arrived, and now and then while the process starts and looks up.

    Attributes:
        shares: Of the requests to be sent, ascending.
        chance: For the rest.
        begun: When the present process was started.
        early: So many seconds after that it is killed whatever has arrived; None for no such kill.
    """

    shares: list[float]
    chance: random.Random
    begun: float = 0.0
    early: float | None = None

    def begin(self) -> None:
        """A process has been started."""
        self.begun = time.monotonic()
        self.early = self.chance.uniform(*_EARLY_S) if self.chance.random() < _EARLY else None

    def come(self, written: int, to_send: int) -> bool:
        """Whether it is time; the first time never comes before there was something to lose."""
        if not self.shares or not to_send:
            return False
        early = self.early is not None and time.monotonic() - self.begun >= self.early
        if not early and written < self.shares[0] * to_send:
            return False
        self.shares.pop(0)
        if not early:
            time.sleep(self.chance.uniform(0, _LATE_S))
        return True


def _carry_through(
    sender: _Sender, tenant: Tenant, ordeal: Ordeal, heard: Callable[[int, int, int], None]
) -> None:
    """Start and kill until the moments are used up, then start until everything is settled."""
    chance = random.Random(ordeal.seed)  # noqa: S311  repeatable, guards nothing
    moments = _Moments(sorted(chance.random() for _ in range(ordeal.kills)), chance)
    to_send = left = 0
    while left < MOST_STARTS_WITHOUT_A_KILL:
        sender.start()
        moments.begin()
        while (code := sender.ended()) is None:
            written = tenant.written()
            to_send = to_send or (sender.to_send() if written else 0)
            heard(written, to_send, sender.kills)
            if moments.come(written, to_send):
                sender.kill()
                break
            time.sleep(_LOOK_S)
        else:
            run = sender.run()
            if run is not None and run.state is RunState.FINISHED and code in _SETTLED:
                return
            if run is None or run.state is RunState.CHECKING:
                raise ServiceError(f"the sending process ended with exit code {code}: {sender.told()}")
            left += 1
            continue
        if (run := sender.run()) and run.state is RunState.FINISHED:
            return


def _counted(
    tenant: Tenant,
    journal: Journal,
    run: RunHandle,
    keys: Sequence[str],
    sender: _Sender,
    counts: Mapping[str, Any],
    seconds: float,
) -> Proof:
    view = JournalView(journal, run)
    groups = [find_operation(name).entity_group for name in run.operations]
    held = {group: _held(tenant, group, key) for group, key in zip(groups, keys, strict=True)}
    said = _Said(groups)
    for row in checked_rows(view):
        for number, step in enumerate(row.steps):
            said.add(number, step.key, step.outcome, step.remote_id)
    ids = [(group, key, of_key) for group, found in held.items() for key, of_key in found.items()]
    return Proof(
        rows=run.record.rows_read,
        outcomes=view.counts(),
        created=sum(len(of_key) for _, _, of_key in ids),
        doubled=sum(len(of_key) - 1 for _, _, of_key in ids),
        lost=sum(remote_id not in held[group].get(key, ()) for group, key, remote_id in said.accepted),
        untrue=sum(
            (group, key, remote_id) not in said.accepted and (group, key) not in said.unknown
            for group, key, of_key in ids
            for remote_id in of_key[:1]
        ),
        kills=sender.kills,
        starts=sender.starts,
        requests=counts["total"],
        most_in_one_second=counts["most_in_one_second"],
        faults=counts["faults"],
        seconds=seconds,
    )


@dataclass(slots=True)
class _Said:
    """What the journal says: entities that were accepted with their ids, and those of which nobody knows."""

    groups: Sequence[str]
    accepted: set[tuple[str, str, int | None]] = field(default_factory=set)
    unknown: set[tuple[str, str]] = field(default_factory=set)

    def add(self, number: int, key: str, outcome: Outcome, remote_id: int | None) -> None:
        group = self.groups[number]
        if outcome is Outcome.ACCEPTED:
            self.accepted.add((group, key, remote_id))
        elif outcome is Outcome.UNKNOWN:
            self.unknown.add((group, key))


def _held(tenant: Tenant, group: str, key_field: str) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, remote_id in tenant.held(group, key_field):
        found[key].append(remote_id)
    return dict(found)


@contextmanager
def _opened(folder: Path) -> Iterator[Journal]:
    journal = Journal.in_directory(folder, create=False)
    try:
        yield journal
    finally:
        journal.close()
