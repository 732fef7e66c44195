"""Why a run stops before its last row, said once and seen by every worker."""

import asyncio
from collections.abc import Awaitable

from loader.errors import LoaderError, NotAuthorisedError, ServiceError

FAILURES_IN_A_ROW = 10
"""So many failures of the service, without an answer between them, stop the run (design, section 4)."""


class Stop:
    """
    The run's stop signal.

    Attributes:
        reason: Why, as a sentence without a final stop; "" while the run goes on.
        error: The failure behind it, None where there is none.
        interrupted: True where the user asked for the stop.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.error: LoaderError | None = None
        self.interrupted = False
        self._asked = False
        self._failures = 0
        self._unanswered_looks = 0
        self._limits: set[asyncio.Timeout] = set()

    def asked(self) -> bool:
        """True once anybody has asked for the stop."""
        return self._asked

    def ask(self, reason: str, error: LoaderError | None = None, *, interrupted: bool = False) -> None:
        """Ask for the stop; the first reason stays, save that a failure of ours outranks the user's wish."""
        if not self.asked() or (self.error is None and error is not None):
            self.reason, self.error, self.interrupted = reason, error, interrupted
            if not self._asked:
                self._asked = True
                for limit in self._limits:
                    limit.reschedule(0.0)

    def ask_unauthorised(self, status: int, message: str) -> None:
        """LoanPro refuses the token or the tenant id: nothing more may be tried."""
        text = f"LoanPro refuses the token or the tenant id (status {status}): {message}"
        hint = "check LOANPRO_TOKEN and the tenant id (Settings > Company > API in LoanPro), then run `loader resume`"
        self.ask(text, NotAuthorisedError(text, hint=hint))

    def ask_misdirected(self, path: str, status: int, message: str) -> None:
        """Nothing takes requests at this address: no row can be to blame, and none may be refused for it."""
        text = f"there is no {path} at the base URL (status {status}): {message}"
        hint = "check --base-url, which for LoanPro ends with /api/public/api/1/, then run `loader resume`"
        self.ask(text, ServiceError(text, hint=hint))

    def failed(self, reason: str) -> None:
        """
        Count one failure of the service; too many in a row ask for the stop.

        Args:
            reason: What happened, masked.
        """
        self._failures += 1
        self._enough(self._failures, f"requests in a row failed: {reason}")

    def look_failed(self, reason: str) -> None:
        """
        Count one look-up that was not answered; they are counted apart from other requests.

        Args:
            reason: What happened, masked.
        """
        self._unanswered_looks += 1
        self._enough(self._unanswered_looks, f"look-ups in a row were not answered: {reason}")

    def answered(self) -> None:
        """The service gave a definite answer: both counts begin anew."""
        self._failures = self._unanswered_looks = 0

    def look_answered(self) -> None:
        """A look-up was answered: that says nothing of requests that change something, whose failures stay counted."""
        self._unanswered_looks = 0

    def _enough(self, failures: int, words: str) -> None:
        if failures >= FAILURES_IN_A_ROW:
            text = f"{failures} {words}"
            hint = "check the address (--base-url) and the network; when the service answers, run `loader resume`"
            self.ask(text, ServiceError(text, hint=hint))

    async def heeded(self, sleep: Awaitable[None]) -> None:
        """Await a sleep, but no longer than until the stop is asked for."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._limits.add(limit)
                await sleep
        except TimeoutError:
            assert self._asked
        finally:
            self._limits.discard(limit)
