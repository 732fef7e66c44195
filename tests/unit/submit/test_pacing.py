"""The pace of a run."""

import asyncio
import random
from itertools import pairwise

import pytest
from fakes.instant_loop import LoopClock, run_instantly
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.submit.pacing import LONGEST_PAUSE_S, Pacer, Rate, backoff, slowest


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


@given(rate=st.sampled_from([0.5, 3.0, 5.0, 50.0, 333.0]), workers=st.sampled_from([1, 5, 64]))
def test_no_window_of_a_second_holds_more_than_the_limit(rate, workers):
    """However many workers wait, requests leave evenly, and at least 97% of the allowed rate is used."""
    times = departures(lambda: Pacer(rate, LoopClock()), workers, max(2, 256 // workers))
    span = max(1.0, 1 / rate)

    for start in times:
        assert sum(start <= time <= start + span for time in times) <= max(1, rate * span)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * rate


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
    """The slowest decides, since requests are spaced evenly."""
    assert pytest.approx(200 / 60) == slowest([Rate.parse("5/s"), Rate.parse("200/m")])
    assert slowest([]) is None


@given(attempt=st.integers(1, 40), seed=st.integers())
def test_backoff_grows_and_stays_bounded(attempt, seed):
    """Between half and the whole of a doubling wait, 60 s at most."""
    ceiling = min(60.0, 2.0 ** (attempt - 1))

    assert ceiling / 2 <= backoff(attempt, random.Random(seed)) <= ceiling
