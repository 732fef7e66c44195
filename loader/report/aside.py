"""
The private folder in which a file is written before it is published, and what killed processes left of such folders.

A living process holds the lock in its folder; the lock is the operating system's and goes with the process. So a folder
whose lock is free is nobody's any more.
"""

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import scandir
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock, Timeout

_PREFIX, _SUFFIX = ".loader-", ".part"
_NAME = re.compile(r"\.loader-[a-z0-9_]{8}\.part")  # what mkdtemp makes of the two
_LOCK = ".lock"
_PRIVATE = 0o700
_LOGGER = logging.getLogger(__name__)
_TRIES = 5


@contextmanager
def folder_aside(parent: Path) -> Iterator[Path]:
    """
    A new folder of mode 0700 in *parent*, removed with all that is in it when the block ends, however it ends.

    Raises:
        OSError: It cannot be made.
    """
    folder, lock = _locked_folder(parent)
    try:
        yield folder
    finally:
        lock.release()  # first: Windows removes no open file
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """
    Remove what killed processes left in *parent*: folders of ours whose lock nobody holds.

    Any other file or folder stays, whatever its name. What cannot be removed stays too, without a word: it hinders nobody.
    """
    with suppress(OSError), scandir(parent) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                _remove_if_left(Path(entry.path))


def _locked_folder(parent: Path) -> tuple[Path, FileLock]:
    """
    A new folder and its lock; another one where another process swept between the making and the locking.

    Where the file system has no locks the folder is made all the same: nobody else gets the lock there either, and
    so nobody sweeps it.
    """
    for _ in range(_TRIES):
        folder = Path(mkdtemp(prefix=_PREFIX, suffix=_SUFFIX, dir=parent))
        lock = FileLock(folder / _LOCK)
        try:
            _take(lock)
            folder.chmod(
                _PRIVATE
            )  # the lock makes a folder again that was swept just now, but for all to see
        except (Timeout, FileNotFoundError):
            continue
        return folder, lock
    raise TimeoutError(f"another process removes every new folder in {parent}")


def _take(lock: FileLock) -> None:
    try:
        lock.acquire(timeout=0)
    except (Timeout, FileNotFoundError):
        raise
    except (OSError, NotImplementedError) as error:
        _LOGGER.debug("no lock in %s: %s", lock.lock_file, error)


def _remove_if_left(folder: Path) -> None:
    lock = FileLock(folder / _LOCK)
    with suppress(OSError, NotImplementedError, Timeout):
        if Path(lock.lock_file).is_file():
            with lock.acquire(timeout=0):
                shutil.rmtree(
                    folder, ignore_errors=True
                )  # while its maker, if he has just begun, cannot get the lock
            shutil.rmtree(folder, ignore_errors=True)  # Windows removes the lock's file only now
        else:
            folder.rmdir()  # died before it had the lock; a folder that holds anything is not ours, and refuses
