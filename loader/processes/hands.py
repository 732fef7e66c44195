"""Several processes that do the same work, each on every so many-th piece, with the results in the order of the pieces."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any, Protocol, TypeVar

from loader.processes.hand import AHEAD, Hand
from loader.processes.serving import NO_MORE, Piece_contra, Rest_co, Result_co, Work

_P = TypeVar("_P")
_R = TypeVar("_R")
_S = TypeVar("_S")


class Hands(Protocol[Piece_contra, Result_co, Rest_co]):
    """Those who do the work: this process alone, or several."""

    def results(self, pieces: Iterable[Piece_contra]) -> Iterator[Result_co]:
        """The results, in the order of the pieces."""
        ...

    def gathered(self) -> Sequence[Rest_co]:
        """What each has gathered, once there are no more pieces."""
        ...


def cores() -> int:
    """How many processes can run at once here; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(allowed or 1, 1)


@contextmanager
def hands(make: Callable[[], Work[_P, _R, _S]], count: int) -> Iterator[Hands[_P, _R, _S]]:
    """
    Have the work done by some other processes, or by this one.

    Args:
        make: Makes what does the work, once in each process. It is handed over to processes, and so must be a function of a
            module, or a `partial` of one, with arguments that can be pickled; so must pieces and results, of any size.
        count: How many other processes; 0 for this one.

    Raises:
        ProcessLostError: From `results` or `gathered`: a process has ended. Whatever the work raises comes from there too.
    """
    if not count:
        yield _Alone(make())
        return
    several = _Several(make, count)
    try:
        yield several
    finally:
        several.dismiss()


class _Alone:
    def __init__(self, work: Work[Any, Any, Any]) -> None:
        self._work = work

    def results(self, pieces: Iterable[Any]) -> Iterator[Any]:
        return map(self._work.do, pieces)

    def gathered(self) -> Sequence[Any]:
        return [self._work.gathered()]


class _Several:
    def __init__(self, make: Callable[[], Work[Any, Any, Any]], count: int) -> None:
        self._hands = [Hand(make) for _ in range(count)]

    def results(self, pieces: Iterable[Any]) -> Iterator[Any]:
        waited_for = deque[Hand]()
        for piece, hand in zip(pieces, cycle(self._hands), strict=False):
            if len(waited_for) == AHEAD * len(self._hands):
                yield waited_for.popleft().heard()
            hand.say(piece)
            waited_for.append(hand)
        while waited_for:
            yield waited_for.popleft().heard()

    def gathered(self) -> Sequence[Any]:
        for hand in self._hands:
            hand.say(NO_MORE)
        return [hand.heard() for hand in self._hands]

    def dismiss(self) -> None:
        """End the processes, whatever they are at."""
        for hand in self._hands:
            hand.dismiss()
        for hand in self._hands:
            hand.end()
