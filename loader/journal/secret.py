"""
The journal's secret, with which natural keys that are personal data are hashed.

It lies in a file of its own beside the journal, readable by its owner alone: who has the journal without it learns nothing of the
persons in it. It is made when it is first needed, and never again for the same journal, since no key of the journal would be
recognised any more.
"""

import hmac
import os
import secrets
from pathlib import Path

import sqlalchemy as sa

from loader.errors import JournalError
from loader.journal.schema import about
from loader.journal.store import Journal

_BYTES = 32
_NAME = "key secret"  # of the entry in the journal by which its secret is recognised


def key_secret(journal: Journal) -> bytes:
    """
    The secret of a journal, 32 bytes; made on the first call.

    Raises:
        JournalError: The journal has such keys and its secret is missing or another one, or the file cannot be used.
    """
    path = secret_path(journal)
    try:
        known = _known(journal)
        if not known:
            _agree(journal, path)
            known = _known(journal)
        if not path.exists():
            raise JournalError(
                f"the secret of the journal is missing: {path}",
                hint="put the file back from a copy; without it nobody can tell which of the file's customers were sent before. "
                "Another journal is begun with --run-dir",
            )
        secret = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"the secret of the journal cannot be used: {path}: {error.strerror}",
            hint="check who owns the file and whether the disk is full",
        ) from error
    if known != _sign(secret):
        raise _another(path)
    return secret


def secret_path(journal: Journal) -> Path:
    """The file with the secret, beside the journal."""
    return journal.path.with_suffix(".secret")


def _known(journal: Journal) -> str:
    """The sign by which the journal recognises its secret, "" where it has none yet."""
    with journal.read() as connection:
        return connection.execute(sa.select(about.c.value).where(about.c.name == _NAME)).scalar() or ""


def _another(path: Path) -> JournalError:
    return JournalError(
        f"{path} is not the secret of this journal",
        hint="put back the file that belongs to the journal; both are copied together",
    )


def _sign(secret: bytes) -> str:
    """By what a secret is recognised, "" where it is none."""
    return hmac.digest(secret, _NAME.encode(), "sha256").hex() if len(secret) == _BYTES else ""


def _agree(journal: Journal, path: Path) -> None:
    """
    Make the secret, and let the journal know it by its sign.

    One process may send to each tenant at the same time: the first statement takes the database's write lock, so that the others wait
    and then find that it is done. A file that a crash left here before the journal knew of it is taken as it is.
    """
    with journal.begin() as connection:
        entry = [{"name": _NAME, "value": ""}]
        if connection.execute(about.insert().prefix_with("OR IGNORE"), entry).rowcount == 0:
            return
        if not path.exists():
            _make(path)
        sign = _sign(path.read_bytes())
        if not sign:
            raise _another(path)
        connection.execute(about.update().where(about.c.name == _NAME).values(value=sign))


def _make(path: Path) -> None:
    """The whole file or none, on disk before the journal holds anything that depends on it."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
