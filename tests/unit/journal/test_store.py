"""Opening the journal, and what happens when it cannot be opened."""

import sqlite3
import stat

import pytest

from loader.errors import JournalError
from loader.journal.lock import sole_sender
from loader.journal.store import FILE_NAME, Journal


def test_a_journal_is_private_and_durable(tmp_path):
    """Only its owner can read it, and every commit is synced to disk."""
    journal = Journal.in_directory(tmp_path / "a" / "b")
    with journal.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        }
    journal.close()

    assert 0o600 == stat.S_IMODE(journal.path.stat().st_mode)
    assert {"journal_mode": "wal", "synchronous": 2} == pragmas, "2 is FULL"


@pytest.mark.parametrize(
    "content", [b"no database at all, only text" * 100, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_journal_is_told(tmp_path, content):
    """A file that is no journal is left as it is."""
    (tmp_path / FILE_NAME).write_bytes(content)

    with pytest.raises(JournalError, match="cannot be used"):
        Journal.in_directory(tmp_path)
    assert content == (tmp_path / FILE_NAME).read_bytes()


def test_a_later_journal_is_not_touched(tmp_path):
    """A journal of a later version of the program is refused, with what to do."""
    Journal.in_directory(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE about SET value = '99' WHERE name = 'schema'")

    with pytest.raises(JournalError, match="later version") as raised:
        Journal.in_directory(tmp_path)
    assert "newest loader" in raised.value.hint


def test_a_missing_journal_is_not_made_by_looking(tmp_path):
    """Commands that only read say where they looked."""
    with pytest.raises(JournalError, match="there is no journal"):
        Journal.in_directory(tmp_path, create=False)
    assert [] == list(tmp_path.iterdir())


def test_a_second_sender_is_told_and_stops(tmp_path):
    """One process sends to a tenant from a run directory; another tenant is no matter."""
    with sole_sender(tmp_path, "loanpro.simnang.com", "5200"):
        with (
            pytest.raises(JournalError, match="another loader is sending to tenant 5200"),
            sole_sender(tmp_path, "loanpro.simnang.com", "5200"),
        ):
            pass
        with sole_sender(tmp_path, "loanpro.simnang.com", "5201"):
            pass
    with sole_sender(tmp_path, "loanpro.simnang.com", "5200"):
        pass
