"""A file appears whole under its name, or not at all."""

import errno
import os
import stat

import pytest

from loader.errors import ReportError
from loader.report import publish
from loader.report.publish import checked_target, published


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_when_the_block_ends(tmp_path):
    """Until then the former file stands; afterwards nothing else is left."""
    target = tmp_path / "results.csv"
    target.write_text("former")
    with published(target) as path:
        path.write_text("new")
        assert target.read_text() == "former"
    assert target.read_text() == "new"
    assert _names(tmp_path) == ["results.csv"]


def test_a_failed_block_leaves_the_former_file(tmp_path):
    """An error of the writer passes through, and neither half a file nor a temporary one stays."""
    target = tmp_path / "results.csv"
    target.write_text("former")

    def write_half():
        with published(target) as path:
            path.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert target.read_text() == "former"
    assert _names(tmp_path) == ["results.csv"]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_private_file_is_private_from_the_first_byte(tmp_path):
    """Mode 0600 before anything is written, in a folder of mode 0700, and at the end."""
    target = tmp_path / "rejected.xlsx"
    target.write_text("readable by all")
    target.chmod(0o644)
    with published(target, private=True) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.write_text("secret")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_usual_file_follows_the_umask(tmp_path):
    """A results workbook can be read by whom the user lets read his files."""
    target = tmp_path / "results.csv"
    former = os.umask(0o027)
    try:
        with published(target) as path:
            path.write_text("x")
    finally:
        os.umask(former)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_link_is_followed(tmp_path):
    """The file behind a symbolic link is replaced, the link stays."""
    (tmp_path / "shared").mkdir()
    link = tmp_path / "results.csv"
    link.symlink_to(tmp_path / "shared" / "results.csv")
    with published(link) as path:
        path.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "shared" / "results.csv").read_text() == "new"


def test_a_folder_is_no_target(tmp_path):
    """The hint shows what to write instead."""
    with pytest.raises(ReportError, match="is a folder, not a file") as caught, published(tmp_path):
        pytest.fail("nothing can be written")
    assert f"name a file in it, such as {tmp_path / 'results.xlsx'}" == caught.value.hint


def test_a_missing_folder_is_named(tmp_path):
    """Folders are not made up from a misspelt path."""
    with pytest.raises(ReportError, match="nowhere does not exist"):
        checked_target(tmp_path / "nowhere" / "results.xlsx")
    assert _names(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    """A path below a file is refused in words."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="file is not a folder"):
        checked_target(tmp_path / "file" / "results.xlsx")


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ("make room on the disk", errno.ENOSPC),
        ("close it where it is open", errno.EACCES),
        ("name another", errno.EIO),
    ],
)
def test_a_failing_disk_is_reported_with_the_way_out(expected, code, tmp_path, monkeypatch):
    """The message names the file; the hint says what to do, and that the run is safe."""
    target = tmp_path / "results.csv"
    target.write_text("former")

    def fail(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(publish.os, "fsync", fail)
    with pytest.raises(ReportError) as caught, published(target, run="night-run") as path:
        path.write_text("new")
    assert f"{target} cannot be written: {os.strerror(code)}" == caught.value.message
    assert expected in caught.value.hint
    assert "`loader report night-run` writes the file again" in caught.value.hint
    assert target.read_text() == "former"
    assert _names(tmp_path) == ["results.csv"]


def test_a_name_with_a_null_character_is_refused_in_words(tmp_path):
    """Such a path cannot be asked of any system."""
    with pytest.raises(ReportError, match="cannot be written"):
        checked_target(tmp_path / "a\0b.xlsx")
