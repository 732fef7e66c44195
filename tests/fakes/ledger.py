"""The smallest tenant that keeps lists of loans, for `scripted_server`: it takes every PUT, doubles too, so that a test can count them."""

import json
import re
from typing import Any
from urllib.parse import unquote_plus

from fakes.scripted_server import Answer, Request, entity, listed
from fakes.tiny_tenant import LOSE, LOST_500


class Ledger:
    """
    Answers requests about loans that exist.

    Attributes:
        script: What to do with the next PUTs: `take`, `lose` (take it and drop the connection), `lost 500` (take it and answer 500),
            `drop it` (answer as if taken), or an `Answer` to give without taking it. After the last one it takes everything.
        items: All items, by LoanPro's id: loan, list, fields.
        hidden_looks: So many of the next look-ups find nothing.
        looks: The next answers to look-ups instead of true ones.
        shown_at_most: So many items a list shows, None for all.
        loan_answers: LoanPro's id of the loan that a PUT answers with, None for the right one.
    """

    def __init__(self, *script: str | Answer) -> None:
        self.script = list(script)
        self.items: dict[int, tuple[int, str, dict[str, Any]]] = {}
        self.hidden_looks = 0
        self.looks: list[Answer] = []
        self.shown_at_most: int | None = None
        self.loan_answers: int | None = None

    def __call__(self, request: Request) -> Answer:
        return self._put(request) if request.method == "PUT" else self._look(unquote_plus(request.target))

    def add(self, loan: int, name: str, fields: dict[str, Any]) -> int:
        """Another item, as the tenant's own people would add it."""
        remote_id = 9000 + len(self.items)
        self.items[remote_id] = (loan, name, fields)
        return remote_id

    def _put(self, request: Request) -> Answer:
        act = self.script.pop(0) if self.script else "take"
        if isinstance(act, Answer):
            return act
        loan = int(re.search(r"Loans\((\d+)\)", request.target)[1])
        ((name, wrapped),) = request.json.items()
        if act != "drop it":
            for item in wrapped["results"]:
                self.add(loan, name, item)
        if act == LOSE:
            return Answer(drop=True)
        return Answer(500, b"oops") if act == LOST_500 else entity(self.loan_answers or loan, displayId="L1")

    def _look(self, target: str) -> Answer:
        if self.looks:
            return self.looks.pop(0)
        of_loan = re.search(r"Loans\((\d+)\)\?\$expand=(\w+)", target)
        by_filter = re.search(r"odata.svc/(\w+)\?\$filter=entityId eq (\d+)", target)
        loan, name = (int(of_loan[1]), of_loan[2]) if of_loan else (int(by_filter[2]), by_filter[1])
        found = [
            {"id": i, "entityId": loan, **{k: v for k, v in fields.items() if not k.startswith("__")}}
            for i, (its_loan, its_list, fields) in self.items.items()
            if (its_loan, its_list) == (loan, name)
        ]
        if self.hidden_looks:
            self.hidden_looks -= 1
            found = []
        shown = found[: self.shown_at_most]
        if of_loan and self.shown_at_most is None:
            return entity(loan, **{name: shown})  # a bare array, as with `nopaging` (LoanPro reference 1.6)
        page = {"results": shown, "summary": {"total": len(found)}}
        if of_loan:
            return entity(loan, **{name: page})
        return (
            Answer(200, json.dumps({"d": page}).encode())
            if self.shown_at_most is not None
            else listed(*shown)
        )
