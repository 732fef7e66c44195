"""
One command run and measured: seconds by the clock, processor seconds, and the memory of all its processes together.

Processor seconds are user and system time of the process, of all children that it waited for (`wait4`), and of those that it left behind
when it ended: on Linux they become ours (`PR_SET_CHILD_SUBREAPER`), and are waited for too. Memory is the highest sum
over the tree of processes, looked at ten times a second at most: the proportional set size (PSS, in which a page that n processes share counts
a n-th for each) where the system tells it, as Linux does; elsewhere the highest resident size of the largest process.
"""

import ctypes
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

_BETWEEN_LOOKS_S = 0.1
_SHARE_OF_LOOKING = 0.02  # of a core at most: to look at 400 MB takes 7 ms
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
MEMORY_IS = (
    "PSS of all processes"
    if (_PROC / "self" / "smaps_rollup").exists()
    else "resident size of the largest process"
)


class FailedError(Exception):
    """A command did not do what it was to do; the reason is in the message."""


@dataclass(frozen=True, slots=True)
class Look:
    """The processes at one moment: seconds since the start, processor seconds so far, bytes."""

    at: float
    cpu_s: float
    memory: int


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What one command took.

    Attributes:
        seconds: From start to end by the clock.
        cpu_s: Processor seconds, user and system, of all processes.
        memory: Bytes at the highest.
        out: Standard output.
        err: Standard error.
        status: Exit code.
        said_at: Seconds until standard error held what was waited for, None if it never did.
        looks: What was seen on the way.
    """

    seconds: float
    cpu_s: float
    memory: int
    out: str
    err: str
    status: int
    said_at: float | None = None
    looks: Sequence[Look] = field(default=(), repr=False)

    def share_of_a_core(self, first_s: float, last_s: float) -> float:
        """
        Processor seconds a second between two moments of the run.

        Raises:
            FailedError: The run was too short, or the system does not tell.
        """
        within = [look for look in self.looks if first_s <= look.at <= last_s]
        if len(within) < 2:  # noqa: PLR2004  a span has two ends
            raise FailedError("nothing was seen of the processes between these moments")
        return (within[-1].cpu_s - within[0].cpu_s) / (within[-1].at - within[0].at)


def measured(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    ok: Sequence[int] = (0,),
    waiting_for: str = "",
    look: bool = True,
    closely: bool = False,
    within_s: float = 3600,
) -> Measured:
    """
    Run a command to its end.

    Args:
        command: Program and arguments.
        cwd: Where it runs.
        env: Added to the environment.
        ok: Exit codes that are no failure.
        waiting_for: A pattern; the time of the first line of standard error that holds it is told.
        look: Whether memory and processor time are looked at on the way; not for what ends at once.
        closely: Look so often as is said above whatever it costs: for the memory of a short command whose time does not count.
        within_s: It is killed when it takes longer.

    Raises:
        FailedError: It ended with another exit code, or took too long.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE if waiting_for else err,
        )
        watch = _Watch(process.pid, began, look=look, closely=closely)
        listening = _Listening(process.stderr, err, waiting_for, began)
        end = threading.Timer(within_s, process.kill)
        end.start()
        try:
            with _orphans_are_ours():
                _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            end.cancel()
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.end()
        listening.end()
        left_behind_s = _waited_for(watch.seen - {process.pid})
        said, complained = _text_of(out), _text_of(err)
    largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = Measured(
        seconds,
        usage.ru_utime + usage.ru_stime + left_behind_s,
        max((seen.memory for seen in watch.looks), default=0) or largest,
        said,
        complained,
        process.returncode,
        listening.said_at,
        watch.looks,
    )
    if seconds >= within_s:
        raise FailedError(f"it was ended after {within_s:,.0f} s")
    if result.status not in ok:
        tail = " ".join((result.err.strip() or result.out).split())[-300:]
        raise FailedError(f"exit code {result.status}: {tail}")
    return result


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


@contextmanager
def _orphans_are_ours() -> Iterator[None]:
    """Within it, processes whose parent has ended become children of this one, where the system can do that."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None:
        library.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        if library is not None:
            library.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _waited_for(processes: Iterable[int]) -> float:
    """Processor seconds of those processes that are ours now, once they have ended; what never was our child counts elsewhere."""
    spent = 0.0
    for pid in processes:
        try:
            _, _, usage = os.wait4(pid, 0)
        except ChildProcessError:
            continue
        spent += usage.ru_utime + usage.ru_stime
    return spent


class _Watch:
    """Looks at a tree of processes now and then, in a thread of its own."""

    def __init__(self, pid: int, began: float, *, look: bool, closely: bool) -> None:
        self._share = 1.0 if closely else _SHARE_OF_LOOKING
        self.looks: list[Look] = []
        self.seen: set[int] = set()
        self._pid, self._began = pid, began
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        if look and _PROC.is_dir():
            self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        pause = _BETWEEN_LOOKS_S
        while not self._over.wait(pause):
            at, worked = time.perf_counter() - self._began, time.thread_time()
            tree = _tree(self._pid)
            self.seen.update(tree)
            self.looks.append(Look(at, sum(map(_cpu_s, tree)), sum(map(_memory, tree))))
            pause = max(_BETWEEN_LOOKS_S, (time.thread_time() - worked) / self._share)


class _Listening:
    """Copies standard error and remembers when it held what was waited for."""

    def __init__(self, stream: IO[bytes] | None, copy: IO[bytes], pattern: str, began: float) -> None:
        self.said_at: float | None = None
        self._stream, self._copy = stream, copy
        self._pattern, self._began = re.compile(pattern.encode()), began
        self._thread = threading.Thread(target=self._listen, daemon=True)
        if stream is not None:
            self._thread.start()

    def end(self) -> None:
        if self._stream is not None:
            self._thread.join()
            self._stream.close()

    def _listen(self) -> None:
        assert self._stream is not None
        for line in self._stream:
            if self.said_at is None and self._pattern.search(line):
                self.said_at = time.perf_counter() - self._began
            self._copy.write(line)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:  # grows while it is walked
        try:
            for task in (_PROC / str(parent) / "task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:  # it has ended
            continue
    return found


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process and of the children that it has waited for, 0 once it has ended."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS  # utime, stime, cutime, cstime


def _memory(pid: int) -> int:
    """Proportional set size in bytes, 0 once it has ended."""
    try:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
