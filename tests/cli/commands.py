"""Runs of the real command, and the files that they are given."""

import csv
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CONTROL = re.compile("\x1b|\r(?!\n)")
"""What only a terminal understands."""


class Said(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    def one_message(self, *words):
        """The command told what is wrong, on lines of their own, without a traceback."""
        assert "error: " in self.err
        assert "Traceback" not in self.out + self.err
        assert "a fault of loader itself" not in self.err
        assert [] == [word for word in words if word not in self.err]
        return self

    @property
    def json(self):
        """Standard output, which is exactly one JSON document."""
        return json.loads(self.out)


def start(*arguments, **options):
    """Start a command as a process of its own, with nothing to read from."""
    return subprocess.Popen(
        [sys.executable, "-m", "loader", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def ended(process):
    """Wait for a process."""
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


def sample(rows=12):
    """The header and the first rows of the sample portfolio, all of them valid."""
    with (ROOT / "samples" / "portfolio.csv").open(encoding="utf-8", newline="") as file:
        return [row for _, row in zip(range(rows + 1), csv.reader(file), strict=False)]


def write(path, rows):
    """A CSV file."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return Path(path)


def contents(path):
    """All bytes of a file, those of a workbook unpacked."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return b"\n".join(book.read(name) for name in book.namelist())


def changed(rows, row, column, value):
    """The rows with one cell changed; rows are counted from 1 below the headers."""
    rows[row][rows[0].index(column)] = value
    return rows
