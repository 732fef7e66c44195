"""The folder of a run, and what others have left beside it."""

import pytest

from loader.conclusion import run_folder
from loader.errors import ReportError


def test_what_a_killed_process_left_in_another_runs_folder_is_removed(tmp_path):
    """It may hold personal data, and nobody may ever write to that folder again; a user's own file stays."""
    half = tmp_path / "earlier" / ".loader-abcdefgh.part"
    half.mkdir(parents=True)
    (half / ".lock").write_text("")
    (half / "rejected.xlsx").write_text("Ada")
    (tmp_path / "earlier" / "notes.txt").write_text("mine")

    assert (tmp_path / "now").is_dir() is False
    assert tmp_path / "now" == run_folder(tmp_path, "now")
    assert ["earlier", "now"] == sorted(path.name for path in tmp_path.iterdir())
    assert ["notes.txt"] == [path.name for path in (tmp_path / "earlier").iterdir()]


def test_a_folder_that_cannot_be_made(tmp_path):
    """It is named, with the way out."""
    (tmp_path / "now").write_text("a file")
    with pytest.raises(ReportError, match="now cannot be made") as caught:
        run_folder(tmp_path, "now")
    assert "the run is safe in the journal; choose another folder with --run-dir" == caught.value.hint


def test_no_journal_keeps_a_check(tmp_path):
    """To say that it is safe there would be untrue."""
    (tmp_path / "now").write_text("a file")
    with pytest.raises(ReportError) as caught:
        run_folder(tmp_path, "now", kept=False)
    assert "choose another folder with --run-dir" == caught.value.hint
