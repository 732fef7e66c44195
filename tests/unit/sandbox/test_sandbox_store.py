"""The tenant's file: identity, durability, one owner."""

import sqlite3

import pytest

from loader.errors import UsageError
from loader.sandbox.store import Store, remove


def test_identity_lives_as_long_as_the_file(tmp_path):
    """The same tenant id and uuid after a restart; a fresh file is somebody else."""
    path = tmp_path / "runs" / "tenant.sqlite"
    first = Store(path)
    first.close()
    again = Store(path)
    assert again.identity == first.identity
    again.close()
    remove(path)
    assert list(path.parent.iterdir()) == []
    other = Store(path)
    assert other.identity.uuid != first.identity.uuid
    other.close()


def test_ids_are_never_given_twice(tmp_path):
    """Top and nested ids go on where they stopped, deleted records included."""
    store = Store(tmp_path / "tenant.sqlite")
    store.begin()
    key, nested = store.next_id("Loans"), store.next_nested_id()
    store.insert("Loans", {"id": key, "displayId": "L1", "deleted": 1})
    store.close()
    store = Store(tmp_path / "tenant.sqlite")
    assert store.next_id("Loans") == key + 1
    assert store.next_nested_id() == nested + 1
    store.close()


def test_a_file_has_one_owner(tmp_path):
    """A second sandbox on the same file is turned away with a remedy."""
    store = Store(tmp_path / "tenant.sqlite")
    with pytest.raises(UsageError, match="another sandbox serves this file"):
        Store(tmp_path / "tenant.sqlite")
    store.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 50, None])
def test_a_foreign_file_is_left_alone(tmp_path, content):
    """Neither a text file nor somebody's own database is taken over, let alone deleted."""
    path = tmp_path / "mine.sqlite"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE mine (x)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not a sandbox tenant"):
        remove(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    """A folder is no file, and a file is no folder: a sentence with a remedy, no traceback."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "tenant.sqlite"):
        with pytest.raises(UsageError, match="cannot be written") as caught:
            Store(path)
        assert caught.value.hint == "give another --file"
