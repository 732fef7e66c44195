"""Sends look-ups: read-only requests, which may be repeated freely, at the run's pace."""

import random

from loader.masking import masked_text
from loader.models.look_up import LookUp
from loader.submit.answers import is_passing, message_of, reason_of, retry_after_s, says_something
from loader.submit.client import Client, Reply
from loader.submit.clock import Clock
from loader.submit.pacing import Pacer, backoff
from loader.submit.stop import Stop

MOST_TRIES = 3
"""So often is one look-up tried when it is not answered."""
_UNAUTHORISED = {401, 403}
_THROTTLED = 429
_STOPPED = "the run was stopped"


class Asker:
    """
    Asks the tenant.

    Args:
        client: The connection.
        pacer: The run's one limiter.
        stop: The run's stop signal: a refused token asks for it, and nothing is asked after it.
        clock: For waiting.
        chance: For jitter.
    """

    def __init__(self, client: Client, pacer: Pacer, stop: Stop, clock: Clock, chance: random.Random) -> None:
        self._client = client
        self._pacer = pacer
        self._stop = stop
        self._clock = clock
        self._chance = chance

    async def ask(self, look: LookUp) -> Reply | str:
        """The answer to a look-up, or why none could be had."""
        reason = _STOPPED
        for number in range(1, MOST_TRIES + 1):
            if not await self._pacer.wait():
                return _STOPPED
            received = await self._client.send(look.method, look.path, query=look.query, body=look.body)
            if isinstance(received, Reply) and received.status in _UNAUTHORISED:
                self._stop.ask_unauthorised(received.status, masked_text(message_of(received)))
                return _STOPPED
            if isinstance(received, Reply) and not is_passing(received.status):
                self._count(received)
                return received
            reason = self._note(received)
            if not isinstance(received, Reply) or received.status != _THROTTLED:
                self._stop.look_failed(reason)
            if number < MOST_TRIES:
                await self._clock.sleep(backoff(number, self._chance))
        return reason

    def _count(self, reply: Reply) -> None:
        """An answer that asking again would not mend; from somebody else than LoanPro, as an HTML page is, it is none."""
        if says_something(reply):
            self._stop.look_answered()
        else:
            self._stop.look_failed(masked_text(reason_of(reply)))

    def _note(self, received: object) -> str:
        """Why there was no answer; a pause that the service asks for holds back everybody."""
        if isinstance(received, Reply):
            self._pacer.pause(retry_after_s(received.retry_after) or 0.0)
            return f"status {received.status}"
        return masked_text(str(getattr(received, "reason", received)))
