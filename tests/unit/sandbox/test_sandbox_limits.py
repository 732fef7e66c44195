"""Faults, limits and counts: their words and their arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import UsageError
from loader.sandbox.counts import Counts
from loader.sandbox.faults import Dice, Fault, FaultPlan
from loader.sandbox.limits import Limits, SlidingWindow, retry_after


def test_a_plan_is_read_as_it_is_written():
    """Odds, seed and settings; a plain `drop` is shared out between before and after."""
    plan = FaultPlan.parse("500-after=0.05, drop=0.04,seed=7,reads=true,slow-s=0.5")
    assert dict(plan.odds) == {Fault.ERROR_AFTER: 0.05, Fault.DROP_BEFORE: 0.02, Fault.DROP_AFTER: 0.02}
    assert (plan.seed, plan.reads, plan.slow_s) == (7, True, 0.5)
    assert FaultPlan.parse("") == FaultPlan()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("drop-aftr=0.1", "did you mean 'drop-after'"),
        ("500=2", "from 0 to 1"),
        ("500=often", "500=1"),
        ("500=nan", "500=1"),
        ("500=0.6,drop=0.6", "at 1 or below"),
        ("reads=perhaps", "reads=true"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_explained(text, part):
    """The hint says what to write."""
    with pytest.raises(UsageError) as caught:
        FaultPlan.parse(text)
    assert part in caught.value.hint


def test_the_same_seed_gives_the_same_faults():
    """And faults keep to writes, unless reads are asked for."""
    plan = FaultPlan.parse("500=0.3,429=0.3,seed=7")
    first, second = Dice(plan), Dice(plan)
    drawn = [first.draw(write=True) for _ in range(500)]
    assert drawn == [second.draw(write=True) for _ in range(500)]
    assert set(drawn) == {None, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.THROTTLED}
    assert [Dice(FaultPlan.parse("500=1")).draw(write=False)] == [None]
    assert Dice(FaultPlan.parse("503=1,reads=true")).draw(write=False) is Fault.UNAVAILABLE


@given(gaps=st.lists(st.floats(0, 2), max_size=60), limit=st.integers(1, 5))
def test_no_second_holds_more_than_the_limit(gaps, limit):
    """Whatever one-second window is laid over the admitted instants."""
    window, now, admitted = SlidingWindow(), 0.0, []
    for gap in gaps:
        now += gap
        if window.room(now, limit) <= 0:
            window.add(now)
            admitted.append(now)
    for start in admitted:
        assert sum(1 for instant in admitted if 0 <= instant - start < 1.0) <= limit
    assert window.most <= limit


def test_the_wait_ends_when_the_oldest_leaves():
    """Two at 0.0 and 0.4 with a limit of two: the next fits at 1.0."""
    window = SlidingWindow()
    window.add(0.0)
    window.add(0.4)
    assert window.room(0.5, 2) == 0.5
    assert window.room(1.0, 2) == 0.0


def test_retry_after_has_both_forms():
    """Seconds rounded up, or an HTTP date (RFC 9110, 10.2.3)."""
    assert retry_after(Limits(), 0.2, 1_600_000_000.0) == "1"
    assert retry_after(Limits(), 1.2, 1_600_000_000.0) == "2"
    assert retry_after(Limits(retry_after_as_date=True), 1.2, 0.0) == "Thu, 01 Jan 1970 00:00:02 GMT"


def test_limits_are_read_as_they_are_written():
    """Rate, range of delays, lag."""
    limits = Limits.parse(throttle="50/s", latency="20-200ms", search_lag_s=2, retry_after="date")
    assert limits == Limits(50, True, (20.0, 200.0), 2)
    assert Limits.parse(latency="5ms").latency_ms == (5.0, 5.0)
    for wrong in ({"throttle": "0/s"}, {"throttle": "50/h"}, {"latency": "5"}, {"latency": "9-5ms"}):
        with pytest.raises(UsageError):
            Limits.parse(**wrong)
    with pytest.raises(UsageError):
        Limits.parse(search_lag_s=-1)


def test_counts_fold_ids_together():
    """`Loans(1)` and `Loans(id=2)` are one kind of path; the busiest second is kept."""
    counts = Counts()
    for path, instant in (
        ("odata.svc/Loans(1)", 0.0),
        ("odata.svc/Loans(id=2)", 0.9),
        ("odata.svc/Loans", 1.0),
    ):
        counts.arrived("PUT", path, instant)
    assert counts.as_json()["requests"] == {"PUT odata.svc/Loans(id)": 2, "PUT odata.svc/Loans": 1}
    assert counts.as_json()["most_in_one_second"] == 2
