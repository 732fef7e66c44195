"""What the sandbox has seen: the witness that a client is measured against."""

import re
from collections import Counter
from typing import Any

from loader.sandbox.limits import SlidingWindow

_KEY = re.compile(r"\((?:id=)?-?\d+\)")


class Counts:
    """
    Counts of one serving of the tenant, from its start.

    Attributes:
        requests: Requests by method and kind of path, such as `PUT odata.svc/Loans(id)`, whatever became of them.
        answers: Answers sent, by status code.
        created: Top entities committed, by name.
        refused: Answers with an error, by what was wrong; see `refusals`.
        faults: Faults that requests met, by name.
        arrivals: Their rate; `arrivals.most` is the most requests in any one second.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.created: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.arrivals = SlidingWindow()

    def arrived(self, method: str, path: str, instant: float) -> None:
        """Note a request, before anything is decided about it."""
        kind = _KEY.sub("(id)", path) if "(" in path else path
        self.requests[f"{method} {kind}"] += 1
        self.arrivals.add(instant)

    def as_json(self) -> dict[str, Any]:
        """All counts, ready for JSON."""
        return {
            "requests": dict(self.requests),
            "total": self.requests.total(),
            "answers": dict(self.answers),
            "created": dict(self.created),
            "refused": dict(self.refused),
            "faults": dict(self.faults),
            "most_in_one_second": self.arrivals.most,
        }
