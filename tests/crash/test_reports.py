"""Killed between the last outcome and the last report: `loader report` writes all that is missing."""

import re
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import HEADER, TEMPLATE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


@pytest.fixture
def wounded(portfolio):
    """Three loans; the second has no amount."""
    lines = portfolio.path.read_text().splitlines()[:4]
    lines[2] = lines[2].replace("1002.50", "much")
    portfolio.path.write_text("\n".join([*lines, ""]))
    return portfolio


def without_time(workbook):
    """The parts of a run's workbook, but for the one that tells when it was made, and for the run's name, which holds a time too."""
    run = workbook.parent.name.encode()
    with zipfile.ZipFile(workbook) as parts:
        names = [name for name in parts.namelist() if name != "docProps/core.xml"]
        return {name: parts.read(name).replace(run, b"RUN") for name in names}


def folder_of(told):
    return Path("loader-runs") / told["run"]["name"]


@pytest.mark.parametrize("point", ["after-finish:1", "writing-report:2"])
def test_every_report_is_written_again(die, loader, wounded, point):
    """The rejected workbook is that of an undisturbed run, its owner alone may read it, and nothing half-written stays."""
    assert -9 == die(point, "submit", wounded.path, "-t", TEMPLATE, "--yes").returncode
    assert [] == list(Path("loader-runs").glob("*/rejected.xlsx"))
    assert "`loader report` writes" in loader("resume", "--yes")[1]["hint"]

    code, told = loader("report")
    folder = folder_of(told)
    assert (0, 1) == (code, told["exit_code"])
    assert ["rejected.xlsx", "results.xlsx"] == sorted(path.name for path in folder.iterdir())
    assert 0o600 == (folder / "rejected.xlsx").stat().st_mode & 0o777

    _, undisturbed = loader("submit", wounded.path, "-t", TEMPLATE, "--yes", "--run-dir", "undisturbed")
    other = Path("undisturbed") / undisturbed["run"]["name"]
    assert without_time(other / "rejected.xlsx") == without_time(folder / "rejected.xlsx")


def test_a_source_that_is_gone_or_changed(loader, wounded, tmp_path):
    """The results are written; what could not be written is told with the reason and the way out."""
    _, told = loader("submit", wounded.path, "-t", TEMPLATE, "--yes")
    rejected, results = folder_of(told) / "rejected.xlsx", folder_of(told) / "results.xlsx"
    original, first = wounded.path.read_bytes(), rejected.read_bytes()
    for spoil, reason in (
        (lambda: wounded.path.write_text("other"), "has changed"),
        (wounded.path.unlink, "no file"),
    ):
        rejected.unlink(missing_ok=True)
        results.unlink()
        spoil()
        code, told = loader("report")
        assert (8, 8, [str(results)]) == (code, told["exit_code"], told["written"])
        assert str(rejected) in told["error"]
        assert reason in told["error"]
        assert "put that back as it was" in told["hint"]
        assert results.is_file()
        assert not rejected.exists()

    wounded.path.write_bytes(original)
    assert 0 == loader("report")[0]
    assert first == rejected.read_bytes()


def test_rows_mended_in_the_rejected_workbook_stay(loader, wounded):
    """Neither a report nor a resumed run writes over a user's work."""
    _, told = loader("submit", wounded.path, "-t", TEMPLATE, "--yes", "--limit", "1")
    rejected = folder_of(told) / "rejected.xlsx"
    rejected.write_text("mended")
    assert [str(rejected.with_name("results.xlsx"))] == loader("report")[1]["written"]
    loader("resume", "--yes", "--rejected", "copy.xlsx")

    assert "mended" == rejected.read_text()
    assert Path("copy.xlsx").stat().st_size > 1000


def test_a_template_that_was_mended_since_is_not_needed(loader, wounded):
    """The user's own columns are found in the source alone, even where they have no headers but letters."""
    template, text = Path("mine.yaml"), TEMPLATE.read_text()
    for letter, name in zip("ABCDEFGH", HEADER.split(","), strict=True):
        text = re.sub(rf"(?<=: ){name}(?=[,\n])", f"{{letter: {letter}}}", text)
    template.write_text(re.sub(r"(: )({letter: .})\n", r"\1{column: \2}\n", text))
    wounded.path.write_text(wounded.path.read_text().replace(HEADER, HEADER.count(",") * ","))
    _, told = loader("submit", wounded.path, "-t", template, "--yes")
    rejected = folder_of(told) / "rejected.xlsx"
    first = rejected.read_bytes()
    rejected.unlink()
    template.unlink()

    assert 0 == loader("report")[0]
    assert first == rejected.read_bytes()
