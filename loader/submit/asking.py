"""Sends look-ups: read-only requests, which may be repeated freely, at the run's pace."""

import random

from loader.masking import masked_text
from loader.models.look_up import LookUp
from loader.submit.answers import is_passing, retry_after_s
from loader.submit.client import Client, Reply
from loader.submit.pacing import Clock, Pacer, backoff

MOST_TRIES = 3
"""So often is one look-up tried when it is not answered."""


class Asker:
    """
    Asks the tenant.

    Args:
        client: The connection.
        pacer: The run's one limiter.
        clock: For waiting.
        chance: For jitter.
    """

    def __init__(self, client: Client, pacer: Pacer, clock: Clock, chance: random.Random) -> None:
        self._client = client
        self._pacer = pacer
        self._clock = clock
        self._chance = chance

    async def ask(self, look: LookUp) -> Reply | str:
        """The answer to a look-up, or why none could be had."""
        reason = ""
        for number in range(1, MOST_TRIES + 1):
            await self._pacer.wait()
            received = await self._client.send(look.method, look.path, query=look.query, body=look.body)
            if isinstance(received, Reply) and not is_passing(received.status):
                return received
            if isinstance(received, Reply):
                reason = f"status {received.status}"
                self._pacer.pause(retry_after_s(received.retry_after) or 0.0)
            else:
                reason = masked_text(received.reason)
            if number < MOST_TRIES:
                await self._clock.sleep(backoff(number, self._chance))
        return reason
