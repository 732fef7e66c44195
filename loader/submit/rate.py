"""Limits of requests in a time, as users write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*/\s*([smh])\s*$")


@dataclass(frozen=True, slots=True)
class Rate:
    """
    A limit such as 5 requests a second.

    Attributes:
        count: Requests, above 0.
        seconds: In so many seconds.
    """

    count: float
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """
        Read `5/s`, `200/m` or `3600/h`.

        Raises:
            ValueError: The text is no rate, or the count is 0.
        """
        found = _RATE.match(text)
        if found is None or float(found[1]) == 0:
            raise ValueError(f"{text!r} is no rate; write it as 5/s, 200/m or 3600/h")
        return cls(float(found[1]), _SECONDS[found[2]])

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.count / self.seconds


def slowest(rates: Iterable[Rate]) -> float | None:
    """
    Requests a second that keep all limits at once, None without any limit.

    Requests at the lowest of the rates keep the others too.
    """
    return min((rate.per_second for rate in rates), default=None)
