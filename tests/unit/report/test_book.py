"""The file of a workbook on a disk that fills up."""

import errno
import gc
import io

import pytest

from loader.errors import ReportError
from loader.report import book
from loader.report.results_book import write_results


@pytest.mark.parametrize("room", [0, 500, 1_500, 3_000, 4_500, 6_000, 7_500])
def test_a_disk_that_fills_up_while_the_archive_is_written_is_told_once(room, view, tmp_path, monkeypatch):
    """In whichever part of it: what throws the open archive away writes to nobody, and finds no fault of its own."""

    class Small(io.FileIO):
        def write(self, part):
            if self.tell() + len(part) > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(part)

    class Archive(book._Archive):
        def __init__(self, path):
            super().__init__(path)
            self._file.close()
            self._file = io.BufferedRandom(Small(path, "w+"), buffer_size=64)

    monkeypatch.setattr(book, "_Archive", Archive)
    target = tmp_path / "results.xlsx"
    target.write_text("former")

    with pytest.raises(ReportError, match=r"results\.xlsx cannot be written: No space left") as told:
        write_results(view, target)

    assert told.value.hint.startswith("make room on the disk")
    assert "former" == target.read_text()
    assert [target] == list(tmp_path.iterdir())
    del told
    gc.collect()  # an exception that nobody hears of would fail the test
