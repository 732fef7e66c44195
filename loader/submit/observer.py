"""Who hears of outcomes while requests are sent, and what too many refusals lead to."""

from typing import Protocol

from loader.models.outcome import Outcome, StepResult
from loader.submit.pace import Share
from loader.submit.stop import Stop

_REFUSED = frozenset({Outcome.REJECTED, Outcome.HELD, Outcome.UNKNOWN})


class Observer(Protocol):
    """Hears what happens while a run is sent; the terminal shows it."""

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        ...


class Refusals:
    """
    Passes on what it hears, and asks for the stop when too much of it is no success.

    Args:
        observer: Hears everything.
        stop: The run's stop signal.
        most: Steps that may be rejected, held or unknown; None for any number.
        to_send: Requests in all, of which *most* may be a share.
    """

    def __init__(self, observer: Observer, stop: Stop, most: Share | None, to_send: int) -> None:
        self._observer = observer
        self._stop = stop
        self._most = most
        self._to_send = to_send
        self._refused = 0

    def step_done(self, result: StepResult) -> None:
        """One step has its outcome."""
        self._observer.step_done(result)
        if result.outcome not in _REFUSED:
            return
        self._refused += 1
        if self._most is not None and self._refused > self._most.of(self._to_send):
            self._stop.ask(f"more than {self._most} of the requests were not accepted (--max-errors)")
