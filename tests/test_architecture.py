"""The import contracts of pyproject.toml, held on every test run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter
from importlinter.cli import lint_imports

from loader.journal.store import Journal

PROJECT = Path(__file__).resolve().parents[1]


def test_imports_go_one_way():
    """No stage imports a later one, and each library stays at its edge."""
    assert lint_imports(no_cache=True) == 0


def loaded_by(code, folder, **environment):
    """Output of code in a process of its own, and the libraries that it has imported when it ends."""
    told = "import atexit, sys; atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", told + code],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
    )
    return done.stdout, set(done.stderr.split())


TEMPLATE = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: Loan
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
      LoanSetup.loanAmount: {column: Amount, as: money}
      LoanSetup.loanRate: {column: Rate, as: percent}
      LoanSetup.loanTerm: {value: 36}
      LoanSetup.loanRateType: {value: loan.rateType.annually}
      LoanSetup.calcType: {value: loan.calcType.simpleInterest}
      LoanSetup.daysInYear: {value: loan.daysInYear.actual}
      LoanSetup.interestApplication: {value: loan.interestApplication.betweenTransactions}
      LoanSetup.paymentFrequency: {value: loan.frequency.monthly}
      LoanSetup.contractDate: {column: Day, as: date}
      LoanSetup.firstPaymentDate: {column: Day, as: date, plus_months: 1}
"""
DATA = {"pandas", "pyarrow", "openpyxl", "xlsxwriter"}
NETWORK = {"httpx", "aiohttp", "httpx_aiohttp", "starlette", "uvicorn", "uvloop"}


def test_help_loads_no_heavy_library(tmp_path):
    """`loader --help` imports Click's world and nothing of the data or network libraries."""
    said, loaded = loaded_by("from loader.cli.app import run; sys.exit(run(['--help']))", tmp_path)

    assert set() == loaded & {*DATA, *NETWORK, "numpy", "pydantic", "sqlalchemy", "yaml"}
    assert "submit" in said


@pytest.mark.parametrize(
    ("words", "expected"), [("loader ch", "check"), ("loader check --rej", "--rejected")]
)
def test_completion_loads_click_alone(tmp_path, words, expected):
    """Every press of the tab key starts a process: not even what draws the help is imported."""
    asked = {
        "_LOADER_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    said, loaded = loaded_by(
        "from loader.__main__ import main; sys.argv[:] = ['loader']; main()", tmp_path, **asked
    )

    assert set() == loaded & {*DATA, *NETWORK, "numpy", "pydantic", "sqlalchemy", "yaml", "rich"}
    assert f"plain,{expected}" in said.split()


def test_a_check_of_a_small_file_loads_what_it_needs(tmp_path):
    """No pandas for some rows of text, nothing of the network, and no workbook where no row is refused."""
    file, template = PROJECT / "samples" / "portfolio.csv", "portfolio"
    few = tmp_path / "few.csv"
    few.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:6]), "utf-8")
    code = f"from loader.cli.app import run; sys.exit(run(['check', {str(few)!r}, '-t', {template!r}, '--json']))"
    said, loaded = loaded_by(code, tmp_path)

    assert set() == loaded & ({*DATA, *NETWORK} - {"pyarrow"})
    assert 5 == json.loads(said)["run"]["rows_read"]


def test_a_list_of_runs_loads_neither_data_nor_network(tmp_path):
    """It is asked of the journal alone."""
    Journal.in_directory(tmp_path / "loader-runs").close()
    _, loaded = loaded_by("from loader.cli.app import run; sys.exit(run(['runs']))", tmp_path)

    assert set() == loaded & {*DATA, *NETWORK}


def test_a_check_of_a_workbook_does_without_pandas(tmp_path):
    """It takes half a second to import, and thirty megabytes; Arrow imports it unasked in some of its functions."""
    with xlsxwriter.Workbook(tmp_path / "loans.xlsx") as book:
        sheet = book.add_worksheet()
        percent, day = (book.add_format({"num_format": code}) for code in ("0.00%", "yyyy-mm-dd"))
        sheet.write_row(0, 0, ["Loan", "State", "Note", "Amount", "Rate", "Day"])
        for row in range(1, 201):
            sheet.write_row(row, 0, [f"L{row}", "UT", row if row % 3 else "", row * 8])
            sheet.write_number(row, 4, row / 1_000, percent)
            sheet.write_number(row, 5, 45_000 + row, day)
    (tmp_path / "loans.yaml").write_text(TEMPLATE)
    code = "from loader.cli.app import run; run(['check', 'loans.xlsx', '-t', 'loans.yaml', '--json'])"
    said, loaded = loaded_by(code, tmp_path)

    assert "pandas" not in loaded
    assert 200 == json.loads(said)["run"]["rows_read"]
