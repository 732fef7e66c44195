"""
How much longer this program takes to read a workbook than python-calamine alone takes to give its values.

    python bench/xlsx_reading.py --rows 100000

The workbook has 30 columns: 3 of percentages, 4 of dates, 10 of text, 7 of amounts, 6 of whole numbers. Reading it means to open it and
to take all batches, with number formats, errors, and everything that is hidden looked at. Both are measured in one run, by
turns, each in a process of its own that has imported what it needs. Wanted: at most 1.5 times as long, by the medians. The sheet is
searched on a second core meanwhile; on a machine that has no core to spare, the processor time of the thread that reads
tells more than the clock, and is printed too.
"""

import argparse
import importlib.metadata
import platform
import random
import statistics
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

WANTED = 1.5
COLUMNS = {"percent": 3, "date": 4, "text": 10, "amount": 7, "whole": 6}
LIBRARIES = ("python-calamine", "pyarrow", "numpy")

CALAMINE = """
import sys, time
import python_calamine
begin, worked = time.perf_counter(), time.thread_time()
with python_calamine.load_workbook(sys.argv[1]) as book:
    for row in book.get_sheet_by_index(0).iter_rows():
        pass
print(time.perf_counter() - begin, time.thread_time() - worked)
"""
LOADER = """
import gc, sys, time
from pathlib import Path
import pyarrow.compute
from loader.source.open import open_table
begin, worked = time.perf_counter(), time.thread_time()
gc.disable()  # as the program does while it checks a file
for batch in open_table(Path(sys.argv[1])).batches():
    pass
print(time.perf_counter() - begin, time.thread_time() - worked)
"""


def main() -> int:
    """Write the workbook, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="loader-xlsx-") as scratch:
        path = write_workbook(Path(scratch) / "loans.xlsx", options.rows)
        alone, ours = [], []
        for _ in range(options.times):
            alone.append(seconds(CALAMINE, path))
            ours.append(seconds(LOADER, path))
            print(f"calamine {alone[-1][0]:6.2f} s   loader {ours[-1][0]:6.2f} s", flush=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    print(
        f"{options.rows:,} rows x {sum(COLUMNS.values())} columns; Python {platform.python_version()}, {versions}"
    )
    ratio = told("clock", [clock for clock, _ in alone], [clock for clock, _ in ours])
    told("processor time of the reading thread", [own for _, own in alone], [own for _, own in ours])
    print(f"wanted {WANTED} at most by the clock: {'kept' if ratio <= WANTED else 'NOT KEPT'}")
    return 0 if ratio <= WANTED else 1


def told(what: str, alone: list[float], ours: list[float]) -> float:
    """Print the medians of both in seconds, and give their ratio."""
    ratio = statistics.median(ours) / statistics.median(alone)
    print(f"{what}: {statistics.median(alone):.2f} s, {statistics.median(ours):.2f} s, ratio {ratio:.2f}")
    return ratio


def write_workbook(path: Path, rows: int) -> Path:
    """A workbook with a header row and so many rows of data."""
    drawn = random.Random(rows)
    with xlsxwriter.Workbook(path, {"constant_memory": False}) as book:
        percent, day, amount = (
            book.add_format({"num_format": code}) for code in ("0.00%", "mm/dd/yyyy", "#,##0.00")
        )
        sheet = book.add_worksheet("Loans")
        names = [f"{kind} {number}" for kind, count in COLUMNS.items() for number in range(count)]
        sheet.write_row(0, 0, names)
        first_day = datetime(2015, 1, 1)  # noqa: DTZ001 - a day of a spreadsheet has no zone
        for row in range(1, rows + 1):
            for column, name in enumerate(names):
                match name.split()[0]:
                    case "percent":
                        sheet.write_number(row, column, drawn.randrange(1, 3_000) / 10_000, percent)
                    case "date":
                        sheet.write_datetime(row, column, first_day + timedelta(drawn.randrange(4_000)), day)
                    case "text":
                        sheet.write_string(row, column, f"some text {drawn.randrange(20_000)}")
                    case "amount":
                        sheet.write_number(row, column, drawn.randrange(100, 10_000_000) / 100, amount)
                    case "whole":
                        sheet.write_number(row, column, drawn.randrange(1_000_000))
    return path


def seconds(script: str, path: Path) -> tuple[float, float]:
    """How long a script takes for its work in a process of its own, by the clock and by its own thread."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True
    )
    clock, own = map(float, done.stdout.split())
    return clock, own


if __name__ == "__main__":
    sys.exit(main())
