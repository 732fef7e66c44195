"""The import contracts of pyproject.toml, held on every test run."""

import subprocess
import sys

from importlinter.cli import lint_imports


def test_imports_go_one_way():
    """No stage imports a later one, and each library stays at its edge."""
    assert lint_imports(no_cache=True) == 0


def test_help_loads_no_heavy_library():
    """`loader --help` imports Click's world and nothing of the data or network libraries."""
    code = (
        "import sys; from loader.cli.app import run; code = run(['--help']);"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'pydantic', 'httpx', 'aiohttp', 'sqlalchemy', 'openpyxl', 'xlsxwriter', 'starlette'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"
    assert "submit" in done.stdout
