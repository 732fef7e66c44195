"""Opening the journal, and what happens when it cannot be opened."""

import sqlite3
import stat
import sys

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


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be deleted there")
def test_no_empty_journal_takes_the_place_of_a_deleted_one(tmp_path):
    """It would say that nothing was ever sent."""
    journal = Journal.in_directory(tmp_path)
    journal.engine.dispose()
    journal.path.unlink()

    with pytest.raises(JournalError, match="unable to open"), journal.read():
        pass
    assert not journal.path.exists()
    with pytest.raises(JournalError, match="was deleted, moved or replaced"):
        journal.must_be_there()


HOST = "loanpro.simnang.com"


def test_a_second_sender_is_told_and_stops(tmp_path):
    """One process sends to a tenant from a run directory; another tenant is no matter."""
    with sole_sender(tmp_path, HOST, "5200", at=HOST):
        with (
            pytest.raises(JournalError, match="another loader is sending to tenant 5200"),
            sole_sender(tmp_path, HOST, "5200", at=HOST),
        ):
            pass
        with sole_sender(tmp_path, HOST, "5201", at=HOST):
            pass
    with sole_sender(tmp_path, HOST, "5200", at=HOST):
        pass


def test_a_second_sender_with_another_journal_is_told_too(tmp_path):
    """Their journals know nothing of each other, and what LoanPro takes twice would be there twice."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with sole_sender(one, HOST, "5200", at=HOST):
        with (
            pytest.raises(JournalError, match=f"tenant 5200 at {HOST} from another run directory"),
            sole_sender(other, HOST, "5200", at=HOST),
        ):
            pass
        with sole_sender(other, "sandbox", "5200", at="127.0.0.1:4711"):
            pass


def test_who_has_no_place_for_state_still_sends(tmp_path, monkeypatch):
    """The run directory's own lock stands."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with (
        sole_sender(tmp_path, HOST, "5200", at=HOST),
        pytest.raises(JournalError, match="another loader"),
        sole_sender(tmp_path, HOST, "5200", at=HOST),
    ):
        pass
