"""The pace of a run."""

import asyncio
import math
import random
from bisect import bisect_right
from itertools import groupby, pairwise

import pytest
from fakes.instant_loop import LoopClock, run_instantly
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.submit import pacing
from loader.submit.pacing import LEAD_S, LONGEST_PAUSE_S, MARGIN, TOGETHER_S, Pacer, backoff
from loader.submit.rate import Rate, slowest


def departures(pacer_of, workers, each):
    """The times at which requests leave, and how long it took in all."""

    async def main():
        pacer = pacer_of()
        times = []

        async def work():
            for _ in range(each):
                await pacer.wait()
                times.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(work() for _ in range(workers)))
        return times

    return run_instantly(main())


@given(rate=st.sampled_from([0.5, 3.0, 5.0, 20.3, 50.0, 50.8, 333.0]), workers=st.sampled_from([1, 5, 64]))
def test_no_window_of_a_second_holds_more_than_the_limit(rate, workers):
    """However many workers wait, no second is too full, and at least 97% of the allowed rate is used."""
    times = departures(lambda: Pacer(rate, LoopClock()), workers, max(2, 256 // workers))
    span = max(1.0, 1 / rate)

    for start in times:
        assert sum(start <= time <= start + span for time in times) <= math.ceil(rate * span)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * rate


class Line:
    """
    Workers at one pacer, in made-up time: each makes ready, leaves, and comes back when its answer came.

    Args:
        per_second: The limit.
        seconds: So long new slots are taken.
        workers: How many.
        makes_ready: Gives the seconds between `near` and `reach`.
        answers: Gives the seconds until the answer.
        clock: Of the pacer.
        disturbed: Told of the pacer before each slot is taken.
    """

    def __init__(
        self,
        per_second,
        *,
        seconds,
        workers=64,
        makes_ready=lambda: 0.003,
        answers=lambda: 0.1,
        clock=None,
        disturbed=lambda _pacer: None,
    ):
        self.left, self.leads = [], []

        async def main():
            loop = asyncio.get_running_loop()
            pacer = Pacer(per_second, clock or LoopClock())

            async def work():
                while loop.time() < seconds:
                    disturbed(pacer)
                    slot = await pacer.near()
                    ready_from = loop.time()
                    await asyncio.sleep(makes_ready())
                    if await pacer.reach(slot):
                        self.left.append(loop.time())
                        self.leads.append(loop.time() - ready_from)
                        await asyncio.sleep(answers())

            await asyncio.gather(*(work() for _ in range(workers)))

        run_instantly(main())

    @property
    def pace(self):
        """Requests a second."""
        return (len(self.left) - 1) / (self.left[-1] - self.left[0])

    def fullest(self, seconds):
        """The most requests in any window of so many seconds, both ends counted."""
        return max(bisect_right(self.left, start + seconds) - i for i, start in enumerate(self.left))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(),
    rate=st.sampled_from([0.7, 5.0, 19.0, 20.0, 20.3, 33.3, 50.0, 50.8, 64.0, 150.0, 500.0]),
    workers=st.sampled_from([1, 4, 5, 9, 64]),
    latency=st.sampled_from([(0.0, 0.0), (0.02, 0.2), (0.05, 0.05), (0.1, 0.9)]),
    stalls=st.sampled_from([0.0, 0.3, 3.0]),
    refusals=st.sampled_from([0.0, 0.01]),
)
def test_whatever_happens_no_window_is_too_full(seed, rate, workers, latency, stalls, refusals):
    """Machines that are late, disks that stall and tenants that refuse: the limit holds in any second, and so do bounds on what leaves together."""
    chance = random.Random(seed)
    line = Line(
        rate,
        seconds=400 / rate,
        workers=workers,
        makes_ready=lambda: chance.uniform(0, 0.03) + (chance.random() < 0.02) * stalls,
        answers=lambda: chance.uniform(*latency),
        clock=LateClock(chance),
        disturbed=lambda pacer: pacer.pause(chance.uniform(0, 3)) if chance.random() < refusals else None,
    )

    span = max(1.0, 1 / rate)
    assert line.fullest(span) <= math.ceil(rate * span)
    together = max(1, int(min(5, rate * TOGETHER_S)))
    assert line.fullest(max(0.0, 0.5 * together / rate - 0.005)) <= together


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(),
    rate=st.sampled_from([20.0, 50.0, 500.0]),
    workers=st.sampled_from([3, 5, 8, 64]),
    latency=st.sampled_from([(0.02, 0.2), (0.09, 0.09), (0.01, 0.5)]),
)
def test_to_leave_together_costs_no_pace(seed, rate, workers, latency):
    """Few workers or many: as many requests leave as where each leaves alone."""

    def pace(together):
        chance = random.Random(seed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pacing, "MOST_TOGETHER", together)
            return Line(
                rate,
                seconds=30,
                workers=workers,
                answers=lambda: chance.uniform(*latency),
                clock=LateClock(chance),
            ).pace

    assert pace(5) >= 0.97 * min(pace(1), rate)


@pytest.mark.parametrize("rate", [10.0, 19.0, 25.0, 50.0])
def test_a_disk_that_stalls_now_and_then_costs_no_pace(rate):
    """What a stall has held back is caught up within what the limit leaves room for."""
    chance, clock = random.Random(5), LoopClock()
    held_until = 0.0

    def until_written():
        nonlocal held_until
        if clock.now() >= held_until and chance.random() < 0.01:
            held_until = clock.now() + chance.uniform(0.1, 0.6)
        return max(0.004, held_until - clock.now())

    line = Line(rate, seconds=120, workers=32, makes_ready=until_written, answers=lambda: 0.1, clock=clock)

    assert line.pace >= 0.97 * rate


def test_requests_that_are_due_within_a_tenth_of_a_second_leave_together():
    """At 50/s one timer wakes five rows twice: to make ready and to leave."""
    clock = CountingClock()

    line = Line(50.0, seconds=10, clock=clock)

    groups = [len(list(group)) for _, group in groupby(line.left, lambda moment: round(moment, 2))]
    assert {5} == set(groups[2:-14])
    assert clock.sleeps <= 0.5 * len(line.left)
    assert line.pace >= 0.98 * 50


@pytest.mark.parametrize("rate", [5.0, 200 / 60, 1.0, 19.0])
def test_at_a_slow_pace_each_request_leaves_alone(rate):
    """Below 20/s requests are as far apart as the limit asks, and more."""
    line = Line(rate, seconds=60, makes_ready=lambda: 0.0)

    assert all(later - earlier >= 1 / rate for earlier, later in pairwise(line.left))


@pytest.mark.parametrize("rate", [5.0, 50.0, 500.0])
def test_intents_are_written_shortly_before_their_requests_however_long_a_run_is(rate):
    """A machine that is always late by some milliseconds does not fill the journal with intents of requests that may not leave yet."""
    line = Line(rate, seconds=120, clock=LateClock(random.Random(3)))

    assert max(line.leads) <= LEAD_S + 0.05
    assert line.pace >= 0.97 * rate


@pytest.mark.parametrize("rate", [5.0, 50.0, 500.0])
def test_a_slow_disk_is_given_the_time_that_it_needs(rate):
    """Intents that take a quarter of a second each are written so much earlier, and the limit is used all the same."""
    line = Line(rate, seconds=60, workers=256, makes_ready=lambda: 0.25)

    assert line.pace >= 0.97 * rate


def test_who_is_in_line_leaves_time_for_others():
    """With the next slots taken nobody is missed; with an empty line, at a slow pace and without a limit everybody is."""

    async def main(rate, workers):
        pacer = Pacer(rate, LoopClock())
        line = [asyncio.create_task(pacer.wait()) for _ in range(workers)]
        await asyncio.sleep(0.2)
        leisure = pacer.leisure_s()
        await asyncio.gather(*line)
        return leisure, pacer.leisure_s()

    assert (pytest.approx(2 * 5 * MARGIN / 50), 0.0) == run_instantly(main(50.0, 64))
    assert (0.0, 0.0) == run_instantly(main(50.0, 12))
    assert (0.0, 0.0) == run_instantly(main(5.0, 64))
    assert (0.0, 0.0) == run_instantly(main(None, 64))


@given(rates=st.lists(st.floats(0.5, 800), min_size=1, max_size=6), seed=st.integers())
def test_a_pace_may_change_at_any_time(rates, seed):
    """Slots that were given at another pace are kept, and no request is stuck."""
    chance = random.Random(seed)

    class Changing(Pacer):
        def changed(self, per_second):
            self._set_interval(per_second)

    async def main():
        pacer, left = Changing(100.0, LoopClock()), []

        async def work():
            for _ in range(4):
                left.append(await pacer.wait())
                await asyncio.sleep(chance.uniform(0, 0.1))

        waiting = [asyncio.create_task(work()) for _ in range(20)]
        for rate in rates:
            await asyncio.sleep(chance.uniform(0, 0.3))
            pacer.changed(rate)
        await asyncio.gather(*waiting)
        return left

    assert [True] * 80 == run_instantly(main())


def test_without_a_limit_nothing_waits():
    """No rate, no pause: every request leaves at once."""
    assert {0.0} == set(departures(lambda: Pacer(None, LoopClock()), 8, 8))


def test_a_pause_holds_back_those_who_wait_already():
    """A refusal moves every departure behind the pause, also of workers that had their slot."""

    async def main():
        pacer = Pacer(10.0, LoopClock())
        times = []

        async def work():
            await pacer.wait()
            times.append(asyncio.get_running_loop().time())

        waiting = [asyncio.create_task(work()) for _ in range(4)]
        await asyncio.sleep(0.15)
        pacer.pause(30)
        await asyncio.gather(*waiting)
        return times

    times = run_instantly(main())

    assert 2 == sum(time < 1 for time in times)
    assert 2 == sum(time >= 30.15 for time in times)


def test_a_stall_is_not_made_up_for():
    """Requests that a stalled disk held back between their slot and their departure do not leave all at once."""

    async def main():
        pacer, times = Pacer(10.0, LoopClock()), []
        stalled = asyncio.Event()

        async def work():
            slot = await pacer.near()
            await stalled.wait()
            assert await pacer.reach(slot)
            times.append(asyncio.get_running_loop().time())

        waiting = [asyncio.create_task(work()) for _ in range(20)]
        await asyncio.sleep(3)
        stalled.set()
        await asyncio.gather(*waiting)
        return times

    times = run_instantly(main())

    assert all(later - earlier >= 0.05 for earlier, later in pairwise(times))
    assert all(sum(start <= time <= start + 1 for time in times) <= 10 for start in times)


class LateClock(LoopClock):
    """A machine on which whoever sleeps is woken some milliseconds too late."""

    def __init__(self, chance):
        self._chance = chance

    async def sleep(self, seconds):
        await super().sleep(seconds + self._chance.uniform(0, 0.004))


@settings(max_examples=8)
@given(seed=st.integers(), rate=st.sampled_from([120.0, 333.0, 500.0]))
def test_a_machine_that_is_late_by_milliseconds_still_uses_the_limit(seed, rate):
    """Timers are never exact; the limit of hundreds a second is used to 97% and never exceeded."""
    clock = LateClock(random.Random(seed))
    times = departures(lambda: Pacer(rate, clock), 64, 12)

    for start in times:
        assert sum(start <= time < start + 1 for time in times) <= rate
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * rate


def test_only_one_of_those_who_are_late_is_woken():
    """Whoever waits behind another costs nothing meanwhile: a row sleeps a few times, not once for each row before it."""

    async def main():
        clock, stalled = CountingClock(), asyncio.Event()
        pacer = Pacer(10.0, clock)

        async def work():
            slot = await pacer.near()
            await stalled.wait()
            await pacer.reach(slot)

        waiting = [asyncio.create_task(work()) for _ in range(64)]
        await asyncio.sleep(7)
        stalled.set()
        await asyncio.gather(*waiting)
        return clock.sleeps

    assert run_instantly(main()) <= 3 * 64


class CountingClock(LoopClock):
    """Counts who goes to sleep."""

    sleeps = 0

    async def sleep(self, seconds):
        self.sleeps += 1
        await super().sleep(seconds)


def test_a_slot_is_not_used_after_a_pause_or_a_stop():
    """Between the slot and the departure the service may refuse, or the user may stop: nothing leaves then."""

    async def main(spoil):
        stopped = []
        pacer = Pacer(10.0, LoopClock(), lambda: bool(stopped))
        await pacer.wait()
        slot = await pacer.near()
        spoil(pacer, stopped)
        return await pacer.reach(slot)

    assert run_instantly(main(lambda _pacer, _stopped: None)) is True
    assert run_instantly(main(lambda pacer, _stopped: pacer.pause(5))) is False
    assert run_instantly(main(lambda _pacer, stopped: stopped.append(1))) is False


def test_an_absurd_pause_is_not_believed():
    """A Retry-After of a month waits a quarter of an hour."""

    async def main():
        pacer = Pacer(10.0, LoopClock())
        pacer.pause(30 * 86_400)
        await pacer.wait()
        return asyncio.get_running_loop().time()

    assert LONGEST_PAUSE_S == pytest.approx(run_instantly(main()))


@pytest.mark.parametrize(
    ("text", "per_second"), [("5/s", 5), ("200/m", 200 / 60), (" 3600 / h", 1), ("0.5/s", 0.5)]
)
def test_a_rate_is_read(text, per_second):
    """A count and a unit of time."""
    assert per_second == pytest.approx(Rate.parse(text).per_second)


@pytest.mark.parametrize("text", ["", "5", "5/d", "0/s", "-1/s", "five/s", "1e9/s", "nan/s"])
def test_what_is_no_rate_is_refused(text):
    """The message shows how a rate is written."""
    with pytest.raises(ValueError, match="write it as 5/s"):
        Rate.parse(text)


def test_several_rates_are_all_kept():
    """The slowest decides."""
    assert pytest.approx(200 / 60) == slowest([Rate.parse("5/s"), Rate.parse("200/m")])
    assert slowest([]) is None


@given(attempt=st.integers(1, 40), seed=st.integers())
def test_backoff_grows_and_stays_bounded(attempt, seed):
    """Between half and the whole of a doubling wait, 60 s at most."""
    ceiling = min(60.0, 2.0 ** (attempt - 1))

    assert ceiling / 2 <= backoff(attempt, random.Random(seed)) <= ceiling
