"""How many processes a file is worth: none but this one where it is small, or where there is one core."""

import pytest

from loader.intake import readiness
from loader.intake.readiness import expect, processes_beside


@pytest.mark.parametrize(
    ("name", "megabytes", "cores", "read_here", "expected"),
    [
        ("loans.csv", 15, 4, False, 0),
        ("loans.csv", 17, 4, False, 4),
        ("loans.csv", 17, 1, False, 0),
        ("loans.csv", 17, 2, True, 1),
        ("loans.xlsx", 5, 4, True, 0),
        ("LOANS.XLSX", 7, 2, True, 1),
        ("loans.xlsx", 7, 16, True, 2),
        ("loans.xlsx", 7, 1, True, 0),
        ("loans.csv.gz", 7, 2, True, 1),
        ("gone.csv", None, 4, False, 0),
    ],
)
def test_large_files_are_worth_other_processes(
    tmp_path, monkeypatch, name, megabytes, cores, read_here, expected
):
    monkeypatch.setattr(readiness, "cores", lambda: cores)
    path = tmp_path / name
    if megabytes is not None:
        with path.open("wb") as file:
            file.truncate(megabytes * 1_000_000)

    assert expected == processes_beside(path, None, read_here=read_here)


@pytest.mark.parametrize(
    ("wanted", "read_here", "expected"),
    [(1, False, 0), (1, True, 0), (2, False, 2), (2, True, 1), (5, False, 5), (5, True, 4)],
)
def test_what_the_user_says_counts_for_any_file(tmp_path, wanted, read_here, expected):
    """It is the count of those that have work: where one reads for the others, that is this one."""
    assert expected == processes_beside(tmp_path / "small.csv", wanted, read_here=read_here)


@pytest.mark.parametrize(("wanted", "expected"), [(None, 0), (2, 0), (3, 1), (5, 3)])
def test_with_one_that_reads_ahead_this_one_checks(tmp_path, wanted, expected):
    """Both count: to check takes about as long as to read."""
    path = tmp_path / "loans.xlsx"

    assert expected == processes_beside(path, wanted, read_here=True, by_another=True)


@pytest.mark.parametrize(
    ("name", "megabytes", "cores", "wanted", "expected"),
    [
        ("loans.xlsx", 3, 2, None, True),
        ("LOANS.ODS", 3, 1, 2, True),
        ("loans.xlsx", 3, 2, 1, False),
        ("loans.xlsx", 3, 1, None, False),
        ("loans.xlsx", 1, 2, 2, False),
        ("loans.csv", 3, 2, None, False),
    ],
)
def test_a_workbook_is_read_ahead_where_another_process_is_worth_it(
    tmp_path, monkeypatch, name, megabytes, cores, wanted, expected
):
    """Not where the user wants one alone, nor beside others on the only core."""
    begun = []
    monkeypatch.setattr(readiness, "cores", lambda: cores)
    monkeypatch.setattr(readiness, "read_ahead", begun.append)
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(megabytes * 1_000_000)

    expect(path, wanted)
    assert [path] * expected == begun
