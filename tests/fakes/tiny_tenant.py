"""
The smallest tenant that speaks LoanPro's literal shapes, for `scripted_server`; independent of the sandbox.

It takes whatever it is sent, doubles too, so that a test can count them: LoanPro does so where warnings are switched off.
"""

import json
import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from fakes.scripted_server import Answer, Request, entity, listed

WARNING = json.dumps(
    {"error": {"message": {"value": "Stopped"}}, "warnings": ["Loan already exists"]}
).encode()
LOST_500 = "lost 500"
LOSE = "lose"


def is_search(request: Request) -> bool:
    """Whether a request goes to a search."""
    return "Search" in request.target


def is_look_up(request: Request) -> bool:
    """Whether a request changes nothing."""
    return request.method == "GET" or is_search(request)


class TinyTenant:
    """
    Answers requests.

    Attributes:
        script: What to do with the next creations: `take`, `lose` (take it and drop the connection), `lost 500` (take it and
            answer 500), or an `Answer` to give without taking it. After the last one it takes everything.
        refuse: Keys that are refused with a plain 409.
        warn: True where a key that is there already raises a transaction warning.
        entities: All entities, by LoanPro's id: key, payload.
        hidden_looks: So many of the next look-ups find nothing.
        show_ssn: What it shows of a social security number; LoanPro's way is not documented.
        knows_days: False where it refuses a filter by birth date.
        heeds_filters: False where it takes such a filter and lists everybody.
    """

    def __init__(self, *script: str | Answer, refuse: tuple[str, ...] = (), warn: bool = False) -> None:
        self.script = list(script)
        self.refuse = set(refuse)
        self.warn = warn
        self.entities: dict[int, tuple[str, dict[str, Any]]] = {}
        self.hidden_looks = 0
        self.show_ssn: Callable[[str], Any] = lambda ssn: ssn
        self.knows_days = True
        self.heeds_filters = True
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            if is_look_up(request):
                return self._look(request)
            return self._create(request)

    def ids(self, key: str) -> list[int]:
        """The ids under which a key is there."""
        return [remote_id for remote_id, (there, _) in self.entities.items() if there == key]

    def links(self, key: str) -> list[tuple[int, str]]:
        """The links of the one entity with a key."""
        (remote_id,) = self.ids(key)
        linked = self.entities[remote_id][1].get("Customers", {"results": []})["results"]
        return [(link["__id"], link["__setLoanRole"]) for link in linked]

    def _create(self, request: Request) -> Answer:
        payload = request.json
        key = payload.get("customId") or payload.get("displayId") or payload["ssn"]
        act = self.script.pop(0) if self.script else "take"
        if isinstance(act, Answer):
            return act
        if key in self.refuse:
            return Answer(409, b'{"message": "refused"}')
        if self.warn and self.ids(key):
            return Answer(409, WARNING)
        remote_id = 1000 + len(self.entities)
        self.entities[remote_id] = (key, payload)
        if act == LOSE:
            return Answer(drop=True)
        return Answer(500, b"oops") if act == LOST_500 else entity(remote_id, **self._shown(payload, ()))

    def _look(self, request: Request) -> Answer:
        target = unquote_plus(request.target)
        by_id = re.search(r"\((\d+)\)", target)
        if by_id:
            expand = re.search(r"\$expand=([^&]*)", target)
            names = expand[1].split(",") if expand else ()
            return entity(int(by_id[1]), **self._shown(self.entities[int(by_id[1])][1], names))
        if self.hidden_looks:
            self.hidden_looks -= 1
            return listed()
        if "birthDate" in target:
            return self._born(target)
        wanted = re.search(r"(?:customId|displayId) eq '((?:[^']|'')*)'", target)
        key = (
            wanted[1].replace("''", "'")
            if wanted
            else request.json["query"]["bool"]["must"][0]["query_string"]["query"]
        )
        return listed(
            *(
                {"id": i, **self._shown(p, ())}
                for i, (k, p) in self.entities.items()
                if k == key.replace("\\", "")
            )
        )

    def _born(self, target: str) -> Answer:
        """All customers who were born within the bounds of the filter, day by day (LoanPro reference 1.5)."""
        if not self.knows_days:
            return Answer(409, b'{"message": "no such filter"}')
        of_filter = r"\$filter=birthDate ge datetime'(\d{4}-\d\d-\d\d)T00:00:00' and birthDate lt datetime'(\d{4}-\d\d-\d\d)T00:00:00'"
        first, end = re.search(of_filter, target).groups()
        return listed(
            *(
                {"id": i, **self._shown(p, ())}
                for i, (_, p) in self.entities.items()
                if not self.heeds_filters or first <= p["birthDate"] < end
            )
        )

    def _shown(self, payload: dict[str, Any], expand: Any) -> dict[str, Any]:
        """Nested entities are deferred unless they are asked for (LoanPro reference 1.5)."""
        shown = {name: self._nested(name, value, expand) for name, value in payload.items()}
        if "birthDate" in shown:
            born = datetime.fromisoformat(f"{shown['birthDate']}T00:00:00+00:00")
            shown["birthDate"] = f"/Date({int(born.timestamp())})/"
        return {**shown, "ssn": self.show_ssn(shown["ssn"])} if "ssn" in shown else shown

    def _nested(self, name: str, value: Any, expand: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if name not in expand:
            return {"__deferred": {"uri": "x"}}
        items = value.get("results")
        if isinstance(items, list) and items and "__id" in items[0]:
            return {"results": [{"id": item["__id"]} for item in items]}
        return value
