"""The sending process of a rehearsal: the ordinary command, started and killed from outside."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loader.journal import runs
from loader.journal.runs import RunHandle
from loader.journal.schema import RunState, State
from loader.journal.standing import count_steps
from loader.journal.store import FILE_NAME, Journal
from loader.opening import Source
from loader.rehearsal.ordeal import Ordeal
from loader.rehearsal.tenant import Tenant

_RESUMABLE = {RunState.SENDING, RunState.STOPPED, RunState.DECLINED}
_OPEN = (State.PLANNED, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REJECTED, State.HELD)
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class Sender:
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
        password = source.reading.password
        self._password = password.known if password else ""
        self._options = [
            *(("--password-file", "-") if self._password else ()),
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
                stdin=subprocess.PIPE if self._password else subprocess.DEVNULL,
                stdout=told,
                stderr=talk,
                env=self._environment,
                cwd=self.folder,
                start_new_session=True,
            )
        if self._process.stdin:
            with suppress(BrokenPipeError), self._process.stdin as asked:  # it may have ended before it asked
                asked.write(f"{self._password}\n".encode())

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
        with opened(self.folder) as journal:
            return runs.last_run(journal)

    def to_send(self) -> int:
        """Requests of the run, sent or not."""
        with opened(self.folder) as journal:
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


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    """The journal of a rehearsal's folder, for as long as the block lasts."""
    journal = Journal.in_directory(folder, create=False)
    try:
        yield journal
    finally:
        journal.close()
