"""What a run created is taken back: once, certainly, and nothing else; counted at the tenant."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from fakes.harness import QuickClock

from loader.conclusion import Wishes
from loader.errors import JournalError, UsageError
from loader.models.outcome import Outcome
from loader.models.reversals import How
from loader.pipeline import list_all, report, undo
from loader.sandbox.process import SandboxProcess
from loader.submit.pace import Share
from loader.undoing import Undoing

from .conftest import PROJECT, Audience, Site
from .test_submit import LINKED, TEMPLATE

HEADER = "Loan,Borrower,Amount,Start"
DELETE = "DELETE odata.svc/Loans(id)"
PUT = "PUT odata.svc/Loans(id)"


@pytest.fixture
def loans(tmp_path):
    """Writes a file of loans with these numbers, and its template."""

    def write(*keys, amount=100):
        path, template = tmp_path / "loans.csv", tmp_path / "loans.yaml"
        rows = [f"{key},,{amount},2024-01-01" for key in keys]
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        template.write_text(TEMPLATE.format(links=""), encoding="utf-8")
        return path, template

    return write


@pytest.fixture
def portfolio(tmp_path):
    """The beginning of the sample: borrowers and loans."""
    lines = (PROJECT / "samples" / "portfolio.csv").read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / "portfolio.csv"
    path.write_text("".join(lines[:61]), encoding="utf-8")
    return path


@pytest.fixture
def undoing(site):
    """Undoes a run of the site."""
    return lambda name, how="delete", **options: undone(site, name, how, **options)


def undone(site, name, how="delete", *, confirm=True, audience=None, concurrency=8, pace=None, **options):
    """Undo a run; gives back how it ended and its rows."""
    wanted = Undoing(name, How(how), **options)
    audience = audience or Audience(confirm=confirm)
    target = site.target(concurrency, **(pace or {}))
    with undo(wanted, lambda _run: target, Wishes(site.run_dir), audience) as ended:
        return ended, list(ended.view.rows())


def ask(site, method, path, body=None):
    """One request to the tenant, as another program would send it."""
    headers = {
        "Authorization": f"Bearer {site.sandbox.token}",
        "Autopal-Instance-Id": site.sandbox.tenant,
        "Content-Type": "application/json",
    }
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(site.sandbox.base_url + path, data, headers, method=method)) as answer:
        return json.load(answer)["d"]


def alive(site):
    """Display ids of the loans that are neither deleted nor archived."""
    found = ask(site, "GET", "odata.svc/Loans?nopaging=true")
    found = found["results"] if isinstance(found, dict) else found
    return sorted(loan["displayId"] for loan in found if not loan["deleted"] and not loan["archived"])


def outcomes(rows):
    return dict(Counter(row.outcome.value for row in rows))


def test_a_run_is_deleted_newest_first(site, loans, undoing):
    """The rows are those of the run, under their own numbers, in the reverse order; one request each."""
    first, rows = site.submit(*loans("L1", "L2", "L3"), concurrency=1)
    ended, back = undoing(first.view.run.name, concurrency=1)

    assert ([4, 3, 2], {"accepted": 3}) == ([row.ref.row for row in back], outcomes(back))
    assert [row.steps[0].remote_id for row in rows[::-1]] == [row.steps[0].remote_id for row in back]
    assert ([], 3) == (alive(site), site.sandbox.counts()["requests"][DELETE])
    assert (0, "undo", 3) == (ended.exit_code, ended.view.run.kind, ended.view.run.rows_read)
    assert ("DELETE", "odata.svc/Loans(id)", "L3") == (
        back[0].steps[0].method,
        back[0].steps[0].endpoint,
        back[0].steps[0].key,
    )
    assert 300 == ended.view.totals()[0].of_accepted


def test_what_was_deleted_is_created_again(site, loans, undoing):
    """The same file is no repetition any more; a second undo takes back what is there now."""
    first, _ = site.submit(*loans("L1", "L2"))
    undoing(first.view.run.name)
    second, rows = site.submit(*loans("L1", "L2"))

    assert ({"accepted": 2}, ["L1", "L2"]) == (outcomes(rows), alive(site))
    _, rows = undoing(first.view.run.name)
    assert ({"skipped": 2}, ["L1", "L2"]) == (outcomes(rows), alive(site)), "the first run's own are gone"
    _, rows = undoing(second.view.run.name)
    assert ({"accepted": 2}, []) == (outcomes(rows), alive(site))


def test_what_was_archived_is_held_when_it_is_submitted_again(site, loans, undoing):
    """Its number is still taken: nothing is sent, and the row says why."""
    first, _ = site.submit(*loans("L1"))
    ended, rows = undoing(first.view.run.name, "archive")
    _, again = site.submit(*loans("L1"))

    assert ({"accepted": 1}, [], 1) == (outcomes(rows), alive(site), site.sandbox.counts()["requests"][PUT])
    assert {"held": 1} == outcomes(again)
    assert f"archived in run {ended.view.run.name}: LoanPro still holds its number" in again[0].message
    assert {"Loans": 1} == site.sandbox.counts()["created"]


def test_customers_stay_and_say_so(site, undoing, portfolio):
    """Every loan goes, no customer does; what the run did not create is not touched."""
    first, sent = site.submit(portfolio, "portfolio")
    created = outcomes(sent)["accepted"]
    customers = site.sandbox.counts()["created"]["Customers"]
    ended, rows = undoing(first.view.run.name)
    kept = [row.steps[1] for row in rows if "no way to delete" in row.steps[1].message]

    assert (created, created, []) == (
        outcomes(rows)["accepted"],
        site.sandbox.counts()["requests"][DELETE],
        alive(site),
    )
    assert len(rows) == ended.view.run.rows_read == sum(ended.view.counts().values())
    assert customers == len(kept)
    assert {("customers.keep", "", "skipped")} == {(s.operation, s.method, s.outcome.value) for s in kept}
    assert ("loans.delete", "customers.keep") == ended.view.operations


def test_an_undone_loan_is_linked_to_the_customer_that_stayed(site, loans, undoing, portfolio):
    """Customers of an undone run are still known."""
    first, _ = site.submit(portfolio, "portfolio")
    undoing(first.view.run.name, limit=3)
    path, template = loans("X1")
    template.write_text(TEMPLATE.format(links=LINKED))
    path.write_text(f"{HEADER}\nX1,B00001,100,2024-01-01\n")
    _, rows = site.submit(path, template)

    assert {"accepted": 1} == outcomes(rows)


def test_nothing_but_the_runs_own_is_touched(site, loans, undoing):
    """Active, renamed, deleted and archived loans are told apart by reading them back."""
    first, rows = site.submit(*loans("L1", "L2", "L3", "L4", "L5"))
    ids = [row.steps[0].remote_id for row in rows]
    ask(site, "POST", f"Loans({ids[0]})/AutoPal.Activate()")
    ask(site, "PUT", f"odata.svc/Loans({ids[1]})", {"displayId": "other"})
    ask(site, "DELETE", f"odata.svc/Loans({ids[2]})")
    ask(site, "PUT", f"odata.svc/Loans({ids[3]})", {"archived": 1})
    ended, back = undoing(first.view.run.name)
    told = {row.keys[0]: (row.outcome.value, row.message) for row in back}

    assert ("held", "it is active") == told["L1"]
    assert ("held", "its displayId is not the one under which it was created") == told["L2"]
    assert ("skipped", "deleted already") == told["L3"]
    assert ("held", "it is archived, and LoanPro deletes no archived loan") == told["L4"]
    assert "accepted" == told["L5"][0]
    assert (1, ["L1", "other"]) == (ended.exit_code, alive(site))

    _, again = site.submit(*loans("L1", "L3", "L4", "L5"))
    assert ["skipped", "accepted", "held", "accepted"] == [row.outcome.value for row in again]


def test_active_loans_only_if_that_is_meant(site, loans, undoing):
    """`--even-active`."""
    first, rows = site.submit(*loans("L1", "L2"))
    ask(site, "POST", f"Loans({rows[0].steps[0].remote_id})/AutoPal.Activate()")
    undoing(first.view.run.name)
    _, back = undoing(first.view.run.name, even_active=True)

    assert ({"accepted": 1, "skipped": 1}, []) == (outcomes(back), alive(site))


def test_a_limit_goes_on_where_the_last_undo_stopped(site, loans, undoing):
    """The newest first, and never the same twice."""
    first, _ = site.submit(*loans("L1", "L2", "L3"), concurrency=1)
    keys = [[row.keys[0] for row in undoing(first.view.run.name, limit=2)[1]] for _ in range(2)]

    assert [["L3", "L2"], ["L1", "L3"]] == keys
    assert ([], 3) == (alive(site), site.sandbox.counts()["requests"][DELETE])


def test_the_time_that_was_set_stops_an_undo(site, loans, undoing):
    """`--until` in the past undoes next to nothing, cleanly; a resumed undo heeds it too, and shows the plan of the first."""
    first, _ = site.submit(*loans(*(f"L{n}" for n in range(20))))
    past = {"until": datetime.now(UTC) - timedelta(seconds=1)}
    begun, again = Audience(), Audience()
    ended, rows = undoing(first.view.run.name, audience=begun, pace=past, concurrency=1)
    stopped, _ = site.resume(audience=again, pace=past, concurrency=1)

    assert ({"not_sent": 20}, 20) == (outcomes(rows), len(alive(site)))
    assert "--until" in ended.view.run.stopped
    assert "--until" in stopped.view.run.stopped
    assert begun.plans == again.plans
    assert (How.DELETE, False, 20) == (begun.plans[0].how, begun.plans[0].even_active, begun.plans[0].to_send)
    _, rows = site.resume()
    assert ({"accepted": 20}, []) == (outcomes(rows), alive(site))


def test_too_many_held_loans_stop_an_undo(site, loans, undoing):
    """`--max-errors 2` stops after the third active loan; a resumed undo counts anew, a share of what is left."""
    first, rows = site.submit(*loans(*(f"L{n}" for n in range(10))))
    for row in rows:
        ask(site, "POST", f"Loans({row.steps[0].remote_id})/AutoPal.Activate()")
    ended, rows = undoing(first.view.run.name, concurrency=1, pace={"max_refused": Share.parse("2")})
    assert {"held": 3, "not_sent": 7} == outcomes(rows)
    assert "more than 2 of the requests" in ended.view.run.stopped

    ended, rows = site.resume(concurrency=1, pace={"max_refused": Share.parse("50%")})
    assert {"held": 7, "not_sent": 3} == outcomes(rows)
    assert "more than 50% of the requests" in ended.view.run.stopped
    assert DELETE not in site.sandbox.counts()["requests"]


def test_a_resumed_undo_heeds_its_limit(site, loans, undoing):
    """Only the newest rows are undone and planned; the others stay for a further sitting."""
    first, _ = site.submit(*loans("L1", "L2", "L3", "L4"), concurrency=1)
    undoing(first.view.run.name, pace={"until": datetime.now(UTC) - timedelta(seconds=1)}, concurrency=1)
    audience = Audience()
    ended, rows = site.resume(limit=3, audience=audience)

    assert (["L1"], {"accepted": 3, "not_sent": 1}, 3) == (
        alive(site),
        outcomes(rows),
        audience.plans[0].to_send,
    )
    assert "only the newest 3 rows" in ended.view.run.stopped
    _, rows = site.resume()
    assert ([], {"accepted": 4}) == (alive(site), outcomes(rows))


def test_held_loans_are_undone_once_their_cause_is_mended(site, loans, undoing):
    """`--retry held` of a finished undo reads back what was held, and nothing else; what is still active is held again."""
    first, rows = site.submit(*loans("L1", "L2", "L3"))
    ids = [row.steps[0].remote_id for row in rows]
    for number in (0, 1):
        ask(site, "POST", f"Loans({ids[number]})/AutoPal.Activate()")
    ended, rows = undoing(first.view.run.name)
    assert {"accepted": 1, "held": 2} == outcomes(rows)
    with pytest.raises(JournalError, match="is finished"):
        site.resume(ended.view.run.name)

    setup = ask(site, "GET", f"odata.svc/Loans({ids[0]})?$expand=LoanSetup")["LoanSetup"]["id"]
    off = {"LoanSetup": {"active": 0, "__id": setup, "__update": True}}
    ask(site, "PUT", f"odata.svc/Loans({ids[0]})", off)
    audience = Audience()
    ended, rows = site.resume(ended.view.run.name, retry=(Outcome.HELD,), audience=audience)
    told = {row.keys[0]: (row.outcome.value, row.message) for row in rows}

    assert {"L1": ("accepted", ""), "L2": ("held", "it is active"), "L3": ("accepted", "")} == told
    assert (2, ["L2"], 2) == (
        audience.plans[0].to_send,
        alive(site),
        site.sandbox.counts()["requests"][DELETE],
    )


def test_a_second_try_that_is_not_confirmed_can_still_be_resumed(site, loans, undoing):
    """The held loans stay planned, and the undo is unfinished."""
    first, (row,) = site.submit(*loans("L1"))
    ask(site, "POST", f"Loans({row.steps[0].remote_id})/AutoPal.Activate()")
    held, _ = undoing(first.view.run.name)
    declined, rows = site.resume(held.view.run.name, retry=(Outcome.HELD,), audience=Audience(confirm=False))

    assert (130, {"not_sent": 1}, ["L1"]) == (declined.exit_code, outcomes(rows), alive(site))
    _, rows = site.resume()
    assert {"held": 1} == outcomes(rows)


def test_an_undo_without_a_confirmation_sends_nothing(site, loans, undoing):
    """It cannot be resumed either; the run stays as it is."""
    first, _ = site.submit(*loans("L1"))
    audience = Audience(confirm=False)
    ended, rows = undoing(first.view.run.name, audience=audience)

    assert (130, {"not_sent": 1}, ["L1"]) == (ended.exit_code, outcomes(rows), alive(site))
    assert ({"loans.delete": 1}, 1) == (audience.plans[0].requests, audience.plans[0].look_ups)
    with pytest.raises(JournalError, match="was not confirmed"):
        site.resume(ended.view.run.name)
    _, rows = site.submit(*loans("L1"))
    assert {"skipped": 1} == outcomes(rows)


def test_reports_and_the_list_of_runs(site, loans, undoing, tmp_path):
    """An undo is a run like any other."""
    first, _ = site.submit(*loans("L1", "L2"))
    ended, _ = undoing(first.view.run.name)
    for format_ in ("xlsx", "csv", "json"):
        with report(ended.view.run.name, site.run_dir, tmp_path / f"r.{format_}", format_) as again:
            assert 2 == again.summary.counts[Outcome.ACCEPTED]
    found = json.loads((tmp_path / "r.json").read_text())

    assert ("undo", [3, 2]) == (found["run"]["kind"], [row["row"] for row in found["rows"]])
    assert ["submit", "undo"] == [listed.record.kind for listed in list_all(site.run_dir)]
    assert [site.run_dir / ended.view.run.name / "results.xlsx"] == ended.written


def test_what_cannot_be_undone(site, loans, undoing, tmp_path):
    """An undo, a run that created nothing, a run that is not there."""
    first, _ = site.submit(*loans("L1"))
    ended, _ = undoing(first.view.run.name)
    declined, _ = site.submit(*loans("L2"), audience=Audience(confirm=False))
    nothing, _ = site.submit(*loans("L3", "L3", amount="x"))

    for name, failure, told in (
        (ended.view.run.name, UsageError, "is itself an undo"),
        (declined.view.run.name, JournalError, "nothing was sent in run"),
        (nothing.view.run.name, JournalError, "has created nothing"),
        ("2001", JournalError, "no run named"),
    ):
        with pytest.raises(failure, match=told):
            undoing(name)


def test_a_run_is_not_undone_at_another_tenant(site, loans, undoing):
    """Sandbox and production share a host."""
    first, _ = site.submit(*loans("L1"))
    site.sandbox.tenant = "1"

    with pytest.raises(UsageError, match="belongs to tenant"):
        undoing(first.view.run.name)


@pytest.mark.parametrize("how", ["delete", "archive"])
def test_lost_answers_undo_everything_once(tmp_path, monkeypatch, portfolio, how):
    """A quarter of the answers lost: after some resumed runs each loan is gone, and the journal knows it."""
    monkeypatch.setattr("loader.submit.sitting.SystemClock", QuickClock)
    file = tmp_path / "tenant.sqlite"
    with SandboxProcess(file) as sandbox:
        site = Site(tmp_path, sandbox)
        first, rows = site.submit(portfolio, "portfolio")
    created = outcomes(rows)["accepted"]
    faults = "500-before=0.05,500-after=0.07,drop-before=0.05,drop-after=0.07,no-d=0.05,html=0.03,429=0.03,reads=true,seed=5"
    with SandboxProcess(file, faults=faults) as sandbox:
        site = Site(tmp_path, sandbox)
        ended, rows = undone(site, first.view.run.name, how)
        for _ in range(10):
            if not ended.view.counts()[Outcome.UNKNOWN] + ended.view.counts()[Outcome.NOT_SENT]:
                break
            ended, rows = site.resume(ended.view.run.name)
    with SandboxProcess(file) as sandbox:
        site = Site(tmp_path, sandbox)
        assert [] == alive(site)
        assert created == outcomes(rows)["accepted"]
        _, again = undone(site, first.view.run.name, how)
        assert {"skipped": len(rows)} == outcomes(again)


class _Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("reached", [False, True])
def test_a_kill_between_intent_and_outcome(site, loans, undoing, monkeypatch, reached):
    """Whether the request arrived or not: resumed, each loan is deleted once; until then a new submission waits."""
    first, _ = site.submit(*loans("L1", "L2", "L3"))
    from loader.submit.client import Client

    send, deletes = Client.send, []

    async def die(self, method, path, **options):
        if method == "DELETE":
            deletes.append(path)
            if len(deletes) == 2:
                if reached:
                    await send(self, method, path, **options)
                raise _Killed
        return await send(self, method, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send", die)
        with pytest.raises(BaseException) as caught:  # noqa: PT011  a group of it, or itself
            undoing(first.view.run.name, concurrency=1)
    assert "_Killed" in repr(caught.value)

    _, waiting = site.submit(*loans("L2"))
    assert {"held": 1} == outcomes(waiting)
    assert "is not known: run `loader resume" in waiting[0].message

    ended, rows = site.resume()
    assert ("undo", {"accepted": 3}, []) == (ended.view.run.kind, outcomes(rows), alive(site))
    assert 3 == site.sandbox.counts()["requests"][DELETE]
    assert (1 if reached else 0) == sum("found deleted afterwards" in row.message for row in rows)


def test_a_loan_whose_creation_is_not_known_is_held(site, loans, undoing, monkeypatch):
    """A run that was killed while it created a loan can be undone without resuming it; the doubtful loan is named."""
    from loader.submit.client import Client

    send = Client.send

    async def die(self, method, path, **options):
        answer = await send(self, method, path, **options)
        if b'"L2"' in (options.get("body") or b""):
            raise _Killed
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send", die)
        with pytest.raises(_Killed):
            site.submit(*loans("L1", "L2", "L3"), concurrency=1)
    name = list_all(site.run_dir)[0].record.name
    ended, rows = undoing(name)
    told = {row.keys[0]: (row.outcome.value, row.message) for row in rows}

    assert {"L1": "accepted", "L2": "held"} == {key: outcome for key, (outcome, _) in told.items()}
    assert f"whether run {name} created it is not known" == told["L2"][1]
    assert (1, ["L2"]) == (ended.exit_code, alive(site))

    _, rows = site.resume(ended.view.run.name, retry=(Outcome.HELD,))
    assert ({"accepted", "held"}, ["L2"]) == ({row.outcome.value for row in rows}, alive(site))
    site.resume(name)
    _, rows = site.resume(ended.view.run.name, retry=(Outcome.HELD,))
    told = {row.keys[0]: (row.outcome.value, row.steps[0].remote_id is not None) for row in rows}
    assert ({"L1": ("accepted", True), "L2": ("accepted", True)}, ["L3"]) == (told, alive(site))


def test_an_undone_run_is_not_continued_by_the_same_file(site, loans, undoing):
    """What an undo deleted of an unfinished run is created again."""
    first, _ = site.submit(*loans("L1", "L2"), limit=1)
    undoing(first.view.run.name)
    _, rows = site.submit(*loans("L1", "L2"))

    assert ({"accepted": 2}, ["L1", "L2"]) == (outcomes(rows), alive(site))
