"""`--processes`: how many processes read and check a file, which changes nothing else."""

import random
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from cli.commands import sample

from loader.intake import readiness
from loader.source.workbook.ahead import read_ahead

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "portfolio.csv"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    """Rows with and without faults, in a workbook that is large enough to be read ahead."""
    path = tmp_path_factory.mktemp("large") / "portfolio.xlsx"
    headers, *rows = sample(40)
    chance = random.Random(7)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, [*headers, "Filler"])
        for at in range(1, 2_001):
            row = rows[at % len(rows)]
            cells = [f"{cell}-{at}" if place < 2 else cell for place, cell in enumerate(row)]
            if at % 90 == 0:
                cells[5] = "900-12-34"
            sheet.write_row(at, 0, [*cells, chance.randbytes(1_200).hex()])
    return path


def told_by(loader, *arguments):
    """What is told, but for when and where."""
    run = loader(*arguments, "--json")
    told = {**run.json, "run": None}
    files = told.pop("written", None) or []
    return run.code, told, [Path(file) for file in files]


def test_two_processes_say_what_one_says(loader):
    one, two = (
        loader("check", SAMPLE, "-t", "portfolio", "--json", "--processes", count) for count in (1, 2)
    )

    assert 1 == one.code == two.code
    told = [{**run.json, "run": None, "written": None} for run in (one, two)]
    assert told[0] == told[1]


@pytest.mark.parametrize("template", [["-t", "portfolio"], []], ids=["checked", "inspected"])
def test_a_workbook_that_is_read_ahead_says_what_it_says_otherwise(loader, workbook, template, monkeypatch):
    """Its rejected rows too."""
    ahead = []
    monkeypatch.setattr(readiness, "read_ahead", lambda path: ahead.append(path) or read_ahead(path))
    one, two, three = (
        told_by(loader, "check", workbook, *template, "--processes", count) for count in (1, 2, 3)
    )

    assert [workbook] * 2 == ahead
    assert one[:2] == two[:2] == three[:2]
    assert 1 == one[0] or not template
    rejected = [
        [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0].rows]
        for _, _, files in (one, two, three)
        for path in files
        if path.suffix == ".xlsx"
    ]
    assert not template or (3 == len(rejected) and 22 < len(rejected[0]))
    assert all(rows == rejected[0] for rows in rejected)


def test_no_process_is_no_number_of_processes(loader):
    refused = loader("check", SAMPLE, "-t", "portfolio", "--processes", 0)

    assert 2 == refused.code
    assert "--processes" in refused.err
