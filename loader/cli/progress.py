"""How far something has come: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Column

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_LOOKS = 0.1
_NO_DECIMALS_FROM = 20


class Progress:
    """
    Progress of one stage.

    Args:
        console: Where it is shown.
        what: Name of the stage.
        total: How much there is to do, None where that is not known.
        live: True where a bar can be redrawn.
    """

    def __init__(self, console: Console, what: str, total: int | None, *, live: bool) -> None:
        self.what = what
        self._console = console
        self._total = total
        self._started = time.monotonic()
        self._shown_at = self._started if not live else 0.0
        self._done = 0
        self._bar = _bar(console, total) if live else None
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(what, total=total, counts="", rate="")

    def show(self, done: int, counts: Callable[[], str] = str) -> None:
        """
        Tell how far it is.

        Args:
            done: So much of the total.
            counts: Gives the counts by outcome, in words; it is asked only when something is shown.
        """
        self._done = done
        now = time.monotonic()
        if now - self._shown_at < (_SECONDS_BETWEEN_LOOKS if self._bar else _SECONDS_BETWEEN_LINES):
            return
        self._shown_at = now
        if self._bar is not None:
            self._bar.update(self._task, completed=done, counts=counts(), rate=self._rate(now))
        else:
            self._line(done, counts(), now)

    def close(self) -> None:
        """Leave the last state standing."""
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, rate=self._rate(time.monotonic()))
            self._bar.stop()
            self._console.print()

    def _line(self, done: int, counts: str, now: float) -> None:
        of = f" of {self._total:,}" if self._total is not None else ""
        left = self._left(done, now)
        parts = [f"{self.what}: {done:,}{of}", self._rate(now), left, counts]
        self._console.print(", ".join(part for part in parts if part), markup=False)

    def _rate(self, now: float) -> str:
        elapsed = now - self._started
        if not self._done or elapsed <= 0:
            return ""
        pace = self._done / elapsed
        return f"{pace:,.0f}/s" if pace >= _NO_DECIMALS_FROM else f"{pace:.1f}/s"

    def _left(self, done: int, now: float) -> str:
        if not self._total or not done:
            return ""
        seconds = (now - self._started) / done * (self._total - done)
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"  # noqa: PLR2004


def _bar(console: Console, total: int | None) -> Bar:
    """One line that gives up the length of its bar first where the terminal is narrow."""
    columns: list[ProgressColumn] = [_text("{task.description}")]
    if total is None:
        columns += [_text("{task.completed:,} rows")]
    else:
        columns += [
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4, max_width=30)),
            _text("{task.completed:,}/{task.total:,}"),
            TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        ]
    return Bar(*columns, _text("{task.fields[rate]}"), _text("{task.fields[counts]}"), console=console)


def _text(form: str) -> TextColumn:
    return TextColumn(form, table_column=Column(no_wrap=True), markup=False)
