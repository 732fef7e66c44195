"""`--processes`: how many processes check a text file, which changes nothing else."""

from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "portfolio.csv"


def test_two_processes_say_what_one_says(loader):
    one, two = (
        loader("check", SAMPLE, "-t", "portfolio", "--json", "--processes", count) for count in (1, 2)
    )

    assert 1 == one.code == two.code
    told = [{**run.json, "run": None, "written": None} for run in (one, two)]
    assert told[0] == told[1]


def test_no_process_is_no_number_of_processes(loader):
    refused = loader("check", SAMPLE, "-t", "portfolio", "--processes", 0)

    assert 2 == refused.code
    assert "--processes" in refused.err
