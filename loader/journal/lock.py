"""Keeps a second sender away from the same tenant, whatever becomes of the first."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from loader.errors import JournalError


@contextmanager
def sole_sender(run_dir: Path, host: str, tenant: str, *, at: str) -> Iterator[None]:
    """
    Hold the right to send to one tenant, from one run directory and from this computer's user.

    Two journals know nothing of each other: what LoanPro takes twice (LoanPro reference 4.3), such as a payment, two senders at once
    would send twice, and each at the full rate. The locks are the operating system's: they go with the process, even one that was
    killed.

    Args:
        run_dir: Where the journal is.
        host: How the journal names the host.
        tenant: The tenant's id.
        at: The host and port themselves.

    Raises:
        JournalError: Another process holds it.
    """
    with ExitStack() as held:
        held.enter_context(_held(run_dir / _name(host, tenant), f"tenant {tenant} at {host} from {run_dir}"))
        if folder := _users_folder():
            held.enter_context(
                _held(folder / _name(at, tenant), f"tenant {tenant} at {host} from another run directory")
            )
        yield


def _name(host: str, tenant: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", f"{host}-{tenant}") + ".lock"


def _users_folder() -> Path | None:
    """Where all run directories of a user meet; None where the user has no such place, as some services have none."""
    folder = Path(platformdirs.user_state_dir("loader")) / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # the run directory's own lock stands
        return None
    return folder if os.access(folder, os.W_OK) else None


@contextmanager
def _held(path: Path, what: str) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise JournalError(
            f"another loader is sending to {what} at this moment",
            hint="wait until it has finished, or stop it with Ctrl-C and run `loader resume`",
        ) from error
    except OSError as error:
        raise JournalError(f"the lock {lock.lock_file} cannot be taken: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
