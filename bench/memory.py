"""
The memory of a whole check: a text file of a million rows and thirty columns, all of the process at its highest.

    python bench/memory.py --rows 1000000 --dialect utf-8

Wanted: below 400 MB, whatever the dialect: `utf-8`, `utf-16` (transcoded) or `gzip` (unpacked as a stream).
"""

import argparse
import gzip
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

WANTED_MB = 400
ROOT = Path(__file__).resolve().parents[1]
LOAN = (
    "Loan Number", "Loan Class", "Loan Type", "Loan Amount", "Interest Rate", "Rate Type", "Term", "Contract Date",
    "First Payment Date", "Payment Frequency",
)  # fmt: skip
MORE = 20
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16", "gzip": "utf-8"}


def lines(rows: int) -> Iterator[str]:
    """Headers and loans, all of them valid, with columns that the template does not use."""
    chance = random.Random(1)
    yield ",".join([*LOAN, *(f"Extra {n}" for n in range(MORE))])
    for n in range(rows):
        day = n % 28 + 1
        loan = (
            f"L{n:07},Consumer,Installment,{chance.randrange(100_000, 9_999_999) / 100:.2f},{chance.randrange(1, 24)}.5%,Annual,"
            f"{chance.randrange(12, 72)},2017-03-{day:02},2017-04-{day:02},Monthly"
        )
        more = (
            f"text {n % 977}",
            f"{n * 7919 % 1_000_003}",
            "2026-01-05",
            "12 Main Street",
            f"é{n}@example.com",
        )
        yield ",".join([loan, *(more * (MORE // len(more)))])


def write(path: Path, rows: int, dialect: str) -> None:
    """The file in a dialect."""
    opened = gzip.open if dialect == "gzip" else open
    with opened(path, "wt", encoding=CODECS[dialect]) as file:
        file.writelines(line + "\n" for line in lines(rows))


def measured(path: Path, folder: Path) -> tuple[int, float]:
    """Highest resident memory of `loader check` in MB, and seconds."""
    command = [
        "-m",
        "loader",
        "check",
        str(path),
        "-t",
        str(ROOT / "templates/loan.yaml"),
        "--run-dir",
        str(folder),
    ]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the check ended with status {os.waitstatus_to_exitcode(status)}")
    kilobytes = usage.ru_maxrss if sys.platform == "linux" else usage.ru_maxrss // 1024
    return kilobytes * 1024 // 1_000_000, time.monotonic() - began


def main() -> int:
    """Write, check, print; 1 where it takes more than is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dialect", choices=[*CODECS], default="utf-8")
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / ("loans.csv.gz" if asked.dialect == "gzip" else "loans.csv")
        write(path, asked.rows, asked.dialect)
        size = path.stat().st_size / 1e6
        megabytes, seconds = measured(path, folder / "runs")
    print(
        f"{asked.rows:,} rows x {len(LOAN) + MORE} columns, {asked.dialect}, {size:,.0f} MB on disk: "
        f"{megabytes} MB at the highest, {seconds:.0f} s, {asked.rows / seconds:,.0f} rows/s"
    )
    return int(megabytes >= WANTED_MB)


if __name__ == "__main__":
    sys.exit(main())
