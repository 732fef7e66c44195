"""The import contracts of pyproject.toml, held on every test run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
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
