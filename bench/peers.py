"""
What the suite measures beside ours, and whether it is there.

Python peers go into a virtual environment, newman into a folder of npm's, both below the suite's own folder and at the versions that are
pinned here and in `peers.txt`. Programs of the system (nginx, wrk, curl, node) are used where they are. What is missing is told with
the reason, and left out of nothing.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from loader import __version__

NEWMAN = "6.2.2"
_LIST = Path(__file__).with_name("peers.txt")
_OURS = (
    "aiohttp", "httpx", "msgspec", "numpy", "pandas", "pyarrow", "pydantic", "python-calamine", "sqlalchemy", "uvloop",
    "xlsxwriter",
)  # fmt: skip
_INSTALLED_WITHIN_S = 900


class MissingError(Exception):
    """Something to compare with is not there; the message is the reason."""


class Peers:
    """
    Finds and installs them.

    Args:
        cache: Where they are installed.
        say: Called with what is being installed.
    """

    def __init__(self, cache: Path, say: Callable[[str], None]) -> None:
        self._cache = cache
        self._say = say

    @cached_property
    def python(self) -> Path:
        """
        Python with frictionless, pandera and k6.

        Raises:
            MissingError: They cannot be installed.
        """
        wanted = hashlib.blake2b(_LIST.read_bytes(), digest_size=4).hexdigest()
        venv = self._cache / f"venv-{platform.python_version()}-{wanted}"
        python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
        ready = venv / ".ready"
        if not ready.is_file():
            self._say(f"installing what {_LIST.name} lists")
            _install([sys.executable, "-m", "venv", "--clear", str(venv)])
            _install(
                [
                    str(python),
                    *["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"],
                    str(_LIST),
                ]
            )
            ready.touch()
        return python

    @cached_property
    def newman(self) -> list[str]:
        """
        The command that starts newman.

        Raises:
            MissingError: There is no node, or npm cannot install it.
        """
        node, npm = self.program("node"), self.program("npm")
        folder = self._cache / f"newman-{NEWMAN}"
        if not (folder / ".ready").is_file():
            self._say(f"installing newman {NEWMAN}")
            _install(
                [
                    npm,
                    "install",
                    "--silent",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    str(folder),
                    f"newman@{NEWMAN}",
                ]
            )
            (folder / ".ready").touch()
        return [node, str(folder / "node_modules" / "newman" / "bin" / "newman.js")]

    @property
    def k6(self) -> Path:
        """
        The program k6.

        Raises:
            MissingError: It cannot be installed.
        """
        return self.python.with_name("k6")

    @staticmethod
    def program(name: str) -> str:
        """
        A program of the system.

        Raises:
            MissingError: It is not installed.
        """
        found = shutil.which(name)
        if found is None:
            raise MissingError(f"{name} is not installed on this machine")
        return found


def versions(server: str) -> dict[str, str]:
    """Versions of all that took part; *server* is the name of the server that answers at once."""
    told = {"loader": __version__, "Python": platform.python_version()}
    told |= {name: version(name) for name in _OURS}
    told |= dict(line.split("==") for line in _LIST.read_text().split() if "==" in line)
    told |= {"newman": NEWMAN, "server": server}
    for program, option in (("node", "--version"), ("curl", "--version"), ("wrk", "--version")):
        if found := shutil.which(program):
            said = subprocess.run([found, option], capture_output=True, text=True, check=False)
            if number := re.search(r"\d+(\.\d+)+", said.stdout + said.stderr):
                told[program] = number[0]
    return told


def machine() -> str:
    """The machine in a line."""
    return f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores"


def _install(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALLED_WITHIN_S)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise MissingError(
            f"{Path(command[0]).name} could not install it: {said.strip().splitlines()[-1][:200]}"
        ) from error
