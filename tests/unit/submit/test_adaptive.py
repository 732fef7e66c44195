"""Looking for the tenant's own pace, in made-up time."""

import asyncio

from fakes.instant_loop import LoopClock, run_instantly

from loader.submit.adaptive import FIRST_PER_S, LOWEST_PER_S, AdaptivePacer


def pace_against(limit_per_s, *, seconds, ceiling=None, workers=32, latency=lambda rate: 0.05):
    """Departures and refusals against a tenant that refuses whatever exceeds its limit in any second."""

    async def main():
        pacer, taken, refused = AdaptivePacer(ceiling, LoopClock()), [], []
        loop = asyncio.get_running_loop()

        async def work():
            while loop.time() < seconds:
                await pacer.wait()
                now = loop.time()
                recent = sum(now - 1 < moment <= now for moment in taken)
                if limit_per_s is not None and recent >= limit_per_s:
                    refused.append(now)
                    pacer.refused()
                    pacer.pause(1.0)
                    continue
                taken.append(now)
                took = latency(recent)
                await asyncio.sleep(took)
                pacer.answered(took * 1000)

        await asyncio.gather(*(work() for _ in range(workers)))
        return taken, refused, pacer.found()

    return run_instantly(main())


def test_it_begins_low_and_comes_near_the_limit():
    """After some minutes most of what the tenant allows is used, and few requests are refused."""
    taken, refused, found = pace_against(40, seconds=300)

    assert sum(moment < 2 for moment in taken) <= 2 * FIRST_PER_S + 1
    last_minute = sum(240 <= moment < 300 for moment in taken)
    assert last_minute >= 0.6 * 40 * 60
    assert len(refused) <= 0.02 * len(taken)
    assert "auto: " in found
    assert "refused" in found


def test_a_ceiling_is_kept():
    """`--rate auto --rate 10/s` never exceeds ten a second."""
    taken, _, found = pace_against(None, seconds=120, ceiling=10.0)

    assert all(sum(start <= moment <= start + 1 for moment in taken) <= 10 for start in taken)
    assert "never refused" in found


def test_slower_answers_stop_the_climb():
    """A tenant that becomes slow is not pushed, though it refuses nothing."""
    taken, refused, _ = pace_against(None, seconds=200, latency=lambda rate: 0.05 if rate < 20 else 0.5)

    assert refused == []
    assert sum(140 <= moment < 200 for moment in taken) / 60 < 40


def test_a_refusal_never_stops_it_altogether():
    """However often it is refused, it goes on asking now and then."""
    pacer = AdaptivePacer(None, LoopClock())

    async def main():
        for _ in range(50):
            pacer.refused()
            await asyncio.sleep(10)

    run_instantly(main())

    assert f"auto: {LOWEST_PER_S:.1f}/s at the end" in pacer.found()
    assert "refused 50 times" in pacer.found()
