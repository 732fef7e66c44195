"""Asks the tenant for entities that rows link to, before anything is sent."""

import asyncio
import random
from collections.abc import Callable, Sequence

from loader.errors import ServiceError
from loader.models.operations import operation_of
from loader.submit import settle
from loader.submit.asking import Asker
from loader.submit.client import Address, Client
from loader.submit.clock import SystemClock
from loader.submit.pace import Pace
from loader.submit.sitting import run_loop
from loader.submit.stop import Stop

_NOTHING_SENT = "nothing has been sent; check the address, the token and the tenant id, then try again"


def look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[tuple[str, str, int]], None],
    heard: Callable[[], None],
) -> list[tuple[str, str, str]]:
    """
    Ask the tenant for entities that rows link to.

    Args:
        address: The tenant.
        pace: Limits.
        wanted: Entity group and natural key.
        found: Called with entity group, key and LoanPro's id of each that is there.
        heard: Called after each, whether it is there or not.

    Returns:
        Entity group, key and reason of those that are not there, or are there more than once.

    Raises:
        ServiceError: The tenant does not answer; nothing has been sent that changes anything.
    """
    return run_loop(_look_up_links(address, pace, wanted, found, heard))


async def _look_up_links(
    address: Address,
    pace: Pace,
    wanted: Sequence[tuple[str, str]],
    found: Callable[[tuple[str, str, int]], None],
    heard: Callable[[], None],
) -> list[tuple[str, str, str]]:
    stop, clock = Stop(), SystemClock()
    pacer = pace.pacer(clock, stop.asked)
    missing: list[tuple[str, str, str]] = []
    waiting = iter(wanted)
    client = Client(address, concurrency=pace.concurrency, read_timeout_s=pace.timeout_s)

    async def work(asker: Asker) -> None:
        for entity, key in waiting:
            match await settle.look_up(operation_of(entity), key, asker.ask, _no_pause):
                case settle.Found(remote_id=remote_id):
                    found((entity, key, remote_id))
                case settle.NotThere():
                    missing.append((entity, key, "is not in LoanPro"))
                case settle.Several(remote_ids=remote_ids):
                    missing.append((entity, key, f"is in LoanPro {len(remote_ids)} times"))
                case settle.CannotLook(reason=reason):
                    text = f"{entity} {key} cannot be looked up: {reason}"
                    stop.ask(text, ServiceError(text, hint=_NOTHING_SENT))
            heard()
            if stop.asked():
                return

    async with client:
        asker = Asker(client, pacer, stop, clock, random.Random())  # noqa: S311  jitter, no secret
        await asyncio.gather(*(work(asker) for _ in range(min(pace.concurrency, len(wanted)))))
    if stop.error is not None:
        raise stop.error
    return sorted(missing)


async def _no_pause(_seconds: float) -> None:
    """Nothing of what is asked for is under way: a second look need not wait for anything."""
