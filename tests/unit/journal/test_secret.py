"""The journal's secret, beside the journal."""

import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from loader.errors import JournalError
from loader.journal.secret import key_secret, secret_path
from loader.journal.store import Journal


@pytest.fixture
def own(tmp_path):
    """A journal with its path."""
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def test_it_is_made_once_for_its_owner_alone(own):
    """32 bytes, the same on every call; another journal has another."""
    secret = key_secret(own)

    assert (32, secret) == (len(secret), key_secret(own))
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(secret_path(own).stat().st_mode)


def test_a_journal_without_such_keys_has_none(own):
    """Nothing is left behind that nobody needs."""
    assert not secret_path(own).exists()


def test_two_journals_have_two(own, tmp_path):
    """Who has one journal's secret learns nothing of another."""
    (tmp_path / "other").mkdir()
    other = Journal(tmp_path / "other" / "journal.sqlite")

    assert key_secret(own) != key_secret(other)
    other.close()


def test_whoever_comes_first_makes_it_for_all(own):
    """Several processes may send from one run directory, each to a tenant of its own."""
    start = threading.Barrier(6)

    def ask(_number):
        journal = Journal(own.path)
        start.wait(10)
        try:
            return key_secret(journal)
        finally:
            journal.close()

    with ThreadPoolExecutor(6) as threads:
        found = set(threads.map(ask, range(6)))

    assert {key_secret(own)} == found


def test_a_missing_secret_is_refused_and_not_made_again(own):
    """With a new one nobody in the journal would be recognised, and all would be sent twice."""
    key_secret(own)
    secret_path(own).unlink()
    with pytest.raises(JournalError, match=r"secret of the journal is missing: .*journal\.secret"):
        key_secret(own)

    assert not secret_path(own).exists()


@pytest.mark.parametrize("content", [b"", b"x" * 32, b"short"], ids=["empty", "another", "cut"])
def test_another_secret_is_refused(own, content):
    """Empty, another journal's, or cut off."""
    key_secret(own)
    secret_path(own).write_bytes(content)
    with pytest.raises(JournalError, match="is not the secret of this journal"):
        key_secret(own)


def test_a_secret_that_was_made_just_before_a_crash_is_taken(own):
    """The file is on disk before the journal knows of it."""
    secret_path(own).write_bytes(b"k" * 32)

    assert b"k" * 32 == key_secret(own)


def test_what_a_crash_left_half_written_is_thrown_away(own):
    """It never was the secret."""
    secret_path(own).with_suffix(".draft").write_bytes(b"half")

    assert 32 == len(key_secret(own))
    assert not secret_path(own).with_suffix(".draft").exists()


def test_a_file_that_is_no_secret_is_not_taken_for_one(own):
    """Neither now nor later, and it is not replaced."""
    secret_path(own).write_bytes(b"a note")
    for _ in range(2):
        with pytest.raises(JournalError, match="is not the secret of this journal"):
            key_secret(own)

    assert b"a note" == secret_path(own).read_bytes()
