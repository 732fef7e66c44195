"""An event loop whose time jumps to the next timer as soon as nothing is left to do: hours pass in no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting, moves its loop's time."""

    loop: "InstantLoop"

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.loop.seconds += timeout
        return ready


class InstantLoop(asyncio.SelectorEventLoop):
    """Its `time` is `seconds`, from 0."""

    def __init__(self) -> None:
        self.seconds = 0.0
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.seconds


class LoopClock:
    """The pacing's clock on the running loop's time."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return self.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_instantly(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end in made-up time."""
    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        return runner.run(coroutine)
