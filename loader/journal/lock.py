"""Keeps a second sender away from the same tenant, whatever becomes of the first."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from loader.errors import JournalError


@contextmanager
def sole_sender(run_dir: Path, host: str, tenant: str) -> Iterator[None]:
    """
    Hold the right to send to one tenant from one run directory.

    The lock is the operating system's: it goes with the process, even one that was killed.

    Raises:
        JournalError: Another process holds it.
    """
    name = re.sub(r"[^A-Za-z0-9.-]", "_", f"{host}-{tenant}")
    lock = FileLock(run_dir / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise JournalError(
            f"another loader is sending to tenant {tenant} at {host} from {run_dir} at this moment",
            hint="wait until it has finished, or stop it with Ctrl-C and run `loader resume`",
        ) from error
    except OSError as error:
        raise JournalError(f"the lock {lock.lock_file} cannot be taken: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
