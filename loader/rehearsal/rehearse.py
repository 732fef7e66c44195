"""A rehearsal from beginning to end: the tenant laid ready, the sending process killed and resumed, the count."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.errors import ServiceError
from loader.journal import runs
from loader.journal.schema import RunState
from loader.journal.view import JournalView
from loader.opening import Source
from loader.rehearsal.ledger import Ledger
from loader.rehearsal.ordeal import Moments, Ordeal
from loader.rehearsal.proof import Proof, prove
from loader.rehearsal.sender import Sender, opened
from loader.rehearsal.tenant import Serve, Tenant
from loader.reopening import reopen
from loader.report.aside import sweep

MOST_STARTS_WITHOUT_A_KILL = 12
"""So often the process is started again after the last kill, until nothing is unknown any more."""
_LOOK_S = 0.01
_SETTLED = {0, 1}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """
    What a rehearsal came to.

    Attributes:
        proof: What the tenant holds, compared with file and journal.
        kills: How often the sending process was killed while it ran.
        starts: How often it was started.
        requests: Requests that the tenant has seen.
        most_in_one_second: The most of them in any one second.
        faults: What the tenant did wrong on purpose, by name.
        seconds: How long it all took.
    """

    proof: Proof
    kills: int
    starts: int
    requests: int
    most_in_one_second: int
    faults: Mapping[str, int]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """All figures, for programs."""
        return {
            **self.proof.as_json(),
            "kills": self.kills,
            "starts": self.starts,
            "requests": self.requests,
            "most_in_one_second": self.most_in_one_second,
            "faults": dict(self.faults),
            "seconds": round(self.seconds, 1),
        }


def rehearse(
    source: Source, serve: Serve, ordeal: Ordeal, folder: Path, heard: Callable[[int, int, int], None]
) -> Rehearsed:
    """
    Submit a file to a fresh tenant, kill the sending process and resume it until all is settled, and count.

    What the file links to and does not make, such as the loans of its payments, is taken to be at the tenant already.

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
    started = time.monotonic()
    with Ledger(source.open()) as ledger:
        ledger.enter_file()
        with serve(ledger.beforehand()) as tenant:
            sender = Sender(source, tenant, ordeal, folder)
            try:
                _carry_through(sender, tenant, ordeal, heard)
            finally:
                sender.end()
            counts = tenant.counts()
        with opened(folder) as journal:
            run = runs.last_run(journal)
            if run is None:
                raise ServiceError("the sending process has left no run", hint=f"see {sender.talk}")
            proof = prove(tenant, ledger, reopen(run, source.reading.password), JournalView(journal, run))
    return Rehearsed(
        proof=proof,
        kills=sender.kills,
        starts=sender.starts,
        requests=counts["total"],
        most_in_one_second=counts["most_in_one_second"],
        faults=counts["faults"],
        seconds=time.monotonic() - started,
    )


def _carry_through(
    sender: Sender, tenant: Tenant, ordeal: Ordeal, heard: Callable[[int, int, int], None]
) -> None:
    """Start and kill until the moments are used up, then start until everything is settled."""
    chance = random.Random(ordeal.seed)  # noqa: S311  repeatable, guards nothing
    moments = Moments(sorted(chance.random() for _ in range(ordeal.kills)), chance)
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
            # It was killed at its reports, which nobody writes again: what it left half-written goes.
            sweep(sender.folder / run.record.name)
            return
