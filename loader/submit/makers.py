"""Rows under way, by what they make: a row that links to it waits for the end of the row above that makes it."""

import asyncio

from loader.open_rows import OpenRow


class Makers:
    """The rows under way; of several that make the same the first counts."""

    def __init__(self) -> None:
        self._makers: dict[tuple[str, str], _Maker] = {}

    def announce(self, task: OpenRow) -> None:
        """A row is about to be sent."""
        for number in task.open:
            step = task.row.steps[number]
            self._makers.setdefault((step.operation.entity_group, step.key), _Maker(task.row.ref.ordinal))

    def withdraw(self, task: OpenRow) -> None:
        """A row has come to its end, whatever that is; who waits for it goes on."""
        for number in task.open:
            step = task.row.steps[number]
            made = (step.operation.entity_group, step.key)
            maker = self._makers.get(made)
            if maker is not None and maker.ordinal == task.row.ref.ordinal:
                del self._makers[made]
                maker.end()

    async def ended_above(self, ordinal: int, entity: str, key: str) -> None:
        """Wait until no row above one is under way that makes an entity."""
        maker = self._makers.get((entity, key))
        if maker is not None and maker.ordinal < ordinal:
            await maker.ended()


class _Maker:
    """One row under way."""

    __slots__ = ("_end", "ordinal")

    def __init__(self, ordinal: int) -> None:
        self.ordinal = ordinal
        self._end: asyncio.Future[None] | None = None  # few rows are waited for

    async def ended(self) -> None:
        if self._end is None:
            self._end = asyncio.get_running_loop().create_future()
        await self._end

    def end(self) -> None:
        if self._end is not None and not self._end.done():  # as it is when who waited was cancelled
            self._end.set_result(None)
