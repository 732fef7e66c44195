"""What an undo makes of each answer, scripted one by one."""

import json
import sys
from contextlib import contextmanager

import pytest
from fakes.harness import QuickClock
from fakes.scripted_server import Answer, entity

from loader import pipeline, undoing
from loader.conclusion import Wishes
from loader.journal import runs as journal_runs
from loader.models.outcome import Outcome
from loader.models.reversals import How
from loader.submit.client import Address
from loader.submit.reverser import Sitting

LOAN = {"displayId": "L0", "LoanSetup": {"active": 0}, "deleted": 0, "archived": 0}
GONE = Answer(
    200, json.dumps({"error": {"message": {"value": "Resource not found for the segment"}}}).encode()
)


class Audience:
    """Says yes."""

    def confirms(self, plan, run):
        return True

    def sending(self, plan): ...

    def step_done(self, result): ...


@pytest.fixture
def undo(harness, server, make, monkeypatch, tmp_path):
    """Creates loans under the ids 1, 2, ..., then undoes them against scripted answers; gives back outcomes and messages."""
    monkeypatch.setattr(sys.modules[Sitting.__module__], "SystemClock", QuickClock)
    address = Address.checked(server.base_url, "5200", "canary-token")
    target = pipeline.Target(address, "test", undoing.Pace((), 1, 0.3), "none")

    @contextmanager
    def ended(answers, how, count):
        ids = iter(range(1, count + 1))
        server.answer = lambda _request: entity(next(ids))
        harness.begin([make.row(number, make.loan(f"L{number}")) for number in range(count)])
        harness.send()
        with harness.journal.begin() as connection:
            connection.exec_driver_sql("UPDATE runs SET state = 'finished'")
        server.requests.clear()
        server.answer = answers
        wanted = undoing.Undoing(harness.run.record.name, How(how))
        with pipeline.undo(wanted, lambda _: target, Wishes(tmp_path), Audience()) as found:
            yield found

    def run(answers, how="delete", count=1):
        with ended(answers, how, count) as found:
            return told(found)

    def again(answers, *retry):
        server.requests.clear()
        server.answer = answers
        name = list(journal_runs.list_runs(harness.journal))[-1].record.name
        with pipeline.resume(name, lambda _: target, Wishes(tmp_path, retry=retry), Audience()) as found:
            return told(found)

    def told(found):
        return found.exit_code, [(row.outcome.value, row.message) for row in found.view.rows()]

    run.again = again
    return run


def answers(read, write):
    """Reads and writes are answered by these, one after the other, the last one for ever."""
    read, write = list(read), list(write)

    def answer(request):
        left = read if request.method == "GET" else write
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def writes(server):
    return [(request.method, request.body) for request in server.requests if request.method != "GET"]


def test_a_200_without_effect_is_not_believed(undo, server):
    """LoanPro answers that it archived the loan, and does not show it: a person must look, and it is not sent twice."""
    there = entity(1, **LOAN)
    assert (1, [("held", "LoanPro answered with status 200, yet does not show it as archived")]) == undo(
        answers([there], [there]), "archive"
    )
    assert [("PUT", b'{"archived":1}')] == writes(server)


def test_an_answer_that_shows_the_deletion_is_enough(undo, server):
    """One look, one request."""
    gone = entity(1, **LOAN | {"deleted": 1})
    assert (0, [("accepted", "")]) == undo(answers([entity(1, **LOAN)], [gone]))
    assert ["GET", "DELETE"] == [request.method for request in server.requests]


def test_a_deletion_answered_without_an_entity_is_looked_at(undo, server):
    """An empty answer, and the loan is gone."""
    gone = entity(1, **LOAN | {"deleted": 1})
    code, ((outcome, message),) = undo(answers([entity(1, **LOAN), gone], [Answer(200, b"")]))

    assert (0, "accepted", "no clear answer came; found deleted afterwards") == (code, outcome, message)
    assert 1 == len(writes(server))


def test_a_loan_that_vanished_after_a_lost_answer_is_deleted(undo, server):
    """It was there before the request was sent."""
    assert (0, [("accepted", "deleted: LoanPro does not know it any more")]) == undo(
        answers([entity(1, **LOAN), GONE], [Answer(drop=True)])
    )


def test_a_loan_that_loanpro_does_not_show_is_held(undo, server):
    """Before anything was sent nobody can say what became of it."""
    code, ((outcome, message),) = undo(answers([GONE], [entity(1)]))

    assert (1, "held", []) == (code, outcome, writes(server))
    assert message.startswith("LoanPro does not show it: status 200: Resource not found")


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({"LoanSetup": {"__deferred": {"uri": "x"}}}, "LoanPro does not show whether it is active"),
        ({"LoanSetup": {"active": "1"}}, "it is active"),
        ({"displayId": "L7"}, "its displayId is not the one under which it was created"),
        ({"id": 9}, "LoanPro answers with another entity than 1"),
        ({"created": "/Date(946684800)/"}, "it was in LoanPro before that run: created 2000-01-01 00:00 UTC"),
    ],
)
def test_what_is_not_certainly_ours_is_not_touched(undo, server, shown, told):
    """Held, and nothing is sent."""
    there = Answer(200, json.dumps({"d": {"id": 1, **LOAN, **shown}}).encode())
    assert (1, [("held", told)], []) == (*undo(answers([there], [there])), writes(server))


def test_a_refusal_is_told(undo):
    """LoanPro's own words."""
    refused = Answer(409, b'{"message": "Not in this state"}')
    assert (1, [("rejected", "Not in this state")]) == undo(answers([entity(1, **LOAN)], [refused]))


def test_a_refused_reversal_is_tried_once_more(undo, server):
    """`--retry rejected` reads the loan back before anything is sent; of others it tries nothing."""
    there, gone = entity(1, **LOAN), entity(1, **LOAN | {"deleted": 1})
    undo(answers([there], [Answer(409, b'{"message": "Not in this state"}')]))
    assert (1, [("rejected", "Not in this state")]) == undo.again(answers([there], [gone]), Outcome.HELD)
    assert [] == server.requests

    assert (0, [("accepted", "")]) == undo.again(answers([there], [gone]), Outcome.REJECTED)
    assert ["GET", "DELETE"] == [request.method for request in server.requests]


def test_what_was_deleted_after_a_refusal_is_not_the_undos_doing(undo, server):
    """Somebody else's deletion is skipped."""
    there, gone = entity(1, **LOAN), entity(1, **LOAN | {"deleted": 1})
    undo(answers([there], [Answer(409, b'{"message": "Not in this state"}')]))

    assert (0, [("skipped", "deleted already")]) == undo.again(answers([gone], [gone]), Outcome.REJECTED)
    assert [] == writes(server)


def test_a_200_whose_effect_came_late_is_found_on_a_second_try(undo, server):
    """Held since LoanPro did not show the effect; it is unknown then, read back, and not sent again."""
    there, archived = entity(1, **LOAN), entity(1, **LOAN | {"archived": 1})
    undo(answers([there], [there]), "archive")

    found = "no clear answer came; found archived afterwards"
    assert (0, [("accepted", found)]) == undo.again(answers([archived], [there]), Outcome.HELD)
    assert [] == writes(server)


def test_a_refused_token_stops_the_undo(undo, server):
    """Nothing more is sent, and what was not undone is not blamed."""
    there = [entity(number, **LOAN | {"displayId": f"L{number - 1}"}) for number in (3, 2, 1)]
    code, rows = undo(answers(there, [Answer(401, b"{}")]), count=3)

    assert (6, {"not_sent"}, 1) == (code, {outcome for outcome, _ in rows}, len(writes(server)))


def test_deletions_that_are_never_answered_stop_the_undo(undo, server):
    """Ten failures in a row; what was sent is unknown, the rest is not sent."""

    def answer(request):
        number = int(request.target.split("(")[1].split(")")[0])
        there = entity(number, **LOAN | {"displayId": f"L{number - 1}"})
        return there if request.method == "GET" else Answer(500, b"oops")

    code, rows = undo(answer, count=9)
    outcomes = [outcome for outcome, _ in rows]

    assert (6, 10) == (code, len(writes(server)))
    assert {"unknown", "not_sent"} == set(outcomes)
