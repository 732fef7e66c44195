"""The whole way from a file to a results workbook, against a tenant in a process of its own."""

from pathlib import Path

import pytest
from fakes.harness import QuickClock

from loader.conclusion import Wishes
from loader.opening import Source
from loader.pipeline import resume as resume_run
from loader.pipeline import submit as submit_file
from loader.sandbox.process import SandboxProcess
from loader.source.reading import Reading
from loader.submit.client import Address
from loader.submit.pace import Pace
from loader.submit.target import Target

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared" / "data"
AS_IT_IS = Reading()


class Audience:
    """Confirms what a test wants confirmed, and remembers what it heard."""

    def __init__(self, *, confirm=True):
        self.confirm = confirm
        self.plans = []
        self.results = []

    def reading(self, rows): ...

    def looking_up(self, done, wanted): ...

    def continuing(self, run):
        self.continued = run.name

    def nothing_to_send(self, plan, run): ...

    def complete(self, summary, words): ...

    def sending(self, plan): ...

    def step_done(self, result):
        self.results.append(result)

    def confirms(self, plan, run):
        self.plans.append(plan)
        self.noted = {note.rule for note in run.notes}
        return self.confirm


class Site:
    """A run directory and a tenant."""

    def __init__(self, folder, sandbox):
        self.folder = folder
        self.run_dir = folder / "runs"
        self.sandbox = sandbox

    def target(self, concurrency=8, timeout_s=5.0, **pace):
        address = Address.checked(self.sandbox.base_url, self.sandbox.tenant, self.sandbox.token)
        return Target(address, "sandbox", Pace((), concurrency, timeout_s, **pace), "none")

    @property
    def headers(self):
        """What a request to the tenant must bear."""
        return {"Authorization": f"Bearer {self.sandbox.token}", "Autopal-Instance-Id": self.sandbox.tenant}

    def submit(self, path, template, *, audience=None, concurrency=8, pace=None, reading=AS_IT_IS, **wishes):
        """Submit a file; gives back how it ended and its rows."""
        source = Source(Path(path), str(template), reading)
        with submit_file(
            source,
            self.target(concurrency, **(pace or {})),
            Wishes(self.run_dir, **wishes),
            audience or Audience(),
        ) as ended:
            return ended, list(ended.view.rows())

    def resume(self, name=None, *, audience=None, concurrency=8, pace=None, **wishes):
        """Resume a run."""
        target = self.target(concurrency, **(pace or {}))
        wishes = Wishes(self.run_dir, **wishes)
        with resume_run(name, lambda _run: target, wishes, audience or Audience()) as ended:
            return ended, list(ended.view.rows())


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A tenant that answers; nobody sleeps."""
    monkeypatch.setattr("loader.submit.sitting.SystemClock", QuickClock)
    monkeypatch.setattr("loader.submit.linked.SystemClock", QuickClock)
    with SandboxProcess(tmp_path / "tenant.sqlite") as sandbox:
        yield Site(tmp_path, sandbox)
        sandbox.kill()  # an orderly end takes a fifth of a second, and nobody looks at the file any more


@pytest.fixture
def faulty_site(tmp_path, monkeypatch):
    """A tenant that loses every fourth answer, after and before it has acted; nobody sleeps."""
    monkeypatch.setattr("loader.submit.sitting.SystemClock", QuickClock)
    monkeypatch.setattr("loader.submit.linked.SystemClock", QuickClock)
    faults = (
        "500-before=0.05,500-after=0.05,drop-before=0.05,drop-after=0.05,no-d=0.03,html=0.02,429=0.03,seed=11"
    )
    with SandboxProcess(tmp_path / "tenant.sqlite", faults=faults) as sandbox:
        yield Site(tmp_path, sandbox)
        sandbox.kill()
