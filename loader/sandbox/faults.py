"""Failures on demand: which request meets which fault, decided by a seed."""

import random
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import process

from loader.errors import UsageError


class Fault(StrEnum):
    """
    What may go wrong with one request.

    `before` means that the request takes no effect, `after` that it does; the caller sees the same. A slow answer
    and one without `d` follow a request that took effect; a 429 and a 503 one that did not.
    """

    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    HANG_BEFORE = "hang-before"
    HANG_AFTER = "hang-after"
    HTML_BEFORE = "html-before"
    HTML_AFTER = "html-after"
    SLOW = "slow"
    NO_D = "no-d"
    THROTTLED = "429"
    UNAVAILABLE = "503"

    @property
    def takes_effect(self) -> bool:
        """Whether the request is carried out before its answer goes wrong."""
        return self.value.endswith("-after") or self in {Fault.SLOW, Fault.NO_D}


_EITHER = {
    "500": (Fault.ERROR_BEFORE, Fault.ERROR_AFTER),
    "drop": (Fault.DROP_BEFORE, Fault.DROP_AFTER),
    "hang": (Fault.HANG_BEFORE, Fault.HANG_AFTER),
    "html": (Fault.HTML_BEFORE, Fault.HTML_AFTER),
}
_SETTINGS = ("seed", "reads", "slow-s")
_WORDS = (*(fault.value for fault in Fault), *_EITHER, *_SETTINGS)
_MOST = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """
    How often which fault occurs.

    Attributes:
        odds: Each fault with its probability; together at most 1. A request meets one fault at most.
        seed: The same seed and the same order of requests give the same faults.
        reads: Whether GET requests and searches meet faults too.
        slow_s: Delay of a slow answer, in seconds.
    """

    odds: tuple[tuple[Fault, float], ...] = ()
    seed: int = 0
    reads: bool = False
    slow_s: float = 2.0

    @classmethod
    def parse(cls, text: str) -> "FaultPlan":
        """
        Read a plan such as `500-after=0.05,drop-after=0.03,seed=7`.

        A plain `500`, `drop`, `hang` or `html` is shared out evenly between before and after. `reads=true` extends the
        faults to reads; `slow-s=0.5` sets the delay of a slow answer in seconds. Blank text means no faults.

        Raises:
            UsageError: A word is unknown, a probability is not within 0 and 1, or together they exceed 1.
        """
        odds: dict[Fault, float] = {}
        settings: dict[str, str] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, _, value = (piece.strip() for piece in part.partition("="))
            if name not in _WORDS:
                raise _unknown(name)
            if name in _SETTINGS:
                settings[name] = value
                continue
            chosen = _EITHER.get(name) or (Fault(name),)
            for fault in chosen:
                odds[fault] = odds.get(fault, 0.0) + _probability(name, value) / len(chosen)
        if sum(odds.values()) > _MOST:
            raise UsageError(
                f"the faults add up to {sum(odds.values()):.2f}", hint="keep their sum at 1 or below"
            )
        return cls(
            odds=tuple(odds.items()),
            seed=int(_number("seed", settings.get("seed", "0"))),
            reads=_flag("reads", settings.get("reads", "false")),
            slow_s=_number("slow-s", settings.get("slow-s", "2")),
        )


class Dice:
    """Draws the fault of each request, in the order in which requests arrive."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - repeatable on purpose, guards nothing

    def draw(self, *, write: bool) -> Fault | None:
        """The fault that the next request meets, None for none."""
        if not self._plan.odds or not (write or self._plan.reads):
            return None
        left = self._random.random()
        for fault, probability in self._plan.odds:
            if left < probability:
                return fault
            left -= probability
        return None


def _unknown(name: str) -> UsageError:
    near = process.extractOne(name, _WORDS)
    hint = f"did you mean {near[0]!r}? Known are: " if near and near[1] >= 60 else "known are: "  # noqa: PLR2004
    return UsageError(f"there is no fault {name!r}", hint=hint + ", ".join(_WORDS))


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise UsageError(f"{name}={value} is not a number of 0 or more", hint=f"write it as {name}=1")
    return number


def _probability(name: str, value: str) -> float:
    number = _number(name, value)
    if number > 1:
        raise UsageError(f"{name}={value} is not a probability", hint=f"write it from 0 to 1, as {name}=0.05")
    return number


def _flag(name: str, value: str) -> bool:
    if value not in {"true", "false"}:
        raise UsageError(f"{name}={value} is neither true nor false", hint=f"write {name}=true")
    return value == "true"
