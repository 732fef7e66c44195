"""Whatever goes wrong, in whatever order: every row has one true outcome, and the tenant holds everything once."""

import functools
import os
import tempfile
from pathlib import Path

import httpx
import pytest
from crash import mortal
from fakes import harness as fakes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.models.outcome import Outcome

MOST_LIVES = 40
FAULTS = (
    "500-before", "500-after", "drop-before", "drop-after", "html-before", "html-after", "no-d", "429", "503",
)  # fmt: skip


@pytest.fixture(scope="module")
def tenants():
    server = mortal.Tenants()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def deadly(monkeypatch):
    """The harness sends with parts that can die, and does not read the certificates again for each life."""
    monkeypatch.setattr("httpx.create_ssl_context", functools.cache(httpx.create_ssl_context))
    monkeypatch.setattr("fakes.harness.Writer", mortal.MortalWriter)
    monkeypatch.setattr("fakes.harness.Client", mortal.MortalClient)


def rows_of(borrowers):
    """One loan a row, with a borrower of its own and a link to the borrower of any row."""
    return [
        fakes.row(n, mortal.borrower(f"B{n}"), mortal.loan(f"L{n}", 1000 + n, links=[f"B{linked}"]))
        for n, linked in enumerate(borrowers)
    ]


def check_truth(life, store, rows):
    """What must hold at any moment, dead or alive; gives back whether anything is still open."""
    results = life.harness.results()
    held = mortal.held(store)
    assert rows == len(results)
    assert all(len(ids) == 1 for group in held.values() for ids in group.values()), "something is there twice"
    for row in results:
        for group, step in zip(("customers", "loans"), row.steps, strict=True):
            if step.outcome is Outcome.ACCEPTED:
                assert held[group][step.key] == [step.remote_id]
            elif step.outcome is Outcome.NOT_SENT:
                assert step.key not in held[group], f"{step.key} is said not to have been sent"
    return {row.outcome for row in results} & {Outcome.UNKNOWN, Outcome.NOT_SENT}


plans = st.dictionaries(st.sampled_from(FAULTS), st.sampled_from([0.02, 0.1, 0.2]), max_size=4)


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    borrowers=st.lists(st.integers(0, 7), min_size=8, max_size=8),
    faults=plans,
    reads=st.booleans(),
    seed=st.integers(0, 9999),
    deaths=st.lists(st.integers(1, 60), max_size=5),
    concurrency=st.sampled_from([1, 3, 16]),
)
def test_any_faults_and_any_deaths(tenants, borrowers, faults, reads, seed, deaths, concurrency):
    """Outcomes sum to the rows, no key is there twice, each accepted id is the tenant's, and in the end all are accepted."""
    rows = rows_of(borrowers)
    plan = ",".join(
        [*(f"{name}={odds}" for name, odds in faults.items()), f"seed={seed}", f"reads={str(reads).lower()}"]
    )
    with (
        tempfile.TemporaryDirectory() as scratch,
        tenants.tenant(Path(scratch) / "t.sqlite", plan) as store,
    ):
        life = mortal.Life(Path(scratch), tenants, rows)
        try:
            for death in [*deaths, *[None] * MOST_LIVES]:
                life.live(die_at=death, concurrency=concurrency)
                if not check_truth(life, store, len(rows)):
                    break
            assert [Outcome.ACCEPTED] * len(rows) == [row.outcome for row in life.harness.results()]
        finally:
            life.close()


def test_death_at_every_single_step(tenants, tmp_path):
    """A short run dies at its first step, at its second, and so on to the last: each time the tenant is right."""
    for death in range(1, 200):
        folder = tmp_path / str(death)
        folder.mkdir()
        with tenants.tenant(folder / "t.sqlite", "500-after=0.3,drop-after=0.2,seed=3") as store:
            life = mortal.Life(folder, tenants, rows_of([1, 0]))
            ended = life.live(die_at=death, concurrency=2)
            check_truth(life, store, 2)
            lives = 0
            while check_truth(life, store, 2):
                lives += 1
                assert lives <= 10, "it never comes to its end"
                life.live(concurrency=2)
            life.live(concurrency=2)
            assert not check_truth(life, store, 2), "one life too many changed something"
            life.close()
        if ended:
            assert death > 20, "there were steps to die at"
            return
    raise AssertionError("the run never came to its end")
