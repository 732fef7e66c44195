"""What the tenant holds already under a step's key, before the first request of a step that LoanPro itself would take twice."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from loader.models.marker import marker_of, markers_in
from loader.models.operation import Operation, entity_id
from loader.submit import settle

_Marked = dict[str, list[int]]


class ThereBefore:
    """
    Knows what was there before the first request of this sitting: what is on loans under a marker, and entities by their key.

    The journal knows what it has sent itself. What another journal has sent, from another computer or before a journal was lost,
    only the tenant knows; LoanPro would take it a second time (LoanPro reference 4.3). One look a loan and list is enough, and one
    for each other entity.

    Args:
        ask: Sends one look-up.
        pause: Waits between two looks, in seconds.
    """

    def __init__(self, ask: settle.Ask, pause: Callable[[float], Awaitable[None]]) -> None:
        self._ask = ask
        self._pause = pause
        self._lists: dict[tuple[str, str], _Marked] = {}

    async def ids(self, operation: Operation, key: str) -> Sequence[int] | settle.CannotLook:
        """
        LoanPro's ids of what is there under a key.

        Args:
            operation: Of the step; one that adds to a loan is bound to it (`Operation.within`).
            key: Natural key.
        """
        if not operation.list_name:
            return await self._by_key(operation, key)
        of_list = (operation.path, operation.list_name)
        marked = self._lists.get(of_list)
        if marked is None:
            shown = await settle.all_shown(operation, key, self._ask, self._pause)
            if isinstance(shown, settle.CannotLook):
                return shown
            found: defaultdict[str, list[int]] = defaultdict(list)
            try:
                for entity in shown:
                    for name in operation.marker_fields:
                        for marker in markers_in(str(entity.get(name) or "")):
                            found[marker].append(entity_id(entity))
            except ValueError:
                return settle.CannotLook("the look-up's answer names no id")
            marked = self._lists[of_list] = dict(found)
        return sorted(set(marked.get(marker_of(operation.name, key), ())))

    async def _by_key(self, operation: Operation, key: str) -> Sequence[int] | settle.CannotLook:
        match await settle.look_up(operation, key, self._ask, self._pause, enough=1):
            case settle.Found(remote_id=remote_id):
                return (remote_id,)
            case settle.Several(remote_ids=remote_ids):
                return remote_ids
            case settle.CannotLook() as cannot:
                return cannot
            case settle.NotThere():
                return ()
